"""The inbox of results: whose each is to read, what it says in short, what it asks for, and the word of the
person who read it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

from bedside.act.inbox import KINDS, How, Inbox, Item, Standing, inbox
from bedside.errors import NotFound, Problem, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.order import Order, order_of
from bedside.genome.task import Task
from bedside.interpret.gene_call import CallStatus
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds
from bedside.store.sql_ledger import SqlLedger

MOST_LINES = 100
SAYABLE = frozenset({Standing.FINAL, Standing.AMENDED, Standing.PRELIMINARY, Standing.WITHDRAWN})
"""Standings whose genes are named; of what nobody confirmed nothing is said."""


@dataclass(frozen=True, slots=True)
class InboxAsked:
    """What of the inbox is asked for: one reader's, one standing, also what has ended."""

    whose: str = ""
    standing: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One result of the inbox. reader: the clinician who ordered it, else the role that reads what nobody
    ordered. answered: genes with an answer and its meaning; unanswered: genes looked at without one.
    tasks: open tasks that it led to."""

    item: Item
    key: str
    record_id: str
    name: str
    reader: str
    test: str
    order_key: str
    answered: tuple[tuple[str, str], ...]
    unanswered: tuple[str, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The inbox, what was taken back or amended first, then the oldest; total: how many fit, of which the
    first are shown. waiting: how many wait in all."""

    asked: InboxAsked
    lines: tuple[InboxLine, ...]
    total: int
    waiting: int
    readers: tuple[str, ...]
    standings: tuple[Standing, ...]


def items_of(house: House, person: str | None = None) -> Mapping[str, Item]:
    """The results of a person, or of everybody, as they stand in the inbox. Everybody's are kept in memory,
    and only what was written since is read."""
    if person is not None:
        return inbox(house.ledger.events(person=person, kinds=KINDS))
    with _LOCK:
        kept = _KEPT.setdefault(house.ledger, _Kept())
        try:
            last = kept.inbox.take(house.ledger.events(kinds=KINDS, after=kept.after))
        except BaseException:
            del _KEPT[house.ledger]  # some of it was taken and some was not: begin again
            raise
        kept.after = max(kept.after, last)
        return dict(kept.inbox.items)


@dataclass(slots=True)
class _Kept:
    """The inbox of a ledger, as far as it was read."""

    inbox: Inbox = field(default_factory=Inbox)
    after: int = 0


_KEPT: WeakKeyDictionary[SqlLedger, _Kept] = WeakKeyDictionary()
_LOCK = Lock()


def results_inbox(
    house: House, ids: RecordIds | None, asked: InboxAsked, only: frozenset[str] | None = None
) -> InboxPage:
    """The inbox; only: the records the asker may open."""
    role = load_ordering_policy(house.settings.knowledge_folder).moves["read"]
    placed = _placed(house)
    every = [one for one in items_of(house).values() if only is None or one.person in only]
    readers = {one.item: _reader(one, placed, role) for one in every}
    fitting = [
        one
        for one in every
        if (asked.ended or one.waits)
        and (not asked.whose or readers[one.item] == asked.whose)
        and (not asked.standing or one.standing.value == asked.standing)
    ]
    fitting.sort(key=_need)
    lines: tuple[InboxLine, ...] = ()
    if ids is not None:
        lines = tuple(inbox_line(house, ids, one, placed, role) for one in fitting[:MOST_LINES])
    waiting = [one for one in every if one.waits]
    return InboxPage(
        asked,
        lines,
        len(fitting),
        len(waiting),
        tuple(sorted({readers[one.item] for one in every})),
        tuple(Standing),
    )


def inbox_line(house: House, ids: RecordIds, item: Item, placed: Mapping[str, Order], role: str) -> InboxLine:
    """An item with what it says in short."""
    known = house.ledger.person(item.person)
    order = placed.get(item.order)
    answered, unanswered = _genes(house, item)
    return InboxLine(
        item,
        page_key(item.item),
        ids.of(item.person),
        ("" if known is None else name_of(known)) or item.person,
        _reader(item, placed, role),
        "" if order is None else order.code.name,
        page_key(item.order) if item.order else "",
        answered,
        unanswered,
        _tasks(house, item, {gene for gene, _ in answered}),
    )


def results_of(house: House, ids: RecordIds, person: str) -> tuple[InboxLine, ...]:
    """Every result of a person as a line of the inbox, the newest first."""
    role = load_ordering_policy(house.settings.knowledge_folder).moves["read"]
    placed = _placed(house, person)
    found = [inbox_line(house, ids, one, placed, role) for one in items_of(house, person).values()]
    return tuple(reversed(found))


def placed_orders(house: House, person: str) -> Mapping[str, Order]:
    """The orders of a person by number."""
    return _placed(house, person)


def acknowledge(
    house: House, person: str, item: str, standing: Standing, how: How, why: str, *, actor: str
) -> None:
    """Write down that somebody read a result as it stands, or why nobody acts on it; said twice it is
    said once. On disk when this returns. Raises `NotFound`, or `RequestError` when the result changed
    meanwhile."""
    held = items_of(house, person).get(item)
    if held is None:
        raise NotFound.one("result", "no such result of this person")
    problems = []
    if held.standing is not standing:
        changed = f"it changed since the page was opened: it is {held.standing.value} now"
        problems.append(Problem("result", changed, remedy="read it as it stands now"))
    if how not in (How.ACKNOWLEDGED, How.SET_ASIDE):
        problems.append(Problem("how", "is no way in which a person ends it"))
    if how is How.SET_ASIDE and not why.strip():
        problems.append(Problem("why", "is blank", remedy="say why nobody acts on it; it is kept"))
    if problems:
        raise RequestError(problems)
    if held.ended is not None:
        return
    payload = {"item": item, "standing": standing.value, "how": how.value, "why": why.strip()}
    key = f"{item}:{standing.value}"
    house.ledger.append([NewEvent(EventKind.RESULT_ACKNOWLEDGED, actor, house.clock(), person, payload, key)])


def _placed(house: House, person: str | None = None) -> dict[str, Order]:
    return {
        event.payload["order"]["order"]: order_of(event.payload["order"])
        for event in house.ledger.events(person=person, kinds=(EventKind.ORDER_PLACED,))
    }


def _reader(item: Item, placed: Mapping[str, Order], role: str) -> str:
    order = placed.get(item.order)
    return role if order is None else order.orderer


def _need(item: Item) -> tuple[bool, bool, datetime]:
    first = item.standing in (Standing.WITHDRAWN, Standing.CANCELLED, Standing.AMENDED)
    return not item.waits, not first, item.known_at


def _genes(house: House, item: Item) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    if item.standing not in SAYABLE:
        return (), ()
    held = next((one for one in house.ledger.results(item.person) if one.result == item.item), None)
    if held is None:
        return (), ()
    calls = house.ledger.calls(set(held.calls.values()))
    of = {gene: calls[name] for gene, name in sorted(held.calls.items())}
    answered = tuple(
        (gene, " or ".join(call.phenotypes)) for gene, call in of.items() if call.status is CallStatus.CALLED
    )
    return answered, tuple(gene for gene, call in of.items() if call.status is not CallStatus.CALLED)


def _tasks(house: House, item: Item, answered: Collection[str]) -> tuple[Task, ...]:
    """The open tasks about the result, its order, or a gene that it answers for."""
    mine = [task for task in house.ledger.tasks(item.person) if _about(task, item, answered)]
    return chart_tasks(house, item.person, mine)


def _about(task: Task, item: Item, answered: Collection[str]) -> bool:
    named = task.about.get("result") == item.item
    ordered = bool(item.order) and task.about.get("order") == item.order
    return named or ordered or not set(answered).isdisjoint(task.about.get("genes", ()))
