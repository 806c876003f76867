"""What the last mile achieved: shares and median days, each with the number it is of. Pure counting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from bedside.act.cascade import Relative, Uptake
from bedside.act.disclosure import Standing

OPEN_LONG = 30
"""Days after which an unfinished change of classification is counted as left lying."""


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`; `percent` is None where there is nothing to count."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """The share in percent."""
        return None if self.of == 0 else 100 * self.count / self.of


@dataclass(frozen=True, slots=True)
class CascadeCount:
    """Relatives per index person with a finding, and how many of them got how far."""

    indexes: int
    at_risk: int
    invited: int
    responded: int
    tested: int
    positive: int

    def per_index(self, count: int) -> float | None:
        """A count of relatives for each index person."""
        return None if self.indexes == 0 else count / self.indexes


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures of the last mile. days: for each step the median days it took, and of how many.

    Every share is of all findings that came in (changes of classification aside), so that what is lost on
    the way counts.
    """

    findings: int
    confirmed: Share
    not_confirmed: Share
    disclosed: Share
    visited: Share
    problem_list: Share
    cared_for: Share
    declined: Share
    lost: Share
    days: Mapping[str, tuple[float, int]]
    changes_open_long: Share
    cascade: CascadeCount


def measure(
    places: Iterable[Standing], relatives: Iterable[Relative], day: date, told: Collection[str] = ()
) -> Metrics:
    """The measures on a day. told: the entries by which changes of classification come in."""
    every = list(places)
    changes = [one for one in every if one.finding.entry in told]
    found = [one for one in every if one.finding.entry not in told]

    def share(happened: Callable[[Standing], bool]) -> Share:
        return Share(sum(map(happened, found)), len(found))

    late = [
        one for one in changes if not one.state.final and (day - one.finding.found_at.date()).days > OPEN_LONG
    ]
    return Metrics(
        findings=len(found),
        confirmed=share(lambda one: one.visible),
        not_confirmed=share(lambda one: one.state.final == "not-confirmed-in-clinical-laboratory"),
        disclosed=share(lambda one: one.happened("disclosure", "disclosed") is not None),
        visited=share(lambda one: one.happened("visit", "attended") is not None),
        problem_list=share(lambda one: one.happened("problem-list", "entered") is not None),
        cared_for=share(
            lambda one: (
                (one.happened("risk-management", "done") or one.happened("risk-recall", "done")) is not None
            )
        ),
        declined=share(lambda one: one.state.final == "declined-to-know"),
        lost=share(lambda one: one.state.final.startswith("lost")),
        days=median_days(found),
        changes_open_long=Share(len(late), len(changes)),
        cascade=count_cascade(found, relatives),
    )


def median_days(places: Sequence[Standing]) -> Mapping[str, tuple[float, int]]:
    """For each step the median days from what came before it to what came of it, and of how many steps."""
    took: dict[str, list[int]] = {}
    for one in places:
        before = one.finding.found_at
        for fact in one.taken:
            took.setdefault(fact.step, []).append(max(0, (fact.at.date() - before.date()).days))
            before = max(before, fact.at)
    return {step: (float(median(days)), len(days)) for step, days in sorted(took.items())}


def count_cascade(places: Sequence[Standing], relatives: Iterable[Relative]) -> CascadeCount:
    """How far the relatives of those whose finding may be shown got."""
    every = list(relatives)

    def reached(*steps: Uptake) -> int:
        return sum(any(step in one.reached for step in steps) for one in every)

    return CascadeCount(
        indexes=sum(one.visible for one in places),
        at_risk=len(every),
        invited=reached(Uptake.INVITED),
        responded=reached(Uptake.RESPONDED),
        tested=reached(Uptake.TESTED),
        positive=reached(Uptake.POSITIVE),
    )
