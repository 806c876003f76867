"""How far each relative of a person with a finding got: invited, answered, tested, with what result.

Everything here stands in the index person's record. What a relative's own record and letters may say is
decided in `invitation`, by what the index person agreed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from bedside.act.disclosure import Fact, Finding, Standing, standing
from bedside.act.disclosure_events import NOTES, in_force
from bedside.genome.event import Event, EventKind
from bedside.knowledge.disclosure_policy import Pathway

CASCADE = "cascade"
AT_RISK = "relative-at-risk"


class Uptake(Enum):
    """How far a relative got; the last seven end it."""

    AT_RISK = "at-risk"
    INVITED = "invited"
    RESPONDED = "responded"
    TESTED = "tested"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNCERTAIN = "uncertain"
    DECLINED = "declined"
    LOST = "lost"
    DIED = "died"
    NOT_OFFERED = "not-offered"


STEPS: Mapping[tuple[str, str], Uptake] = {
    ("hand-over", "handed-over"): Uptake.INVITED,
    ("direct-invitation", "sent"): Uptake.INVITED,
    ("response", "responded"): Uptake.RESPONDED,
    ("test", "tested"): Uptake.TESTED,
    ("result", "positive"): Uptake.POSITIVE,
    ("result", "negative"): Uptake.NEGATIVE,
    ("result", "uncertain"): Uptake.UNCERTAIN,
}
"""What an outcome of a step says about uptake."""

ENDS: Mapping[str, Uptake] = {
    "relative-declined": Uptake.DECLINED,
    "lost-to-follow-up": Uptake.LOST,
    "relative-died": Uptake.DIED,
    "not-offered": Uptake.NOT_OFFERED,
}
"""What the coded reason of a final state says about uptake."""


@dataclass(frozen=True, slots=True)
class Relative:
    """One relative and one finding: where they stand, and everything they reached."""

    finding: str
    relative: str
    place: Standing
    reached: tuple[Uptake, ...]

    @property
    def uptake(self) -> Uptake:
        """How far they got, in one word."""
        return ENDS.get(self.place.state.final, self.reached[-1])


def relatives_of(pathway: Pathway, events: Iterable[Event]) -> tuple[Relative, ...]:
    """Every relative brought in, for every finding of one index person."""
    kept = in_force(events)
    found: dict[tuple[str, str], Finding] = {}
    facts: dict[tuple[str, str], list[Fact]] = {}
    for event in kept:
        held = event.payload
        if event.kind is not EventKind.STEP_TAKEN or held["pathway"] != pathway.name:
            continue
        pair = (str(held.get("finding", "")), str(held.get("relative", "")))
        if held["step"] == AT_RISK:
            one = _opened(event, pair)
            found[pair] = one if pair not in found or one.found_at < found[pair].found_at else found[pair]
        elif held["step"] not in NOTES:
            fact = Fact(held["step"], str(held.get("outcome", "")), event.valid_at, event.actor, held)
            facts.setdefault(pair, []).append(fact)
    return tuple(_relative(pathway, found[pair], facts.get(pair, [])) for pair in sorted(found))


def _opened(event: Event, pair: tuple[str, str]) -> Finding:
    return Finding(
        finding=pair[0],
        person=str(event.person),
        gene="",
        variants=(),
        panel="",
        found_at=event.valid_at,
        entry="relative",
        clinical=True,
        about=event.payload,
    )


def _relative(pathway: Pathway, finding: Finding, facts: Iterable[Fact]) -> Relative:
    place = standing(pathway, finding, facts)
    reached = [Uptake.AT_RISK]
    for fact in place.taken:
        step = STEPS.get((fact.step, fact.outcome))
        if step is not None and step not in reached:
            reached.append(step)
    return Relative(finding.finding, str(finding.about.get("relative", "")), place, tuple(reached))
