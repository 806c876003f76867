"""What became of a bill: who paid which part, and what was written off; reported from what was written down.

The parts of a bill add up to what was charged, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from math import isclose

from bedside.errors import Problem, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import programmes_from
from bedside.knowledge.small_numbers import SmallNumbers, load_small_numbers
from bedside.service.house import House
from bedside.service.stored_answers import orders_of
from bedside.store.ledger import Overtaken, Unless


class Part(Enum):
    """Who carried a part of a bill. ADJUSTED: what the payer's contract takes off; OPEN: not settled yet."""

    PAYER = "payer"
    PERSON = "person"
    ASSISTANCE = "assistance"
    ADJUSTED = "adjusted"
    WRITTEN_OFF = "written-off"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Settled:
    """The last word on a bill. payer: the person's when it was settled."""

    person: str
    order: str
    test: str
    payer: str
    year: int
    currency: str
    charged: float
    parts: Mapping[Part, float]


def settle(
    house: House,
    person: str,
    order: str,
    charged: float,
    currency: str,
    parts: Mapping[Part, float],
    *,
    by: str,
) -> None:
    """Write down what became of a bill; a later word replaces it. Raises `RequestError` with everything that
    is wrong."""
    after = house.ledger.checkpoint().sequence
    problems = []
    held = orders_of(house, person).get(order)
    if held is None:
        problems.append(Problem("order", "this person has no such order"))
    if not charged > 0 or charged == float("inf"):
        problems.append(Problem("charged", "must be above 0"))
    if not currency.strip():
        problems.append(Problem("currency", "is missing"))
    if any(not 0 <= value < float("inf") for value in parts.values()):
        problems.append(Problem("parts", "no part is below 0"))
    total = sum(parts.values())
    if not isclose(total, charged, abs_tol=0.005):
        remedy = f"give the rest as {Part.OPEN.value} if nobody has paid it yet"
        problems.append(Problem("parts", f"add up to {total:.2f}, charged were {charged:.2f}", remedy=remedy))
    if problems or held is None:
        raise RequestError(problems)
    payload = {
        "order": order,
        "test": held.order.test,
        "currency": currency.strip(),
        "charged": charged,
        "parts": {part.value: parts.get(part, 0.0) for part in Part},
        "standing": _standing(parts),
    }
    event = NewEvent(EventKind.COST_SETTLED, by, house.clock(), person, payload)
    try:
        house.ledger.append([event], unless=Unless(EventKind.COST_SETTLED, after))
    except Overtaken as error:
        raise RequestError.one("order", "another was settled meanwhile", remedy="do it again") from error


def _standing(parts: Mapping[Part, float]) -> str:
    """What measures count a bill as: written off in part, open in part, or paid."""
    for part in (Part.WRITTEN_OFF, Part.OPEN):
        if parts.get(part, 0.0) > 0:
            return str(part.value)
    return "paid"


def settled_of(house: House, people: frozenset[str] | None = None) -> tuple[Settled, ...]:
    """The last word on each bill. people: only of these."""
    programmes = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    last: dict[tuple[str, str], Settled] = {}
    for event in house.ledger.events(kinds=(EventKind.COST_SETTLED,)):
        if event.person is None or (people is not None and event.person not in people):
            continue
        said = event.payload
        held = programmes.get(event.person)
        last[event.person, said["order"]] = Settled(
            event.person,
            said["order"],
            said["test"],
            "not known" if held is None else held.group("payer"),
            event.valid_at.year,
            said["currency"],
            float(said["charged"]),
            {Part(name): float(value) for name, value in said["parts"].items()},
        )
    return tuple(last.values())


@dataclass(frozen=True, slots=True)
class WriteOffs:
    """Of one group and currency: how many people and bills, what was charged, and each part of it. shown:
    False when so few people are in it that nothing of it may be shown."""

    by: str
    group: str
    currency: str
    people: int
    bills: int
    charged: float
    parts: Mapping[Part, float]
    shown: bool

    @property
    def lost(self) -> float:
        """The share of what was charged that was written off."""
        return self.parts[Part.WRITTEN_OFF] / self.charged if self.charged else 0.0


GROUPED_BY = ("all", "payer", "test", "year")


def write_offs(settled: Iterable[Settled], small: SmallNumbers) -> Iterator[WriteOffs]:
    """The report: of everybody, then by payer, test and year; money of two currencies is never added. A
    group with few people is hidden, and with it the next smallest, so that no difference gives it away."""
    every = tuple(settled)
    for by in GROUPED_BY:
        groups: dict[tuple[str, str], list[Settled]] = {}
        for one in every:
            name = "everybody" if by == "all" else str(getattr(one, by))
            groups.setdefault((one.currency, name), []).append(one)
        hidden = set() if by == "all" else _hidden(groups, small)
        for key, held in sorted(groups.items()):
            yield WriteOffs(
                by,
                key[1],
                key[0],
                len({one.person for one in held}),
                len(held),
                sum(one.charged for one in held),
                {part: sum(one.parts.get(part, 0.0) for one in held) for part in Part},
                key not in hidden,
            )


def _hidden(groups: Mapping[tuple[str, str], list[Settled]], small: SmallNumbers) -> set[tuple[str, str]]:
    hidden: set[tuple[str, str]] = set()
    for currency in {key[0] for key in groups}:
        sizes = {key: len({one.person for one in held}) for key, held in groups.items() if key[0] == currency}
        few = {key for key, size in sizes.items() if small.hides(size)}
        rest = sorted((size, key) for key, size in sizes.items() if key not in few)
        if len(few) == 1 and rest:
            few.add(rest[0][1])
        hidden |= few
    return hidden


def report(house: House, people: frozenset[str] | None = None) -> tuple[WriteOffs, ...]:
    """The report of a record."""
    return tuple(write_offs(settled_of(house, people), load_small_numbers(house.settings.knowledge_folder)))
