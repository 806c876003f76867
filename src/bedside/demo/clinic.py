"""What happened at the clinic: charts opened, orders signed, cards answered, tasks opened and closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bedside.demo.cast import CardAnswer, Setting
from bedside.demo.clock import StoryClock
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.demo.requests import order_sign, patient_view
from bedside.genome.event import EventKind, NewEvent
from bedside.service.answer_hook import answer
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.take_feedback import take_feedback

DAYS = 28


def hold_clinic(house: House, clock: StoryClock, setting: Setting, population: Sequence[MadeUpPerson]) -> int:
    """Everybody who is tested and takes medicines is seen once in four weeks; the number of cards shown."""
    services = {hook.hook: name for name, hook in rules_of(house).ruleset.hooks.items()}
    answers = {each.role: each for each in setting.answers}
    cards = 0
    for day, person in _appointments(population):
        clock.go_to(day)
        if person.medicines and person.laboratory:
            request = patient_view(person, house.pgx)
            cards += len(answer(house, services["patient-view"], request, actor=person.site)["cards"])
        if person.planned:
            request = order_sign(person, house.pgx, person.planned)
            shown = answer(house, services["order-sign"], request, actor=person.site)["cards"]
            cards += len(shown)
            if person.role in answers and shown:
                _feedback(house, services["order-sign"], person, shown, answers[person.role])
    return cards


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
