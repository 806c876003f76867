"""An HL7 v2 `ORU^R01` as said: whose result it is, of which order, and every observation with the bytes it
stands in. What it means is not looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bedside.errors import IntakeError, Problem
from bedside.exchange.hl7v2_text import SOURCE, Message, Segment, day_of, time_of
from bedside.exchange.said import Said, SaidIdentifier, SaidPatient
from bedside.genome.observation import digest
from bedside.genome.person import Sex

_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "O": Sex.OTHER, "A": Sex.OTHER}


@dataclass(frozen=True, slots=True)
class Observed:
    """One OBX: where it stands (segment number, first byte, byte after the last), what it asks, what it
    answers. value_code and value_system are "" when the answer is text."""

    segment: int
    start: int
    end: int
    group: str
    code: str
    name: str
    system: str
    value_type: str
    value_code: str
    value: str
    value_system: str
    status: str


@dataclass(frozen=True, slots=True)
class SaidResult(Said):
    """A whole message: version MSH-12, content the digest of everything but the header."""

    version: str
    observed: tuple[Observed, ...]


def read_result(message: Message) -> SaidResult:
    """What an ORU^R01 says; raises `IntakeError` with everything that keeps it from being one result of one
    patient."""
    if message.kind not in ("ORU^R01", "ORU"):
        remedy = "send results as ORU^R01"
        raise IntakeError.one(SOURCE, "the message type is not read here", line=1, remedy=remedy)
    pids, obrs = message.named("PID"), message.named("OBR")
    problems = []
    if len(pids) != 1:
        problems.append(Problem(SOURCE, f"has {len(pids)} PID segments", remedy="send one patient a message"))
    if not obrs:
        problems.append(Problem(SOURCE, "has no OBR segment", remedy="name the order the result is of"))
    if not message.header.text(10):
        problems.append(Problem(SOURCE, "MSH-10 is empty", 1, "give every message a control id"))
    placers = {one for obr in obrs if (one := _placer(message, obr))}
    fillers = {one for obr in obrs if (one := obr.text(3).strip())}
    statuses = {obr.text(25).strip() for obr in obrs}
    for name, several in (("placer", placers), ("filler", fillers), ("status", statuses)):
        if len(several) > 1:
            remedy = "send one order's result a message"
            problems.append(Problem(SOURCE, f"its OBR segments differ in the {name}", remedy=remedy))
    if problems:
        raise IntakeError(problems)
    return _read(message, pids[0], obrs, next(iter(placers), ""), next(iter(fillers), ""))


def _read(message: Message, pid: Segment, obrs: Sequence[Segment], placer: str, filler: str) -> SaidResult:
    header, obr = message.header, obrs[0]
    said = "\r".join("|".join(one.fields) for one in message.segments[1:])
    return SaidResult(
        control_id=header.text(10),
        sender="/".join(filter(None, (header.text(3), header.text(4)))),
        processing=header.text(11),
        version=header.text(12),
        patient=_patient(pid),
        placer=placer,
        filler=filler,
        status=obr.text(25).strip(),
        reported_at=time_of(obr.text(22)) or time_of(header.text(7)),
        collected_at=_collected(message, obr),
        received_at=_received(message, obr),
        observed=tuple(_observed(one) for one in message.named("OBX")),
        content=digest(said.encode()),
    )


def _placer(message: Message, obr: Segment) -> str:
    orc = message.first("ORC")
    return (obr.text(2) or ("" if orc is None else orc.text(2))).strip()


def _collected(message: Message, obr: Segment) -> datetime | None:
    spm = message.first("SPM")
    return (None if spm is None else time_of(spm.text(17))) or time_of(obr.text(7))


def _received(message: Message, obr: Segment) -> datetime | None:
    spm = message.first("SPM")
    return (None if spm is None else time_of(spm.text(18))) or time_of(obr.text(14))


def _patient(pid: Segment) -> SaidPatient:
    found = []
    for field in (3, 2):
        for repeat in pid.repeats(field):
            value = "".join(pid.part(repeat, 1).split())
            authority = pid.part(repeat, 4, 2) or pid.part(repeat, 4, 1)
            if value:
                found.append(SaidIdentifier(value, authority, pid.part(repeat, 5)))
    return SaidPatient(
        identifiers=tuple(dict.fromkeys(found)),
        family=pid.part(pid.repeats(5)[0], 1, 1).strip() if pid.repeats(5) else "",
        given=pid.text(5, 2).strip(),
        birth_date=day_of(pid.text(7)),
        sex=_SEXES.get(pid.text(8).strip().upper(), Sex.UNKNOWN),
    )


def _observed(obx: Segment) -> Observed:
    kind = _plain(obx, 2)
    code, name, system = obx.parts(3)[:3]
    value_code = value_system = ""
    if kind in ("CE", "CWE", "CNE", "CF"):
        first, value, third = obx.parts(5)[:3]
        value_system = third.strip()
        if value:
            value_code = first.strip()
        else:
            value = first
    else:
        value = obx.separators.plain(obx.raw(5))
    return Observed(
        obx.number,
        obx.start,
        obx.end,
        _plain(obx, 4),
        code.strip(),
        name,
        system.strip(),
        kind,
        value_code,
        value.strip(),
        value_system,
        _plain(obx, 11).strip(),
    )


def _plain(obx: Segment, field: int) -> str:
    """A field's first component; most are one word of letters and digits, which is all of it."""
    raw = obx.fields[field] if field < len(obx.fields) else ""
    return raw if raw.isalnum() or not raw else obx.text(field)
