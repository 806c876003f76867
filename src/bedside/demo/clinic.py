"""What happened at the clinic: charts and order sets opened, orders signed, cards answered, tasks closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from bedside.demo.cast import CardAnswer, Setting
from bedside.demo.clock import StoryClock
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.demo.requests import open_order_set, order_sign, patient_view
from bedside.genome.event import EventKind, NewEvent
from bedside.service.answer_hook import prepare
from bedside.service.filter_order_set import prepare_filter
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.take_feedback import take_feedback

DAYS = 28


def hold_clinic(
    house: House,
    clock: StoryClock,
    setting: Setting,
    population: Sequence[MadeUpPerson],
    meanwhile: Callable[[date], None] = lambda day: None,
) -> int:
    """Everybody who is tested and takes medicines is seen once in four weeks; the number of cards shown.
    meanwhile: what else happens up to each day.

    The answers of a day are written together: nobody waits for them.
    """
    services = {hook.hook: name for name, hook in rules_of(house).ruleset.hooks.items()}
    given = {each.role: each for each in setting.answers}
    shown = 0
    for day, patients in groupby(_appointments(population), key=lambda appointment: appointment[0]):
        meanwhile(day)
        clock.go_to(day)
        events: list[NewEvent] = []
        signed: list[tuple[MadeUpPerson, Sequence[Mapping[str, Any]]]] = []
        for _, person in patients:
            for service, request in _visit(house, services, person):
                answer = prepare(house, service, request, actor=person.site)
                events += answer.events
                shown += len(answer.response["cards"])
                if service == services["order-sign"]:
                    signed.append((person, answer.response["cards"]))
            for order_set in person.member.order_sets if person.member else ():
                document = open_order_set(person, house.pgx, order_set)
                events.append(prepare_filter(house, document, actor=person.site).event)
        house.ledger.append(events)
        for person, cards in signed:
            if person.role in given:
                _feedback(house, services["order-sign"], person, cards, given[person.role])
    return shown


def _visit(
    house: House, services: Mapping[str, str], person: MadeUpPerson
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The hooks of one visit: the chart is opened, then what was planned is about to be signed."""
    if person.medicines and person.laboratory:
        yield services["patient-view"], patient_view(person, house.pgx)
    if person.planned:
        yield services["order-sign"], order_sign(person, house.pgx, person.planned)


def _appointments(population: Sequence[MadeUpPerson]) -> list[tuple[date, MadeUpPerson]]:
    """Tested people with medicines, and everybody with plans, by the day they are seen."""
    first = TODAY - timedelta(days=DAYS + 1)
    seen = [person for person in population if person.planned or (person.laboratory and person.medicines)]
    days = [first + timedelta(days=number * 5 % DAYS) for number in range(len(seen))]
    return sorted(zip(days, seen, strict=True), key=lambda item: (item[0], item[1].person))


def _feedback(
    house: House, service: str, person: MadeUpPerson, cards: Sequence[Mapping[str, Any]], given: CardAnswer
) -> None:
    now = house.clock()
    items = [item for card in cards if (item := _item(card, given, now)) is not None]
    if items:
        take_feedback(house, service, {"feedback": items}, actor=person.site)
    if given.closes:
        events = [
            NewEvent(
                EventKind.TASK_CLOSED,
                person.site,
                house.clock(),
                person.person,
                {"task": task.task, "outcome": given.closes},
                f"closed:{task.task}",
            )
            for task in house.ledger.tasks(person.person)
        ]
        house.ledger.append(events)


def _item(card: Mapping[str, Any], given: CardAnswer, now: datetime) -> dict[str, Any] | None:
    """The feedback about one card, None when nobody answered it or there was nothing to accept."""
    item: dict[str, Any] = {
        "card": card["uuid"],
        "outcome": given.outcome,
        "outcomeTimestamp": now.isoformat().replace("+00:00", "Z"),
    }
    if given.outcome == "accepted" and card.get("suggestions"):
        return {**item, "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]}
    if given.outcome == "overridden":
        return {**item, "overrideReason": {"reason": {"code": given.reason}, "userComment": given.comment}}
    return None
