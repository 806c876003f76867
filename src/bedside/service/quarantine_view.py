"""A message in quarantine beside the records it may belong to: only what identity is decided by, field by
field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bedside.errors import IntakeError, NotFound
from bedside.exchange.hl7v2_text import read_message
from bedside.exchange.said import Said, SaidPatient
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person
from bedside.intake.content_kind import ContentKind, content_kind
from bedside.service.house import House
from bedside.service.match_person import owners, plain_name
from bedside.service.quarantine import Waiting, waiting
from bedside.service.receive_document import READERS

_SEGMENT = re.compile(r"segment (\d+)")
_MOST = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of identity: what the message says, what the record says, and whether they agree; None where
    one of them says nothing."""

    field: str
    said: str
    held: str
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record the message may belong to, and how it came to be one."""

    person: str
    why: str
    rows: tuple[Compared, ...]

    @property
    def differing(self) -> int:
        """How many fields differ."""
        return sum(row.agrees is False for row in self.rows)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the message something stands that a reason is about."""

    segment: str
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A message that left quarantine: how, by whom, when and why."""

    number: str
    outcome: str
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """One message that waits. said: its identity, field and value. candidates: records to compare it with,
    the closest first. places: the segments that identity and the reasons stand in. readable: whether it could
    be read again to say so."""

    waiting: Waiting
    said: tuple[tuple[str, str], ...]
    candidates: tuple[Candidate, ...]
    places: tuple[Place, ...]
    size: int
    readable: bool


def decided(house: House, most: int = 20) -> tuple[Decision, ...]:
    """The last messages that left quarantine, newest first."""
    events = list(house.ledger.events(kinds=(EventKind.MESSAGE_SETTLED,)))
    return tuple(
        Decision(str(one.key), one.payload["outcome"], one.actor, one.known_at, one.payload.get("why", ""))
        for one in reversed(events[-most:])
    )


def quarantine_view(house: House, number: str, also: str = "") -> QuarantineView:
    """A message that waits, by its whole number. also: a number of another record to compare it with. Raises
    `NotFound`."""
    held = next((one for one in waiting(house) if one.number == number), None)
    if held is None:
        raise NotFound.one("message", "no message in quarantine has this number")
    content = house.documents.get(held.document)
    said = _read(house, content, held.number)
    if said is None:
        return QuarantineView(held, (), (), (), len(content), False)
    found = [_candidate(said.patient, *each) for each in _candidates(house, said, also)]
    return QuarantineView(
        held,
        tuple(_said(said.patient)),
        tuple(sorted(found, key=lambda one: one.differing)),
        tuple(_places(content, held)),
        len(content),
        True,
    )


def _read(house: House, content: bytes, number: str) -> Said | None:
    """What the document says of itself; None when its kind is not read (any more)."""
    try:
        kept = READERS[content_kind(content)](house, content)
    except (IntakeError, KeyError):
        return None
    return next((one.said for one in kept if one.said.content == number), None)


def _candidates(house: House, said: Said, also: str) -> Iterator[tuple[Person, str]]:
    """Records with one of its numbers, of its order, with its name and birth date, or looked up."""
    ways: list[tuple[str, str]] = []
    for each in said.patient.identifiers:
        ways += [(one, "has one of its numbers") for one in sorted(owners(house, each))]
    placed = house.ledger.find(EventKind.ORDER_PLACED, said.placer) if said.placer else None
    if placed is not None and placed.person is not None:
        ways.append((placed.person, "the order it answers is this person's"))
    ways += [(one.person, "has the same birth date and a name of it") for one in _alike(house, said.patient)]
    if also.strip():
        ways += [(one, "looked up by number") for one in _numbered(house, also.strip())]
    seen: dict[str, list[str]] = {}
    for person, why in ways:
        reasons = seen.setdefault(person, [])
        if why not in reasons:
            reasons.append(why)
    for name, whys in list(seen.items())[:_MOST]:
        known = house.ledger.person(name)
        if known is not None:
            yield known, "; ".join(whys)


def _alike(house: House, said: SaidPatient) -> Iterator[Person]:
    if said.birth_date is None:
        return
    for name in filter(None, (said.family, said.given)):
        for one in house.ledger.people(name, limit=50):
            if one.birth_date == said.birth_date:
                yield one


def _numbered(house: House, number: str) -> Iterator[str]:
    """Records that have exactly this number, or whose own number it is."""
    for one in house.ledger.people(number, limit=10):
        if number == one.person or any(each.value == number for each in one.identifiers):
            yield one.person


def _said(said: SaidPatient) -> Iterator[tuple[str, str]]:
    yield "Family name", said.family
    yield "Given name", said.given
    yield "Birth date", "" if said.birth_date is None else said.birth_date.isoformat()
    yield "Sex", said.sex.value
    yield "Numbers", ", ".join(f"{one.value} ({one.authority or 'no authority'})" for one in said.identifiers)


def _candidate(said: SaidPatient, known: Person, why: str) -> Candidate:
    return Candidate(known.person, why, tuple(_rows(said, known)))


def _rows(said: SaidPatient, known: Person) -> Iterator[Compared]:
    names = (("Family name", said.family, known.family), ("Given name", said.given, known.given))
    for field, theirs, ours in names:
        same = plain_name(theirs) == plain_name(ours) if theirs and ours else None
        yield Compared(field, theirs, ours, same)
    born = said.birth_date
    same = born == known.birth_date if born and known.birth_date else None
    yield Compared(
        "Birth date",
        "" if born is None else born.isoformat(),
        "" if known.birth_date is None else known.birth_date.isoformat(),
        same,
    )
    vague = {"unknown", "other"}
    sexes = (said.sex.value, known.sex.value)
    same = None if vague & set(sexes) else sexes[0] == sexes[1]
    yield Compared("Sex", *sexes, same)
    yield _numbers(said, known.identifiers)


def _numbers(said: SaidPatient, held: tuple[Identifier, ...]) -> Compared:
    """The numbers of an authority that both name; the record's other numbers are not shown."""
    ours = {one.system.removeprefix("urn:oid:"): one.value for one in held}
    theirs = {one.authority.removeprefix("urn:oid:"): one.value for one in said.identifiers}
    both = [name for name in theirs if name in ours]
    agrees = all("".join(ours[name].split()) == theirs[name] for name in both) if both else None
    return Compared(
        "Number of the same authority",
        ", ".join(theirs[name] for name in both) or ", ".join(theirs.values()),
        ", ".join(ours[name] for name in both),
        agrees,
    )


def _places(content: bytes, held: Waiting) -> Iterator[Place]:
    if content_kind(content) is not ContentKind.HL7V2:
        return
    wanted = {int(number) for reason in held.reasons for number in _SEGMENT.findall(reason)}
    for one in read_message(content).segments:
        if one.name == "PID" or one.number in wanted:
            yield Place(one.name, one.number, one.start, one.end)
