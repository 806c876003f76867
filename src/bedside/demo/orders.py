"""Tests that were ordered in the story: specimens at every station, results that came and were read or not,
and one under a misspelt name.

Everything goes through the services of the pages. Doing it twice is doing it once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bedside.act.inbox import How
from bedside.act.orders import Outcome
from bedside.demo.hereditary import Act
from bedside.demo.people import MadeUpPerson
from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.order import Order, Priority
from bedside.genome.person import Person, Sex
from bedside.genome.specimen import Step
from bedside.service.house import House
from bedside.service.move_specimen import label_specimen, move_specimen, specimens_of
from bedside.service.order_test import Wish, cancel_order, order_test
from bedside.service.receive_hl7 import receive_message
from bedside.service.results_inbox import acknowledge, items_of
from bedside.service.stored_answers import orders_of

FILE = Path(__file__).parent / "data" / "orders.toml"
_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M"}
_CALL = (
    "OBX|{first}|CWE|48018-6^Gene studied^LN|{group}|HGNC:{number}^{gene}^HGNC||||||{status}",
    "OBX|{second}|ST|84413-4^Genotype display name^LN|{group}|{gene} {diplotype}||||||{status}",
    "OBX|{third}|CWE|53040-2^Metabolism^LN|{group}|{code}^{words}^LN||||||{status}",
)


def read_order_setting() -> Mapping[str, Any]:
    """Who ordered what, and what became of it."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def given_out(
    setting: Mapping[str, Any], population: Sequence[MadeUpPerson], busy: Collection[str] = ()
) -> Iterator[tuple[MadeUpPerson, Mapping[str, Any]]]:
    """Each order with the person it is about: the one it names, else the next of those whom nobody tested;
    those with a story of their own (`busy`) last."""
    known = {each.person: each for each in population}
    named = {entry.get("person", "") for entry in setting["order"]}
    untested = [
        each
        for each in population
        if not each.laboratory and each.member is None and each.person not in named
    ]
    free = iter(sorted(untested, key=lambda each: each.person in busy))
    for entry in setting["order"]:
        person = known.get(entry["person"]) if "person" in entry else next(free, None)
        if person is not None:
            yield person, entry


def acts_of_orders(
    house: House,
    setting: Mapping[str, Any],
    population: Sequence[MadeUpPerson],
    busy: Collection[str] = (),
) -> list[Act]:
    """Everything that happens around the orders, in the order of its days."""
    acts = [
        act
        for person, entry in given_out(setting, population, busy)
        for act in _acts(house, setting, person, entry)
    ]
    return sorted(acts, key=lambda act: act.day)


def read_results(house: House, reader: str) -> None:
    """Whoever ordered the files' tests has read what came of them."""
    events = [
        NewEvent(
            EventKind.RESULT_ACKNOWLEDGED,
            reader,
            house.clock(),
            item.person,
            {
                "item": item.item,
                "standing": item.standing.value,
                "how": How.ACKNOWLEDGED.value,
                "why": "",
            },
            f"{item.item}:{item.standing.value}",
        )
        for item in items_of(house).values()
        if item.waits and item.message is None
    ]
    if events:
        house.ledger.append(events)


def _acts(
    house: House, setting: Mapping[str, Any], person: MadeUpPerson, entry: Mapping[str, Any]
) -> Iterator[Act]:
    yield Act(entry["day"], partial(_place, house, person, entry))
    for place, step in enumerate(entry.get("steps", ())):
        yield Act(step[1], partial(_step, house, setting, person, entry, place))
    for place, message in enumerate(entry.get("message", ())):
        yield Act(message["day"], partial(_send, house, setting, person, entry, place))
    if "cancelled" in entry:
        day, why = entry["cancelled"]
        yield Act(day, partial(_cancel, house, person, entry, why))


def _wish(person: MadeUpPerson, entry: Mapping[str, Any]) -> Wish:
    priority = Priority.URGENT if entry.get("urgent") else Priority.ROUTINE
    form = f"demo-{entry['role']}"
    return Wish(entry["test"], person.site, answers={"transplant": "no"}, priority=priority, form=form)


def _place(house: House, person: MadeUpPerson, entry: Mapping[str, Any]) -> None:
    if _order(house, person, entry) is None:
        order_test(house, person.person, _wish(person, entry))


def _order(house: House, person: MadeUpPerson, entry: Mapping[str, Any]) -> Order | None:
    """The order of an entry; a person has no more than one of a test."""
    for held in orders_of(house, person.person).values():
        if held.order.test == entry["test"]:
            return held.order
    return None


def _placed(house: House, person: MadeUpPerson, entry: Mapping[str, Any]) -> Order:
    order = _order(house, person, entry)
    if order is None:
        raise RequestError.one("order", f"{entry['role']}: its order is not in the record")
    return order


def _tube(entry: Mapping[str, Any]) -> str:
    return f"EXT-{entry['role'].upper()}"


def _step(
    house: House, setting: Mapping[str, Any], person: MadeUpPerson, entry: Mapping[str, Any], place: int
) -> None:
    held = specimens_of(house, person.person).get(_tube(entry))
    if held is not None and len(held.custody) > place:
        return
    name, _, *why = entry["steps"][place]
    step = Step(name)
    if step is Step.LABEL:
        number = _placed(house, person, entry).order
        label_specimen(house, person.person, number, by=setting["nurse"], specimen=_tube(entry))
        return
    by = {Step.COLLECT: setting["nurse"], Step.SHIP: setting["courier"]}.get(step, setting["receptionist"])
    move_specimen(house, person.person, _tube(entry), step, by=by, reason=why[0] if why else "")


def _send(
    house: House, setting: Mapping[str, Any], person: MadeUpPerson, entry: Mapping[str, Any], place: int
) -> None:
    said = entry["message"][place]
    known = house.ledger.person(person.person)
    if known is None:
        return
    content = result_message(setting, known, _placed(house, person, entry), entry["role"], said)
    received = receive_message(house, content)
    if said.get("read") and received.result:
        standing = items_of(house, person.person)[received.result].standing
        acknowledge(house, person.person, received.result, standing, How.ACKNOWLEDGED, "", actor=person.site)


def _cancel(house: House, person: MadeUpPerson, entry: Mapping[str, Any], why: str) -> None:
    held = orders_of(house, person.person)[_placed(house, person, entry).order]
    if held.outcome is Outcome.OPEN:
        cancel_order(house, person.person, held.order.order, by=person.site, reason=why)


def result_message(
    setting: Mapping[str, Any], person: Person, order: Order, filler: str, said: Mapping[str, Any]
) -> bytes:
    """The message of the made-up laboratory, as its system would send it."""
    day: date = said["day"]
    at, status = f"{day:%Y%m%d}0700", said["status"]
    family = person.family
    if said.get("misspelt"):
        family = family[:-1] + ("a" if family.endswith("e") else "e")
    born = "" if person.birth_date is None else f"{person.birth_date:%Y%m%d}"
    numbers = "~".join(f"{one.value}^^^{one.system}^MR" for one in person.identifiers)
    system, facility = setting["sender"]
    lines = [
        f"MSH|^~\\&|{system}|{facility}|BEDSIDE|EXAMPLE|{at}||ORU^R01^ORU_R01|{filler}-{day:%m%d}|P|2.5.1",
        f"PID|1||{numbers}||{family}^{person.given}||{born}|{_SEXES.get(person.sex, 'U')}",
        f"ORC|RE|{order.order}|{filler}",
        f"OBR|1|{order.order}|{filler}|{order.code.code}^{order.code.name}^L||||||||||||||||||{at}|||{status}",
    ]
    number = 0
    for place, (gene, hgnc, diplotype, code, words) in enumerate(said["calls"]):
        first, number = number + 1, number + len(_CALL)
        lines += [
            one.format(
                first=first,
                second=first + 1,
                third=first + 2,
                group=f"1{chr(ord('a') + place)}",
                number=hgnc,
                gene=gene,
                diplotype=diplotype,
                code=code,
                words=words,
                status=status,
            )
            for one in _CALL
        ]
    if "note" in said:
        lines.append(f"OBX|{number + 1}|TX|QC^Comment^L|2|{said['note']}||||||{status}")
    return ("\r".join(lines) + "\r").encode()
