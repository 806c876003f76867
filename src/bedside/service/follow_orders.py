"""Orders on their way: of everybody as a worklist, and one order with its specimens, its results and the
steps that can be taken now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.act.inbox import Item
from bedside.act.order_progress import Progress, possible, progress
from bedside.act.orders import HeldOrder, Outcome, orders
from bedside.errors import NotFound
from bedside.genome.event import EventKind
from bedside.genome.specimen import Specimen, Step, specimens
from bedside.genome.task import Task
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.knowledge.test_catalogue import load_tests
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds
from bedside.service.results_inbox import items_of
from bedside.service.stored_answers import ORDER_EVENTS

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class OrdersAsked:
    """What of the worklist is asked for: one role's moves, only what is late, also what is over."""

    whose: str = ""
    late: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order of the worklist. key and record_id: how addresses name it and its person. owner: the role
    whose move it is, "" when it is over."""

    key: str
    record_id: str
    name: str
    held: HeldOrder
    progress: Progress
    owner: str
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """The worklist, what is late first; total: how many fit, of which the first are shown."""

    asked: OrdersAsked
    lines: tuple[OrderLine, ...]
    total: int
    roles: tuple[str, ...]
    review_state: str

    @property
    def late(self) -> int:
        """How many of those shown are past the laboratory's turnaround."""
        return sum(line.progress.late for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order: its line, its specimens oldest first, the steps that can follow, its results with how they
    stand, and its open tasks."""

    line: OrderLine
    specimens: tuple[Specimen, ...]
    steps: tuple[Step, ...]
    results: tuple[tuple[str, Item], ...]
    tasks: tuple[Task, ...]

    @property
    def open(self) -> bool:
        """Whether it can be cancelled."""
        return self.line.held.outcome is Outcome.OPEN


def orders_in_progress(
    house: House, ids: RecordIds | None, asked: OrdersAsked, only: frozenset[str] | None = None
) -> OrdersPage:
    """The orders of everybody; only: the records the asker may open."""
    policy = load_ordering_policy(house.settings.knowledge_folder)
    roles = tuple(dict.fromkeys(policy.moves[name] for name in policy.moves if name != "read"))
    found: list[OrderLine] = []
    if ids is not None:
        found = [
            line
            for line in _lines(house, ids, None)
            if (only is None or line.held.order.subject.person in only) and _wanted(line, asked)
        ]
    found.sort(key=_urgency)
    return OrdersPage(asked, tuple(found[:MOST_LINES]), len(found), roles, policy.provenance.review_state)


def orders_of_person(house: House, ids: RecordIds, person: str) -> tuple[OrderLine, ...]:
    """Every order of a person, the newest first."""
    return tuple(reversed(_lines(house, ids, person)))


def order_view(house: House, ids: RecordIds, person: str, key: str) -> OrderView:
    """One order of a person by its key; raises `NotFound`."""
    for line in _lines(house, ids, person):
        if line.key == key:
            number = line.held.order.order
            mine = tuple(one for one in _specimens(house, person) if one.order == number)
            results = tuple(
                (page_key(name), item)
                for name, item in items_of(house, person).items()
                if item.order == number
            )
            tasks = tuple(one for one in house.ledger.tasks(person) if one.about.get("order") == number)
            return OrderView(line, mine, possible(line.held, mine), results, tasks)
    raise NotFound.one("order", "no order of this person has this number")


def _lines(house: House, ids: RecordIds, person: str | None) -> list[OrderLine]:
    return [_line(house, ids, held, stands, owner) for held, stands, owner in orders_stand(house, person)]


def orders_stand(house: House, person: str | None) -> list[tuple[HeldOrder, Progress, str]]:
    """Every order of a person or of everybody, where it stands, and the role whose move it is ("" when it is
    over), in the order placed."""
    root = house.settings.knowledge_folder
    moves, catalogue = load_ordering_policy(root).moves, load_tests(root)
    today = house.clock().date()
    by_order: dict[str, list[Specimen]] = {}
    for one in _specimens(house, person):
        by_order.setdefault(one.order, []).append(one)
    held_orders = orders(house.ledger.events(person=person, kinds=ORDER_EVENTS))
    lines = []
    for held in held_orders.values():
        test = catalogue.get(held.order.test)
        mine = by_order.get(held.order.order, [])
        stands = progress(held, mine, None if test is None else test.turnaround_working_days, today)
        owner = "" if stands.move is None else moves[stands.move.name.lower()]
        lines.append((held, stands, owner))
    return lines


def _line(house: House, ids: RecordIds, held: HeldOrder, stands: Progress, owner: str) -> OrderLine:
    subject = held.order.subject
    known = house.ledger.person(subject.person)
    name = "" if known is None else name_of(known)
    return OrderLine(
        key=page_key(held.order.order),
        record_id=ids.of(subject.person),
        name=name or subject.person,
        held=held,
        progress=stands,
        owner=owner,
        results=tuple(page_key(result) for result in held.results),
    )


def _specimens(house: House, person: str | None) -> Iterable[Specimen]:
    return specimens(house.ledger.events(person=person, kinds=(EventKind.SPECIMEN_MOVED,))).values()


def _wanted(line: OrderLine, asked: OrdersAsked) -> bool:
    return (
        (asked.over or not line.progress.standing.over)
        and (not asked.whose or line.owner == asked.whose)
        and (not asked.late or line.progress.late)
    )


def _urgency(line: OrderLine) -> tuple[bool, bool, date, str]:
    due = line.progress.due or date.max
    return line.progress.standing.over, not line.progress.late, due, line.held.order.order


def waiting_orders(lines: Sequence[OrderLine]) -> int:
    """How many of these orders wait for somebody."""
    return sum(not line.progress.standing.over for line in lines)
