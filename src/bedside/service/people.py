"""The list of people: search by name or number, filter by a gene's phenotype or a current drug, page by
page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bedside.genome.diplotype import allele_order
from bedside.genome.person import ItemStatus, Person
from bedside.genome.record import PersonState
from bedside.genome.task import Task
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.ruleset import Ruleset
from bedside.service.chart import TaskLine, Verdict
from bedside.service.chart_medicines import medicine_lines
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.house import House
from bedside.service.record_ids import RecordIds
from bedside.service.register_person import drug_codes, people_with

PAGE_SIZE = 25
MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the list: who, and which current medicines the genome says to act on."""

    record_id: str
    name: str
    identifier: str
    born: str = ""
    medicines: tuple[str, ...] = ()
    to_act_on: tuple[str, ...] = ()
    tested_on: date | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for; empty means anything. Sent by POST, so that it never stands in an address or a
    log.
    """

    text: str = ""
    gene: str = ""
    phenotype: str = ""
    drug: str = ""
    page: int = 1

    @property
    def empty(self) -> bool:
        """Whether everybody is asked for."""
        return not (self.text or self.gene or self.phenotype or self.drug)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by: genes, phenotypes and drugs of the release."""

    genes: tuple[str, ...]
    phenotypes: tuple[str, ...]
    drugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the list, how many were found, and how many there are. `problem` says why a search was
    not made.
    """

    search: Search
    choices: Choices
    lines: tuple[PersonLine, ...]
    found: int
    everybody: int
    problem: str = ""

    @property
    def pages(self) -> int:
        """How many pages were found, at least one."""
        return max(1, -(-self.found // PAGE_SIZE))

    @property
    def first(self) -> int:
        """The number of the first person shown, counted from 1; 0 when nobody is."""
        return (self.search.page - 1) * PAGE_SIZE + 1 if self.lines else 0

    @property
    def last(self) -> int:
        """The number of the last person shown."""
        return (self.search.page - 1) * PAGE_SIZE + len(self.lines)


def choices(pack: PgxPack) -> Choices:
    """What the release lets one filter by."""
    return Choices(
        genes=tuple(sorted(pack.genes, key=allele_order)),
        phenotypes=tuple(
            sorted({rule.phenotype for gene in pack.genes.values() for rule in gene.rules if rule.phenotype})
        ),
        drugs=tuple(sorted(pack.guidance, key=str.casefold)),
    )


def find_people(
    house: House, rules: Ruleset, ids: RecordIds | None, search: Search, only: frozenset[str] | None = None
) -> PeoplePage:
    """The page of the people who fit. A page beyond the last is the last. only: the records the asker may
    open.
    """
    ledger = house.ledger
    everybody = ledger.count_people() if only is None else len(only)
    page = PeoplePage(search, choices(rules.pgx), (), 0, everybody)
    if bool(search.gene) != bool(search.phenotype):
        return replace(page, problem="Choose a gene and a phenotype together.")
    if ids is None:
        return page
    wanted = _wanted(house, search, only)
    fitting: tuple[Person, ...] = ()
    if wanted is not None:
        fitting = tuple(
            p for p in ledger.people(search.text, limit=max(1, ledger.count_people())) if p.person in wanted
        )
    page = replace(page, found=ledger.count_people(search.text) if wanted is None else len(fitting))
    asked = replace(search, page=min(max(1, search.page), page.pages))
    start = (asked.page - 1) * PAGE_SIZE
    shown = fitting[start : start + PAGE_SIZE]
    if wanted is None:
        shown = ledger.people(search.text, limit=PAGE_SIZE, offset=start)
    return replace(page, search=asked, lines=tuple(_line(house, rules, ids, person) for person in shown))


def _wanted(house: House, search: Search, only: frozenset[str] | None) -> frozenset[str] | None:
    """The people that filters and grants leave; None when neither says anything."""
    found: frozenset[str] | None = None
    if search.gene:
        found = frozenset(people_with(house, search.gene, search.phenotype, search.drug))
    elif search.drug:
        found = house.ledger.people_on(drug_codes(house, search.drug))
    return found if only is None else only if found is None else found & only


def _line(house: House, rules: Ruleset, ids: RecordIds, person: Person) -> PersonLine:
    taken = tuple(m for m in house.ledger.medications(person.person) if m.status is ItemStatus.ACTIVE)
    calls = house.ledger.person_calls(person.person)
    lines = medicine_lines(rules, calls, PersonState(person, taken), house.clock().date())
    results = [result for result in house.ledger.results(person.person) if not result.withdrawn]
    numbers = [identifier.value for identifier in person.identifiers] or [person.person]
    return PersonLine(
        record_id=ids.of(person.person),
        name=name_of(person),
        identifier=numbers[0],
        born="" if person.birth_date is None else person.birth_date.isoformat(),
        medicines=tuple(line.name for line in lines),
        to_act_on=tuple(line.name for line in lines if line.verdict is Verdict.ACT),
        tested_on=max((result.valid_at.date() for result in results), default=None),
    )


def name_of(person: Person) -> str:
    """Given and family name, "" when neither is known."""
    return " ".join(part for part in (person.given, person.family) if part)


def open_tasks(
    house: House, ids: RecordIds | None, only: frozenset[str] | None = None
) -> tuple[tuple[TaskLine, ...], int]:
    """The open tasks of everybody, due first at the front, and how many there are in all."""
    tasks = [task for task in house.ledger.tasks() if only is None or task.person in only]
    if ids is None:
        return (), 0
    lines = []
    for task in _sayable(house, tasks[:MOST_TASKS]):
        person = house.ledger.person(task.person)
        name = "" if person is None else name_of(person)
        lines.append(
            TaskLine(
                task.task, task.summary, None, task.owner, task.due, ids.of(task.person), name or task.person
            )
        )
    return tuple(lines), len(tasks)


def _sayable(house: House, tasks: Sequence[Task]) -> Iterator[Task]:
    """The tasks in their order, without the words of findings that may not be shown yet."""
    by_person: dict[str, list[Task]] = {}
    for task in tasks:
        by_person.setdefault(task.person, []).append(task)
    said = {
        task.task: task
        for person, several in by_person.items()
        for task in chart_tasks(house, person, several)
    }
    return (said[task.task] for task in tasks)
