"""Implications of Genomics Reporting 3.0.0 (STU3): what a classification release says of a variant, what a
variant does to a transcript, and what guidance follows from the pharmacogenes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bedside.act.disclosure import Finding
from bedside.decide.recommendation import Recommendation
from bedside.exchange.fhir_genomics_out import CLINVAR, NUCCORE, Resource, Writer
from bedside.exchange.fhir_out import CATEGORY, PROFILES
from bedside.genome.assay import Assay
from bedside.genome.code import System
from bedside.genome.record import HeldResult
from bedside.interpret.germline.consequence import Consequence
from bedside.knowledge.classification import ClassifiedVariant


def _from(resources: Sequence[Resource]) -> list[Resource]:
    return [{"reference": f"Observation/{one['id']}"} for one in resources]


def diagnostic(writer: Writer, record: ClassifiedVariant, variant: Resource) -> Resource:
    """What one record of the release says of a variant that is present."""
    name = f"{record.release}/{record.variation_id or record.variant}/{record.raw}"
    made = writer.observation("diagnostic-implication", "diagnostic", name)
    made["derivedFrom"] = _from((variant,))
    said = f"{record.review_status}; {record.stars} of 4 stars"
    made["component"] = [
        writer.component("significance", valueCodeableConcept={"text": record.raw}),
        writer.component("evidence", valueCodeableConcept={"text": said}),
        *(
            writer.component("phenotype", valueCodeableConcept={"text": condition})
            for condition in record.conditions
        ),
    ]
    if record.variation_id is not None:
        made["identifier"] = [{"system": CLINVAR, "value": str(record.variation_id)}]
    made["note"] = [{"text": f"Classification release {record.release}."}]
    return made


def molecular(writer: Writer, found: Consequence, variant: Resource) -> Resource:
    """What a variant that is present does to a transcript, as far as it can be told."""
    made = writer.observation("molecular-consequence", "consequence", f"{variant['id']}/{found.transcript}")
    made["derivedFrom"] = _from((variant,))
    sequence = {"coding": [{"system": NUCCORE, "code": found.transcript}]}
    so = writer.known.values["snv"].system
    made["component"] = [
        writer.component("transcript", valueCodeableConcept=sequence),
        *(
            writer.component("feature", valueCodeableConcept=_term(so, term.value, term.name))
            for term in found.terms
        ),
    ]
    if found.undetermined is not None:
        made["note"] = [{"text": f"Not everything could be told: {found.undetermined.value}."}]
    return made


def _term(system: str, code: str, name: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": name.lower()}]}


def therapeutic(writer: Writer, one: Recommendation, genotypes: Sequence[Resource]) -> Resource:
    """What guidance says about one drug, from the genotypes that it rests on."""
    name = f"{one.release}/{one.guidance_id}/{one.population}"
    made = writer.observation("therapeutic-implication", "therapeutic", name)
    made["derivedFrom"] = _from(genotypes)
    drug: Resource = {"text": one.drug.name}
    if one.drug.rxnorm:
        coding = {"system": System.RXNORM.value, "code": one.drug.rxnorm, "display": one.drug.name}
        drug["coding"] = [coding]
    components = [
        writer.component("conclusion", valueString=one.text),
        writer.component("medication", valueCodeableConcept=drug),
    ]
    for basis in one.basis:
        if basis.phenotype and basis.gene not in one.unknown_genes:
            text = {"text": f"{basis.gene} {basis.phenotype}"}
            components.append(writer.component("therapeutic", valueCodeableConcept=text))
    if one.level:
        level = {"text": f"{one.source} level {one.level}; strength: {one.strength.value}"}
        components.append(writer.component("evidence", valueCodeableConcept=level))
    made["component"] = components
    said = f"{one.citation.title}. Population: {one.population}. Review: {one.review_state}."
    made["note"] = [{"text": f"{said} Knowledge release {one.release}."}]
    return made


def disclosed(writer: Writer, finding: Finding, variants: Sequence[Resource]) -> Resource:
    """A finding that may be shown: what its variants mean for the person, as it was signed off."""
    made = writer.observation("diagnostic-implication", "diagnostic", f"finding/{finding.finding}")
    made["derivedFrom"] = _from(variants)
    said = str(finding.about.get("classification", ""))
    components = [writer.gene(finding.gene, "")] if finding.gene else []
    if said:
        components.append(writer.component("significance", valueCodeableConcept={"text": said}))
    if finding.disease:
        components.append(writer.component("phenotype", valueCodeableConcept={"text": finding.disease}))
    if components:
        made["component"] = components
    made["effectiveDateTime"] = finding.found_at.isoformat()
    release = f"; classification release {finding.release}" if finding.release else ""
    made["note"] = [{"text": f"Panel {finding.panel or 'not named'}{release}."}]
    return made


def recommended_action(
    writer: Writer, one: Recommendation, usage: tuple[str, str], implication: Resource
) -> Resource:
    """What guidance proposes to do about one drug, as a Task. usage: an answer of LOINC list LL4049-4."""
    code, display = usage
    name = f"medication-recommendation/{one.release}/{one.guidance_id}/{one.population}"
    return {
        "resourceType": "Task",
        "id": writer.name(name),
        "meta": {"profile": [f"{PROFILES}medication-recommendation"]},
        "status": "requested",
        "intent": "proposal",
        "code": {"coding": [{"system": System.LOINC.value, "code": code, "display": display}]},
        "description": one.summary,
        "for": {"reference": writer.subject},
        "reasonReference": {"reference": f"Observation/{implication['id']}"},
    }


def genomic_study(writer: Writer, result: HeldResult, assay: Assay) -> Resource:
    """One result as the study it came from: by which method, when, and how much was looked at. A withdrawn
    result was entered in error."""
    looked = f"{assay.positions_tested} positions tested, {len(assay.positions_not_callable)} not callable"
    made: Resource = {
        "resourceType": "Procedure",
        "id": writer.name(f"study/{result.result}"),
        "meta": {"profile": [f"{PROFILES}genomic-study"]},
        "status": "entered-in-error" if result.withdrawn else "completed",
        "category": {"coding": [{"system": CATEGORY, "code": "laboratory"}]},
        **({"code": {"text": assay.method}} if assay.method else {}),
        "subject": {"reference": writer.subject},
        "performedDateTime": result.valid_at.isoformat(),
        "note": [{"text": looked}, {"text": f"confirmation: {result.confirmation.value}"}],
    }
    if result.laboratory:
        made["performer"] = [{"actor": {"display": result.laboratory}}]
    if assay.build is not None:
        made["note"].append({"text": f"assembly: {assay.build.value}"})
    made["note"] += [{"text": f"limit: {one}"} for one in assay.limits]
    return made
