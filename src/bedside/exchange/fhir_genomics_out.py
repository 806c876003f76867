"""Observations of Genomics Reporting 3.0.0 (STU3) about variants, their phase and what they imply.

Plain dictionaries, made when somebody asks; the genome stays in its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid5

from bedside.exchange.fhir_out import CATEGORY, NAMESPACE, PROFILES, SECTION
from bedside.genome.code import System
from bedside.genome.locus import Build
from bedside.genome.presence import Zygosity
from bedside.knowledge.fhir_operations import Coding, FhirOperations

NUCCORE = "http://www.ncbi.nlm.nih.gov/refseq"
SPDI = "https://api.ncbi.nlm.nih.gov/variation/v0/"
CLINVAR = "http://www.ncbi.nlm.nih.gov/clinvar"
UCUM = "http://unitsofmeasure.org"
ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
Resource = dict[str, Any]


_CATEGORIES = [
    {"coding": [{"system": CATEGORY, "code": "laboratory"}]},
    {"coding": [{"system": SECTION, "code": "GE"}]},
]


@lru_cache(maxsize=4096)
def _concept(code: Coding) -> Resource:
    return {"coding": [{"system": code.system, "code": code.code, "display": code.display}]}


@lru_cache(maxsize=4096)
def _coded(code: Coding, answer: Coding) -> Resource:
    return {"code": _concept(code), "valueCodeableConcept": _concept(answer)}


@dataclass(frozen=True, slots=True)
class ShownVariant:
    """A change on GRCh38 without shared bases: after the first `start`, `deleted` is replaced. zygosity,
    depth, alternate_depth: None where they are not known or the variant is not present."""

    chromosome: str
    start: int
    deleted: str
    inserted: str
    zygosity: Zygosity | None = None
    depth: int | None = None
    alternate_depth: int | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes about one subject (`Patient/…`) in the codes of the knowledge at hand. identify: gives resources
    ids by which they can be read again."""

    subject: str
    known: FhirOperations
    identify: Callable[[str], str] | None = None

    def name(self, of: str) -> str:
        """The id of a resource: as the house gives it, else one that follows from what it says."""
        return str(uuid5(NAMESPACE, f"{self.subject}/{of}")) if self.identify is None else self.identify(of)

    def concept(self, code: Coding, text: str = "") -> Resource:
        """A CodeableConcept."""
        shared = _concept(code)
        return {**shared, "text": text} if text else shared

    def component(self, name: str, **value: Any) -> Resource:
        """A component by what its code says."""
        return {"code": self.concept(self.known.codes[name]), **value}

    def coded(self, name: str, value: str) -> Resource:
        """A component with a coded answer; the same object each time, to be written and not changed."""
        return _coded(self.known.codes[name], self.known.values[value])

    def observation(self, profile: str, code: str, name: str) -> Resource:
        """An Observation with what every profile asks for. name: what makes it this one and no other."""
        return {
            "resourceType": "Observation",
            "id": self.name(f"{profile}/{name}"),
            "meta": {"profile": [f"{PROFILES}{profile}"]},
            "status": "final",
            "category": _CATEGORIES,
            "code": self.concept(self.known.codes[code]),
            "subject": {"reference": self.subject},
        }

    def variant(self, one: ShownVariant, answer: str = "present", note: str = "") -> Resource:
        """A variant, and whether it is present (an answer's name in the knowledge)."""
        spdi = self.spdi(one)
        made = self.observation("variant", "variant", f"{spdi}/{answer}")
        made["valueCodeableConcept"] = self.concept(self.known.answers[answer])
        sequence = {"system": NUCCORE, "code": spdi.partition(":")[0]}
        variation = {"system": SPDI, "code": spdi, "display": spdi}
        where = {"low": {"value": one.start}, "high": {"value": one.start + len(one.deleted)}}
        components = [
            self.coded("source_class", "germline"),
            self.coded("assembly", Build.GRCH38.value),
            self.component("sequence", valueCodeableConcept={"coding": [sequence]}),
            self.coded("coordinates", "zero_based"),
            self.component("start_end", valueRange=where),
            self.component("variation", valueCodeableConcept={"coding": [variation]}),
            *self._alleles(one),
        ]
        if answer == "present" and one.zygosity is not None:
            components.append(self.coded("allelic_state", one.zygosity.value))
        made["component"] = [*components, *self._reads(one)]
        if note:
            made["note"] = [{"text": note}]
        return made

    def spdi(self, one: ShownVariant) -> str:
        """The change as SPDI, without the bases that both alleles share."""
        sequence = self.known.accessions[Build.GRCH38][one.chromosome]
        return f"{sequence}:{one.start}:{one.deleted}:{one.inserted}"

    def _alleles(self, one: ShownVariant) -> list[Resource]:
        pairs = (("reference_allele", one.deleted), ("alternate_allele", one.inserted))
        return [self.component(name, valueString=bases) for name, bases in pairs if bases]

    def _reads(self, one: ShownVariant) -> list[Resource]:
        """Read depth, and the share of reads with the variant: counted, never made up from a genotype."""
        if not one.depth:
            return []
        found = [self.component("depth", valueQuantity={"value": one.depth, "system": UCUM, "code": "1"})]
        if one.alternate_depth is not None and one.alternate_depth <= one.depth:
            share = {"value": round(one.alternate_depth / one.depth, 4), "system": UCUM, "code": "1"}
            found.append(self.component("allele_fraction", valueQuantity=share))
        return found

    def phase(self, first: Resource, second: Resource, relation: str) -> Resource:
        """Two variants on the same strand (`cis`) or on both (`trans`)."""
        name = f"{first['id']}/{second['id']}/{relation}"
        made = self.observation("sequence-phase-relationship", "phase", name)
        made["valueCodeableConcept"] = self.concept(self.known.values[relation])
        made["derivedFrom"] = [{"reference": f"Observation/{one['id']}"} for one in (first, second)]
        return made

    def haplotype(self, gene: str, hgnc: str, allele: str) -> Resource:
        """One haplotype of a gene."""
        words = f"{gene} {allele}"
        made = self.observation("haplotype", "haplotype", words)
        coding = {"system": System.PHARMVAR.value, "code": words, "display": words}
        made["valueCodeableConcept"] = {"text": words, "coding": [coding]}
        made["component"] = [self.gene(gene, hgnc)]
        return made

    def genotype(self, gene: str, hgnc: str, names: Sequence[str], notes: Sequence[str] = ()) -> Resource:
        """The genotype of a gene; coded where exactly one fits, in words where several do."""
        words = f"{gene} {' or '.join(names)}"
        made = self.observation("genotype", "genotype", words)
        value: Resource = {"text": words}
        if len(names) == 1:
            value["coding"] = [{"system": System.PHARMVAR.value, "code": words, "display": words}]
        made["valueCodeableConcept"] = value
        if notes:
            made["note"] = [{"text": text} for text in notes]
        made["component"] = [self.gene(gene, hgnc)]
        return made

    def gene(self, gene: str, hgnc: str) -> Resource:
        """The component that says which gene was studied."""
        concept: Resource = {"text": gene}
        if hgnc:
            concept["coding"] = [{"system": System.HGNC.value, "code": hgnc, "display": gene}]
        return self.component("gene", valueCodeableConcept=concept)


def parameters(groups: Sequence[Mapping[str, Any]]) -> Resource:
    """A Parameters resource; FHIR knows no empty list."""
    return {"resourceType": "Parameters", **({"parameter": list(groups)} if groups else {})}


def text_part(name: str, text: str) -> Resource:
    """A part that is a text."""
    return {"name": name, "valueString": text}


def resource_part(name: str, resource: Resource) -> Resource:
    """A part that is a resource."""
    return {"name": name, "resource": resource}


def answer_parts(writer: Writer, answer: str, reason: str = "") -> list[Resource]:
    """`presence` as the guide has it, and `answer` with all four.

    A client that reads `presence` alone meets true, or false, or no value with the reason why there is none:
    what was not tested can never be read as false.
    """
    known = {"present": True, "absent": False}
    presence: Resource = {"name": "presence"}
    if answer in known:
        presence["valueBoolean"] = known[answer]
    else:
        code = "not-performed" if answer == "not_tested" else "unknown"
        presence["_valueBoolean"] = {"extension": [{"url": ABSENT_REASON, "valueCode": code}]}
    concept = writer.concept(writer.known.answers[answer], reason)
    return [presence, {"name": "answer", "valueCodeableConcept": concept}]


def answer_part(writer: Writer, answer: str, reason: str = "") -> Resource:
    """One of the four answers."""
    return answer_parts(writer, answer, reason)[1]


def count_part(name: str, count: int) -> Resource:
    """A part that is a number of people."""
    return {"name": name, "valueQuantity": {"value": count}}
