"""A person's record as a GA4GH phenopacket (schema 2.0).

Who they are, the problems and the drugs in force. Findings in the genome are not interpreted here: they are
told through disclosure, by consent and age, and an export is no way round it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bedside.genome.case import Age, AgeRange, Case, Feature, FeatureStatus, GestationalAge, LifeStage, Moment
from bedside.genome.code import Code, System
from bedside.genome.person import ItemStatus, Medication, Person, Problem, Sex

_SEX = {Sex.FEMALE: "FEMALE", Sex.MALE: "MALE", Sex.OTHER: "OTHER_SEX", Sex.UNKNOWN: "UNKNOWN_SEX"}
_SAID = (FeatureStatus.OBSERVED, FeatureStatus.EXCLUDED)
_PREFIX = {
    System.SNOMED_CT: ("SNOMEDCT_US", "snomed"),
    System.ICD10CM: ("ICD10CM", "icd10cm"),
    System.RXNORM: ("RxNorm", "rxnorm"),
    System.ATC: ("ATC", "atc"),
    System.HPO: ("HP", "hp"),
}


def phenopacket(
    person: Person,
    problems: Sequence[Problem],
    medications: Sequence[Medication],
    created: datetime,
    case: Case | None = None,
    hpo: str = "",
) -> dict[str, Any]:
    """The phenopacket of what is in force; what ended or was entered in error is left out. Of the case only
    what a person confirmed goes out; hpo: the release in which it is named."""
    subject: dict[str, Any] = {"id": person.person, "sex": _SEX[person.sex]}
    if person.birth_date is not None:
        subject["dateOfBirth"] = f"{person.birth_date.isoformat()}T00:00:00Z"
    kept = [one for one in problems if one.status is ItemStatus.ACTIVE]
    taken = [one for one in medications if one.status is ItemStatus.ACTIVE]
    systems = {one.condition.system for one in kept} | {one.drug.system for one in taken}
    made: dict[str, Any] = {"id": f"bedside-{person.person}", "subject": subject}
    features = [one for one in (case.features if case else ()) if one.confirmed and one.status in _SAID]
    if features:
        made["phenotypicFeatures"] = [_feature(one) for one in features]
    if kept:
        made["diseases"] = [_disease(one) for one in kept]
    if taken:
        made["medicalActions"] = [{"treatment": {"agent": _term(one.drug)}} for one in taken]
    made["metaData"] = {
        "created": created.isoformat().replace("+00:00", "Z"),
        "createdBy": "Bedside",
        "resources": [
            *(_resource(system) for system in sorted(systems, key=lambda one: one.value)),
            *([_hpo(hpo)] if features and System.HPO not in systems else ()),
        ],
        "phenopacketSchemaVersion": "2.0",
    }
    return made


def _disease(problem: Problem) -> dict[str, Any]:
    made: dict[str, Any] = {"term": _term(problem.condition)}
    if problem.since is not None:
        made["onset"] = {"timestamp": f"{problem.since.isoformat()}T00:00:00Z"}
    return made


def _feature(one: Feature) -> dict[str, Any]:
    made: dict[str, Any] = {"type": {"id": one.term, "label": one.label}}
    if one.status is FeatureStatus.EXCLUDED:
        made["excluded"] = True
    if one.onset is not None:
        made["onset"] = _moment(one.onset)
    return made


def _moment(moment: Moment) -> dict[str, Any]:
    match moment:
        case Age(_, written):
            return {"age": {"iso8601duration": written}}
        case AgeRange(start, end):
            ends = {"start": {"iso8601duration": start.written}, "end": {"iso8601duration": end.written}}
            return {"ageRange": ends}
        case GestationalAge(weeks, days):
            return {"gestationalAge": {"weeks": weeks, "days": days}}
        case LifeStage(term, label):
            return {"ontologyClass": {"id": term, "label": label}}


def _hpo(version: str) -> dict[str, str]:
    return {
        "id": "hp",
        "name": "Human Phenotype Ontology",
        "url": "http://purl.obolibrary.org/obo/hp.owl",
        "version": version or "as recorded",
        "namespacePrefix": "HP",
        "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
    }


def _term(code: Code) -> dict[str, str]:
    prefix, _ = _PREFIX.get(code.system, (code.system.value, ""))
    bare = code.code.removeprefix(f"{prefix}:")
    return {"id": f"{prefix}:{bare}", "label": code.display or bare}


def _resource(system: System) -> dict[str, str]:
    prefix, short = _PREFIX.get(system, (system.value, "other"))
    return {
        "id": short,
        "name": prefix,
        "url": system.value,
        "version": "as recorded",
        "namespacePrefix": prefix,
        "iriPrefix": f"{system.value}/",
    }
