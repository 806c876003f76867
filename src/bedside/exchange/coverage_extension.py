"""A coverage answer as Da Vinci CRD's coverage-information extension, written on an order and on nothing else
of it, and as a card that never interrupts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.coverage_words import HEADLINES
from bedside.exchange.coverage_fhir import CODE_SYSTEMS, reference_of
from bedside.exchange.fhir_address import Resource
from bedside.genome.coverage import Answer, InfoNeeded, PaNeeded

EXTENSION = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
DETAILS = "http://terminology.hl7.org/CodeSystem/crd-coverage-detail"
REASONS = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp"
CARD_TYPE = {
    "system": "http://terminology.hl7.org/CodeSystem/cdshooks-card-type",
    "code": "coverage-info",
    "display": "Coverage Information",
}
OTHER = "OTH"
LONGEST_SUMMARY = 140
_NAMESPACE = UUID("5a2c7d6e-9e52-5d3f-8f10-7c0a5a3f2b11")
_SYSTEM_OF = {name: uri for uri, name in CODE_SYSTEMS.items()}
_FEWEST = 3
"""Missing facts that a card names."""


def extension(answer: CoverageAnswer, coverage: str) -> dict[str, Any]:
    """The answer about one cover. It keeps the rules of the extension: no authorisation where nothing is
    covered, no form unless something has to be written, information needed exactly where something is
    conditional, and a reason wherever that is of another kind."""
    return {"url": EXTENSION, "extension": [*_parts(answer, coverage)]}


def _parts(answer: CoverageAnswer, coverage: str) -> Iterator[dict[str, Any]]:
    yield {"url": "coverage", "valueReference": {"reference": coverage}}
    yield _code("covered", answer.answer.crd)
    if answer.pa_needed is not None:
        yield _code("pa-needed", answer.pa_needed.value)
    yield from (_code("doc-needed", one.value) for one in answer.doc_needed)
    if answer.doc_needed:
        yield from (_code("doc-purpose", one.value) for one in answer.doc_purpose)
    if _conditional(answer):
        told = [one.value for one in answer.info_needed] or [OTHER]
        yield from (_code("info-needed", one) for one in told)
    for code in answer.billing_codes:
        system = _SYSTEM_OF.get(code.system, f"urn:bedside:coding-system:{code.system}")
        yield {"url": "billingCode", "valueCoding": {"system": system, "code": code.code}}
    yield {"url": "reason", "valueCodeableConcept": _reason(answer)}
    yield from (_limit(one) for one in answer.limits)
    yield from (_policy(one.source_url, one.version, one.review_state) for one in answer.governing)
    if answer.doc_needed:
        yield from ({"url": "questionnaire", "valueCanonical": one} for one in answer.questionnaires)
    yield {"url": "date", "valueDate": answer.asked_on.isoformat()}
    yield {"url": "coverage-assertion-id", "valueString": answer.assertion}
    if answer.until is not None:
        yield {"url": "expiry-date", "valueDate": answer.until.isoformat()}


def _code(url: str, value: str) -> dict[str, Any]:
    return {"url": url, "valueCode": value}


def _conditional(answer: CoverageAnswer) -> bool:
    return answer.answer is Answer.CONDITIONAL or answer.pa_needed is PaNeeded.CONDITIONAL


def _reason(answer: CoverageAnswer) -> dict[str, Any]:
    told: dict[str, Any] = {"text": answer.why}
    if InfoNeeded.CONTRACT_WINDOW in answer.info_needed:
        told["coding"] = [{"system": REASONS, "code": "no-active-coverage"}]
    return told


def _limit(text: str) -> dict[str, Any]:
    parts = [
        _code("category", "cat-limitation"),
        {"url": "code", "valueCodeableConcept": {"text": "What the policy limits"}},
        {"url": "value", "valueString": text},
    ]
    return {"url": "detail", "extension": parts}


def _policy(url: str, version: str, state: str) -> dict[str, Any]:
    code = {"coding": [{"system": DETAILS, "code": "policy-link"}]}
    parts: list[dict[str, Any]] = [
        _code("category", "cat-other"),
        {"url": "code", "valueCodeableConcept": code},
        {"url": "value", "valueUrl": url},
        {"url": "qualification", "valueString": f"{version}; {state}"},
    ]
    return {"url": "detail", "extension": parts}


def system_action(order: Resource, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the client does by itself: the order as it came, with our statements in place of earlier ones
    about the same covers."""
    about = {_coverage_of(one) for one in told}
    held = order.get("extension")
    kept = [
        one
        for one in (held if isinstance(held, list) else [])
        if not (isinstance(one, Mapping) and one.get("url") == EXTENSION and _coverage_of(one) in about)
    ]
    return {
        "type": "update",
        "description": "Write the coverage information on the order",
        "resource": {**order, "extension": [*kept, *told]},
    }


def _coverage_of(one: Mapping[str, Any]) -> object:
    parts = one.get("extension")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Mapping) and part.get("url") == "coverage":
            value = part.get("valueReference")
            return value.get("reference") if isinstance(value, Mapping) else None
    return None


def card(answer: CoverageAnswer, order: Resource, plan: str) -> dict[str, Any]:
    """A card of the lowest rank: money is no reason to interrupt. The answer first, then why."""
    summary = f"{HEADLINES[answer.answer]}: {plan or 'no plan is known'}"
    asked = [f"- {one.question}" for one in answer.missing[:_FEWEST]]
    if len(answer.missing) > _FEWEST:
        asked.append(f"- and {len(answer.missing) - _FEWEST} more")
    states = "; ".join(dict.fromkeys(one.review_state for one in answer.governing))
    detail = "\n\n".join(
        part
        for part in (
            f"{answer.why[0].upper()}{answer.why[1:]}.",
            "\n".join(["Not said yet:", *asked]) if asked else "",
            f"Policies: {', '.join(one.version for one in answer.governing)} ({states})"
            if answer.governing
            else "",
        )
        if part
    )
    return {
        "uuid": str(uuid5(_NAMESPACE, f"{answer.assertion}/{reference_of(order)}")),
        "summary": summary[:LONGEST_SUMMARY],
        "detail": detail,
        "indicator": "info",
        "source": {"label": "Bedside coverage policies", "topic": CARD_TYPE},
        "extension": {"davinci-crd.associated-resource": [{"reference": reference_of(order)}]},
    }
