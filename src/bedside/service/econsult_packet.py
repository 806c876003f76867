"""What of a person's record an eConsult may take along, row by row, and the packet that was chosen of it.

Nothing is chosen by itself. Who the person is stays at home unless the asker says that it is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap

from bedside.decide.moment import age_on
from bedside.errors import NotFound, Problem, RequestError
from bedside.genome.code import Code
from bedside.genome.consult import Packet, Section
from bedside.genome.person import ItemStatus, Person
from bedside.service.chart import Chart, GeneRow, Look
from bedside.service.disclose import shown_findings
from bedside.service.econsult_tumour import (
    MOLECULAR,
    OPTIONS,
    TYPE,
    molecular_rows,
    option_rows,
    tumour_packet,
    type_rows,
)
from bedside.service.house import House
from bedside.service.people import name_of
from bedside.service.rules import rules_of
from bedside.service.show_chart import show_chart

OLDEST_TOLD = 90
"""From this age on the packet without identity says only that."""

_REST = "Only what was chosen is listed. Nothing may be concluded of what is not."
_TITLES = {
    "genotypes": "Genotypes",
    "findings": "Hereditary findings",
    "medicines": "Medicines",
    "problems": "Problems",
    "tumour": "Tumour",
    "tumour-molecular": "Tumour: what was found and looked at",
    "tumour-options": "Tumour: options and resistance",
}


@dataclass(frozen=True, slots=True)
class OfferedRow:
    """One row that may be chosen; `key` names it in a form."""

    key: str
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """One section that may be chosen from."""

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[OfferedRow, ...]


def offered(house: House, person: str, *, identified: bool = False) -> tuple[Offered, ...]:
    """Everything of a person's record that may be chosen; raises `NotFound` when there is no record."""
    chart = show_chart(house, rules_of(house).ruleset, person, "")
    if chart is None:
        raise NotFound.one("person", "nobody of this id has a record", remedy="register the person first")
    tumour = tumour_packet(house, person)
    sections = (
        _section("genotypes", _GENOTYPES, _genotypes(chart, identified)),
        _section("findings", _FINDINGS, _findings(house, person)),
        _section("medicines", _CODED, _medicines(house, person, identified)),
        _section("problems", _CODED, _problems(house, person, identified)),
        _section("tumour", TYPE, starmap(OfferedRow, type_rows(tumour))),
        _section("tumour-molecular", MOLECULAR, starmap(OfferedRow, molecular_rows(tumour))),
        _section("tumour-options", OPTIONS, starmap(OfferedRow, option_rows(tumour))),
    )
    return tuple(one for one in sections if one.rows)


def packet_of(house: House, person: str, chosen: Collection[str], *, identified: bool) -> Packet:
    """The packet of the rows that were chosen. Raises `RequestError` for one that is not there."""
    parts = offered(house, person, identified=identified)
    unknown = sorted(set(chosen) - {row.key for part in parts for row in part.rows})
    if unknown:
        raise RequestError(
            Problem("packet", "a row is not in the record (any more)", remedy="choose again") for _ in unknown
        )
    known = house.ledger.person(person) or Person(person)
    sections = [_who(known, house.clock().date(), identified)]
    for part in parts:
        rows = tuple(row.cells for row in part.rows if row.key in chosen)
        if rows:
            sections.append(Section(part.kind, part.title, part.columns, rows, _REST))
    return Packet(identified, tuple(sections))


_GENOTYPES = (
    "Gene", "State", "Result", "Phenotype", "Limits", "Laboratory", "Seen on", "Knowledge release",
)  # fmt: skip
_FINDINGS = ("Gene", "Variants", "Disease", "Where it stands", "Knowledge release")
_CODED = ("What", "Code", "System", "Status", "Since")


def _section(kind: str, columns: tuple[str, ...], rows: Iterator[OfferedRow]) -> Offered:
    return Offered(kind, _TITLES[kind], columns, tuple(rows))


def _genotypes(chart: Chart, identified: bool) -> Iterator[OfferedRow]:
    for row in chart.genes:
        if row.look is not Look.NOT_TESTED:
            yield OfferedRow(f"genotypes:{row.gene}", row.gene, _gene(row, identified))


def _gene(row: GeneRow, identified: bool) -> tuple[str, ...]:
    limits = (*row.limits, *filter(None, (row.conflict,)), *row.missing[:6])
    return (
        row.gene,
        row.look.value,
        row.joint.join(row.results or row.partial),
        row.joint.join(row.phenotypes),
        "; ".join(limits),
        row.laboratory if identified else "",
        _day(row.seen_on, identified),
        row.release,
    )


def _findings(house: House, person: str) -> Iterator[OfferedRow]:
    for one in shown_findings(house, person):
        finding = one.finding
        cells = (finding.gene, "; ".join(finding.variants), finding.disease, one.state.name, finding.release)
        yield OfferedRow(f"findings:{finding.finding}", finding.gene, cells)


def _medicines(house: House, person: str, identified: bool) -> Iterator[OfferedRow]:
    for one in house.ledger.medications(person):
        if one.status is not ItemStatus.ENTERED_IN_ERROR:
            yield _coded("medicines", one.drug, one.status, _day(one.since, identified))


def _problems(house: House, person: str, identified: bool) -> Iterator[OfferedRow]:
    for one in house.ledger.problems(person):
        if one.status is not ItemStatus.ENTERED_IN_ERROR:
            yield _coded("problems", one.condition, one.status, _day(one.since, identified))


def _coded(section: str, code: Code, status: ItemStatus, since: str) -> OfferedRow:
    """The row of something coded in the chart."""
    cells = (code.display, code.code, code.system.value, status.value, since)
    return OfferedRow(f"{section}:{code.system.name}|{code.code}", code.display or code.code, cells)


def _day(day: date | None, identified: bool) -> str:
    """The day, or without identity only its year."""
    if day is None:
        return ""
    return day.isoformat() if identified else str(day.year)


def _who(person: Person, day: date, identified: bool) -> Section:
    sex = person.sex.value
    if identified:
        numbers = "; ".join(f"{one.value} ({one.system})" for one in person.identifiers)
        born = "" if person.birth_date is None else person.birth_date.isoformat()
        columns = ("Name", "Numbers", "Born", "Sex", "Ancestry")
        return Section(
            "person", "The person", columns, ((name_of(person), numbers, born, sex, person.ancestry),)
        )
    note = "Name, numbers, birth date and days were left out. Genetic data can still point to a person."
    return Section("person", "The person", ("Age", "Sex"), ((_age(person, day), sex),), note)


def _age(person: Person, day: date) -> str:
    if person.birth_date is None or person.birth_date > day:
        return "not recorded"
    age = age_on(person.birth_date, day)
    return f"{OLDEST_TOLD} or older" if age >= OLDEST_TOLD else str(age)


def names_somebody(person: Person, texts: Sequence[str]) -> tuple[str, ...]:
    """What in free text says who the person is: `name`, `number`, `birth date`. Names shorter than three
    letters are not looked for."""
    said = " ".join(texts).casefold()
    words = set("".join(one if one.isalnum() else " " for one in said).split())
    names = [part.casefold() for part in (*person.given.split(), *person.family.split()) if len(part) > 2]
    found = ["name"] if any(name in words or ("-" in name and name in said) for name in names) else []
    numbers = [person.person, *(one.value for one in person.identifiers)]
    if any(len(number) > 2 and number.casefold() in said for number in numbers):
        found.append("number")
    born = person.birth_date
    if born is not None:
        ways = (
            born.isoformat(),
            f"{born:%d.%m.%Y}",
            f"{born:%d/%m/%Y}",
            f"{born:%m/%d/%Y}",
            f"{born:%Y%m%d}",
        )
        if any(way in said for way in ways):
            found.append("birth date")
    return tuple(found)
