"""What laboratories reported as FHIR Observations, in their words: variants with what each laboratory says
of them, markers, and what was looked at. Nothing of it is ours, and each says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bedside.exchange.fhir_genomics_out import NUCCORE, Writer
from bedside.exchange.fhir_value import HGNC, LOINC
from bedside.genome.reported import (
    NOTHING_SAID,
    AllelicState,
    FindingKind,
    ReportedFinding,
    ReportedPresence,
    SaidCode,
    SourceClass,
)
from bedside.knowledge.lri_answers import LriAnswers
from bedside.knowledge.terminology import Terminology

Resource = dict[str, Any]
STATEMENT = "The laboratory's own statement; not interpreted here."
_HGVS = "http://varnomen.hgvs.org"


def reported_resources(
    writer: Writer, terms: Terminology, answers: LriAnswers, finding: ReportedFinding, name: str, said_by: str
) -> tuple[Resource, ...]:
    """The Observation of a finding, and its diagnostic implication where the laboratory classified it.
    name: its digest; said_by: who reported it when, in words."""
    made = writer.observation("variant", "variant", f"reported/{name}")
    if finding.kind is not FindingKind.VARIANT:
        del made["meta"]
        made["code"] = {"text": finding.name}
    answer = _listed(answers, terms.codes["variant"], finding.presence.value)
    if finding.kind is FindingKind.VARIANT and answer is not None:
        made["valueCodeableConcept"] = answer
    components = list(_components(terms, answers, finding))
    if components:
        made["component"] = components
    beside = f" {finding.comment}" if finding.comment else ""
    made["note"] = [{"text": f"{said_by}. {STATEMENT}{_rest(finding)}{beside}"}]
    if finding.presence is ReportedPresence.NOT_SAID and not components:
        made["dataAbsentReason"] = {"text": "the report gives no coded answer; see the note"}
    if finding.classification == NOTHING_SAID and finding.condition == NOTHING_SAID:
        return (made,)
    implied = writer.observation("diagnostic-implication", "diagnostic", f"reported/{name}/means")
    implied["derivedFrom"] = [{"reference": f"Observation/{made['id']}"}]
    implied["component"] = [
        {"code": _loinc(terms.codes[of]), "valueCodeableConcept": _concept(said)}
        for of, said in (("significance", finding.classification), ("phenotype", finding.condition))
        if said != NOTHING_SAID
    ]
    implied["note"] = [{"text": f"{said_by}. {STATEMENT}"}]
    return made, implied


def _loinc(code: str, display: str = "") -> Resource:
    return {"coding": [{"system": LOINC, "code": code} | ({"display": display} if display else {})]}


def _concept(said: SaidCode) -> Resource:
    made: Resource = {"text": said.text} if said.text else {}
    if said.code:
        coding = {"system": said.system, "code": said.code} if said.system else {"code": said.code}
        made["coding"] = [coding]
    return made


def _listed(answers: LriAnswers, question: str, value: str) -> Resource | None:
    """The LOINC answer of a closed list, None when the list has none of this name."""
    for code, shown in answers.lists.get(question, {}).items():
        if shown.lower().replace(" ", "-") == value:
            return _loinc(code, shown)
    return None


def _components(terms: Terminology, answers: LriAnswers, finding: ReportedFinding) -> Iterator[Resource]:
    codes = terms.codes
    if finding.gene or finding.gene_code:
        gene: Resource = {"text": finding.gene} if finding.gene else {}
        if finding.gene_code:
            coding = {"system": HGNC[0], "code": finding.gene_code}
            gene["coding"] = [coding | ({"display": finding.gene} if finding.gene else {})]
        yield {"code": _loinc(codes["gene_studied"]), "valueCodeableConcept": gene}
    for name, written in _names(finding):
        value = {"coding": [{"system": _HGVS, "code": written}]}
        yield {"code": _loinc(codes[name]), "valueCodeableConcept": value}
    if finding.identifiers:
        codings = [coding for one in finding.identifiers for coding in _concept(one).get("coding", ())]
        if codings:
            yield {"code": _loinc(codes["variation"]), "valueCodeableConcept": {"coding": codings}}
    place = finding.where
    if place.sequence:
        sequence = {"coding": [{"system": NUCCORE, "code": place.sequence}]}
        yield {"code": _loinc(codes["genomic_sequence"]), "valueCodeableConcept": sequence}
    for name, bases in (("reference_allele", place.reference), ("alternate_allele", place.alternate)):
        if bases:
            yield {"code": _loinc(codes[name]), "valueString": bases}
    state = None if finding.allelic_state is AllelicState.NOT_SAID else finding.allelic_state.value
    source = None if finding.source is SourceClass.NOT_SAID else finding.source.value
    source = "unknown-genomic-origin" if finding.source is SourceClass.UNKNOWN else source
    for name, said in (("allelic_state", state), ("source_class", source)):
        listed = _listed(answers, codes[name], said) if said else None
        if listed is not None:
            yield {"code": _loinc(codes[name]), "valueCodeableConcept": listed}


def _names(finding: ReportedFinding) -> Iterator[tuple[str, str]]:
    """The names of a change that say themselves what they are names on; the first of each kind."""
    used = set()
    for written in finding.hgvs:
        change = written.rpartition(":")[2]
        name = {"c": "coding_hgvs", "p": "protein_hgvs", "g": "genomic_hgvs", "m": "genomic_hgvs"}.get(
            change[:1], ""
        )
        if name and change[1:2] == "." and name not in used:
            used.add(name)
            yield name, written


def _rest(finding: ReportedFinding) -> str:
    """In words what has no component of its own: other names, the place as written, every detail."""
    named = {written for _, written in _names(finding)}
    place = finding.where
    spot = " ".join(filter(None, (place.build, place.chromosome, place.start, place.end, place.system)))
    parts = (
        [f"Also named {', '.join(left)}."]
        if (left := [one for one in finding.hgvs if one not in named])
        else []
    )
    parts += [f"Place as written: {spot}."] if spot else []
    parts += [f"{one.asked.words}: {one.answer.words}." for one in finding.details if one.answer.words]
    return " " + " ".join(parts) if parts else ""
