"""An order for a test as FHIR R4 brings it, with the chart around it: read as a coverage policy asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bedside.decide.coverage_chart import Coded, CoverageChart, Dated, Drafted, Noticed, Placed
from bedside.errors import IntakeError, Problem
from bedside.exchange.fhir_address import Resource, addresses_of, entries_of, is_about, lookup
from bedside.exchange.fhir_read import codes_of, day_of, is_taken, medication_of
from bedside.exchange.fhir_shape import misshapen
from bedside.exchange.order_fhir import LOCAL, TEST
from bedside.genome.code import System
from bedside.genome.coverage import BillingCode, Pointer, Said
from bedside.knowledge.drug_map import DrugIndex

CODE_SYSTEMS: Mapping[str, str] = {
    "http://www.ama-assn.org/go/cpt": "cpt",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "http://loinc.org": "loinc",
}
"""Code systems of tests by the URI FHIR uses; numbers only, nothing of what their owners wrote."""
Z_CODE = "urn:bedside:dex-z-code"
ORDERS = "ServiceRequest"
_URGENT = frozenset({"urgent", "asap", "stat"})
_MEDICINES = frozenset({"MedicationRequest", "MedicationStatement"})
_PRESENT = frozenset({"active", "recurrence", "relapse"})
_ABSENT = frozenset({"refuted"})
_UNSURE = frozenset({"unconfirmed", "provisional", "differential", "entered-in-error"})
_GOING_ON = frozenset({"arrived", "triaged", "in-progress", "onleave"})
_ANSWERED = frozenset({"completed", "amended", "in-progress"})

Stated = Callable[[Mapping[str, object], str], Mapping[str, Any]]
"""Reads the answers of a form, by fact, and who gave them, into facts."""


@dataclass(frozen=True, slots=True)
class Around:
    """What came with an order. patient: whose it all is; of others nothing is read."""

    resources: Sequence[Resource]
    addresses: Mapping[str, Resource]
    patient: str

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The patient's resources of these types."""
        for one in self.resources:
            if one.get("resourceType") in kinds:
                yield one


def read_order(document: object, index: DrugIndex, stated: Stated) -> tuple[Drafted, Resource | None]:
    """The one order of a Bundle, and its Coverage when there is one; raises `IntakeError`."""
    wrong = [Problem(path, reason) for path, reason in misshapen(document, "bundle")]
    if wrong:
        raise IntakeError(wrong)
    entries = tuple(entries_of(document))
    addresses = addresses_of(entries)
    orders = [one for _, one in entries if one.get("resourceType") == ORDERS]
    if len(orders) != 1:
        raise IntakeError.one(
            "bundle", f"holds {len(orders)} ServiceRequests, not one", remedy="give the order of one test"
        )
    subject = orders[0].get("subject")
    reference = str(subject.get("reference", "")) if isinstance(subject, Mapping) else ""
    held = lookup(reference, addresses)
    patient = str(held.get("id", "")) if held is not None else reference.rpartition("/")[2]
    mine = [
        one
        for _, one in entries
        if one is held or is_about(_with_subject(one), patient, addresses) or _subject(one) == reference
    ]
    around = Around(mine, addresses, patient)
    coverage = next(around.of("Coverage"), None)
    return drafted(orders[0], around, index, stated), coverage


def drafted(order: Resource, around: Around, index: DrugIndex, stated: Stated) -> Drafted:
    """An order with what came around it."""
    codings = list(_codings(order.get("code")))
    on = day_of(order.get("occurrenceDateTime"))
    period = order.get("occurrencePeriod")
    if on is None and isinstance(period, Mapping):
        on = day_of(period.get("start"))
    return Drafted(
        order=reference_of(order),
        test=_test(codings),
        codes=tuple(
            BillingCode(CODE_SYSTEMS[system], code) for system, code in codings if system in CODE_SYSTEMS
        ),
        z_code=next((code for system, code in codings if system == Z_CODE), ""),
        urgent=_word(order, "priority") in _URGENT,
        service_on=on,
        chart=chart_around(order, around, index, stated),
    )


def chart_around(order: Resource, around: Around, index: DrugIndex, stated: Stated) -> CoverageChart:
    """The chart as the resources around an order have it."""
    named = list(_named_medicines(order, around))
    chosen = named or [
        one
        for one in around.of(*_MEDICINES)
        if _word(one, "status") == "draft" or (_word(one, "status") and is_taken(one))
    ]
    return CoverageChart(
        born=_born(around),
        placed=_placed(around),
        problems=tuple(_problems(around)),
        drugs=tuple(_drugs(chosen, around, index)),
        drugs_complete=bool(named),
        features=tuple(_features(around)),
        reasons=tuple(_reasons(order, around)),
        said=_said(around, stated),
    )


def reference_of(resource: Resource) -> str:
    """`Type/id` of a resource."""
    return f"{resource.get('resourceType')}/{resource.get('id', '')}"


def _word(resource: Resource, element: str) -> str:
    """An element that is a word; "" where it is anything else."""
    held = resource.get(element)
    return held if isinstance(held, str) else ""


def _subject(resource: Resource) -> str:
    held = resource.get("subject") or resource.get("patient") or resource.get("beneficiary")
    return str(held.get("reference", "")) if isinstance(held, Mapping) else ""


def _with_subject(resource: Resource) -> Resource:
    """A Coverage is about its beneficiary."""
    return {**resource, "subject": resource["beneficiary"]} if "beneficiary" in resource else resource


def _codings(concept: object) -> Iterator[tuple[str, str]]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for one in codings if isinstance(codings, list) else []:
        if isinstance(one, Mapping) and isinstance(one.get("code"), str):
            yield str(one.get("system", "")), one["code"]


def _test(codings: Sequence[tuple[str, str]]) -> str:
    """Our catalogue's id, else the laboratory's own code."""
    ours = [code for system, code in codings if system == TEST]
    local = [code for system, code in codings if system.startswith(LOCAL)]
    return next(iter((*ours, *local)), "")


def _pointer(resource: Resource, words: str, on: object = None) -> Pointer:
    return Pointer(Said.CHART, f"{reference_of(resource)}: {words}", day_of(on))


def _born(around: Around) -> Dated | None:
    for one in around.of("Patient"):
        born = day_of(one.get("birthDate"))
        if born is not None:
            return Dated(born, _pointer(one, "birth date"))
    return None


def _statuses(condition: Resource) -> frozenset[str]:
    parts = (condition.get("clinicalStatus"), condition.get("verificationStatus"))
    return frozenset(code for part in parts for _, code in _codings(part))


def _problems(around: Around) -> Iterator[Coded]:
    for one in around.of("Condition"):
        statuses = _statuses(one)
        if statuses & (_UNSURE | _ABSENT) or ("clinicalStatus" in one and not statuses & _PRESENT):
            continue
        for code in codes_of(one.get("code")):
            if code.system in (System.ICD10CM, System.SNOMED_CT):
                shown = f"{code.display or code.code} ({code.code})"
                yield Coded(code.code, code.display, _pointer(one, shown, one.get("recordedDate")))


def _features(around: Around) -> Iterator[Noticed]:
    for one in around.of("Condition"):
        statuses = _statuses(one)
        if statuses & _UNSURE:
            continue
        for code in codes_of(one.get("code")):
            if code.system is System.HPO:
                present = not statuses & _ABSENT
                yield Noticed(code.code, present, _pointer(one, f"{code.display} ({code.code})"))


def _reasons(order: Resource, around: Around) -> Iterator[Coded]:
    at = _pointer(order, "reason of the order", order.get("authoredOn"))
    concepts = order.get("reasonCode")
    for concept in concepts if isinstance(concepts, list) else []:
        yield from (Coded(code.code, code.display, at) for code in codes_of(concept))
    for held in _referred(order, "reasonReference", around):
        if held.get("resourceType") == "Condition":
            yield from (Coded(code.code, code.display, at) for code in codes_of(held.get("code")))


def _referred(order: Resource, element: str, around: Around) -> Iterator[Resource]:
    references = order.get(element)
    for one in references if isinstance(references, list) else []:
        held = lookup(str(one.get("reference", "")), around.addresses) if isinstance(one, Mapping) else None
        if held is not None:
            yield held


def _named_medicines(order: Resource, around: Around) -> Iterator[Resource]:
    """The medicines that the order itself points to as what it is for."""
    for element in ("reasonReference", "supportingInfo"):
        for held in _referred(order, element, around):
            if held.get("resourceType") in _MEDICINES:
                yield held


def _drugs(chosen: Sequence[Resource], around: Around, index: DrugIndex) -> Iterator[Coded]:
    for one in chosen:
        codes, text, _ = medication_of(one, around.addresses)
        for drug in index.find(codes, text):
            words = f"{drug.name}, {one.get('status', 'no status')}"
            yield Coded(drug.name, drug.name, _pointer(one, words, one.get("authoredOn")))


def _placed(around: Around) -> Placed | None:
    """Where the encounter that goes on takes place: its location's role, else its class."""
    for one in around.of("Encounter"):
        if _word(one, "status") not in _GOING_ON:
            continue
        since = _since(one)
        if since is None:
            continue
        held_class = one.get("class")
        units = [*_roles(one, around)]
        if not units and isinstance(held_class, Mapping):
            units = [str(held_class.get("code", ""))]
        if units:
            unit = units[-1].casefold()
            return Placed(unit, since, _pointer(one, unit, since.isoformat()))
    return None


def _since(encounter: Resource) -> date | None:
    period = encounter.get("period")
    return day_of(period.get("start")) if isinstance(period, Mapping) else None


def _roles(encounter: Resource, around: Around) -> Iterator[str]:
    places = encounter.get("location")
    for place in places if isinstance(places, list) else []:
        if not isinstance(place, Mapping) or _word(place, "status") in ("completed", "planned"):
            continue
        reference = place.get("location")
        held = (
            lookup(str(reference.get("reference", "")), around.addresses)
            if isinstance(reference, Mapping)
            else None
        )
        types = held.get("type") if held is not None else None
        for concept in types if isinstance(types, list) else []:
            yield from (code for _, code in _codings(concept))


def _said(around: Around, stated: Stated) -> Mapping[str, Any]:
    """What was answered on forms whose items are named as facts are; later forms go before earlier ones."""
    found: dict[str, Any] = {}
    for one in around.of("QuestionnaireResponse"):
        if _word(one, "status") not in _ANSWERED:
            continue
        values = dict(_items(one.get("item")))
        author = one.get("author")
        by = str(author.get("display", "")) if isinstance(author, Mapping) else ""
        found |= stated(values, by)
    return found


def _items(items: object) -> Iterator[tuple[str, object]]:
    for one in items if isinstance(items, list) else []:
        if not isinstance(one, Mapping):
            continue
        answers = one.get("answer")
        listed = answers if isinstance(answers, list) else []
        values = [_value(answer) for answer in listed if isinstance(answer, Mapping)]
        values = [value for value in values if value is not None]
        if values and isinstance(one.get("linkId"), str):
            yield one["linkId"], values if len(values) > 1 else values[0]
        yield from _items(one.get("item"))


def _value(answer: Mapping[str, Any]) -> object:
    for name in ("valueBoolean", "valueDecimal", "valueInteger", "valueString", "valueDate"):
        if name in answer:
            return answer[name]
    coding, quantity = answer.get("valueCoding"), answer.get("valueQuantity")
    if isinstance(coding, Mapping):
        return coding.get("code")
    return quantity.get("value") if isinstance(quantity, Mapping) else None
