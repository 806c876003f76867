"""An order as HL7 v2.5.1 `OML^O21`, and the order back from the message: the same order, by its digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bedside.errors import IntakeError, Problem
from bedside.exchange.hl7v2_text import (
    SOURCE,
    Message,
    Segment,
    Separators,
    day_of,
    read_message,
    time_of,
    write_segments,
    written_time,
)
from bedside.genome.code import Code, System
from bedside.genome.order import AskedAnswer, LocalCode, Order, Priority, SpecimenWanted, Subject
from bedside.genome.person import Identifier, Sex

OURS = "99BEDSIDE"
ASKED = {"chart": "99BEDSIDE-CHART", "clinician": "99BEDSIDE-CLINICIAN", "fhir": "99BEDSIDE-FHIR"}
"""Whose word an answer is → the coding system its question is sent under."""
DIGEST, DESPITE = "order-digest", "order-despite"
SYSTEMS = {
    System.ICD10CM: "I10C",
    System.SNOMED_CT: "SCT",
    System.LOINC: "LN",
    System.RXNORM: "RXNORM",
    System.ATC: "ATC",
    System.HGNC: "HGNC",
    System.PHARMVAR: "99PHARMVAR",
    System.HPO: "99HPO",
}
"""A terminology → its name in HL7 table 0396 (99… where it has none)."""
SEXES = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "O", Sex.UNKNOWN: "U"}
PRIORITIES = {Priority.ROUTINE: "R", Priority.URGENT: "A"}
_S = Separators()


def write_oml(order: Order, sent_at: datetime, sender: str = "BEDSIDE") -> bytes:
    """The order as a message, sent at a time by a named application."""
    return write_segments(_segments(order, sent_at, sender))


def _segments(order: Order, sent_at: datetime, sender: str) -> Iterator[Sequence[str]]:
    e = _S.escaped
    number = f"{e(order.order)}^{OURS}"
    yield (
        "MSH", "^~\\&", e(sender), "", "", e(order.laboratory), written_time(sent_at), "", "OML^O21^OML_O21",
        e(order.order), "P", "2.5.1", "", "", "AL", "NE", "", "UNICODE UTF-8",
    )  # fmt: skip
    subject = order.subject
    ids = [f"{e(subject.person)}^^^{OURS}^PI"]
    ids += [f"{e(one.value)}^^^&{e(one.system)}&URI^PI" for one in subject.identifiers]
    born = "" if subject.birth_date is None else f"{subject.birth_date:%Y%m%d}".rjust(8, "0")
    name = f"{e(subject.family)}^{e(subject.given)}"
    yield "PID", "1", "", "~".join(ids), "", name, "", born, SEXES[subject.sex]
    orderer = e(order.orderer)
    yield "ORC", "NW", number, "", "", "", "", "", "", written_time(order.placed_at), "", "", orderer
    yield ("TQ1", "1", *[""] * 7, PRIORITIES[order.priority])
    code = f"{e(order.code.code)}^{e(order.code.name)}^{e(order.code.system)}^{e(order.test)}^^{OURS}"
    yield ("OBR", "1", number, "", code, *[""] * 11, orderer)
    for place, reason in enumerate(order.reasons, start=1):
        coded = f"{e(reason.code)}^{e(reason.display)}^{SYSTEMS[reason.system]}"
        yield "DG1", str(place), "", coded, "", "", "W"
    for place, (code, value) in enumerate(_observations(order), start=1):
        yield "OBX", str(place), "ST", code, "", e(value), "", "", "", "", "", "F"
    wanted = order.specimen
    kind = f"{e(wanted.kind)}^{e(wanted.name)}^HL70487"
    yield ("SPM", "1", "", "", kind, *[""] * 22, f"^{e(wanted.container)}" if wanted.container else "")


def _observations(order: Order) -> Iterator[tuple[str, str]]:
    e = _S.escaped
    for one in order.answers:
        yield f"{e(one.question)}^{e(one.text)}^{ASKED[one.source]}", one.value
    if order.despite:
        yield f"{DESPITE}^Reason for ordering all the same^{OURS}", order.despite
    yield f"{DIGEST}^Digest of the order's content^{OURS}", order.digest


def read_oml(content: bytes) -> Order:
    """The order a message of `write_oml` carries; raises `IntakeError` when it is not one, or was changed on
    its way."""
    message = read_message(content)
    if message.kind != "OML^O21":
        raise IntakeError.one(SOURCE, "is not an OML^O21", line=1)
    found = {name: message.first(name) for name in ("PID", "ORC", "TQ1", "OBR", "SPM")}
    absent = [name for name, segment in found.items() if segment is None]
    if absent:
        raise IntakeError([Problem(SOURCE, f"has no {name} segment") for name in absent])
    try:
        order, stated = _order(message, *(one for one in found.values() if one is not None))
    except (KeyError, ValueError) as error:
        raise IntakeError.one(
            SOURCE, "a code of the order is not known", remedy="send as `write_oml` does"
        ) from error
    if order.digest != stated:
        raise IntakeError.one(SOURCE, "the order is not what its digest says", remedy="send it again")
    return order


def _order(
    message: Message, pid: Segment, orc: Segment, tq1: Segment, obr: Segment, spm: Segment
) -> tuple[Order, str]:
    placed = time_of(orc.text(9))
    if placed is None:
        raise ValueError("ORC-9 is no time")
    stated = despite = ""
    answers = []
    sources = {system: source for source, system in ASKED.items()}
    for obx in message.named("OBX"):
        name, text, system = (obx.text(3, part) for part in (1, 2, 3))
        if system == OURS and name == DIGEST:
            stated = obx.text(5)
        elif system == OURS and name == DESPITE:
            despite = obx.text(5)
        else:
            answers.append(AskedAnswer(name, text, obx.text(5), sources[system]))
    systems = {name: system for system, name in SYSTEMS.items()}
    reasons = tuple(
        Code(systems[dg1.text(3, 3)], dg1.text(3, 1), dg1.text(3, 2)) for dg1 in message.named("DG1")
    )
    order = Order(
        order=orc.text(2),
        subject=_subject(pid),
        test=obr.text(4, 4),
        code=LocalCode(obr.text(4, 1), obr.text(4, 2), obr.text(4, 3)),
        laboratory=message.header.text(6),
        reasons=reasons,
        specimen=SpecimenWanted(spm.text(4, 1), spm.text(4, 2), spm.text(27, 2)),
        orderer=orc.text(12),
        placed_at=placed,
        answers=tuple(answers),
        priority={code: one for one, code in PRIORITIES.items()}[tq1.text(9)],
        despite=despite,
    )
    return order, stated


def _subject(pid: Segment) -> Subject:
    repeats = pid.repeats(3)
    if not repeats or pid.part(repeats[0], 4) != OURS:
        raise ValueError("PID-3 does not begin with the record's own number")
    return Subject(
        person=pid.part(repeats[0], 1),
        family=pid.text(5, 1),
        given=pid.text(5, 2),
        birth_date=day_of(pid.text(7)),
        sex={code: sex for sex, code in SEXES.items()}[pid.text(8)],
        identifiers=tuple(Identifier(pid.part(one, 4, 2), pid.part(one, 1)) for one in repeats[1:]),
    )
