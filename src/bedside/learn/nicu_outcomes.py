"""What a rapid-genome programme came to: yield, change of care, time, stay, procedures and cost.

Every share has its denominator, and every sum says of how many cases it was entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bedside.genome.nicu import CostKind, Outcome, Yield
from bedside.learn.shares import Share


@dataclass(frozen=True, slots=True)
class Entered:
    """A number worked out from the cases that have it entered, of so many. value: None of none."""

    value: float | None
    cases: int
    of: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines of cost of one kind and currency added, from low to high."""

    low: float
    high: float
    cases: int


@dataclass(frozen=True, slots=True)
class NicuSummary:
    """The table. changed: of all children, as published programmes count it. costs: by currency and kind.
    Money of two currencies is never added."""

    children: int
    yields: Mapping[Yield, Share]
    changed: Share
    changed_not_entered: int
    hours_to_result: Entered
    hospital_days: Entered
    avoided_days: Entered
    avoided: Mapping[str, int]
    avoided_cases: int
    costs: Mapping[str, Mapping[CostKind, Sum]]

    def net(self, currency: str) -> tuple[float, float] | None:
        """What was saved beyond what was spent, low and high; None unless both sides were entered."""
        held = self.costs.get(currency, {})
        spent = [held[one] for one in (CostKind.TESTING, CostKind.CARE_ADDED) if one in held]
        saved = held.get(CostKind.CARE_AVOIDED)
        if not spent or saved is None:
            return None
        return saved.low - sum(one.high for one in spent), saved.high - sum(one.low for one in spent)


def summarise(outcomes: Iterable[Outcome]) -> NicuSummary:
    """The table of these outcomes."""
    every = tuple(outcomes)
    avoided: dict[str, int] = {}
    for one in every:
        for name, number in (one.avoided or {}).items():
            avoided[name] = avoided.get(name, 0) + number
    return NicuSummary(
        children=len(every),
        yields={kind: Share(sum(o.found is kind for o in every), len(every)) for kind in Yield},
        changed=Share(sum(one.changed is True for one in every), len(every)),
        changed_not_entered=sum(one.changed is None for one in every),
        hours_to_result=_median([one.hours_to_result for one in every]),
        hospital_days=_median([one.hospital_days for one in every]),
        avoided_days=_total([one.avoided_days for one in every]),
        avoided=avoided,
        avoided_cases=sum(one.avoided is not None for one in every),
        costs=_costs(every),
    )


def _median(values: Sequence[float | None]) -> Entered:
    known = [one for one in values if one is not None]
    return Entered(float(median(known)) if known else None, len(known), len(values))


def _total(values: Sequence[float | None]) -> Entered:
    known = [one for one in values if one is not None]
    return Entered(float(sum(known)) if known else None, len(known), len(values))


def _costs(outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[CostKind, Sum]]:
    found: dict[str, dict[CostKind, Sum]] = {}
    for one in outcomes:
        seen: set[tuple[str, CostKind]] = set()
        for line in one.costs:
            held = found.setdefault(line.currency, {}).get(line.kind, Sum(0.0, 0.0, 0))
            first = (line.currency, line.kind) not in seen
            seen.add((line.currency, line.kind))
            found[line.currency][line.kind] = Sum(
                held.low + line.low, held.high + line.high, held.cases + first
            )
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """One published figure beside the same figure worked out. ours: None where nothing was entered."""

    name: str
    published: float
    ours: float | None

    @property
    def same(self) -> bool:
        """Whether they agree to the places in which the figure was published."""
        return self.ours is not None and round(self.ours) == round(self.published)


def compare(summary: NicuSummary, figures: Mapping[str, float], currency: str) -> tuple[Compared, ...]:
    """Every published figure beside ours."""
    held = summary.costs.get(currency, {})
    spent = [held[one] for one in (CostKind.TESTING, CostKind.CARE_ADDED) if one in held]
    saved = held.get(CostKind.CARE_AVOIDED)
    diagnosed, hours = summary.yields[Yield.DIAGNOSIS], summary.hours_to_result.value
    ours: dict[str, float | None] = {
        "children": summary.children,
        "diagnosed": diagnosed.count,
        "diagnosed_percent": None if diagnosed.value is None else 100 * diagnosed.value,
        "changed": summary.changed.count,
        "changed_percent": None if summary.changed.value is None else 100 * summary.changed.value,
        "median_days_to_result": None if hours is None else hours / 24,
        "cost": sum(one.high for one in spent) if spent else None,
        "saved_low": None if saved is None else saved.low,
        "saved_high": None if saved is None else saved.high,
    }
    return tuple(Compared(name, value, ours.get(name)) for name, value in figures.items())
