"""Writes down what happens to a specimen; one that is rejected or lost becomes a task to collect it again, in
the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import uuid4

from bedside.act.tasks import due_from
from bedside.errors import NotFound, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.order import Order
from bedside.genome.specimen import AGAIN, Moved, NotPossible, Specimen, Stage, Step, specimens, wanted
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.service.house import House
from bedside.service.order_test import order_named
from bedside.store.ledger import Overtaken, Unless

_REASONED = frozenset({Step.REJECT, Step.LOSE})


def specimens_of(house: House, person: str) -> Mapping[str, Specimen]:
    """Every specimen of a person, in the order labelled."""
    return specimens(house.ledger.events(person=person, kinds=(EventKind.SPECIMEN_MOVED,)))


def label_specimen(
    house: House, person: str, order: str, *, by: str, specimen: str = "", at: datetime | None = None
) -> Specimen:
    """Label a specimen for an open order; after one was rejected or lost, the next replaces it. Raises
    `RequestError` when one is on its way already or the order is over."""
    after = house.ledger.checkpoint().sequence
    held = order_named(house, person, order)
    if held.outcome.value != "open":
        raise RequestError.one("order", f"it is {held.outcome.value}; nothing is collected for it")
    mine = [one for one in specimens_of(house, person).values() if one.order == order]
    if not wanted(mine):
        raise RequestError.one("specimen", "one is on its way for this order already")
    replaces = mine[-1].specimen if mine else ""
    name = specimen or f"SP{uuid4().hex[:12].upper()}"
    if house.ledger.find(EventKind.SPECIMEN_MOVED, f"label:{name}") is not None:
        raise RequestError.one("specimen", "this number is on another specimen", remedy="print another label")
    payload = {"specimen": name, "order": order, "step": Step.LABEL.value, "replaces": replaces}
    new = NewEvent(EventKind.SPECIMEN_MOVED, by, at or house.clock(), person, payload, f"label:{name}")
    events = [new]
    if replaces:
        events.append(_recollected(house, person, replaces, by, at or house.clock()))
    try:
        house.ledger.append(events, unless=Unless(EventKind.SPECIMEN_MOVED, after))
    except Overtaken as error:
        raise RequestError.one("specimen", "another was moved meanwhile; label again") from error
    return specimens_of(house, person)[name]


def move_specimen(
    house: House,
    person: str,
    specimen: str,
    step: Step,
    *,
    by: str,
    reason: str = "",
    at: datetime | None = None,
) -> Specimen:
    """Take one step with a labelled specimen. Raises `NotFound`, or `RequestError` when the step cannot
    follow, a rejection has no reason, or somebody else took a step meanwhile."""
    held = specimens_of(house, person).get(specimen)
    if held is None:
        raise NotFound.one("specimen", "no specimen of this person has this number", remedy="label it first")
    if step in _REASONED and not reason.strip():
        raise RequestError.one("--why", "is blank", remedy="say why, so that it does not happen again")
    if step is Step.RESULT:
        raise RequestError.one("step", "a specimen is resulted by its result", remedy="accept the result")
    when = at or house.clock()
    try:
        after = held.then(Moved(step, when, by, reason))
    except NotPossible as error:
        raise RequestError.one("step", str(error)) from error
    events = [step_event(held, person, step, by, when, reason)]
    if after.stage in AGAIN:
        order = order_named(house, person, held.order).order
        events += _recollect(house, person, after, order, reason, when)
    written = house.ledger.append(events)[0]
    if written.payload["step"] != step.value or written.actor != by:
        raise RequestError.one("step", "somebody took a step with this specimen meanwhile; look again")
    return specimens_of(house, person)[specimen]


def step_event(held: Specimen, person: str, step: Step, by: str, at: datetime, reason: str = "") -> NewEvent:
    """The event of one step. Its key is the step's place in the custody, so that only one can be the next."""
    payload = {"specimen": held.specimen, "order": held.order, "step": step.value, "reason": reason}
    key = f"{held.order}/{held.specimen}:{len(held.custody)}"
    return NewEvent(EventKind.SPECIMEN_MOVED, by, at, person, payload, key)


def result_steps(
    mine: Mapping[str, Specimen],
    person: str,
    order: str,
    by: str,
    at: datetime,
    collected: datetime | None,
    received: datetime | None,
) -> tuple[NewEvent, ...]:
    """The steps that a result of an order implies for its specimen: those the message itself states, and that
    it is resulted. Raises `NotPossible` when no receipt is on record and the message states none."""
    on_its_way = [one for one in mine.values() if one.order == order and one.stage not in AGAIN]
    if not on_its_way:
        if any(one.order == order for one in mine.values()):
            raise NotPossible(Stage.REJECTED, Step.RESULT)
        return ()
    held = on_its_way[-1]
    stated = ((Step.COLLECT, collected), (Step.RECEIVE, received), (Step.RESULT, at))
    events = []
    for step, when in stated:
        done = any(moved.step is step for moved in held.custody) and step is not Step.RESULT
        if when is None or done:
            continue
        events.append(step_event(held, person, step, by, when))
        held = held.then(Moved(step, when, by))
    return tuple(events)


def _recollect(
    house: House, person: str, specimen: Specimen, order: Order, reason: str, now: datetime
) -> Iterator[NewEvent]:
    policy = load_ordering_policy(house.settings.knowledge_folder).recollect
    due = due_from(policy, now.date())
    assert specimen.stage is not None
    task = _task(policy.kind, specimen.specimen)
    payload = {
        "task": task,
        "kind": policy.kind,
        "summary": f"Collect again for {order.code.name}: the specimen was {specimen.stage.value} ({reason})",
        "owner": policy.owner,
        "due": due.due.isoformat(),
        "about": {
            "order": order.order,
            "specimen": specimen.specimen,
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    yield NewEvent(EventKind.TASK_OPENED, "bedside", now, person, payload, task)


def _recollected(house: House, person: str, replaced: str, by: str, now: datetime) -> NewEvent:
    policy = load_ordering_policy(house.settings.knowledge_folder).recollect
    task = _task(policy.kind, replaced)
    payload = {"task": task, "outcome": f"another specimen was labelled by {by}"}
    return NewEvent(EventKind.TASK_CLOSED, by, now, person, payload, f"closed:{task}")


def _task(kind: str, specimen: str) -> str:
    return f"{kind}:{specimen}"
