"""Takes a laboratory's JSON into the record by the mapping that recognises it: the same matching, quarantine
and idempotence as for every other document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.exchange.json_places import SOURCE, Placed, read_json
from bedside.exchange.laboratory_json import LaboratoryResult, mapping_of, plain, read_laboratory_json
from bedside.exchange.laboratory_json_findings import word
from bedside.exchange.laboratory_json_values import Wrong, rows
from bedside.exchange.said import Said, SaidIdentifier, SaidPatient
from bedside.genome.observation import digest
from bedside.genome.person import Sex
from bedside.genome.reported import JsonPlace
from bedside.knowledge.laboratory_json import LaboratoryMapping, load_mappings
from bedside.service.house import House
from bedside.service.message_events import Reading
from bedside.service.receive_result import Kept
from bedside.store.encode import canonical

ACTOR = "laboratory-json"


def keep_laboratory_json(house: House, content: bytes) -> tuple[Kept, ...]:
    """Read a document and keep its bytes. Raises `IntakeError` with every place that keeps it from being one
    result of one person; then nothing is stored."""
    said, reading = said_by(content, load_mappings(house.settings.knowledge_folder))
    return (Kept(said, house.documents.put(content), ACTOR, lambda _: reading),)


def said_by(content: bytes, mappings: Sequence[LaboratoryMapping]) -> tuple[Said, Reading]:
    """Whose result a document brings, and what it says."""
    document = read_json(content)
    made = read_laboratory_json(document, mapping_of(document, mappings))
    return _said(document, made), _reading(made)


def _reading(made: LaboratoryResult) -> Reading:
    return Reading(
        calls=tuple(one.call for one in made.calls),
        placed=tuple(
            {
                "gene": one.call.gene,
                "diplotype": one.call.diplotype,
                "phenotype": one.call.phenotype,
                "from": [_place(one.place)],
                "mapping": made.mapping.name,
            }
            for one in made.calls
        ),
        findings=tuple(made.findings),
        unread=tuple(
            {
                "place": _place(one.place),
                "type": "JSON",
                "code": one.place.pointer.rpartition("/")[2][:80],
                "system": made.mapping.name,
                "why": one.why,
            }
            for one in made.unread
        ),
    )


def _place(place: JsonPlace) -> list[Any]:
    return [place.pointer, place.start, place.end]


def _said(document: Placed, made: LaboratoryResult) -> Said:
    mapping, said = made.mapping, made.said
    problems: list[Problem] = []
    reads = _Fields(mapping, said, problems)
    patient = SaidPatient(
        identifiers=tuple(
            dict.fromkeys(SaidIdentifier("".join(one.split()), whose) for one, whose in made.identifiers)
        ),
        family=said.get("family", ""),
        given=said.get("given", ""),
        birth_date=reads.day("birth_date"),
        sex=Sex(reads.word("sex") or Sex.UNKNOWN.value),
    )
    status = reads.word("status")
    if not status:
        reads.fail("status", "does not say whether it is final")
    filler = said.get("filler", "")
    if not filler:
        reads.fail("filler", "the laboratory's number of the result is missing")
    transport = frozenset(row.pointer for at in mapping.transport for row in rows(document.value, at))
    spoken = {"laboratory": mapping.laboratory, "said": plain(document.value, transport)}
    answer = Said(
        control_id=said.get("control_id", "") or filler,
        sender=mapping.laboratory,
        processing=reads.word("processing") or "P",
        patient=patient,
        placer=said.get("placer", ""),
        filler=filler,
        status=status,
        reported_at=reads.moment("reported_at"),
        collected_at=reads.moment("collected_at"),
        received_at=reads.moment("received_at"),
        content=digest(canonical(spoken)),
    )
    if problems:
        raise IntakeError(problems)
    return answer


class _Fields:
    """Fields of a document as what they mean; whatever is none of it becomes a problem."""

    def __init__(self, mapping: LaboratoryMapping, said: Mapping[str, str], problems: list[Problem]) -> None:
        self._mapping, self._said, self._problems = mapping, said, problems

    def fail(self, name: str, why: str) -> None:
        """One more reason not to read the document."""
        pointer = self._mapping.fields.get(name, name)
        problem = Problem(SOURCE, f"{pointer}: {why}", remedy="ask the laboratory, or correct its mapping")
        self._problems.append(problem)

    def word(self, name: str) -> str:
        """What a word means here; "" when none was said."""
        try:
            return word(self._mapping, name, self._said.get(name, ""))
        except Wrong as error:
            self.fail(name, str(error))
            return ""

    def moment(self, name: str) -> datetime | None:
        """A time, aware; without an offset it is taken as UTC."""
        text = self._said.get(name, "")
        if not text:
            return None
        try:
            if self._mapping.dates == "iso":
                found = datetime.fromisoformat(text)
            else:
                found = datetime.strptime(text, self._mapping.dates)
        except ValueError:
            self.fail(name, "is no time in the way the mapping says")
            return None
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

    def day(self, name: str) -> date | None:
        """A day."""
        found = self.moment(name)
        return None if found is None else found.date()
