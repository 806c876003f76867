"""Orders a genetic test: at most three decisions, everything else from the chart, and not without looking at
what is stored already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from bedside.act.orders import HeldOrder, Outcome
from bedside.decide.moment import age_on
from bedside.errors import NotFound, Problem, RequestError, StoreError
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.order import AskedAnswer, Order, Priority, Subject, order_of, plain_order
from bedside.genome.person import ItemStatus, Person, Sex
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.knowledge.test_catalogue import FromChart, OrderableTest, Question, load_tests
from bedside.service.house import House
from bedside.service.stored_answers import Before, look_before, orders_of
from bedside.store.ledger import Overtaken, Unless

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another chart says of the person, used only where the record says nothing. told: by where it would
    stand in ours. answers: by question. problems: by which a reason is found where ours give none."""

    told: Mapping[FromChart, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a clinician says of an order. reason: an ICD-10-CM code, "" to take what fits from the problem
    list. answers: to the questions the chart does not answer. despite: why, although the record advises
    against it. form: a random word of the form it was filled in on; the same form sent again is the same
    order, "" where every wish is an order of its own. elsewhere: what the EHR's own chart says."""

    test: str
    orderer: str
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    priority: Priority = Priority.ROUTINE
    despite: str = ""
    form: str = ""
    elsewhere: Elsewhere = Elsewhere()

    @property
    def content(self) -> str:
        """The digest of what is wished, to tell a form sent twice from a form changed and sent again."""
        said = (self.test, self.reason, sorted(self.answers.items()), self.priority.value, self.despite)
        return digest(repr(said).encode())


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A question with the chart's answer; `value` is "" when the chart has none and somebody must be
    asked. source: `chart`, or `fhir` where the EHR's chart answers."""

    question: Question
    value: str
    source: str = "chart"


@dataclass(frozen=True, slots=True)
class Placed:
    """An order in the record, and what was known when it was placed."""

    order: Order
    before: Before


def catalogue_entry(house: House, test: str) -> OrderableTest:
    """The test of this id; raises `NotFound` with those there are."""
    tests = load_tests(house.settings.knowledge_folder)
    if test not in tests:
        raise NotFound.one("--test", "no test of the catalogue", remedy=f"known: {', '.join(tests)}")
    return tests[test]


def prefill(
    house: House,
    person: Person,
    test: OrderableTest,
    reasons: Sequence[Code],
    orderer: str,
    elsewhere: Elsewhere | None = None,
) -> tuple[Prefilled, ...]:
    """Every question of the test with what the chart says, else what another chart does."""
    told, other = dict(_chart(house, person, reasons, orderer)), elsewhere or Elsewhere()

    def filled(one: Question) -> Prefilled:
        ours = told.get(one.source, "")
        theirs = other.answers.get(one.question, "") or other.told.get(one.source, "")
        return Prefilled(one, ours) if ours or not theirs else Prefilled(one, theirs, "fhir")

    return tuple(filled(one) for one in test.questions)


def fitting_reasons(house: House, person: str, test: OrderableTest) -> tuple[Code, ...]:
    """The active ICD-10-CM problems that are indications of the test."""
    problems = [
        one.condition
        for one in house.ledger.problems(person)
        if one.status is ItemStatus.ACTIVE and one.condition.system is System.ICD10CM
    ]
    fitting = set(test.fits([one.code for one in problems]))
    return tuple(one for one in problems if one.code in fitting)


def order_test(house: House, person: str, wish: Wish) -> Placed:
    """Place an order. Raises `RequestError` with everything that is missing or speaks against it; then
    nothing is stored. Of two people who order at the same moment the second is told."""
    for _ in range(_TRIES):
        try:
            return _place(house, person, wish)
        except Overtaken:
            continue  # somebody ordered meanwhile; look again, for it may have been the same test
    raise StoreError("orders keep being placed meanwhile; order again")


def _place(house: House, person: str, wish: Wish) -> Placed:
    after = house.ledger.checkpoint().sequence
    test = catalogue_entry(house, wish.test)
    known = house.ledger.person(person)
    if known is None:
        raise NotFound.one("person", "nobody of this id is registered", remedy="register the person first")
    before = look_before(house, person, test)
    again = _sent_again(house, person, wish)
    if again is not None:
        return Placed(again, before)
    order, problems = _order(house, known, test, wish)
    if not before.assessment.advice.go_ahead and not wish.despite.strip():
        problems.append(
            Problem(
                "--test",
                f"{before.assessment.advice.value}: {before.assessment.why}",
                remedy="say why to order it all the same (--despite)",
            )
        )
    if problems:
        raise RequestError(problems)
    advised = before.assessment
    payload = {
        "order": plain_order(order),
        "digest": order.digest,
        "catalogue": test.provenance.sha256,
        "advice": advised.advice.value,
        "gaps": [[gap.gene, [one.value for one in gap.aspects], gap.why] for gap in advised.gaps],
        "wish": wish.content,
    }
    house.ledger.append(
        [NewEvent(EventKind.ORDER_PLACED, wish.orderer, order.placed_at, person, payload, order.order)],
        unless=Unless(EventKind.ORDER_PLACED, after),
    )
    return Placed(order, before)


def cancel_order(house: House, person: str, order: str, *, by: str, reason: str) -> None:
    """Take an open order back; nobody has to collect for it any more. Raises `NotFound`, or `RequestError`
    when it is over or no reason is given."""
    held = order_named(house, person, order)
    if held.outcome is not Outcome.OPEN:
        raise RequestError.one("order", f"it is {held.outcome.value} already")
    if not reason.strip():
        raise RequestError.one("reason", "is blank", remedy="say why the order is taken back")
    now = house.clock()
    payload = {"order": order, "outcome": Outcome.CANCELLED.value, "reason": reason}
    events = [NewEvent(EventKind.ORDER_ENDED, by, now, person, payload, f"cancelled:{order}")]
    policy = load_ordering_policy(house.settings.knowledge_folder)
    for task in house.ledger.tasks(person):
        if task.kind in (policy.recollect.kind, policy.refused.kind) and task.about.get("order") == order:
            said = {"task": task.task, "outcome": f"the order was cancelled by {by}"}
            events.append(NewEvent(EventKind.TASK_CLOSED, by, now, person, said, f"closed:{task.task}"))
    house.ledger.append(events)


def order_named(house: House, person: str, order: str) -> HeldOrder:
    """An order of a person; raises `NotFound`."""
    held = orders_of(house, person).get(order)
    if held is None:
        raise NotFound.one("order", "no order of this person has this number")
    return held


def _order(house: House, person: Person, test: OrderableTest, wish: Wish) -> tuple[Order, list[Problem]]:
    problems: list[Problem] = []
    reasons = fitting_reasons(house, person.person, test)
    if not reasons:
        fitting = test.fits([one.code for one in wish.elsewhere.problems])
        reasons = tuple(one for one in wish.elsewhere.problems if one.code in fitting)
    if wish.reason:
        named = {one.condition.code: one.condition for one in house.ledger.problems(person.person)}
        reasons = (named.get(wish.reason, Code(System.ICD10CM, wish.reason)),)
        if not test.fits([wish.reason]):
            problems.append(
                Problem(
                    "--reason", "is no indication of this test", remedy=f"fits: {', '.join(test.indications)}"
                )
            )
    elif test.indications and not reasons:
        problems.append(
            Problem(
                "--reason", "no problem on the list is an indication of this test", remedy="give --reason"
            )
        )
    if not wish.orderer.strip():
        problems.append(Problem("--by", "is blank", remedy="say who orders"))
    answers = tuple(_answers(house, person, test, reasons, wish, problems))
    order = Order(
        order=_number(person.person, wish),
        subject=Subject(
            person.person, person.family, person.given, person.birth_date, person.sex, person.identifiers
        ),
        test=test.test,
        code=test.code,
        laboratory=test.laboratory,
        reasons=reasons,
        specimen=test.specimen,
        orderer=wish.orderer,
        placed_at=_second(house.clock()),
        answers=answers,
        priority=wish.priority,
        despite=wish.despite.strip(),
    )
    for name, blank in (("birth date", person.birth_date is None), ("family name", not person.family)):
        if blank:
            problems.append(
                Problem("person", f"the chart has no {name}", remedy="register it; a result is matched by it")
            )
    return order, problems


def _number(person: str, wish: Wish) -> str:
    """Our number of an order: random, or the one that this form makes of this person."""
    random = digest(f"{person}\0{wish.form}".encode()) if wish.form else uuid4().hex
    return f"BS{random[:14].upper()}"


def _sent_again(house: House, person: str, wish: Wish) -> Order | None:
    """The order that this form placed before; raises `RequestError` when the form says something else now."""
    if not wish.form:
        return None
    held = house.ledger.find(EventKind.ORDER_PLACED, _number(person, wish))
    if held is None:
        return None
    if held.payload.get("wish") != wish.content:
        raise RequestError.one(
            "form", "this form placed an order already, with other answers", remedy="begin a new order"
        )
    return order_of(held.payload["order"])


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _answers(
    house: House,
    person: Person,
    test: OrderableTest,
    reasons: Sequence[Code],
    wish: Wish,
    problems: list[Problem],
) -> Iterator[AskedAnswer]:
    given = dict(wish.answers)
    for one in prefill(house, person, test, reasons, wish.orderer, wish.elsewhere):
        asked = one.question
        value = given.pop(asked.question, "").strip()
        source = "clinician" if value else one.source
        value = value or one.value
        if asked.choices and value and value not in asked.choices:
            problems.append(
                Problem(
                    f"--answer {asked.question}", "is none of the choices", remedy=", ".join(asked.choices)
                )
            )
        elif value:
            yield AskedAnswer(asked.question, asked.text, value, source)
        elif asked.required:
            remedy = f"--answer {asked.question}=" + ("|".join(asked.choices) or "TEXT")
            problems.append(Problem("order", f"the laboratory asks: {asked.text}", remedy=remedy))
    problems += [Problem(f"--answer {name}", "the laboratory does not ask this") for name in given]


def _chart(
    house: House, person: Person, reasons: Sequence[Code], orderer: str
) -> Iterator[tuple[FromChart, str]]:
    """What the chart answers; sources it cannot answer are left out."""
    today = house.clock().date()
    if person.birth_date is not None:
        yield FromChart.BIRTH_DATE, _born(person.birth_date, today)
    if person.sex is not Sex.UNKNOWN:
        yield FromChart.SEX, person.sex.value
    yield FromChart.ANCESTRY, person.ancestry
    drugs = [one.drug for one in house.ledger.medications(person.person) if one.status is ItemStatus.ACTIVE]
    yield FromChart.MEDICATIONS, _listed(drugs)
    problems = [
        one.condition for one in house.ledger.problems(person.person) if one.status is ItemStatus.ACTIVE
    ]
    yield FromChart.PROBLEMS, _listed(problems)
    yield FromChart.REASON, _listed(reasons)
    yield FromChart.ORDERER, orderer
    results = [one for one in house.ledger.results(person.person) if not one.withdrawn]
    earlier = [f"{one.valid_at.date().isoformat()} {one.laboratory}".strip() for one in results]
    yield FromChart.EARLIER_TESTS, "; ".join(earlier)
    relatives = house.ledger.events(person=person.person, kinds=(EventKind.RELATIVE_RECORDED,))
    relations = sorted({event.payload["relative"]: event.payload["relation"] for event in relatives}.values())
    yield FromChart.RELATIVES, ", ".join(relations)


def _born(born: date, today: date) -> str:
    return f"{born.isoformat()} ({age_on(born, today)} years)" if born <= today else born.isoformat()


def _listed(codes: Sequence[Code]) -> str:
    return "; ".join(f"{one.display} ({one.code})" if one.display else one.code for one in codes)
