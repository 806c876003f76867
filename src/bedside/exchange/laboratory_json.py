"""A laboratory's JSON read by its mapping: whose result it is, its calls and findings, each with the pointer
and bytes of the object it stands in, and every value that the mapping does not name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.exchange.json_places import SOURCE, Number, Placed
from bedside.exchange.laboratory_json_findings import PlacedCall, finding_of, word
from bedside.exchange.laboratory_json_values import Row, Wrong, leaf, rows
from bedside.genome.observation import OutsideCall
from bedside.genome.reported import JsonPlace, ReportedFinding
from bedside.knowledge.laboratory_json import CallsPlace, LaboratoryMapping

UNKNOWN_FIELD = "the laboratory's mapping does not name it"
NO_CALL = "the laboratory says that it made no call"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something said that was not read, and why."""

    place: JsonPlace
    why: str


@dataclass(slots=True)
class LaboratoryResult:
    """What a document says. said: the fields of the mapping, as text. identifiers: number and authority."""

    mapping: LaboratoryMapping
    said: dict[str, str] = field(default_factory=dict)
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    calls: list[PlacedCall] = field(default_factory=list)
    findings: list[ReportedFinding] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def mapping_of(document: Placed, mappings: Sequence[LaboratoryMapping]) -> LaboratoryMapping:
    """The one mapping that recognises a document by its content; raises `IntakeError` when none or several
    do."""
    fitting = [one for one in mappings if _recognises(one, document.value)]
    if not fitting:
        raise IntakeError.one(
            SOURCE,
            "/: no mapping at this site recognises this laboratory's JSON",
            remedy="add one under laboratory_json/ of the site's knowledge (docs/laboratory-json.md)",
        )
    if len(fitting) > 1:
        names = " and ".join(sorted(one.provenance.name for one in fitting))
        remedy = "make their [recognised] tell them apart; `bedside knowledge check` names such pairs"
        raise IntakeError.one(SOURCE, f"/: {names} both recognise it", remedy=remedy)
    return fitting[0]


def _recognises(mapping: LaboratoryMapping, value: Any) -> bool:
    return all(
        [one.value if isinstance(one.value, str) else str(one.value) for one in rows(value, pointer)]
        == [text]
        for pointer, text in mapping.recognised.items()
    )


def read_laboratory_json(document: Placed, mapping: LaboratoryMapping) -> LaboratoryResult:
    """Everything of a document; raises `IntakeError` with every place that keeps it from being read."""
    made = LaboratoryResult(mapping)
    problems = [
        Problem(SOURCE, f"{pointer}: is not there", remedy="the mapping is for another version of this JSON")
        for pointer in mapping.required
        if not any(True for _ in rows(document.value, pointer))
    ]
    claimed: set[str] = set()
    for name, pointer in mapping.fields.items():
        try:
            made.said[name] = leaf(Row("", "", document.value), pointer, claimed)
        except Wrong as error:
            problems.append(Problem(SOURCE, str(error)))
    for place in mapping.identifiers:
        for row in rows(document.value, place.each):
            try:
                value = leaf(row, place.value, claimed)
                authority = place.authority_is or leaf(row, place.authority, claimed)
            except Wrong as error:
                problems.append(Problem(SOURCE, str(error)))
                continue
            if value:
                made.identifiers.append((value, authority))
    if problems:
        raise IntakeError(problems[:50])
    _statements(document, made, claimed)
    for pointer in (*mapping.recognised, *mapping.transport, *mapping.ignored):
        claimed |= {row.pointer for row in rows(document.value, pointer)}
    made.unread += _unnamed(document, claimed)
    made.unread.sort(key=lambda one: one.place.start)
    return made


def _statements(document: Placed, made: LaboratoryResult, claimed: set[str]) -> None:
    mapping = made.mapping
    for call in mapping.calls:
        for row in rows(document.value, call.each):
            own: set[str] = set()
            try:
                made.calls.append(_call(document, row, call, mapping, own))
            except Wrong as error:
                made.unread.append(Unread(place_of(document, row), str(error)))
                own = {row.pointer}
            claimed |= own
    for place in mapping.findings:
        for row in rows(document.value, place.each):
            own = set()
            try:
                where = place_of(document, row)
                made.findings.append(finding_of(row, place, mapping, where, own))
            except Wrong as error:
                made.unread.append(Unread(place_of(document, row), str(error)))
                own = {row.pointer}
            claimed |= own


def _call(
    document: Placed, row: Row, place: CallsPlace, mapping: LaboratoryMapping, claimed: set[str]
) -> PlacedCall:
    for pointer, words in place.without_call.items():
        if leaf(row, pointer, claimed) in words:
            raise Wrong(NO_CALL)
    gene, genotype = leaf(row, place.gene, claimed), leaf(row, place.genotype, claimed)
    phenotype = word(mapping, "phenotype", leaf(row, place.phenotype, claimed))
    if not gene or not (genotype or phenotype):
        raise Wrong("it names no gene, or neither genotype nor phenotype")
    if genotype and not all(side.strip() for side in genotype.split("/")):
        raise Wrong("a side of its genotype is blank")
    return PlacedCall(OutsideCall(gene, genotype, phenotype), place_of(document, row))


def place_of(document: Placed, row: Row) -> JsonPlace:
    """Where a row stands: its own bytes, or those of the object or list around it."""
    value, pointer = row.value, row.pointer
    if isinstance(value, dict | list):
        return document.of(value)
    around = pointer.rpartition("/")[0]
    start, end = (
        next((start, end) for at, start, end in document.places.values() if at == around)
        if document.places
        else (0, 0)
    )
    return JsonPlace(pointer, start, end)


def _unnamed(document: Placed, claimed: set[str]) -> Iterator[Unread]:
    """Every value nobody named, as the largest object or list of which nothing was read."""
    near = {at for one in claimed for at in _above(one)}

    def walk(value: Any, pointer: str, around: tuple[int, int]) -> Iterator[Unread]:
        if pointer in claimed or value is None or value in ("", [], {}):
            return
        place = around
        if isinstance(value, dict | list):
            own = document.of(value)
            place = (own.start, own.end)
            if pointer in near or not pointer:
                members = value.items() if isinstance(value, dict) else enumerate(value)
                for name, one in members:
                    yield from walk(one, f"{pointer}/{_escaped(str(name))}", place)
                return
        yield Unread(JsonPlace(pointer, *place), UNKNOWN_FIELD)

    yield from walk(document.value, "", (0, 0))


def _above(pointer: str) -> Iterator[str]:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def plain(value: Any, without: frozenset[str], pointer: str = "") -> Any:
    """The document without some pointers, as plain values: what makes the same result the same."""
    if isinstance(value, Mapping):
        pairs = ((name, one, f"{pointer}/{_escaped(name)}") for name, one in value.items())
        return {name: plain(one, without, at) for name, one, at in pairs if at not in without}
    if isinstance(value, list):
        return [plain(one, without, f"{pointer}/{n}") for n, one in enumerate(value)]
    return {"number": value.text} if isinstance(value, Number) else value
