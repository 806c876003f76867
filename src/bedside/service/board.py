"""The tumour board's acts: put on, schedule, attend, note, recommend, sign, amend, follow or not.

What a signature sets in motion is written with it in one transaction: the signals that move the pathway and
the funnel, and the task of whoever is responsible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import uuid4

from bedside.act.board_cases import HEARD, Board, BoardCase, CaseStage, Version, board_of, why_not
from bedside.act.working_days import working_day_after
from bedside.errors import NotFound, Problem, RequestError, StoreError
from bedside.genome.board import AdviceKind, BoardAdvice, BoardStep, plain_advice
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.signal import RETRACTED
from bedside.knowledge.board_policy import load_board_policy
from bedside.knowledge.oncotree import load_oncotree
from bedside.service.consult_steps import Writer
from bedside.service.house import House
from bedside.store.ledger import Overtaken, Unless

_TRIES = 5
SUMMARY = "Carry out the tumour board's recommendation, or say why not"


def the_board(house: House, person: str | None = None) -> Board:
    """Every case and meeting, or the cases of one person."""
    events = list(house.ledger.events(person=person, kinds=HEARD))
    if person is not None:
        events += house.ledger.events(kinds=(EventKind.BOARD_MET,))
    return board_of(events)


def case_named(house: House, case: str) -> BoardCase:
    """The case of this id; raises `NotFound`."""
    found = the_board(house).cases.get(case)
    if found is None:
        raise NotFound.one("case", "no such case is before the board", remedy="`bedside board list`")
    return found


def put_on(
    house: House,
    person: str,
    question: str,
    writer: Writer,
    *,
    oncotree: str = "",
    for_whom: str = "",
    form: str = "",
) -> BoardCase:
    """Put a person's case before the board; the pathway hears it. form: a random word of the form
    it was asked on; the same form sent again is the same case. Raises `RequestError`, `NotFound`."""
    problems = list(_writer(writer))
    if not question.strip():
        problems.append(Problem("question", "the question is blank", remedy="say what the board is asked"))
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "nobody of this id is registered")
    if problems:
        raise RequestError(problems)
    if oncotree:
        load_oncotree(house.settings.knowledge_folder).of(oncotree)
    random = digest(f"{person}\0{form}".encode()) if form else uuid4().hex
    case, now = random[:12], house.clock()
    said = {"question": question.strip(), "oncotree": oncotree, "for_whom": for_whom.strip()}
    asked = _step(case, person, BoardStep.REQUESTED, writer, now, **said)
    events = [
        replace(asked, key=f"board-requested:{case}"),
        _signal(person, "board-requested", f"board:{case}:requested", writer, now),
    ]
    house.ledger.append(events)
    return case_named(house, case)


def schedule(house: House, case: str, day: date, place: int, writer: Writer) -> BoardCase:
    """Put a case on the agenda of a meeting, at a place in its order."""
    if day < house.clock().date() or place < 0:
        raise RequestError.one("meeting", "the meeting lies in the past, or the place is no number from 0")
    return _add(house, case, BoardStep.SCHEDULED, writer, meeting=day.isoformat(), place=place)


def attend(house: House, day: date, attendees: Sequence[tuple[str, str]], writer: Writer) -> None:
    """Record who was at a meeting, as what; said again, it takes the place of what was said before."""
    named = [(name.strip(), role.strip()) for name, role in attendees if name.strip() or role.strip()]
    problems = list(_writer(writer))
    if not named or any(not name or not role for name, role in named):
        problems.append(
            Problem("attendees", "each who was there has a name and a role, and there is at least one")
        )
    if problems:
        raise RequestError(problems)
    payload = {"meeting": day.isoformat(), "attendees": [list(one) for one in named], "by": writer.name}
    actor = writer.account or writer.name
    house.ledger.append([NewEvent(EventKind.BOARD_MET, actor, house.clock(), None, payload)])


def note(house: House, case: str, text: str, writer: Writer) -> BoardCase:
    """Write down what was said in the discussion."""
    if not text.strip():
        raise RequestError.one("text", "the note is blank", remedy="say what was discussed")
    return _add(house, case, BoardStep.NOTED, writer, text=text.strip())


def recommend(
    house: House, case: str, advice: BoardAdvice, writer: Writer, packet: bytes, amended: str = ""
) -> BoardCase:
    """Write a recommendation, or amend the one that stands; nothing follows from it until it is signed.
    packet: the packet it is made on, kept as a document. A draft may still lack its owner and day."""
    held = case_named(house, case)
    policy, problems = load_board_policy(house.settings.knowledge_folder), list[Problem]()
    if held.in_force is not None and not amended.strip():
        problems.append(Problem("amended", "why the signed recommendation is changed is not said"))
    if advice.treatment and advice.treatment not in policy.treatments:
        problems.append(
            Problem(
                "treatment",
                "the class of treatment is none of those known",
                remedy=", ".join(policy.treatments),
            )
        )
    if advice.due is not None and advice.due < house.clock().date():
        problems.append(Problem("due", "the day by which it is done lies in the past"))
    if problems:
        raise RequestError(problems)
    kept = house.documents.put(packet)
    plain = plain_advice(advice)
    return _add(
        house, case, BoardStep.RECOMMENDED, writer, advice=plain, packet=kept, amended=amended.strip()
    )


def sign(house: House, case: str, version: int, writer: Writer) -> BoardCase:
    """Sign the recommendation of this version: it is closed, the pathway hears it, and its owner has a task.
    Raises `RequestError` without owner and due day, or when another version stands."""
    for _ in range(_TRIES):
        after, held = house.ledger.checkpoint().sequence, case_named(house, case)
        problems = list(_writer(writer))
        problems += [Problem(name, why) for name, why in why_not(held, BoardStep.SIGNED)]
        current = held.current
        if current is not None and current.number != version:
            problems.append(
                Problem("version", "the recommendation was amended meanwhile; read it and sign that one")
            )
        if problems or current is None:
            raise RequestError(problems or [Problem("case", "the case has no recommendation")])
        now = house.clock()
        events = [
            _step(case, held.person, BoardStep.SIGNED, writer, now, version=version),
            *_moved(house, held, current, writer, now),
        ]
        try:
            house.ledger.append(events, unless=Unless(EventKind.BOARD_STEP, after))
        except Overtaken:
            continue
        return case_named(house, case)
    raise StoreError("the case keeps being changed meanwhile; do it again")


def followed(house: House, case: str, writer: Writer, *, reason: str = "", text: str = "") -> BoardCase:
    """Say that the recommendation was followed, or (with a coded reason) why not; the pathway hears
    either."""
    held, policy = case_named(house, case), load_board_policy(house.settings.knowledge_folder)
    if reason and reason not in policy.not_followed:
        raise RequestError.one(
            "reason", "the reason is no coded reason", remedy=", ".join(policy.not_followed)
        )
    if reason in ("other", "unknown") and not text.strip():
        raise RequestError.one("text", "the reason in words is blank", remedy="say why in words")
    step = BoardStep.NOT_FOLLOWED if reason else BoardStep.FOLLOWED
    version = held.in_force
    if version is None or held.stage is not CaseStage.SIGNED:
        raise RequestError.one("step", "no signed recommendation waits to be carried out")
    also = partial(_ended, writer=writer, now=house.clock(), reason=reason)
    return _add(house, case, step, writer, also, reason=reason, text=text.strip())


def _ended(held: BoardCase, writer: Writer, now: datetime, reason: str) -> list[NewEvent]:
    """What the pathway hears when a recommendation is followed or not, and the end of its owner's task."""
    version, events = held.in_force, list[NewEvent]()
    if version is None:
        return events
    if reason:
        name, said = "declined", {"reason": reason, "by": writer.role}
        events.append(_signal(held.person, name, _id(held, version, name), writer, now, said))
    elif version.advice.kind is AdviceKind.TREATMENT:
        name, said = "decision-made", {"treatment": version.advice.treatment}
        events.append(_signal(held.person, name, _id(held, version, name), writer, now, said))
    outcome = f"not followed: {reason}" if reason else f"followed, says {writer.name}"
    return [*events, _task_closed(held, version, outcome, writer, now)]


def withdraw(house: House, case: str, why: str, writer: Writer) -> BoardCase:
    """Take a case off before anything was signed."""
    if not why.strip():
        raise RequestError.one("why", "why the case is taken off is not said")
    return _add(house, case, BoardStep.WITHDRAWN, writer, text=why.strip())


def _add(
    house: House,
    case: str,
    step: BoardStep,
    writer: Writer,
    also: Callable[[BoardCase], Sequence[NewEvent]] = lambda held: (),
    **said: object,
) -> BoardCase:
    for _ in range(_TRIES):
        after, held = house.ledger.checkpoint().sequence, case_named(house, case)
        problems = [*_writer(writer), *(Problem(name, why) for name, why in why_not(held, step))]
        if problems:
            raise RequestError(problems)
        event = _step(case, held.person, step, writer, house.clock(), **said)
        try:
            house.ledger.append([event, *also(held)], unless=Unless(EventKind.BOARD_STEP, after))
        except Overtaken:
            continue
        return case_named(house, case)
    raise StoreError("the case keeps being changed meanwhile; do it again")


def _writer(writer: Writer) -> list[Problem]:
    if writer.name.strip() and writer.role.strip():
        return []
    return [Problem("by", "who does this, and as what, is not said", remedy="give name and role")]


def _step(case: str, person: str, step: BoardStep, writer: Writer, now: datetime, **said: object) -> NewEvent:
    payload = {"case": case, "step": step.value, "by": writer.name, "role": writer.role, **said}
    return NewEvent(EventKind.BOARD_STEP, writer.account or writer.name, now, person, payload)


def _signal(
    person: str, name: str, signal_id: str, writer: Writer, now: datetime, said: dict[str, str] | None = None
) -> NewEvent:
    payload = {
        "signal": name,
        "attributes": said or {},
        "case": "",
        "source": "tumour board",
        "id": signal_id,
    }
    key = f"signal:{signal_id}"
    return NewEvent(EventKind.SIGNAL_RECORDED, writer.account or writer.name, now, person, payload, key)


def _moved(house: House, held: BoardCase, current: Version, writer: Writer, now: datetime) -> list[NewEvent]:
    """What a signature sets in motion: the decision on the pathway, the owner's task; what the version before
    had set in motion is taken back."""
    policy, advice = load_board_policy(house.settings.knowledge_folder), current.advice
    events = []
    before = held.in_force
    if before is not None:
        names = ("board-decided", "decision-made", "declined")
        events += [_taken_back(held, _id(held, before, name), current, writer, now) for name in names]
        events.append(_task_closed(held, before, "the recommendation was amended", writer, now))
    treatment = advice.treatment if advice.kind is AdviceKind.TREATMENT else advice.kind.value
    events.append(
        _signal(
            held.person,
            "board-decided",
            _id(held, current, "board-decided"),
            writer,
            now,
            {"treatment": treatment},
        )
    )
    due = advice.due or now.date()
    higher = working_day_after(due, policy.escalate_after_working_days)
    payload = {
        "task": _task(held, current),
        "kind": policy.task,
        "summary": SUMMARY,
        "owner": advice.owner,
        "due": due.isoformat(),
        "about": {
            "case": held.case,
            "version": current.number,
            "escalate_on": higher.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    actor = writer.account or writer.name
    return [
        *events, NewEvent(EventKind.TASK_OPENED, actor, now, held.person, payload, _task(held, current))
    ]  # fmt: skip


def _taken_back(held: BoardCase, signal_id: str, current: Version, writer: Writer, now: datetime) -> NewEvent:
    payload = {"signal": RETRACTED, "retracts": signal_id, "why": current.amended or "amended"}
    actor, key = writer.account or writer.name, f"retract:{held.person}:{signal_id}"
    return NewEvent(EventKind.SIGNAL_RECORDED, actor, now, held.person, payload, key)


def _id(held: BoardCase, version: Version, name: str) -> str:
    """The id of a signal that a version of a recommendation gives."""
    return f"board:{held.case}:{version.number}:{name}"


def _task(held: BoardCase, version: Version) -> str:
    return f"board:{held.case}:{version.number}"


def _task_closed(held: BoardCase, version: Version, outcome: str, writer: Writer, now: datetime) -> NewEvent:
    payload = {"task": _task(held, version), "outcome": outcome}
    actor, key = writer.account or writer.name, f"{_task(held, version)}:closed"
    return NewEvent(EventKind.TASK_CLOSED, actor, now, held.person, payload, key)
