"""Tumour samples of a person in the record: taken from a file, and read again as they were stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from bedside.errors import InputError, NotFound, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.reported import FindingKind, ReportedPresence
from bedside.genome.tumour import Scope, Tumour, TumourFinding
from bedside.genome.tumour_sample import HeldTumour, held_tumours
from bedside.interpret.tumour.from_report import of_a_tumour, typed
from bedside.knowledge.board_policy import load_board_policy
from bedside.service.house import House
from bedside.service.match_tumours import TumourKnowledge, load_tumour_knowledge, read_tumour_file
from bedside.service.reported_findings import Reported, reported_of
from bedside.store.encode import decode
from bedside.store.encode_tumour import decode_tumour, tumour_content
from bedside.store.ledger import Overtaken, Unless

_TRIES = 5


@cache
def _knowledge(root: Path | None) -> TumourKnowledge:
    return load_tumour_knowledge(root)


def knowledge_of(house: House) -> TumourKnowledge:
    """The packs that tumours are read with; read once a process."""
    return _knowledge(house.settings.knowledge_folder)


@dataclass(frozen=True, slots=True)
class TumourAccepted:
    """A sample that was taken: its version, and whether that is new."""

    sample: str
    version: int
    new: bool


@dataclass(frozen=True, slots=True)
class FromReports:
    """What laboratories' reports say of a tumour: typed findings, each with who reported it, and texts (gene,
    text) of what could not be typed."""

    findings: tuple[tuple[TumourFinding, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


def accept_tumours(
    house: House,
    person: str,
    path: Path,
    oncotree: str = "",
    scope: Scope | None = None,
    *,
    laboratory: str = "",
    actor: str = "operator",
    valid_at: datetime | None = None,
) -> tuple[TumourAccepted, ...]:
    """Take every tumour sample of a file for a person, all or none. The same content again is no new version.

    Raises IntakeError with every problem, InputError for an unknown tumour type, NotFound for the person.
    """
    if house.ledger.person(person) is None:
        raise NotFound.one(
            "--person",
            "nobody of this id is registered",
            remedy="give --sex or --born, or register them first",
        )
    tumours = read_tumour_file(path, oncotree, knowledge_of(house), scope or Scope())
    names = [one.sample for one in tumours]
    if len(set(names)) != len(names) or not names:
        raise InputError.one(path.name, "holds no sample, or two of one name", remedy="one entry a sample")
    document = house.documents.put_file(path)
    for _ in range(_TRIES):
        after = house.ledger.checkpoint().sequence
        held = {one.sample: one for one in tumours_of_record(house, person)}
        contents = [tumour_content(one) for one in tumours]
        events, told = [], []
        for one, content in zip(tumours, contents, strict=True):
            before = held.get(one.sample)
            new = before is None or before.content != content.digest
            version = (0 if before is None else before.version) + new
            told.append(TumourAccepted(one.sample, version, new))
            if new:
                payload = {
                    "sample": one.sample,
                    "oncotree": one.oncotree,
                    "content": content.digest,
                    "document": document,
                    "laboratory": laboratory,
                }
                when = valid_at or house.clock()
                events.append(NewEvent(EventKind.TUMOUR_RECORDED, actor, when, person, payload))
        try:
            house.ledger.append(events, contents, Unless(EventKind.TUMOUR_RECORDED, after))
        except Overtaken:
            continue
        return tuple(told)
    raise StoreError("samples keep being stored meanwhile; do it again")


def tumours_of_record(house: House, person: str, known_at: datetime | None = None) -> tuple[HeldTumour, ...]:
    """The newest version of each of a person's samples, the newest sample last."""
    events = house.ledger.events(person=person, kinds=(EventKind.TUMOUR_RECORDED,))
    return held_tumours(events, known_at)


def tumour_of(house: House, held: HeldTumour) -> Tumour:
    """What was found in a sample, as it was read."""
    return decode_tumour(decode(house.ledger.content({held.content})[held.content]))


def from_reports(house: House, person: str) -> FromReports:
    """What results of other kinds (FHIR, HL7 v2, laboratories' JSON, confirmed PDF) say of a tumour."""
    markers = load_board_policy(house.settings.knowledge_folder).markers
    found: dict[TumourFinding, str] = {}
    texts: dict[tuple[str, str], None] = {}
    for one in _of_tumours(reported_of(house, house.ledger.results(person))):
        if one.finding.presence is not ReportedPresence.PRESENT:
            said = f"{one.finding.name}: {one.finding.presence.value} ({one.reported_by})"
            texts[("", said)] = None
            continue
        made = typed(one.finding, markers)
        if made is None:
            texts[(one.finding.gene, f"{one.finding.name} ({one.reported_by})")] = None
        else:
            found.setdefault(made, one.reported_by)
    return FromReports(tuple(found.items()), tuple(texts))


def _of_tumours(reported: Sequence[Reported]) -> list[Reported]:
    """The statements about a tumour: those that say so, and markers that come in a result with one that
    does."""
    results = {one.result.result for one in reported if of_a_tumour(one.finding)}
    return [
        one
        for one in reported
        if of_a_tumour(one.finding)
        or (one.finding.kind is FindingKind.MARKER and one.result.result in results)
    ]
