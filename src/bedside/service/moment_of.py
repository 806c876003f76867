"""Puts the moment together: what the request prefetched, and what the record holds of the person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bedside.decide.drafted_dose import dose_text
from bedside.decide.moment import Draft, Moment, Taken, age_on
from bedside.decide.recommendation import Silence, SilenceReason
from bedside.errors import DataMissing, Problem
from bedside.exchange.cds_hooks import NO_ORDER, NOT_THE_PATIENT, HookRequest, Ordered
from bedside.exchange.fhir_read import calls_of, day_of, is_taken, medication_of, problems_of
from bedside.genome.code import PROBLEM_SYSTEMS
from bedside.genome.observation import OutsideCall
from bedside.genome.person import Identifier, ItemStatus, Person
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import Lookup, PgxPack
from bedside.knowledge.terminology import load_terminology
from bedside.service.hook_inputs import LARGEST_RESOURCE
from bedside.service.house import House
from bedside.service.rules import Rules
from bedside.settings import Settings, is_loopback
from bedside.store.current_view import disagreeing
from bedside.store.encode import canonical

GENOMIC_PREFETCH = ("genotypes", "indicators")
MEDICATION_PREFETCH = "medications"
PROBLEM_PREFETCH = "problems"
_PASSED_OVER = {
    NOT_THE_PATIENT: SilenceReason.NOT_THE_PATIENT,
    NO_ORDER: SilenceReason.NOT_AN_ORDER,
}
UNREAD = "the laboratory's report: its result could not be read"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The person as the record knows them (None when it does not), their calls and the moment."""

    person: str | None
    calls: Mapping[str, GeneCall]
    moment: Moment


Permit = Callable[[str], None]
"""Raises Refused when the caller may not open this person's record."""


def gather_moment(
    house: House, rules: Rules, request: HookRequest, day: date, permit: Permit | None = None
) -> Gathered:
    """Calls: the record's where it has called the gene, else the prefetched; both where they disagree.
    Medicines and problems: prefetched where given, else the record's. Raises DataMissing when neither says
    anything about the person's genes, Refused when `permit` does.
    """
    person = find_person(house, request)
    if permit is not None and person is not None:
        permit(person)
    known = house.ledger.person(person) if person is not None else None
    calls = dict(house.ledger.person_calls(person)) if person is not None else {}
    prefetched = prefetched_calls(house.pgx, rules, request)
    for gene, call in prefetched.items():
        calls[gene] = beside(house.pgx, calls.get(gene), call)
    stated = bool(prefetched) or any(key in request.prefetch for key in GENOMIC_PREFETCH)
    if known is None and not calls and not stated:
        raise DataMissing([_nothing_known(), *_not_used(request)])
    moment = _moment(house, rules, request, person, known, day)
    return Gathered(person, calls, moment)


def _nothing_known() -> Problem:
    return Problem(
        "Request.prefetch",
        "neither prefetch nor the record holds genomic results of this patient",
        remedy="prefetch `genotypes` or `indicators`, or accept a result of the patient",
    )


def _not_used(request: HookRequest) -> Iterator[Problem]:
    for one in request.passed_over:
        if one.why == NOT_THE_PATIENT:
            yield Problem(f"Request.{one.where}", f"{one.what} not used: {one.why}")


def passed_over(request: HookRequest) -> tuple[Silence, ...]:
    """What the request brought along that was not looked at, as reasoned silences."""
    return tuple(
        Silence(one.where, "", _PASSED_OVER[one.why], f"{one.what} not used: {one.why}")
        for one in request.passed_over
    )


def find_person(house: House, request: HookRequest) -> str | None:
    """The record the patient belongs to: by the id the calling server gave them, or by Bedside's own id.

    Every EHR counts its patients from one, so an id of a server that is not the record's own never opens a
    record by itself: it must have been registered for that server.
    """
    if request.fhir_server:
        found = house.ledger.find_person(Identifier(request.fhir_server, request.patient))
        if found is not None or not own_server(house.settings, request.fhir_server):
            return found
    known = house.ledger.person(request.patient) is not None or house.ledger.results(request.patient)
    return request.patient if known else None


def own_server(settings: Settings, server: str) -> bool:
    """Whether patients' ids at a FHIR server are the record's own: the server set for that, or one on this
    machine while only this machine is served.
    """
    if settings.fhir_server and server.rstrip("/") == settings.fhir_server.rstrip("/"):
        return True
    try:
        host = urlsplit(server).hostname or ""
    except ValueError:
        return False
    return settings.loopback and not settings.access_file and is_loopback(host)


def prefetched_calls(pgx: PgxPack, rules: Rules, request: HookRequest) -> Mapping[str, GeneCall]:
    """What prefetched observations and indicators say, called like a laboratory's own calls."""
    resources = [resource for several in request.prefetch.values() for resource in several]
    stated, unread = calls_of(resources, rules.words, load_terminology())
    by_gene: dict[str, list[OutsideCall]] = {}
    for call in stated:
        by_gene.setdefault(call.gene, []).append(call)
    calls = {gene: call_outside(pgx.genes[gene], tuple(several)) for gene, several in by_gene.items()}
    for gene in unread:
        calls[gene] = GeneCall(gene, CallStatus.NO_CALL, CallSource.OUTSIDE, settle_with=(UNREAD,))
    return calls


def beside(pgx: PgxPack, held: GeneCall | None, sent: GeneCall) -> GeneCall:
    """What holds of a gene on which the record holds one call and a request brought another."""
    if held is None or held.status is CallStatus.NOT_TESTED:
        return sent
    if sent.status is not CallStatus.CALLED:
        return held
    if held.status is not CallStatus.CALLED:
        return held if held.by_single_position else sent
    if pgx.genes[held.gene].lookup is Lookup.ALLELE_PRESENCE:
        return replace(
            held,
            phenotypes=tuple(dict.fromkeys((*held.phenotypes, *sent.phenotypes))),
            lookup_keys=tuple(dict.fromkeys((*held.lookup_keys, *sent.lookup_keys))),
        )
    agree = not sent.lookup_keys or not set(held.lookup_keys).isdisjoint(sent.lookup_keys)
    return held if agree else disagreeing(held, [sent])


def _moment(
    house: House, rules: Rules, request: HookRequest, person: str | None, known: Person | None, day: date
) -> Moment:
    taken, medications_known = _taken(house, rules, request, person, day)
    return Moment(
        hook=request.hook,
        day=day,
        drafts=tuple(_draft(rules, ordered) for ordered in request.drafts),
        taken=taken,
        medications_known=medications_known,
        age=_age(request, known, day),
        problems=_problems(house, request, person),
    )


def _draft(rules: Rules, ordered: Ordered) -> Draft:
    drugs = rules.ruleset.drugs.find(ordered.codes, ordered.text)
    small = len(canonical(ordered.resource)) <= LARGEST_RESOURCE
    return Draft(ordered.order, drugs, ordered.named, resource=ordered.resource if small else {})


def _age(request: HookRequest, known: Person | None, day: date) -> int | None:
    for patient in request.resources("Patient"):
        born = day_of(patient.get("birthDate"))
        if born is not None and born <= day:
            return age_on(born, day)
    if known is not None and known.birth_date is not None:
        return age_on(known.birth_date, day)
    return None


def _taken(
    house: House, rules: Rules, request: HookRequest, person: str | None, day: date
) -> tuple[tuple[Taken, ...], bool]:
    prefetched = [*request.resources("MedicationRequest"), *request.resources("MedicationStatement")]
    if prefetched or MEDICATION_PREFETCH in request.prefetch:
        current = [one for one in prefetched if is_taken(one)]
        return tuple(taken for one in current for taken in _prefetched_drug(rules, request, one, day)), True
    if person is None:
        return (), False
    held = [m for m in house.ledger.medications(person) if m.status is ItemStatus.ACTIVE]
    return tuple(
        Taken(drug, None if one.since is None else (day - one.since).days)
        for one in held
        for drug in rules.ruleset.drugs.find((one.drug,), one.drug.display)
    ), True


def _prefetched_drug(
    rules: Rules, request: HookRequest, resource: Mapping[str, Any], day: date
) -> Sequence[Taken]:
    codes, text, _ = medication_of(resource, request.addresses)
    period = resource.get("effectivePeriod")
    began = day_of(
        resource.get("authoredOn") or (period.get("start") if isinstance(period, Mapping) else None)
    )
    days = None if began is None or began > day else (day - began).days
    dose = dose_text(_as_order(resource), timed=True)
    return [Taken(drug, days, dose) for drug in rules.ruleset.drugs.find(codes, text)]


def _as_order(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """A MedicationStatement states its dose under another name than an order."""
    return {"dosageInstruction": resource.get("dosageInstruction", resource.get("dosage"))}


def _problems(house: House, request: HookRequest, person: str | None) -> frozenset[str] | None:
    if PROBLEM_PREFETCH in request.prefetch:
        return problems_of(request.resources("Condition"))
    if person is None:
        return None
    return frozenset(
        problem.condition.code
        for problem in house.ledger.problems(person)
        if problem.condition.system in PROBLEM_SYSTEMS and problem.status is not ItemStatus.ENTERED_IN_ERROR
    )
