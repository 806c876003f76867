"""The tumour board as pages show it: the queue, agendas, one case with its packet and its two-line report."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bedside.act.board_cases import OVER, BoardCase, CaseStage, Meeting
from bedside.act.board_packet import BoardPacket, Option
from bedside.act.board_report import TwoLines, reading_grade, two_lines
from bedside.errors import InputError
from bedside.genome.board import AdviceKind, BoardAdvice, UseType
from bedside.knowledge.board_policy import load_board_policy, load_board_words
from bedside.knowledge.care_pathways import load_therapy_classes
from bedside.service.board import the_board
from bedside.service.board_packet import TrialsAsked, packet_digest, packet_of_person
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case on a list."""

    case: BoardCase
    record_id: str
    name: str
    owner: str
    due: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """One meeting with its cases in order."""

    meeting: Meeting
    lines: tuple[CaseLine, ...]
    past: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """Everything before the board: cases without a meeting, agendas by day, what is signed and owed."""

    waiting: tuple[CaseLine, ...]
    agendas: tuple[Agenda, ...]
    owed: tuple[CaseLine, ...]
    over: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case. packet: None where it cannot be made, and then why; changed: the record says something else
    than the packet that the newest recommendation was made on. present: whoever signed was at the meeting,
    None where nobody was recorded."""

    line: CaseLine
    packet: BoardPacket | None
    why: str
    changed: bool
    meeting: Meeting | None
    present: bool | None


def queue(house: House, ids: RecordIds | None, people: Collection[str] | None = None) -> Queue:
    """The board as it stands. people: the only records the caller may open, None for all."""
    board, today = the_board(house), house.clock().date()
    lines = [
        case_line(house, one, ids, today)
        for one in board.cases.values()
        if people is None or one.person in people
    ]
    by_case = {one.case.case: one for one in lines}
    days = sorted({one.case.meeting for one in lines if one.case.meeting} | set(board.meetings))
    agendas = []
    for day in days:
        several = tuple(by_case[one.case] for one in board.agenda(day) if one.case in by_case)
        agendas.append(Agenda(board.meetings.get(day, Meeting(day)), several, day < today))
    soonest = sorted(lines, key=lambda one: (one.due or date.max, one.case.asked_at))
    return Queue(
        tuple(one for one in lines if one.case.meeting is None and one.case.stage not in OVER),
        tuple(
            one for one in agendas if not one.past or any(each.case.stage not in OVER for each in one.lines)
        ),
        tuple(one for one in soonest if one.case.stage is CaseStage.SIGNED),
        tuple(one for one in lines if one.case.stage in OVER),
    )


def case_line(house: House, case: BoardCase, ids: RecordIds | None, today: date) -> CaseLine:
    """A case as a line."""
    known = house.ledger.person(case.person)
    advice = None if case.current is None else case.current.advice
    due = None if advice is None else advice.due
    return CaseLine(
        case,
        "" if ids is None else ids.of(case.person),
        case.person if known is None else name_of(known) or case.person,
        "" if advice is None else advice.owner,
        due,
        due is not None and due < today and case.stage is CaseStage.SIGNED,
    )


def case_view(house: House, case: BoardCase, ids: RecordIds | None) -> CaseView:
    """One case with its packet as the record is now."""
    today = house.clock().date()
    packet, why = None, ""
    try:
        packet = packet_of_case(house, case)
    except InputError as error:
        why = "; ".join(f"{one.reason}{f' ({one.remedy})' if one.remedy else ''}" for one in error.problems)
    version, meeting = case.current, None
    if case.meeting is not None:
        meeting = the_board(house).meetings.get(case.meeting)
    present = None
    if meeting is not None and version is not None and version.signed is not None:
        present = version.signed.by in {name for name, _ in meeting.attendees}
    changed = False
    if packet is not None and version is not None:
        then = packet_of_case(house, case, version.at.date())
        changed = packet_digest(then) != version.packet
    return CaseView(case_line(house, case, ids, today), packet, why, changed, meeting, present)


def packet_of_case(house: House, case: BoardCase, on: date | None = None) -> BoardPacket:
    """The packet of a case, with the site's trials; raises `InputError` where it cannot be made."""
    folder, day = house.settings.trials_folder, on or house.clock().date()
    trials = None if folder is None else TrialsAsked(folder, day)
    return packet_of_person(house, case.person, oncotree=case.oncotree, trials=trials, on=day)


def report_of_case(house: House, case: BoardCase) -> tuple[TwoLines, float, float]:
    """The two lines, their reading grade with names as one syllable, and as they stand."""
    root = house.settings.knowledge_folder
    signed = case.in_force
    advice = None if signed is None else signed.advice
    contact = load_board_policy(root).contact
    lines = two_lines(packet_of_case(house, case), advice, load_board_words(root), contact)
    text = " ".join((lines.found, lines.next, lines.contact))
    return lines, reading_grade(text, lines.names), reading_grade(text)


def advice_of_option(house: House, option: Option) -> BoardAdvice:
    """A recommendation begun from an option of the packet; owner, day and reason are still to be said."""
    classes = load_therapy_classes(house.settings.knowledge_folder)
    kinds = [classes[code] for code in option.rxnorm if code in classes]
    treatment = "targeted" if "targeted" in kinds else (kinds[0] if kinds else "")
    label = option.status in ("approved", "accelerated")
    return BoardAdvice(
        AdviceKind.TREATMENT,
        option.regimen,
        treatment,
        UseType.IN_LABEL if label else UseType.OFF_LABEL,
        option.rxnorm,
        evidence=tuple(filter(None, (*option.statements, option.source))),
        why=f"{option.biomarker}: {option.why}",
    )


def option_named(packet: BoardPacket | None, statement: str, regimen: str = "") -> Option | None:
    """The option of the packet that a statement makes, or of a regimen."""
    for one in () if packet is None else packet.options:
        if statement in one.statements or (regimen and one.regimen.casefold() == regimen.casefold()):
            return one
    return None
