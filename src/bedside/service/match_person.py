"""Whose result is this? Everything the message says of the person must agree with one record, to the letter;
otherwise nobody's chart is touched and a person decides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bedside.exchange.said import SaidIdentifier, SaidPatient
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.service.house import House

OURS = "99BEDSIDE"


@dataclass(frozen=True, slots=True)
class Match:
    """The one person, or the reasons why there is none; `person` is None whenever a reason is given. order:
    the number of our order it answers, "" when none."""

    person: str | None
    reasons: tuple[str, ...] = ()
    order: str = ""


def match_person(house: House, said: SaidPatient, placer: str) -> Match:
    """The person whose number, family name, given name and birth date all are what the message says, with no
    contradiction in sex or in the order it answers. Reasons name no value of the message or the record."""
    placed = house.ledger.find(EventKind.ORDER_PLACED, placer) if placer else None
    order = "" if placed is None else placer
    by_number = {one for each in said.identifiers for one in owners(house, each)}
    by_order = None if placed is None else placed.person
    candidates = by_number | ({by_order} if by_order else set())
    if not candidates:
        return Match(None, ("no record has any of its numbers, and the order is not ours",), order)
    if len(candidates) > 1:
        return Match(None, ("its numbers and its order belong to different people",), order)
    (candidate,) = candidates
    known = house.ledger.person(str(candidate))
    if known is None:
        return Match(None, ("the record has no name and birth date to compare with",), order)
    reasons = tuple(_differs(said, known, bool(by_number)))
    return Match(None if reasons else known.person, reasons, order)


def owners(house: House, said: SaidIdentifier) -> Iterator[str]:
    """The records whose number it is: by the authority as a system, or as the record's own number. Without an
    authority the number alone counts, if one person only has it."""
    for system in (said.authority, f"urn:oid:{said.authority}"):
        found = house.ledger.find_person(Identifier(system, said.value)) if said.authority else None
        if found is not None:
            yield found
    if said.authority == OURS or not said.authority:
        own = house.ledger.person(said.value)
        if own is not None:
            yield own.person
    if not said.authority:
        yield from house.ledger.numbered(said.value)


def _differs(said: SaidPatient, known: Person, by_number: bool) -> Iterator[str]:
    if not by_number:
        yield "none of its numbers is the record's"
    systems = {one.system: one.value for one in known.identifiers}
    for one in said.identifiers:
        held = systems.get(one.authority, systems.get(f"urn:oid:{one.authority}"))
        if held is not None and "".join(held.split()) != one.value:
            yield "one of its numbers differs from the record's of the same authority"
        elif one.authority == OURS and one.value != known.person:
            yield "it names another record of ours"
    names = (("family name", said.family, known.family), ("given name", said.given, known.given))
    for name, theirs, ours in names:
        if not theirs or not ours:
            yield f"the {name} is missing on one side"
        elif plain_name(theirs) != plain_name(ours):
            yield f"the {name} differs"
    if said.birth_date is None or known.birth_date is None:
        yield "the birth date is missing on one side"
    elif said.birth_date != known.birth_date:
        yield "the birth date differs"
    told = {said.sex, known.sex} - {Sex.UNKNOWN, Sex.OTHER}
    if len(told) > 1:
        yield "the sex differs"


def plain_name(name: str) -> str:
    """A name for comparing: case and the way accents are encoded do not count, every letter does."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
