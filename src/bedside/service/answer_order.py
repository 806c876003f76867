"""Writes down what a laboratory answers to an order: taken, or not and why. What is not taken is a task of
the ordering clinician; the order stays open until somebody takes it back or the laboratory takes it.
"""

from __future__ import annotations

from bedside.act.orders import Outcome
from bedside.act.tasks import due_from
from bedside.errors import IntakeError
from bedside.exchange.hl7v2_text import Message
from bedside.exchange.order_answer import OrderAnswer, read_order_answer
from bedside.exchange.said import SaidIdentifier
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.service.house import House
from bedside.service.match_person import owners
from bedside.service.order_test import order_named

ACTOR = "hl7v2"


def answer_order(house: House, message: Message, content: bytes) -> bool:
    """Take a laboratory's answer; whether it is new. On disk when this returns. Raises `IntakeError` when it
    is no answer to an order of ours, `StoreError` when the store fails."""
    said = read_order_answer(message)
    placed = house.ledger.find(EventKind.ORDER_PLACED, said.order)
    if placed is None or placed.person is None:
        raise IntakeError.one("message", "answers no order of ours", remedy="name our number in ORC-2")
    person = placed.person
    named = {one for number, by in said.numbers for one in owners(house, SaidIdentifier(number, by, ""))}
    if named - {person}:
        raise IntakeError.one("message", "the order is somebody else's than its numbers say")
    document = house.documents.put(content)
    if house.ledger.find(EventKind.ORDER_ANSWERED, document) is not None:
        return False
    now = house.clock()
    payload = {
        "order": said.order,
        "accepted": said.accepted,
        "reason": said.reason,
        "laboratory": said.laboratory,
        "filler": said.filler,
        "document": document,
    }
    events = [NewEvent(EventKind.ORDER_ANSWERED, ACTOR, now, person, payload, document)]
    if order_named(house, person, said.order).outcome is Outcome.OPEN:
        events += _tasks(house, person, said, document)
    house.ledger.append(events)
    return True


def _tasks(house: House, person: str, said: OrderAnswer, document: str) -> list[NewEvent]:
    """The task that a refusal opens, or the end of those that an acceptance settles."""
    policy, now = load_ordering_policy(house.settings.knowledge_folder).refused, house.clock()
    mine = [
        task
        for task in house.ledger.tasks(person)
        if task.kind == policy.kind and task.about.get("order") == said.order
    ]
    if said.accepted:
        done = "the laboratory takes the order after all"
        return [
            NewEvent(
                EventKind.TASK_CLOSED,
                ACTOR,
                now,
                person,
                {"task": one.task, "outcome": done},
                f"closed:{one.task}",
            )
            for one in mine
        ]
    if mine:
        return []
    due = due_from(policy, now.date())
    task = f"{policy.kind}:{document}"
    why = said.reason or "it gives no reason"
    payload = {
        "task": task,
        "kind": policy.kind,
        "summary": f"The laboratory does not take the order: {why[:200]}",
        "owner": policy.owner,
        "due": due.due.isoformat(),
        "about": {
            "order": said.order,
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    return [NewEvent(EventKind.TASK_OPENED, "bedside", now, person, payload, task)]
