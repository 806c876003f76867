"""Answers a coverage hook: each genetic test among the orders, each cover of the patient; written down before
the answer is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bedside.decide.coverage import covered
from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_chart import Drafted, both
from bedside.decide.coverage_stated import stated_facts
from bedside.errors import NotFound, Problem, RequestError
from bedside.exchange.cds_hooks import HookRequest
from bedside.exchange.coverage_extension import card, extension, system_action
from bedside.exchange.coverage_fhir import drafted
from bedside.exchange.coverage_hook import CoverageRequest, read_coverage_request
from bedside.exchange.coverage_plan_fhir import plan_in
from bedside.exchange.fhir_address import Resource
from bedside.genome.coverage import CoverageAsked, Fact, Facts, NotKnown, Plan
from bedside.genome.event import NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.coverage_hook import CoverageHook, load_coverage_hooks
from bedside.service.ask_coverage import asked_about, coverage_event, pack_of
from bedside.service.coverage_facts import chart_of, plan_of
from bedside.service.house import House
from bedside.service.moment_of import Permit, find_person
from bedside.service.rules import rules_of
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class _Told:
    """The answer about one order and one cover."""

    order: Resource
    coverage: str
    asked: CoverageAsked
    answer: CoverageAnswer


def coverage_hooks(house: House) -> Mapping[str, CoverageHook]:
    """The services that answer about coverage, by id."""
    return load_coverage_hooks(house.settings.knowledge_folder)


def answer_coverage(
    house: House, hook_id: str, document: object, *, actor: str = "cds-hooks", permit: Permit | None = None
) -> dict[str, Any]:
    """The response, written to the ledger before this returns. Raises RequestError (400), NotFound (404),
    DataMissing (412), Refused when `permit` does, AuditUnavailable (the answer must not be given)."""
    hook = coverage_hooks(house).get(hook_id)
    if hook is None:
        raise NotFound([Problem("Request", "no such service", remedy="see /cds-services")])
    request = read_coverage_request(document, hook.hook)
    if not request.wanted or not request.orders:
        return {"cards": []}
    person = _person(house, request)
    if permit is not None and person is not None:
        permit(person)
    told = [*_told(house, request, person)]
    response = _response(request, told)
    events = [_event(house, hook, request, one, person, actor) for one in told]
    house.audit.append(events)
    return response


def _person(house: House, request: CoverageRequest) -> str | None:
    seen = HookRequest(request.hook, request.instance, request.user, request.patient, request.fhir_server)
    return find_person(house, seen)


def _told(house: House, request: CoverageRequest, person: str | None) -> Iterator[_Told]:
    pack = pack_of(house)
    plans = [plan_in(pack, one, request.around.addresses) for one in request.coverages]
    if not plans:
        plans = [Plan("") if person is None else plan_of(house, pack, person)]
    for order in request.orders:
        ordered = _drafted(house, request, order, person)
        for plan in plans:
            asked = asked_about(house, ordered, plan)
            yield _Told(order, plan.reference, asked, covered(pack, asked))


def _drafted(house: House, request: CoverageRequest, order: Resource, person: str | None) -> Drafted:
    pack, now = pack_of(house), house.clock()

    def stated(said: Mapping[str, object], by: str) -> Facts:
        found: dict[str, Fact] = {}
        for name in said.keys() & pack.facts.keys():
            one = {name: said[name]}
            try:
                found |= stated_facts(pack.facts, one, by=by, on=now.date(), source="answered on the form")
            except RequestError:
                found[name] = NotKnown("a form answers it with something that is no answer")
        return found

    made = drafted(order, request.around, rules_of(house).ruleset.drugs, stated)
    if person is None:
        return made
    return replace(made, chart=both(made.chart, chart_of(house, person, made.test, now)))


def _response(request: CoverageRequest, told: list[_Told]) -> dict[str, Any]:
    """A card for each order, about its first cover; coverage information for every cover that came along."""
    cards, actions = [], []
    for order in request.orders:
        mine = [one for one in told if one.order is order]
        first = mine[0]
        cards.append(card(first.answer, order, first.asked.plan.name or first.asked.plan.payer))
        said = [extension(one.answer, one.coverage) for one in mine if one.coverage]
        if said:
            actions.append(system_action(order, said))
    response: dict[str, Any] = {"cards": cards}
    return {**response, "systemActions": actions} if actions else response


def _event(
    house: House, hook: CoverageHook, request: CoverageRequest, one: _Told, person: str | None, actor: str
) -> NewEvent:
    more = {
        "service": hook.id,
        "instance": request.instance,
        "user": request.user,
        "coverage": one.coverage,
        "patient": digest(canonical([request.fhir_server, request.patient])),
    }
    return coverage_event(house, one.asked, one.answer, person=person, actor=actor, more=more)
