"""The page of a sick newborn with a rapid genome: the answer first, the clock, what to do now, what is
missing; and what people write down there.

Nothing is concluded here. A ranking comes from the record, notes and outcomes from people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.act.pathway_state import Status
from bedside.errors import NotFound, RequestError
from bedside.genome.consent import NotConsented, Purpose
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.nicu import CostKind, CostLine, ManagementNote, Outcome, Yield
from bedside.knowledge.nicu import NicuPolicy, load_nicu
from bedside.service.consented_lake import asked
from bedside.service.house import House
from bedside.service.pathway_case import CaseView, cases_shown
from bedside.service.ranking_held import RankingShown, held_ranking

MOST_SHOWN = 3
LONGEST_TEXT = 400


@dataclass(frozen=True, slots=True)
class NicuView:
    """Everything the page shows. case: None when the person is not on the pathway; ask: whether the question
    of eligibility is to be put; age_days: None when not known; refused: why the ranking may not be shown."""

    policy: NicuPolicy
    case: CaseView | None
    ask: bool
    age_days: int | None
    ranking: RankingShown | None
    refused: NotConsented | None
    notes: tuple[ManagementNote, ...]
    outcome: Outcome | None
    at: datetime

    @property
    def first_result_open(self) -> bool:
        """Whether the first result is still to come."""
        return self.case is not None and self.case.state.steps["provisional"].status in (
            Status.OPEN,
            Status.WAITING,
        )


def nicu_view(
    house: House, person: str, at: datetime, *, may_genome: bool, people: frozenset[str] | None = None
) -> NicuView:
    """What the page shows at a moment. may_genome: whether the caller may see what a genome said."""
    policy = load_nicu(house.settings.knowledge_folder)
    cases = [one for one in cases_shown(house, person, at) if one.pathway.name == policy.pathway]
    case = cases[0] if cases else None
    known = house.ledger.person(person)
    born = None if known is None else known.birth_date
    age = None if born is None else (at.date() - born).days
    young = age is None or age <= policy.oldest_days
    open_now = case is not None and case.state.steps["eligible"].status is Status.OPEN
    refused = asked(house, Purpose.CARE, principal_people=people).refused(person)
    ranking = held_ranking(house, person, MOST_SHOWN) if may_genome and refused is None else None
    since = None if case is None else case.state.started
    return NicuView(
        policy,
        case,
        open_now and young,
        age,
        ranking,
        refused,
        notes_of(house, person, since),
        outcome_of(house, person, since),
        at,
    )


def notes_of(house: House, person: str, since: datetime | None = None) -> tuple[ManagementNote, ...]:
    """What people said changes in care, oldest first."""
    return tuple(
        ManagementNote(str(e.payload["change"]), str(e.payload["text"]), e.actor, e.valid_at)
        for e in _since(house.ledger.events(person=person, kinds=(EventKind.MANAGEMENT_NOTED,)), since)
    )


def outcome_of(house: House, person: str, since: datetime | None = None) -> Outcome | None:
    """The last outcome form of a case."""
    held = _since(house.ledger.events(person=person, kinds=(EventKind.OUTCOME_RECORDED,)), since)
    return read_outcome(held[-1].payload["outcome"]) if held else None


def _since(events: Any, since: datetime | None) -> list[Event]:
    return [one for one in events if since is None or one.valid_at >= since]


def note_management(
    house: House, person: str, change: str, text: str, *, by: str, at: datetime, key: str = ""
) -> None:
    """Write down what changes in care, or that nothing does; the pathway hears of it in the same breath.
    key: the same form sent again is the same note. Raises `RequestError`, `NotFound`."""
    policy = load_nicu(house.settings.knowledge_folder)
    _demand(house, person)
    if change not in policy.management:
        raise RequestError.one(
            "change", "nothing was chosen", remedy="say what changes, or that nothing does"
        )
    if len(text) > LONGEST_TEXT:
        raise RequestError.one("text", f"is longer than {LONGEST_TEXT} characters")
    signal = {"signal": "management-changed", "attributes": {"kind": change}, "case": "", "source": by}
    house.ledger.append(
        [
            NewEvent(
                EventKind.MANAGEMENT_NOTED,
                by,
                at,
                person,
                {"change": change, "text": text},
                _key("note", key),
            ),
            NewEvent(
                EventKind.SIGNAL_RECORDED, by, at, person, {**signal, "id": key}, _key("signal:note", key)
            ),
        ]
    )


def record_outcome(
    house: House, person: str, outcome: Outcome, *, by: str, at: datetime, key: str = ""
) -> None:
    """Write down the outcome form; the pathway hears of it in the same breath. Refused while nobody has said
    what changes in care, or that nothing does."""
    _demand(house, person)
    if not notes_of(house, person):
        raise RequestError.one(
            "outcome",
            "nobody has written down yet what changes in care, or that nothing does",
            remedy="write that down first",
        )
    signal = {"signal": "outcome-recorded", "attributes": {}, "case": "", "source": by, "id": key}
    payload = {"outcome": write_outcome(outcome)}
    house.ledger.append(
        [
            NewEvent(EventKind.OUTCOME_RECORDED, by, at, person, payload, _key("outcome", key)),
            NewEvent(EventKind.SIGNAL_RECORDED, by, at, person, signal, _key("signal:outcome", key)),
        ]
    )


def _demand(house: House, person: str) -> None:
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "is not in the record")


def _key(what: str, key: str) -> str | None:
    return f"nicu:{what}:{key}" if key else None


def write_outcome(outcome: Outcome) -> dict[str, Any]:
    """The form as it is kept."""
    return {
        "found": outcome.found.value,
        "changed": outcome.changed,
        "hours_to_result": outcome.hours_to_result,
        "hospital_days": outcome.hospital_days,
        "avoided_days": outcome.avoided_days,
        "avoided": None if outcome.avoided is None else dict(outcome.avoided),
        "costs": [
            {"kind": c.kind.value, "low": c.low, "high": c.high, "currency": c.currency, "basis": c.basis}
            for c in outcome.costs
        ],
    }


def read_outcome(kept: Mapping[str, Any]) -> Outcome:
    """The form that was kept."""
    costs: Sequence[Mapping[str, Any]] = kept["costs"]
    return Outcome(
        Yield(kept["found"]),
        kept["changed"],
        kept["hours_to_result"],
        kept["hospital_days"],
        kept["avoided_days"],
        kept["avoided"],
        tuple(
            CostLine(
                CostKind(c["kind"]), float(c["low"]), float(c["high"]), str(c["currency"]), str(c["basis"])
            )
            for c in costs
        ),
    )


def hours_to_first_result(case: CaseView) -> float | None:
    """From admission to the first result told; None while it was not, or nobody wrote down when."""
    step = case.state.steps["provisional"]
    if step.status is not Status.DONE or step.at is None:
        return None
    return (step.at - case.state.started).total_seconds() / 3600
