"""What the record says of an order that a coverage policy can ask, each with the event it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bedside.act.ordering import Advice
from bedside.act.orders import HeldOrder, Outcome
from bedside.decide.coverage_chart import (
    Coded,
    CoverageChart,
    Dated,
    Drafted,
    Noticed,
    Placed,
    SaidOfOrderer,
)
from bedside.genome.coverage import Facts, Plan, Pointer, Said
from bedside.genome.event import Event, EventKind
from bedside.genome.features import KINDS, case_of, standings
from bedside.genome.order import Order, Priority
from bedside.genome.person import ItemStatus, Person
from bedside.genome.programme import programmes_from
from bedside.genome.record import medication_of, person_of, problem_of
from bedside.genome.signal import standing_signals
from bedside.knowledge.coverage_pack import CoveragePack
from bedside.knowledge.test_catalogue import Source, load_tests
from bedside.service.access import Permission
from bedside.service.access_file import read_access
from bedside.service.fhir_chart import governing
from bedside.service.house import House
from bedside.service.pathway_signals import signals_of
from bedside.service.rules import rules_of
from bedside.service.stored_answers import look_before, orders_of
from bedside.service.tumours_held import tumour_of, tumours_of_record

DISEASE_STATE = "disease_status"
ADMITTED = "admitted"
_READ = (
    EventKind.PERSON_REGISTERED,
    EventKind.MEDICATION_RECORDED,
    EventKind.PROBLEM_RECORDED,
    EventKind.TUMOUR_RECORDED,
    *KINDS,
)


def chart_of(
    house: House, person: str, test: str, at: datetime, order: Order | None = None, said: Facts | None = None
) -> CoverageChart:
    """The chart of a person for one test, as ordered at a moment. order: where it stands in the record; said:
    what people stated on forms, which goes before the chart."""
    events = tuple(house.ledger.events(person=person, kinds=_READ))
    born = _born(events)
    return CoverageChart(
        born=born,
        placed=_placed(house, person),
        problems=tuple(_problems(events)),
        drugs=tuple(_drugs(house, events)),
        features=tuple(_features(events, person)),
        tumours=tuple(_tumours(house, person)),
        tumour_states=tuple(_tumour_states(house, person)),
        reasons=() if order is None else tuple(_reasons(order)),
        earlier=tuple(_earlier(house, person, test, at, "" if order is None else order.order)),
        first_genome=_first_genome(house, person),
        orderer=None if order is None else orderer_of(house, order.orderer),
        said=said or {},
    )


def drafted_of(house: House, person: str, order: Order, said: Facts | None = None) -> Drafted:
    """An order of the record."""
    return Drafted(
        order=order.order,
        test=order.test,
        urgent=order.priority is Priority.URGENT,
        service_on=order.placed_at.date(),
        chart=chart_of(house, person, order.test, order.placed_at, order, said),
    )


def plan_of(house: House, pack: CoveragePack, person: str) -> Plan:
    """The plan that the record names; one that nobody knows keeps its name and nothing else."""
    events = tuple(house.ledger.events(person=person, kinds=(EventKind.PROGRAMME_RECORDED,)))
    held = programmes_from(events).get(person)
    if held is None or not held.payer:
        return Plan("")
    said = [one for one in events if "payer" in one.payload][-1]
    at = (_at(said, "the payer on record"),)
    known = pack.plan_named(held.payer)
    return Plan(held.payer, evidence=at) if known is None else known.of(at)


def orderer_of(house: House, name: str) -> SaidOfOrderer | None:
    """Whether the access file lets somebody of this name prescribe; None for who is not named there."""
    if not house.settings.access_file:
        return None
    access = read_access(Path(house.settings.access_file), house.settings.knowledge_folder)
    held = [one for one in access.tokens.values() if one.name == name]
    if len(held) != 1:
        return None
    may = Permission.PRESCRIBE in held[0].permissions
    return SaidOfOrderer(may, Pointer(Said.ORDER, "what the site grants whoever orders"))


def _at(event: Event, source: str) -> Pointer:
    return Pointer(Said.CHART, source, event.valid_at.date(), event.sequence)


def _person(events: Sequence[Event]) -> tuple[Person, Event] | None:
    held = governing(events, EventKind.PERSON_REGISTERED, lambda payload: "").get("")
    return None if held is None else (person_of(held), held)


def _born(events: Sequence[Event]) -> Dated | None:
    held = _person(events)
    if held is None or held[0].birth_date is None:
        return None
    return Dated(held[0].birth_date, _at(held[1], "birth date as registered"))


def _name(payload: object) -> str:
    return f"{payload['system']}|{payload['code']}"  # type: ignore[index]


def _problems(events: Sequence[Event]) -> Iterator[Coded]:
    for event in governing(events, EventKind.PROBLEM_RECORDED, _name).values():
        one = problem_of(event)
        if one.status is not ItemStatus.ENTERED_IN_ERROR:
            shown = f"problem list: {one.condition.display or one.condition.code} ({one.condition.code})"
            yield Coded(one.condition.code, one.condition.display, _at(event, shown))


def _drugs(house: House, events: Sequence[Event]) -> Iterator[Coded]:
    index = rules_of(house).ruleset.drugs
    for event in governing(events, EventKind.MEDICATION_RECORDED, _name).values():
        one = medication_of(event)
        if one.status is ItemStatus.ACTIVE:
            for drug in index.find((one.drug,), one.drug.display):
                yield Coded(drug.name, one.drug.display, _at(event, f"current medicine: {drug.name}"))


def _features(events: Sequence[Event], person: str) -> Iterator[Noticed]:
    """Features that a named person confirmed or excluded; suggestions are no findings."""
    last = {str(event.payload["term"]): event for event in events if event.kind in KINDS}
    for one in case_of(Person(person), standings(events)).features:
        if one.confirmed:
            present = one.status.value == "observed"
            yield Noticed(one.term, present, _at(last[one.term], f"feature {one.label} ({one.term})"))


def _tumours(house: House, person: str) -> Iterator[Coded]:
    for one in tumours_of_record(house, person):
        at = Pointer(Said.CHART, f"tumour sample {one.sample}: {one.oncotree}", one.valid_at.date())
        yield Coded(one.oncotree, one.oncotree, at)


def _tumour_states(house: House, person: str) -> Iterator[Coded]:
    for one in tumours_of_record(house, person):
        state = tumour_of(house, one).patient.get(DISEASE_STATE, "")
        if state:
            at = Pointer(Said.CHART, f"tumour sample {one.sample}: {state}", one.valid_at.date())
            yield Coded(state.casefold(), state, at)


def _reasons(order: Order) -> Iterator[Coded]:
    on = order.placed_at.date()
    for one in order.reasons:
        yield Coded(one.code, one.display, Pointer(Said.ORDER, f"reason of the order: {one.code}", on))


def _earlier(house: House, person: str, test: str, at: datetime, number: str) -> Iterator[Pointer]:
    """Each time the same germline test was done before this order: as ordered here, or as a stored result
    that answers everything the test looks at. Of a tumour this does not tell whether it is the same one."""
    entry = load_tests(house.settings.knowledge_folder).get(test)
    if entry is None or entry.source is Source.TUMOUR:
        return
    held = orders_of(house, person)
    before = [one for one in held.values() if _done_before(one, test, at) and one.order.order != number]
    for one in before:
        on = one.order.placed_at.date()
        yield Pointer(Said.CHART, f"the same test, ordered as {one.order.order}", on)
    if before:
        return
    seen = look_before(house, person, entry).assessment
    own = set(held[number].results) if number in held else set()
    if seen.advice is Advice.ASK_STORED_DATA and (earlier := set(seen.from_results) - own):
        for result in house.ledger.results(person):
            if result.result in earlier and result.valid_at < at:
                yield Pointer(Said.CHART, "a stored result of the same genes", result.valid_at.date())


def _done_before(one: HeldOrder, test: str, at: datetime) -> bool:
    return one.order.test == test and one.outcome is Outcome.RESULTED and one.placed_at < at


def _first_genome(house: House, person: str) -> Dated | None:
    results = {one.result: one for one in house.ledger.results(person) if not one.withdrawn}
    days = [
        results[run.result].valid_at.date()
        for run in house.ledger.genome_runs(person)
        if run.result in results
    ]
    return Dated(min(days), Pointer(Said.CHART, "the first stored genome", min(days))) if days else None


def _placed(house: House, person: str) -> Placed | None:
    signals = standing_signals(signals_of(house, person))
    stays = [one for one in signals if one.name == ADMITTED and one.attributes.get("unit")]
    if not stays:
        return None
    last = max(stays, key=lambda one: one.at)
    unit = last.attributes["unit"]
    return Placed(
        unit, last.at.date(), Pointer(Said.CHART, f"admitted to {unit}", last.at.date(), by=last.source)
    )
