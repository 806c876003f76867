"""Reads the few FHIR R4 resources that a prescribing moment needs: tolerant of what is missing, strict about
meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bedside.exchange.fhir_address import Resource, lookup
from bedside.exchange.genomic_text import GenomicWords
from bedside.genome.code import PROBLEM_SYSTEMS, Code, System
from bedside.genome.observation import OutsideCall
from bedside.knowledge.terminology import Terminology

_SYSTEMS = {system.value: system for system in System}
COUNTED_OBSERVATIONS = frozenset({"final", "amended", "corrected"})
TAKEN = frozenset({"active", "on-hold"})
WITHDRAWN = frozenset({"cancelled", "entered-in-error", "stopped", "not-taken", "not-done", "declined"})
NOT_A_RESULT = frozenset(
    {"entered-in-error", "inactive", "resolved", "refuted", "unconfirmed", "provisional", "differential"}
)


def codes_of(concept: object) -> tuple[Code, ...]:
    """The codings of a CodeableConcept in systems we know, in their order."""
    if not isinstance(concept, Mapping):
        return ()
    return tuple(
        Code(_SYSTEMS[coding["system"]], str(coding["code"]), str(coding.get("display", "")))
        for coding in _list(concept.get("coding"))
        if isinstance(coding, Mapping) and coding.get("system") in _SYSTEMS and coding.get("code")
    )


def text_of(concept: object) -> str:
    """What a CodeableConcept says to people: its text, else the displays of its codings."""
    if not isinstance(concept, Mapping):
        return ""
    if isinstance(concept.get("text"), str) and concept["text"].strip():
        return str(concept["text"])
    displays = [c.get("display", "") for c in _list(concept.get("coding")) if isinstance(c, Mapping)]
    return " / ".join(str(display) for display in displays if display)


def medication_of(
    request: Resource, addresses: Mapping[str, Resource] | None = None
) -> tuple[tuple[Code, ...], str, bool]:
    """What a MedicationRequest or MedicationStatement orders: codes, text, and whether it names a drug at
    all. One that refers to a Medication names a drug, also where the reference cannot be followed.
    """
    concept = request.get("medicationCodeableConcept")
    reference = request.get("medicationReference")
    referred = concept is None and isinstance(reference, Mapping)
    if concept is None and isinstance(reference, Mapping):
        concept = _referred(str(reference.get("reference", "")), request, addresses or {})
        if concept is None and reference.get("display"):
            concept = {"text": reference["display"]}
    codes, text = codes_of(concept), text_of(concept)
    return codes, text, bool(codes or text or referred)


def _referred(reference: str, request: Resource, addresses: Mapping[str, Resource]) -> object:
    if reference.startswith("#"):
        contained = _list(request.get("contained"))
        return next(
            (
                one.get("code")
                for one in contained
                if isinstance(one, Mapping) and one.get("id") == reference[1:]
            ),
            None,
        )
    found = lookup(reference, addresses)
    return found.get("code") if found is not None and found.get("resourceType") == "Medication" else None


def is_taken(request: Resource) -> bool:
    """Whether a MedicationRequest or MedicationStatement says that the drug is taken now, or only paused."""
    return request.get("status") in TAKEN and request.get("doNotPerform") is not True


def is_withdrawn(order: Resource) -> bool:
    """Whether an order asks for the drug not to be given, or no longer stands."""
    return order.get("status") in WITHDRAWN or order.get("doNotPerform") is True


def calls_of(
    resources: Sequence[Mapping[str, Any]], words: GenomicWords, terms: Terminology
) -> tuple[tuple[OutsideCall, ...], tuple[str, ...]]:
    """Genotypes and phenotypes in Observations, and genomic indicators in Conditions, that state them
    plainly.

    Second: genes about which something is stated that could not be read. Such a gene was tested; it is not
    absent.
    """
    found: dict[OutsideCall, None] = {}
    unread: dict[str, None] = {}
    for resource in resources:
        for gene, call in _stated(resource, words, terms):
            if call is not None:
                found[call] = None
            elif gene:
                unread[gene] = None
    read = {call.gene for call in found}
    return tuple(found), tuple(gene for gene in unread if gene not in read)


def _stated(
    resource: Mapping[str, Any], words: GenomicWords, terms: Terminology
) -> Iterator[tuple[str, OutsideCall | None]]:
    """The gene a resource speaks of, and the call it makes, None when that could not be read."""
    if resource.get("resourceType") == "Observation":
        yield from _observed(resource, words, terms)
    elif resource.get("resourceType") == "Condition" and _status(resource) not in NOT_A_RESULT:
        text = text_of(resource.get("code"))
        yield words.gene_of(text), words.read(text)


def _observed(
    observation: Mapping[str, Any], words: GenomicWords, terms: Terminology
) -> Iterator[tuple[str, OutsideCall | None]]:
    if observation.get("status") not in COUNTED_OBSERVATIONS:
        return
    held = {code.code for code in codes_of(observation.get("code")) if code.system is System.LOINC}
    gene = _gene(observation, words, terms) or _gene_of_code(observation.get("code"), words, terms)
    value = observation.get("valueCodeableConcept")
    said = text_of(value) or str(observation.get("valueString", ""))
    if terms.codes["genotype"] in held or terms.codes["high_risk_allele"] in held:
        yield gene or words.gene_of(said), words.read(said, gene)
    elif terms.codes["metabolism"] in held:
        call = _phenotype(gene, value, words, terms) or words.read(said, gene)
        yield gene or words.gene_of(said), call
    elif gene and said:
        yield gene, _phenotype(gene, value, words, terms) or words.read(said, gene)
    else:
        for component in _list(observation.get("component")):
            named = codes_of(component.get("code")) if isinstance(component, Mapping) else ()
            if gene and terms.codes["metabolism"] in {code.code for code in named}:
                yield gene, _phenotype(gene, component.get("valueCodeableConcept"), words, terms)


def _phenotype(gene: str, value: object, words: GenomicWords, terms: Terminology) -> OutsideCall | None:
    for code in codes_of(value):
        term = terms.phenotypes.get(code.code)
        if term is not None and gene in words.genes and term.lower() in words.phenotypes[gene]:
            return OutsideCall(gene, phenotype=term)
    return None


def _gene_of_code(concept: object, words: GenomicWords, terms: Terminology) -> str:
    """The gene that what was observed names itself, by a code for that gene or by its first word."""
    codes = codes_of(concept)
    coded = (terms.gene_activity.get(code.code, "") for code in codes if code.system is System.LOINC)
    spoken = map(words.gene_of, (text_of(concept), *(code.display for code in codes)))
    return next(filter(None, (*coded, *spoken)), "")


def _gene(observation: Mapping[str, Any], words: GenomicWords, terms: Terminology) -> str:
    for component in _list(observation.get("component")):
        if not isinstance(component, Mapping):
            continue
        if terms.codes["gene_studied"] in {code.code for code in codes_of(component.get("code"))}:
            value = component.get("valueCodeableConcept")
            codings = (
                [one for one in _list(value.get("coding")) if isinstance(one, Mapping)]
                if isinstance(value, Mapping)
                else []
            )
            said = {text_of(value).strip(), *(str(one.get("display", "")).strip() for one in codings)}
            coded = [str(one.get("code", "")) for one in codings]
            by_code = (words.by_hgnc[code] for code in coded if code in words.by_hgnc)
            return next((symbol for symbol in words.symbols if symbol in said), next(by_code, ""))
    return ""


def _status(condition: Mapping[str, Any]) -> str:
    for name in ("verificationStatus", "clinicalStatus"):
        concept = condition.get(name)
        if isinstance(concept, Mapping):
            for coding in _list(concept.get("coding")):
                if isinstance(coding, Mapping) and coding.get("code") in NOT_A_RESULT:
                    return str(coding["code"])
    return ""


def problems_of(resources: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """SNOMED CT and ICD-10 codes of the Conditions that were not refuted or entered in error."""
    return frozenset(
        code.code
        for resource in resources
        if resource.get("resourceType") == "Condition"
        and _status(resource) not in ("refuted", "entered-in-error")
        for code in codes_of(resource.get("code"))
        if code.system in PROBLEM_SYSTEMS
    )


def day_of(text: object) -> date | None:
    """The day in a FHIR date or dateTime, None when it is partial or absent."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
