"""Calls and recommendations as a FHIR R4 bundle in the shape of Genomics Reporting 3.0.0 (STU3).

One report a person; a genotype (and its haplotypes) for every gene with a result; a therapeutic implication
for every recommendation, one drug each; a medication recommendation for those that change the order. A gene
that was not tested has no observation, and the report says so in words: absence is never written as a
finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID, uuid5

import orjson

from bedside.decide.recommendation import Recommendation
from bedside.decide.sample_answer import SampleAnswer
from bedside.genome.code import System
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.terminology import Terminology, load_terminology

NAMESPACE = UUID("0f7d2f3c-4f0a-5d0e-9a3e-6a8f3b1c2d4e")
PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
CODES = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
SAMPLE = "urn:bedside:sample"


@dataclass(slots=True)
class _Writer:
    """The resources of one person, in the order they are referred to."""

    subject: str
    pack: PgxPack
    terms: Terminology
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, name: str, resource: Mapping[str, Any]) -> str:
        """Keep a resource under an address that follows from its content's name; the reference to it."""
        url = f"urn:uuid:{uuid5(NAMESPACE, f'{self.subject}/{kind}/{name}/{self.pack.release}')}"
        self.entries.append({"fullUrl": url, "resource": {"resourceType": kind, **resource}})
        return url


def write_bundle(answers: Sequence[SampleAnswer], pack: PgxPack, out: BinaryIO) -> None:
    """One bundle with every person's report, as JSON."""
    out.write(orjson.dumps(bundle(answers, pack), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def bundle(answers: Sequence[SampleAnswer], pack: PgxPack) -> dict[str, Any]:
    """One collection bundle with every person's report. The same calls give the same bundle to the byte."""
    entries = [entry for answer in answers for entry in _entries(answer, pack)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _entries(answer: SampleAnswer, pack: PgxPack) -> list[dict[str, Any]]:
    writer = _Writer(answer.name, pack, load_terminology())
    identifier = [{"system": SAMPLE, "value": answer.name}]
    patient = writer.add("Patient", "patient", {"identifier": identifier})
    subject = {"reference": patient}
    genotypes = {
        call.gene: _genotype(writer, call, subject)
        for call in answer.calls
        if call.status in (CallStatus.CALLED, CallStatus.INDETERMINATE) and _shown(call)
    }
    implications: list[str] = []
    tasks: list[str] = []
    for one in answer.recommendations:
        derived = [genotypes[basis.gene] for basis in one.basis if basis.gene in genotypes]
        if derived:
            implications.append(_implication(writer, one, subject, derived))
            tasks += _task(writer, one, subject, implications[-1])
    report = _report(answer, pack, writer.terms, subject, [*genotypes.values(), *implications], tasks)
    writer.add("DiagnosticReport", "report", report)
    return writer.entries


def _shown(call: GeneCall) -> tuple[str, ...]:
    return (
        call.display or tuple(map(str, call.source_diplotypes)) or call.component_alleles or call.phenotypes
    )


def _loinc(code: str, display: str = "") -> dict[str, Any]:
    coding = {"system": System.LOINC.value, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def _own(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CODES, "code": code}]}


def _categories() -> list[dict[str, Any]]:
    return [
        {"coding": [{"system": CATEGORY, "code": "laboratory"}]},
        {"coding": [{"system": SECTION, "code": "GE"}]},
    ]


def _gene(writer: _Writer, symbol: str) -> dict[str, Any]:
    known = writer.pack.genes.get(symbol)
    concept: dict[str, Any] = {"text": symbol}
    if known is not None and known.hgnc:
        concept["coding"] = [{"system": System.HGNC.value, "code": known.hgnc, "display": symbol}]
    return {"code": _loinc(writer.terms.codes["gene_studied"]), "valueCodeableConcept": concept}


def _observation(profile: str, code: Mapping[str, Any], subject: Mapping[str, str]) -> dict[str, Any]:
    return {
        "meta": {"profile": [f"{PROFILES}{profile}"]},
        "status": "final",
        "category": _categories(),
        "code": dict(code),
        "subject": dict(subject),
    }


def _genotype(writer: _Writer, call: GeneCall, subject: Mapping[str, str]) -> str:
    """The genotype of a gene; its haplotypes stand on their own where exactly one pair fits."""
    haplotypes = []
    if len(call.source_diplotypes) == 1:
        for allele in dict.fromkeys(call.source_diplotypes[0].alleles):
            one = _observation("haplotype", _loinc(writer.terms.codes["haplotype"]), subject)
            one["valueCodeableConcept"] = {"text": f"{call.gene} {allele}"}
            one["component"] = [_gene(writer, call.gene)]
            haplotypes.append(writer.add("Observation", f"haplotype/{call.gene}/{allele}", one))
    resource = _observation("genotype", _loinc(writer.terms.codes["genotype"]), subject)
    resource["valueCodeableConcept"] = {"text": f"{call.gene} {' or '.join(_shown(call))}"}
    resource["component"] = [_gene(writer, call.gene)]
    if haplotypes:
        resource["derivedFrom"] = [{"reference": url} for url in haplotypes]
    notes = [*(f"phenotype: {term}" for term in call.phenotypes), *map(str, call.warnings)]
    if call.status is CallStatus.INDETERMINATE:
        notes.append("indeterminate: the meaning of this genotype is not known")
    if call.settle_with:
        notes.append(f"to settle it: {'; '.join(call.settle_with)}")
    if notes:
        resource["note"] = [{"text": text} for text in notes]
    return writer.add("Observation", f"genotype/{call.gene}", resource)


def _implication(
    writer: _Writer, one: Recommendation, subject: Mapping[str, str], derived: Sequence[str]
) -> str:
    codes = writer.terms.codes
    resource = _observation("therapeutic-implication", _own("therapeutic-implication"), subject)
    resource["derivedFrom"] = [{"reference": url} for url in derived]
    components = [
        {"code": _own("conclusion-string"), "valueString": one.text},
        {"code": _loinc(codes["medication_assessed"]), "valueCodeableConcept": _drug(one)},
    ]
    for basis in one.basis:
        if basis.phenotype and basis.gene not in one.unknown_genes:
            concept = _phenotype(writer.terms, basis.gene, basis.phenotype)
            components.append({"code": _own("therapeutic-implication"), "valueCodeableConcept": concept})
    if one.level:
        level = {"text": f"{one.source} level {one.level}; strength: {one.strength.value}"}
        components.append({"code": _loinc(codes["evidence_level"]), "valueCodeableConcept": level})
    resource["component"] = components
    said = f"{one.citation.title}. Population: {one.population}. Review: {one.review_state}."
    resource["note"] = [{"text": said}]
    return writer.add("Observation", f"implication/{one.guidance_id}", resource)


def _phenotype(terms: Terminology, gene: str, phenotype: str) -> dict[str, Any]:
    answer = next((code for code, term in terms.phenotypes.items() if term == phenotype), None)
    concept: dict[str, Any] = {"text": f"{gene} {phenotype}"}
    if answer is not None:
        concept["coding"] = [{"system": System.LOINC.value, "code": answer, "display": phenotype}]
    return concept


def _drug(one: Recommendation) -> dict[str, Any]:
    concept: dict[str, Any] = {"text": one.drug.name}
    if one.drug.rxnorm:
        coding = {"system": System.RXNORM.value, "code": one.drug.rxnorm, "display": one.drug.name}
        concept["coding"] = [coding]
    return concept


def _task(
    writer: _Writer, one: Recommendation, subject: Mapping[str, str], implication: str
) -> Iterator[str]:
    usage = writer.terms.usage.get(one.action)
    if usage is None:
        return
    code, display = usage
    yield writer.add(
        "Task",
        f"recommendation/{one.guidance_id}",
        {
            "meta": {"profile": [f"{PROFILES}medication-recommendation"]},
            "status": "requested",
            "intent": "proposal",
            "code": _loinc(code, display),
            "description": one.summary,
            "for": dict(subject),
            "reasonReference": {"reference": implication},
        },
    )


def _report(
    answer: SampleAnswer,
    pack: PgxPack,
    terms: Terminology,
    subject: Mapping[str, str],
    results: Sequence[str],
    tasks: Sequence[str],
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "meta": {"profile": [f"{PROFILES}genomic-report"]},
        "status": "final",
        "category": [{"coding": [{"system": SECTION, "code": "GE"}]}],
        "code": _loinc(terms.codes["report"]),
        "subject": dict(subject),
        "conclusion": _conclusion(answer, pack),
    }
    if results:
        report["result"] = [{"reference": url} for url in results]
    if tasks:
        report["extension"] = [
            {"url": f"{PROFILES}recommended-action", "valueReference": {"reference": url}} for url in tasks
        ]
    return report


def _conclusion(answer: SampleAnswer, pack: PgxPack) -> str:
    """What was looked at without a usable answer, what was not looked at, and what all of it rests on."""
    uncalled = [call.gene for call in answer.calls if call.status is CallStatus.NO_CALL]
    untested = [call.gene for call in answer.calls if call.status is CallStatus.NOT_TESTED]
    parts = [f"Tested but not called: {', '.join(uncalled)}."] if uncalled else []
    parts += [f"Not tested: {', '.join(untested)}. Not tested is not normal."] if untested else []
    parts.append(f"Knowledge {pack.release}; review: {pack.review_state}.")
    return " ".join(parts)
