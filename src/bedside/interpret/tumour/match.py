"""Which statements about therapies a tumour meets: per statement a tier, an answer and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.genome.answer import Answer
from bedside.genome.tumour import Tumour
from bedside.interpret.tumour.judge import Judgement, Known, judge
from bedside.knowledge.oncotree import ANY_SOLID, OncoTree
from bedside.knowledge.therapies import Direction, Status, Therapies, Therapy


class Tier(Enum):
    """AMP/ASCO/CAP 2017, for a finding in a tumour and a drug: never for a variant by itself."""

    IA = "I-A"
    IB = "I-B"
    IIC = "II-C"
    IID = "II-D"
    NONE = ""


@dataclass(frozen=True, slots=True)
class TherapyMatch:
    """One statement and one tumour. same_tumour: the statement is about this tumour type; excluded: the
    label leaves this type out. why: what the answer rests on."""

    sample: str
    oncotree: str
    therapy: Therapy
    tier: Tier
    judgement: Judgement
    same_tumour: bool
    excluded: bool
    why: str

    @property
    def answer(self) -> Answer:
        """Whether the statement is for this tumour."""
        return self.judgement.answer


@dataclass(frozen=True, slots=True)
class Fitting:
    """What of a statement depends on the tumour type alone."""

    therapy: Therapy
    same_tumour: bool
    excluded: bool
    tier: Tier


def fitting(therapies: Therapies, tree: OncoTree, code: str, on: date | None = None) -> tuple[Fitting, ...]:
    """Every checked statement for a tumour type: resistance first, then by tier. on: as known on a day.
    Raises InputError for a type that OncoTree does not have."""
    tree.of(code)
    found = []
    for one in shown(therapies.rows, on):
        same = tree.is_a(code, one.oncotree)
        barred = any(tree.is_a(code, left) for left in therapies.excluded.get(one.name, ()))
        found.append(Fitting(one, same, barred, Tier.NONE if barred else _tier(one, same)))
    tiers = list(Tier)
    return tuple(
        sorted(
            found,
            key=lambda f: (f.therapy.direction is Direction.SENSITIVITY, tiers.index(f.tier), f.therapy.name),
        )
    )


def matches(
    therapies: Therapies, tree: OncoTree, tumour: Tumour, known: Known, on: date | None = None
) -> tuple[TherapyMatch, ...]:
    """Every checked statement judged for a tumour: resistance first, then by tier. on: as known on a day.
    Raises InputError for a tumour type that OncoTree does not have."""
    return matched(fitting(therapies, tree, tumour.oncotree, on), tumour, known)


def matched(statements: Iterable[Fitting], tumour: Tumour, known: Known) -> tuple[TherapyMatch, ...]:
    """Every statement that was fitted to the tumour's type, judged for the tumour."""
    judged: dict[str, Judgement] = {}
    found = []
    for one in statements:
        written = one.therapy.written
        if written not in judged:
            judged[written] = judge(one.therapy.rule, tumour, known)
        found.append(_match(tumour, one, judged[written]))
    return tuple(found)


def shown(rows: Iterable[Therapy], on: date | None) -> Iterator[Therapy]:
    """The statements that may be shown as facts on a day."""
    for one in rows:
        if one.checked and (on is None or one.since is None or one.since <= on):
            yield one


def _match(tumour: Tumour, fit: Fitting, judgement: Judgement) -> TherapyMatch:
    one = fit.therapy
    reasons = list(judgement.why)
    if fit.excluded:
        reasons.append(f"the label leaves out {tumour.oncotree}")
        judgement = Judgement(Answer.NO, tuple(reasons), judgement.findings)
    elif not fit.same_tumour:
        where = "any solid tumour" if one.oncotree == ANY_SOLID else one.oncotree
        reasons.append(f"the statement is about {where}")
    if one.status is Status.WITHDRAWN:
        reasons.append(f"withdrawn{'' if one.since is None else f'; was approved on {one.since}'}")
    return TherapyMatch(
        tumour.sample, tumour.oncotree, one, fit.tier, judgement, fit.same_tumour, fit.excluded,
        "; ".join(reasons),
    )  # fmt: skip


def _tier(one: Therapy, same: bool) -> Tier:
    if one.status is Status.WITHDRAWN:
        return Tier.NONE
    if one.direction is Direction.RESISTANCE:
        return {"R1": Tier.IA, "R2": Tier.IIC}.get(one.level, Tier.IID) if same else Tier.IID
    if same:
        return {"A1": Tier.IA, "A2": Tier.IA, "B": Tier.IB}.get(one.level, Tier.IID)
    return Tier.IIC if one.level in ("A1", "A2") else Tier.IID
