"""Variants, markers and regions of a FHIR document as reported findings: the laboratory's statements, each
with what the document says beside it (its significance, its consequence, its phase) and every place it
stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bedside.exchange.fhir_document import FhirDocument, Found
from bedside.exchange.fhir_value import (
    Resource,
    answer,
    bounds,
    codes_of_any,
    gene_of,
    loinc_of,
    maps,
    said_code,
    said_codes,
    text,
)
from bedside.genome.reported import (
    NOTHING_SAID,
    AllelicState,
    Detail,
    FindingKind,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SourceClass,
)
from bedside.knowledge.lri_answers import LriAnswers
from bedside.knowledge.terminology import Terminology

IMPLICATIONS = frozenset({"diagnostic-implication", "therapeutic-implication", "molecular-consequence"})
INHERITANCE = "condition-inheritance"
CONCLUSION = "conclusion-string"
MARKER_CATEGORY = "biomarker-category"
_PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"


@dataclass(slots=True)
class _Draft:
    """A finding as it grows from its components."""

    gene: str = ""
    number: str = ""
    names: dict[str, list[str]] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    identifiers: list[SaidCode] = field(default_factory=list)
    state: SaidCode = NOTHING_SAID
    source: SaidCode = NOTHING_SAID
    significance: SaidCode = NOTHING_SAID
    condition: SaidCode = NOTHING_SAID
    inheritance: SaidCode = NOTHING_SAID
    details: list[Detail] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FindingsReader:
    """Reads under the codes of the knowledge at hand."""

    terms: Terminology
    answers: LriAnswers

    def is_variant(self, one: Found) -> bool:
        """Whether it says of a variant whether it is there."""
        return self.terms.codes["variant"] in loinc_of(one.resource.get("code"))

    def is_marker(self, one: Found) -> bool:
        """Whether it reports a marker that is no variant (mutational burden, microsatellites, an overall
        result)."""
        marked = any(
            MARKER_CATEGORY in codes_of_any(component.get("code"))
            for component in maps(one.resource.get("component"))
        )
        overall = self.terms.codes["overall"] in loinc_of(one.resource.get("code"))
        return marked or overall or f"{_PROFILES}molecular-biomarker" in _profiles(one.resource)

    def is_region(self, one: Found) -> bool:
        """Whether it says what was looked at: a region studied, or the analysis of a genomic study."""
        if one.kind == "Procedure":
            return any("genomic-study" in profile for profile in _profiles(one.resource))
        return self.terms.codes["region_studied"] in loinc_of(one.resource.get("code"))

    def variant(self, one: Found) -> ReportedFinding:
        """The statement of one variant Observation by itself."""
        draft = self._draft(one)
        return self._finding(FindingKind.VARIANT, draft, one, self._presence(one.resource))

    def marker(self, one: Found) -> ReportedFinding:
        """A marker, with what was measured and what was found as its first detail."""
        draft = self._draft(one)
        draft.details.insert(0, Detail(said_code(one.resource.get("code")), answer(one.resource)))
        for concept in maps(one.resource.get("interpretation")):
            draft.details.append(Detail(SaidCode("interpretation"), said_code(concept)))
        return self._finding(FindingKind.MARKER, draft, one, ReportedPresence.NOT_SAID)

    def region(self, one: Found) -> ReportedFinding:
        """What was looked at, as written."""
        draft = self._draft(one)
        if one.kind == "Procedure":
            draft.details += _study(one.resource)
        elif answer(one.resource) != NOTHING_SAID:
            draft.details.insert(0, Detail(said_code(one.resource.get("code")), answer(one.resource)))
        return self._finding(FindingKind.REGION, draft, one, ReportedPresence.NOT_SAID)

    def with_implication(self, finding: ReportedFinding, one: Found) -> ReportedFinding:
        """The finding with what an implication, a consequence or a phase says of it."""
        said = self._draft(one)
        draft = self._finding(FindingKind.VARIANT, said, one, ReportedPresence.NOT_SAID)
        value = answer(one.resource)
        own = (Detail(said_code(one.resource.get("code")), value),) if value != NOTHING_SAID else ()
        return replace(
            finding,
            places=(*finding.places, *draft.places),
            gene=finding.gene or draft.gene,
            gene_code=finding.gene_code or draft.gene_code,
            hgvs=tuple(dict.fromkeys((*finding.hgvs, *draft.hgvs))),
            classification=draft.classification
            if finding.classification == NOTHING_SAID
            else finding.classification,
            condition=draft.condition if finding.condition == NOTHING_SAID else finding.condition,
            inheritance=draft.inheritance if finding.inheritance == NOTHING_SAID else finding.inheritance,
            details=(*finding.details, *own, *draft.details),
            comment="\n".join(filter(None, (finding.comment, draft.comment))),
        )

    def _draft(self, one: Found) -> _Draft:
        draft = _Draft()
        for component in maps(one.resource.get("component")):
            if not self._take(draft, component):
                draft.details.append(Detail(said_code(component.get("code")), answer(component)))
        draft.comments += [
            said for note in maps(one.resource.get("note")) if (said := text(note.get("text")))
        ]
        return draft

    def _take(self, draft: _Draft, component: Resource) -> bool:
        """Put a component in its place; False when there is none for it, so that it becomes a detail."""
        asked, codes = codes_of_any(component.get("code")), self.terms.codes
        concept = said_code(component.get("valueCodeableConcept"))
        if codes["gene_studied"] in asked and not draft.gene:
            draft.gene, draft.number = gene_of(component)
            return bool(draft.gene or draft.number)
        for name in ("coding_hgvs", "protein_hgvs", "genomic_hgvs", "iscn"):
            if codes[name] in asked:
                said = concept.code if _is_name(concept.code) else concept.text or answer(component).text
                draft.names.setdefault(name, []).append(said)
                return bool(said)
        if codes["variation"] in asked:
            draft.identifiers += said_codes(component.get("valueCodeableConcept"))
            return True
        return self._place(draft, component, asked) or self._judged(draft, concept, asked, component)

    def _place(self, draft: _Draft, component: Resource, asked: frozenset[str]) -> bool:
        codes, said = self.terms.codes, answer(component)
        if codes["start_end"] in asked and "start" not in draft.where:
            draft.where["start"], draft.where["end"] = bounds(component)
            return any(bounds(component))
        for name, of in _WHERE.items():
            if codes[of] in asked and name not in draft.where and said.words:
                draft.where[name] = said.words if of != "genomic_sequence" else said.code or said.text
                return True
        return False

    def _judged(self, draft: _Draft, concept: SaidCode, asked: frozenset[str], component: Resource) -> bool:
        codes = self.terms.codes
        if concept == NOTHING_SAID:
            conclusion = text(component.get("valueString")) if CONCLUSION in asked else ""
            draft.comments += [conclusion] * bool(conclusion)
            return bool(conclusion)
        for name, of in _JUDGED.items():
            if (codes.get(of, of) in asked) and getattr(draft, name) == NOTHING_SAID:
                setattr(draft, name, concept)
                return True
        return False

    def _presence(self, resource: Resource) -> ReportedPresence:
        said = self._listed("variant", said_code(resource.get("valueCodeableConcept")))
        return _PRESENCE.get(said, ReportedPresence.NOT_SAID)

    def _listed(self, question: str, said: SaidCode) -> str:
        """The answer of a closed list, by its code or its words, in lower case; "" when it is none of
        them."""
        own = self.answers.lists.get(self.terms.codes[question], {})
        found = own.get(said.code) or own.get(self.answers.by_text(self.terms.codes[question], said.text), "")
        return found.lower().replace(" ", "-")

    def _finding(
        self, kind: FindingKind, draft: _Draft, one: Found, presence: ReportedPresence
    ) -> ReportedFinding:
        state, source = self._listed("allelic_state", draft.state), self._listed("source_class", draft.source)
        details = list(draft.details)
        if draft.state != NOTHING_SAID and state not in _STATES:
            details.append(Detail(SaidCode("allelic state"), draft.state))
        if draft.source != NOTHING_SAID and source not in _SOURCES:
            details.append(Detail(SaidCode("genomic source class"), draft.source))
        own = answer(one.resource)
        if kind is FindingKind.VARIANT and presence is ReportedPresence.NOT_SAID and own != NOTHING_SAID:
            details += [Detail(said_code(one.resource.get("code")), own)] * self.is_variant(one)
        names = [
            name
            for of in ("coding_hgvs", "protein_hgvs", "genomic_hgvs", "iscn")
            for name in draft.names.get(of, ())
        ]
        return ReportedFinding(
            kind=kind,
            presence=presence,
            places=(one.place,),
            gene=draft.gene,
            gene_code=draft.number,
            hgvs=tuple(dict.fromkeys(filter(None, names))),
            where=ReportedPlace(**draft.where),
            identifiers=tuple(dict.fromkeys(draft.identifiers)),
            allelic_state=_STATES.get(state, AllelicState.NOT_SAID),
            source=_SOURCES.get(source, SourceClass.NOT_SAID),
            classification=draft.significance,
            condition=draft.condition,
            inheritance=draft.inheritance,
            details=tuple(details),
            comment="\n".join(draft.comments),
        )


_WHERE: Mapping[str, str] = {
    "build": "assembly",
    "chromosome": "chromosome",
    "sequence": "genomic_sequence",
    "system": "coordinate_system",
    "reference": "reference_allele",
    "alternate": "alternate_allele",
}
_JUDGED: Mapping[str, str] = {
    "state": "allelic_state",
    "source": "source_class",
    "significance": "significance",
    "condition": "phenotype",
    "inheritance": INHERITANCE,
}
_PRESENCE = {one.value: one for one in ReportedPresence if one is not ReportedPresence.NOT_SAID}
_STATES = {one.value: one for one in AllelicState if one is not AllelicState.NOT_SAID}
_SOURCES = {one.value: one for one in SourceClass if one is not SourceClass.NOT_SAID} | {
    "unknown-genomic-origin": SourceClass.UNKNOWN
}


def _is_name(code: str) -> bool:
    """Whether a code is itself a name of a change, as HGVS codes are."""
    return ":" in code or code.startswith(("c.", "p.", "g.", "m.", "n."))


def _profiles(resource: Resource) -> Iterator[str]:
    meta = resource.get("meta")
    several = meta.get("profile") if isinstance(meta, Mapping) else ()
    return (one for one in (several if isinstance(several, list) else ()) if isinstance(one, str))


def _study(resource: Resource) -> Iterator[Detail]:
    """What the extensions of a genomic study say, nested ones by their path."""
    yield from _extensions(resource.get("extension"), "")


def _extensions(several: object, above: str, depth: int = 0) -> Iterator[Detail]:
    for one in maps(several) if depth < 8 else ():
        name = text(one.get("url")).rsplit("/", 1)[-1]
        path = f"{above}/{name}" if above else name
        said = answer(one)
        if said != NOTHING_SAID:
            yield Detail(SaidCode(path, text(one.get("url"))), said)
        yield from _extensions(one.get("extension"), path, depth + 1)


def implied_variants(document: FhirDocument, one: Found) -> list[Found]:
    """What an implication is derived from, in the document."""
    led = (document.follow(reference, one) for reference in maps(one.resource.get("derivedFrom")))
    return [found for found in led if found is not None]
