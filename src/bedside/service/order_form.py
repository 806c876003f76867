"""What a clinician sees before ordering: which tests there are and which fit, what the record knows already,
and everything the chart fills in with where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.errors import NotFound
from bedside.genome.code import Code, System
from bedside.genome.person import ItemStatus, Person
from bedside.knowledge.test_catalogue import FromChart, OrderableTest, Question, Standing, load_tests
from bedside.service.house import House
from bedside.service.order_test import catalogue_entry, fitting_reasons, prefill
from bedside.service.page_keys import page_key
from bedside.service.stored_answers import Before, look_before

ORIGINS: Mapping[FromChart, str] = {
    FromChart.BIRTH_DATE: "registration",
    FromChart.SEX: "registration",
    FromChart.ANCESTRY: "registration",
    FromChart.MEDICATIONS: "current medicines of the chart",
    FromChart.PROBLEMS: "problem list",
    FromChart.REASON: "problem list",
    FromChart.RELATIVES: "relatives on record",
    FromChart.EARLIER_TESTS: "results in the record",
    FromChart.ORDERER: "who is signed in",
    FromChart.ASKED: "asked",
}
"""Where each answer of the chart comes from, as the page says it."""


@dataclass(frozen=True, slots=True)
class TestChoice:
    """A test that can be ordered, and the active problems that are indications of it."""

    test: OrderableTest
    reasons: tuple[Code, ...]

    @property
    def fits(self) -> bool:
        """Whether a problem on the list is an indication; one that names none fits nobody in particular."""
        return bool(self.test.indications and self.reasons)


@dataclass(frozen=True, slots=True)
class FilledIn:
    """What the chart fills in: the laboratory's question, the answer, and where the answer stands."""

    text: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A stored result that answers, by its key in an address; genome: whether it is a stored genome that
    can be asked again."""

    key: str
    laboratory: str
    on: str
    genome: bool


@dataclass(frozen=True, slots=True)
class OrderForm:
    """One test on its way to be ordered. asked: the questions that the chart does not answer. unanswered:
    questions that may stay open. stored: where what is known already stands."""

    choice: TestChoice
    before: Before
    filled: tuple[FilledIn, ...]
    asked: tuple[Question, ...]
    unanswered: tuple[str, ...]
    stored: tuple[StoredAnswer, ...]
    open_orders: tuple[str, ...]
    standing: Standing | None

    @property
    def test(self) -> OrderableTest:
        """The test."""
        return self.choice.test


def test_choices(house: House, person: str) -> tuple[TestChoice, ...]:
    """Every test of the catalogue, those that fit the problem list first."""
    tests = load_tests(house.settings.knowledge_folder).values()
    choices = [TestChoice(test, fitting_reasons(house, person, test)) for test in tests]
    return tuple(sorted(choices, key=lambda one: (not one.fits, one.test.name)))


def order_form(house: House, person: str, test: str, orderer: str) -> OrderForm:
    """Everything about one test for one person, before it is ordered. Raises `NotFound`."""
    entry = catalogue_entry(house, test)
    known = house.ledger.person(person)
    if known is None:
        raise NotFound.one("person", "nobody of this id is registered", remedy="register the person first")
    reasons = fitting_reasons(house, person, entry)
    before = look_before(house, person, entry)
    answers = prefill(house, known, entry, reasons, orderer)
    return OrderForm(
        choice=TestChoice(entry, reasons),
        before=before,
        filled=(
            *_always(known),
            *(FilledIn(a.question.text, a.value, ORIGINS[a.question.source]) for a in answers if a.value),
        ),
        asked=tuple(a.question for a in answers if not a.value and a.question.required),
        unanswered=tuple(a.question.text for a in answers if not a.value and not a.question.required),
        stored=_stored(house, person, before),
        open_orders=tuple(page_key(number) for number in before.assessment.orders),
        standing=entry.standing(house.clock().date()),
    )


def active_problems(house: House, person: str) -> tuple[Code, ...]:
    """The active problems coded in ICD-10-CM, which is what a laboratory takes as a reason."""
    return tuple(
        one.condition
        for one in house.ledger.problems(person)
        if one.status is ItemStatus.ACTIVE and one.condition.system is System.ICD10CM
    )


def _always(known: Person) -> tuple[FilledIn, ...]:
    """What every order states of the person."""
    name = " ".join(filter(None, (known.given, known.family)))
    born = "" if known.birth_date is None else known.birth_date.isoformat()
    numbers = ", ".join(one.value for one in known.identifiers)
    stated = (("Name", name), ("Birth date", born), ("Sex", known.sex.value), ("Numbers", numbers))
    return tuple(FilledIn(text, value, ORIGINS[FromChart.SEX]) for text, value in stated if value)


def _stored(house: House, person: str, before: Before) -> tuple[StoredAnswer, ...]:
    wanted = set(before.assessment.from_results)
    genomes = {run.result for run in house.ledger.genome_runs(person) if run.erased is None}
    return tuple(
        StoredAnswer(
            page_key(one.result),
            one.laboratory or "a laboratory not named",
            one.valid_at.date().isoformat(),
            one.result in genomes,
        )
        for one in house.ledger.results(person)
        if one.result in wanted
    )
