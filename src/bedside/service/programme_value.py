"""The value of each programme, from events alone: no number is typed in for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bedside.act.orders import HeldOrder, Outcome, orders
from bedside.genome.cost import Amount
from bedside.genome.event import EventKind
from bedside.genome.nicu import Outcome as NicuOutcome
from bedside.knowledge.cost_policy import UnitCosts, load_unit_costs
from bedside.knowledge.programmes import Drawn, ProgrammeDefinition, ProgrammeLine, load_programmes
from bedside.knowledge.small_numbers import SmallNumbers, load_small_numbers
from bedside.learn.economics.few_people import NoInterval
from bedside.learn.economics.probabilistic import Spread
from bedside.learn.economics.programme_value import Line, ProgrammeValue, Side, programme_value
from bedside.service.economics import money
from bedside.service.house import House
from bedside.service.nicu import read_outcome
from bedside.service.stored_answers import ORDER_EVENTS

DRAWS, SEED = 4000, 1


@dataclass(frozen=True, slots=True)
class Valued:
    """A programme with its account. hidden: so few people that nothing of it is shown."""

    definition: ProgrammeDefinition
    value: ProgrammeValue
    currency: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the record says, by person."""

    outcomes: Mapping[str, NicuOutcome]
    orders: Mapping[str, tuple[HeldOrder, ...]]
    tasks: Mapping[str, tuple[str, ...]]
    by_kind: Mapping[EventKind, frozenset[str]]


def programme_values(
    house: House, people: frozenset[str] | None = None, *, draws: int = DRAWS, seed: int = SEED
) -> tuple[Valued, ...]:
    """Every programme's account. people: only of these."""
    root = house.settings.knowledge_folder
    held, costs, small = load_programmes(root), load_unit_costs(root), load_small_numbers(root)
    seen = _seen(house, tuple(held.by_name.values()), people)
    return tuple(_valued(one, seen, costs, small, draws, seed) for one in held.by_name.values())


def _seen(house: House, programmes: tuple[ProgrammeDefinition, ...], people: frozenset[str] | None) -> _Seen:
    def mine(person: str | None) -> bool:
        return person is not None and (people is None or person in people)

    outcomes: dict[str, NicuOutcome] = {}
    for event in house.ledger.events(kinds=(EventKind.OUTCOME_RECORDED,)):
        if event.person is not None and mine(event.person):
            outcomes[event.person] = read_outcome(event.payload["outcome"])
    by_person: dict[str, list[HeldOrder]] = {}
    for order in orders(house.ledger.events(kinds=ORDER_EVENTS)).values():
        subject = order.order.subject.person
        if mine(subject) and order.outcome is not Outcome.CANCELLED:
            by_person.setdefault(subject, []).append(order)
    tasks: dict[str, list[str]] = {}
    for event in house.ledger.events(kinds=(EventKind.TASK_OPENED,)):
        if event.person is not None and mine(event.person):
            tasks.setdefault(event.person, []).append(str(event.payload["kind"]))
    kinds = {kind for one in programmes for kind in one.events}
    by_kind = {
        kind: frozenset(
            event.person
            for event in house.ledger.events(kinds=(kind,))
            if event.person is not None and mine(event.person)
        )
        for kind in kinds
    }
    return _Seen(
        outcomes,
        {person: tuple(several) for person, several in by_person.items()},
        {person: tuple(several) for person, several in tasks.items()},
        by_kind,
    )


def _valued(
    one: ProgrammeDefinition, seen: _Seen, costs: UnitCosts, small: SmallNumbers, draws: int, seed: int
) -> Valued:
    members = {
        person for person, held in seen.orders.items() if any(order.order.test in one.tests for order in held)
    }
    for kind in one.events:
        members |= seen.by_kind[kind]
    rows = [
        {line.name: _amount(line, one, person, seen, costs) for line in one.lines}
        for person in sorted(members)
    ]
    lines = [Line(line.name, line.title, Side.AVOIDED if line.avoided else Side.SPENT) for line in one.lines]
    value = programme_value(lines, rows, draws, seed)
    return Valued(one, value, costs.currency, small.hides(len(members)))


def _amount(
    line: ProgrammeLine, programme: ProgrammeDefinition, person: str, seen: _Seen, costs: UnitCosts
) -> Amount | None:
    """What a line came to for one person; None where it was not entered or nobody has a price."""
    if line.drawn is Drawn.OUTCOMES:
        held = seen.outcomes.get(person)
        entered = [] if held is None else [one for one in held.costs if one.kind in line.kinds]
        if not entered or any(one.currency != costs.currency for one in entered):
            return None
        return Amount(sum(one.low for one in entered), sum(one.high for one in entered))
    if line.drawn is Drawn.ORDERS:
        prices = [
            costs.tests.get(order.order.test)
            for order in seen.orders.get(person, ())
            if order.order.test in programme.tests
        ]
        known = [one.amount for one in prices if one is not None and one.currency == costs.currency]
        if len(known) != len(prices):
            return None
        return Amount(sum(one.low for one in known), sum(one.high for one in known))
    if line.drawn is Drawn.TASKS:
        unit = costs.others.get(line.unit)
        count = seen.tasks.get(person, ()).count(line.tasks)
        if unit is None or unit.amount is None:
            return Amount(0.0, 0.0) if not count else None
        return Amount(count * unit.amount.low, count * unit.amount.high)
    return None


def sentence(one: Valued) -> str:
    """The account in a sentence or two: the loss or the saving first, or that it is not known."""
    value, currency = one.value, one.currency
    if one.hidden:
        return "So few people that nothing of it is shown."
    if not value.people:
        return "Nobody is in it yet."
    if value.more is None:
        spent = sum(held.high for held in value.lines if held.line.side is Side.SPENT)
        gaps = [held.line.title for held in value.lines if held.entered < held.of]
        return (
            f"Net cost not known: of {value.people} people nobody has every line entered "
            f"({'; '.join(gaps)}). Spent up to {money(spent, currency)}, as far as it is known."
        )
    some = f"of the {value.complete} of {value.people} who are complete"
    who = f"of {value.people} people" if value.known else some
    low, high = value.more
    if low > 0 or (low == 0 < high):
        said = f"It cost {_from_to(low, high, currency)} more than was avoided"
    elif high < 0 or (high == 0 > low):
        said = f"It cost {_from_to(-high, -low, currency)} less than was avoided"
    else:
        said = f"It lies between {money(-low, currency)} saved and {money(high, currency)} lost"
    rest = "" if value.known else " The net of everybody is not known."
    return f"{said}, {who}.{rest}{' Chance alone could turn that round.' if _may_turn(value) else ''}"


def _may_turn(value: ProgrammeValue) -> bool:
    """Whether a loss may be a saving, or a saving a loss, with other people of the same kind."""
    if value.more is None or not isinstance(value.sure, Spread):
        return False
    low, high = value.more
    return (high < 0 < value.sure.high) or (value.sure.low < 0 < low)


def _from_to(low: float, high: float, currency: str) -> str:
    return money(high, currency) if low == high else f"{low:,.0f} to {money(high, currency)}"


def document(one: Valued) -> dict[str, Any]:
    """A programme's account, for machines and pages; of a hidden one only that it is."""
    said: dict[str, Any] = {
        "programme": one.definition.name,
        "title": one.definition.title,
        "sentence": sentence(one),
        "currency": one.currency,
        "hidden": one.hidden,
        "caveats": list(one.definition.caveats),
    }
    if one.hidden:
        return said
    value = one.value
    return {
        **said,
        "people": value.people,
        "complete": value.complete,
        "known": value.known,
        "more": None if value.more is None else list(value.more),
        "over_draws": asdict(value.sure) if isinstance(value.sure, Spread) else None,
        "no_interval": value.sure.value if isinstance(value.sure, NoInterval) else "",
        "lines": [
            {
                "line": held.line.name,
                "title": held.line.title,
                "side": held.line.side.value,
                "entered": held.entered,
                "of": held.of,
                "low": held.low if held.entered else None,
                "high": held.high if held.entered else None,
            }
            for held in value.lines
        ],
    }


COLUMNS = ("programme", "what", "value", "low", "high", "note")


def lines(valued: tuple[Valued, ...]) -> Iterator[tuple[str, ...]]:
    """A table of every programme, in the order of COLUMNS: the answer of each first."""
    for one in valued:
        name, value = one.definition.name, one.value
        yield (name, "answer", sentence(one), "", "", "")
        if one.hidden:
            continue
        yield (name, "people", str(value.people), "", "", f"everything entered of {value.complete}")
        for held in value.lines:
            ends = (f"{held.low:.0f}", f"{held.high:.0f}") if held.entered else ("not known", "not known")
            note = f"{held.line.side.value}; entered of {held.entered} of {held.of}"
            yield (name, held.line.title, "", *ends, note)
        if value.more is not None:
            low, high = value.more
            yield (name, f"net ({one.currency})", "", f"{low:.0f}", f"{high:.0f}", "above 0 cost more")
        if isinstance(value.sure, Spread):
            ends = (f"{value.sure.low:.0f}", f"{value.sure.high:.0f}")
            yield (
                name,
                "net, 95 % interval",
                f"{value.sure.mean:.0f}",
                *ends,
                "who happened to be cared for",
            )
        elif value.sure is not None:
            yield (name, "net, 95 % interval", "not said", "", "", value.sure.value)
        for text in one.definition.caveats:
            yield (name, "caveat", text, "", "", "")
