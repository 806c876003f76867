"""Where a tumour board's cases stand, as a pure fold over the events.

A recommendation is closed by a signature, and none can be signed that has no owner and no due day. An
amendment is a new version, which is signed anew; every version stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from bedside.genome.board import BoardAdvice, BoardStep, gaps, read_advice
from bedside.genome.event import Event, EventKind

HEARD = (EventKind.BOARD_STEP, EventKind.BOARD_MET)


class CaseStage(Enum):
    """Where a case stands."""

    QUEUED = "in the queue"
    ON_AGENDA = "on the agenda"
    DRAFTED = "recommendation written, awaits sign-off"
    SIGNED = "signed, to be carried out"
    FOLLOWED = "followed"
    NOT_FOLLOWED = "not followed"
    WITHDRAWN = "withdrawn"


OVER = frozenset({CaseStage.FOLLOWED, CaseStage.NOT_FOLLOWED, CaseStage.WITHDRAWN})
_ALLOWED: Mapping[BoardStep, frozenset[CaseStage]] = {
    BoardStep.SCHEDULED: frozenset({CaseStage.QUEUED, CaseStage.ON_AGENDA, CaseStage.DRAFTED}),
    BoardStep.NOTED: frozenset(CaseStage) - {CaseStage.WITHDRAWN},
    BoardStep.RECOMMENDED: frozenset(CaseStage) - {CaseStage.WITHDRAWN},
    BoardStep.SIGNED: frozenset({CaseStage.DRAFTED}),
    BoardStep.FOLLOWED: frozenset({CaseStage.SIGNED}),
    BoardStep.NOT_FOLLOWED: frozenset({CaseStage.SIGNED}),
    BoardStep.WITHDRAWN: frozenset({CaseStage.QUEUED, CaseStage.ON_AGENDA, CaseStage.DRAFTED}),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, as what, when."""

    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a recommendation. packet: digest of the packet it was made on; amended: why, "" for
    the first."""

    number: int
    advice: BoardAdvice
    by: str
    role: str
    at: datetime
    packet: str
    amended: str = ""
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What was said in the discussion."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the recommendation. reason: coded, where it was not followed."""

    reason: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BoardCase:
    """One case. oncotree: the tumour type it was asked for, "" to take that of the newest sample; place: on
    the agenda of the meeting; for_whom: the community oncologist who gets the report."""

    case: str
    person: str
    question: str
    oncotree: str
    for_whom: str
    asked_by: str
    asked_at: datetime
    stage: CaseStage = CaseStage.QUEUED
    meeting: date | None = None
    place: int = 0
    notes: tuple[Note, ...] = ()
    versions: tuple[Version, ...] = ()
    outcome: Outcome | None = None

    @property
    def current(self) -> Version | None:
        """The newest version, signed or not."""
        return self.versions[-1] if self.versions else None

    @property
    def in_force(self) -> Version | None:
        """The newest version that was signed."""
        return next((one for one in reversed(self.versions) if one.signed is not None), None)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of the board. attendees: name and role."""

    day: date
    attendees: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board has: cases by id, meetings by day."""

    cases: Mapping[str, BoardCase]
    meetings: Mapping[date, Meeting]

    def agenda(self, day: date) -> tuple[BoardCase, ...]:
        """The cases of a meeting in their order."""
        found = [one for one in self.cases.values() if one.meeting == day]
        return tuple(sorted(found, key=lambda one: (one.place, one.asked_at, one.case)))


def board_of(events: Iterable[Event]) -> Board:
    """The board that the events make; a step that does not fit where it falls changes nothing."""
    cases: dict[str, BoardCase] = {}
    meetings: dict[date, Meeting] = {}
    for event in events:
        held = event.payload
        if event.kind is EventKind.BOARD_MET:
            day = date.fromisoformat(held["meeting"])
            meetings[day] = Meeting(day, tuple((name, role) for name, role in held["attendees"]))
        elif event.kind is EventKind.BOARD_STEP and event.person is not None:
            _take(cases, event, BoardStep(held["step"]), held)
    return Board(cases, meetings)


def why_not(case: BoardCase, step: BoardStep) -> tuple[tuple[str, str], ...]:
    """Why this step cannot follow now: the field and the reason; nothing when it can."""
    if case.stage not in _ALLOWED.get(step, frozenset()):
        return (("step", f"{step.value!r} does not follow {case.stage.value!r}"),)
    if step is BoardStep.SIGNED and case.current is not None:
        return gaps(case.current.advice)
    return ()


def _take(cases: dict[str, BoardCase], event: Event, step: BoardStep, held: Mapping[str, Any]) -> None:
    name = str(held["case"])
    case = cases.get(name)
    if case is None:
        if step is BoardStep.REQUESTED:
            cases[name] = BoardCase(
                name, str(event.person), held.get("question", ""), held.get("oncotree", ""),
                held.get("for_whom", ""), held.get("by", event.actor), event.valid_at,
            )  # fmt: skip
        return
    if not why_not(case, step):
        cases[name] = _after(case, event, step, held)


def _after(case: BoardCase, event: Event, step: BoardStep, held: Mapping[str, Any]) -> BoardCase:
    by, at = str(held.get("by", event.actor)), event.valid_at
    match step:
        case BoardStep.SCHEDULED:
            stage = CaseStage.DRAFTED if case.stage is CaseStage.DRAFTED else CaseStage.ON_AGENDA
            day = date.fromisoformat(held["meeting"])
            return replace(case, stage=stage, meeting=day, place=int(held.get("place", 0)))
        case BoardStep.NOTED:
            return replace(case, notes=(*case.notes, Note(str(held["text"]), by, at)))
        case BoardStep.RECOMMENDED:
            made = Version(
                len(case.versions) + 1, read_advice(held["advice"]), by, str(held.get("role", "")), at,
                str(held.get("packet", "")), str(held.get("amended", "")),
            )  # fmt: skip
            versions = (*case.versions, made)
            return replace(case, stage=CaseStage.DRAFTED, versions=versions, outcome=None)
        case BoardStep.SIGNED:
            signed = replace(case.versions[-1], signed=Signed(by, str(held.get("role", "")), at))
            return replace(case, stage=CaseStage.SIGNED, versions=(*case.versions[:-1], signed))
        case BoardStep.WITHDRAWN:
            return replace(case, stage=CaseStage.WITHDRAWN)
        case _:
            outcome = Outcome(str(held.get("reason", "")), str(held.get("text", "")), by, at)
            stage = CaseStage.FOLLOWED if step is BoardStep.FOLLOWED else CaseStage.NOT_FOLLOWED
            return replace(case, stage=stage, outcome=outcome)
