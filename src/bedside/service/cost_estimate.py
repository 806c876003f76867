"""What an ordered test may cost the person: estimated, written down, and a task where help is due.

The estimate, and the task it opens or ends, are one act.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bedside.act.tasks import due_from
from bedside.decide.out_of_pocket import estimate
from bedside.errors import RequestError
from bedside.genome.cost import CostEstimate, ListPrice, PlanTerms, estimate_of, plain_estimate, plain_terms
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.task import Task
from bedside.knowledge.cost_policy import AssistancePolicy, UnitCosts, load_assistance, load_unit_costs
from bedside.service.ask_coverage import coverage_of
from bedside.service.house import House
from bedside.service.stored_answers import orders_of
from bedside.store.ledger import Overtaken, Unless

_AGAIN = 5


@dataclass(frozen=True, slots=True)
class StoredEstimate:
    """An estimate as written down: when, by whom, and its place in the ledger."""

    estimate: CostEstimate
    at: datetime
    by: str
    sequence: int
    terms: dict[str, object] | None
    price: dict[str, object] | None


def estimate_cost(house: House, person: str, order: str, terms: PlanTerms | None, *, by: str) -> CostEstimate:
    """Estimate an order's cost for its person and write it down, with the task that follows. Raises
    `RequestError` where the order is not there or price and terms are of two currencies."""
    root = house.settings.knowledge_folder
    for _ in range(_AGAIN):
        after = house.ledger.checkpoint().sequence
        held = orders_of(house, person).get(order)
        if held is None:
            raise RequestError.one("order", "this person has no such order")
        costs, policy = load_unit_costs(root), load_assistance(root)
        found = worked_out(house, person, order, held.order.test, terms, costs)
        now = house.clock()
        payload = {
            "order": order,
            "estimate": plain_estimate(found),
            "terms": None if terms is None else plain_terms(terms),
            "price": _price(costs.tests.get(held.order.test)),
            "costs": costs.provenance.sha256,
            "policy": policy.provenance.sha256,
        }
        earlier = len(estimates_of(house, person, order))
        events = [
            NewEvent(EventKind.COST_ESTIMATED, by, now, person, payload),
            *_duty(house, person, found, policy, earlier, now),
        ]
        try:
            house.ledger.append(
                events, unless=Unless(EventKind.COST_ESTIMATED, after, (EventKind.COVERAGE_ANSWERED,))
            )
        except Overtaken:
            continue
        return found
    raise RequestError.one("order", "others are estimated meanwhile", remedy="do it again")


def worked_out(
    house: House, person: str, order: str, test: str, terms: PlanTerms | None, costs: UnitCosts
) -> CostEstimate:
    """The estimate, not written. An answer of the payer's policies that has run out counts as none."""
    today = house.clock().date()
    answers = [
        one.answer
        for one in coverage_of(house, person, order)
        if one.answer.until is None or one.answer.until >= today
    ]
    try:
        return estimate(order, costs.tests.get(test), terms, answers[-1] if answers else None)
    except ValueError as error:
        raise RequestError.one("terms", str(error), remedy="give both in one currency") from error


def estimates_of(house: House, person: str, order: str = "") -> tuple[StoredEstimate, ...]:
    """Every estimate of a person's orders, or of one, the newest last."""
    events = house.ledger.events(person=person, kinds=(EventKind.COST_ESTIMATED,))
    return tuple(_stored(one) for one in events if not order or one.payload["order"] == order)


def _stored(event: Event) -> StoredEstimate:
    return StoredEstimate(
        estimate_of(event.payload["estimate"]),
        event.valid_at,
        event.actor,
        event.sequence,
        event.payload.get("terms"),
        event.payload.get("price"),
    )


def needs_help(found: CostEstimate, policy: AssistancePolicy) -> bool:
    """Whether help is due: by the upper end, in the policy's currency; without a price, always."""
    if found.pays is None or found.currency != policy.currency:
        return True
    return found.pays.high >= policy.from_amount


def _duty(
    house: House, person: str, found: CostEstimate, policy: AssistancePolicy, earlier: int, now: datetime
) -> Iterator[NewEvent]:
    mine = [one for one in house.ledger.tasks(person) if _is_mine(one, policy, found.order)]
    if needs_help(found, policy):
        if not mine:
            yield _opened(person, found, policy, earlier, now)
        return
    for one in mine:
        payload = {"task": one.task, "outcome": "the estimate is now below the site's amount"}
        yield NewEvent(EventKind.TASK_CLOSED, "bedside", now, person, payload, f"closed:{one.task}")


def _is_mine(one: Task, policy: AssistancePolicy, order: str) -> bool:
    return one.open and one.kind == policy.task.kind and one.about.get("order") == order


def _opened(
    person: str, found: CostEstimate, policy: AssistancePolicy, earlier: int, now: datetime
) -> NewEvent:
    due = due_from(policy.task, now.date())
    task = f"{policy.task.kind}:{found.order}:{earlier}"
    words = policy.words["no_price"] if found.pays is None else policy.words["assistance"]
    payload = {
        "task": task,
        "kind": policy.task.kind,
        "summary": words,
        "owner": policy.task.owner,
        "due": due.due.isoformat(),
        "about": {
            "order": found.order,
            "pays": None if found.pays is None else [found.pays.low, found.pays.high],
            "currency": found.currency,
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.task.escalate_to,
        },
    }
    return NewEvent(EventKind.TASK_OPENED, "bedside", now, person, payload, task)


def _price(one: ListPrice | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "test": one.test,
        "low": one.amount.low,
        "high": one.amount.high,
        "currency": one.currency,
        "as_of": one.as_of.isoformat(),
        "source": one.source,
    }


def estimate_words(found: CostEstimate) -> str:
    """The estimate in one sentence."""
    if found.pays is None:
        return "What the person will pay is not known: nobody has a price for this test."
    low, high = f"{found.pays.low:,.0f}", f"{found.pays.high:,.0f} {found.currency}"
    if found.pays.low == found.pays.high:
        return f"The person may have to pay {high}."
    return f"The person may have to pay {low} to {high}."
