"""FHIR Genomics Operations over HTTP: at `/fhir/$name` as the guide has it, and at the paths of its reference
implementation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute

from bedside.exchange.fhir_genomics_ask import needed, parts_of, read_changes, read_ranges
from bedside.exchange.fhir_genomics_out import Writer
from bedside.knowledge.fhir_operations import FhirOperations, load_fhir_operations
from bedside.service.access import Permission
from bedside.service.authorise import Gate
from bedside.service.genomics_answers import NOT_TESTED
from bedside.service.genomics_fhir import Include, write_changes, write_ranges, write_studies
from bedside.service.genomics_filters import NAMES, any_left, read_filters
from bedside.service.genomics_places import place_changes, place_ranges
from bedside.service.genomics_subject import (
    ChangeAnswer,
    nothing,
    study_metadata,
    subject_specific_variants,
    subject_variants,
)
from bedside.service.house import House
from bedside.web import fhir_genomics_more as more
from bedside.web.cds_hooks import Desk, desk
from bedside.web.fhir_desk import Answering, Asked, fhir_route, subject

GENOTYPE = "genotype-operations"
METADATA = "metadata-operations"
PHENOTYPE = "phenotype-operations"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its name, its folder in the reference implementation, what it needs, what answers."""

    name: str
    folder: str
    permission: Permission
    answer: Answering

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address of it."""
        theirs = f"/{self.folder}/${self.name}"
        return f"/fhir/${self.name}", f"/fhir{theirs}", theirs


def operations() -> tuple[Operation, ...]:
    """Every operation that exists here."""
    return (
        _on_subject("find-subject-variants", GENOTYPE, _variants),
        _on_subject("find-subject-specific-variants", GENOTYPE, _specific_variants),
        _on_subject("find-study-metadata", METADATA, _study_metadata),
        _on_subject("find-subject-haplotypes", GENOTYPE, more.haplotypes, Permission.CHART),
        _on_subject("find-subject-specific-haplotypes", GENOTYPE, more.specific_haplotypes, Permission.CHART),
        _on_subject("find-subject-structural-intersecting-variants", GENOTYPE, more.structural),
        _on_subject("find-subject-structural-subsuming-variants", GENOTYPE, more.structural),
        _on_subject("find-subject-dx-implications", PHENOTYPE, more.dx),
        _on_subject("find-subject-tx-implications", PHENOTYPE, more.tx, Permission.CHART),
        _on_subject("find-subject-molecular-consequences", PHENOTYPE, more.molecular),
        _on_population("find-population-specific-variants", more.population_of_variants),
        _on_population("find-population-specific-haplotypes", more.population_of_haplotypes),
        _on_population("find-population-structural-intersecting-variants", more.population_structural),
        _on_population("find-population-structural-subsuming-variants", more.population_structural),
        _on_population("find-population-dx-implications", more.population_of_dx, PHENOTYPE),
        _on_population("find-population-tx-implications", more.population_of_tx, PHENOTYPE),
        _on_population("find-population-molecular-consequences", more.population_of_consequences, PHENOTYPE),
    )


def _on_subject(
    name: str, folder: str, answer: Answering, permission: Permission = Permission.GENOME
) -> Operation:
    return Operation(name, f"subject-operations/{folder}", permission, answer)


def _on_population(name: str, answer: Answering, folder: str = GENOTYPE) -> Operation:
    return Operation(name, f"population-operations/{folder}", Permission.COHORT, answer)


def genomics_routes(house: House, gate: Gate | None = None) -> list[BaseRoute]:
    """The routes of all operations."""
    at: Desk = desk(house, gate)
    return [
        fhir_route(at, path, ("GET", "POST"), one.permission, f"${one.name}", one.answer)
        for one in operations()
        for path in one.paths
    ]


def known(asked: Asked) -> FhirOperations:
    """The names and codes in force at this site."""
    return load_fhir_operations(asked.house.settings.knowledge_folder)


def _variants(asked: Asked) -> Mapping[str, Any]:
    asked.only(("subject", "ranges", "includeVariants", "includePhasing", *NAMES))
    words = known(asked)
    ranges = read_ranges(asked.all("ranges"), words)
    needed("ranges", ranges)
    include = Include(asked.flag("includeVariants"), asked.flag("includePhasing"))
    person, record = subject(asked, Permission.GENOME, "$find-subject-variants", asked.one("subject"))
    places = place_ranges(ranges, asked.house.settings)
    if _left(asked, person):
        answers = subject_variants(asked.house, person, places, asked.principal.people)
    else:
        answers = tuple(nothing(place) for place in places)
    return write_ranges(Writer(f"Patient/{record}", words), answers, include)


def _specific_variants(asked: Asked) -> Mapping[str, Any]:
    asked.only(("subject", "variants", *NAMES))
    words = known(asked)
    wanted = read_changes(asked.all("variants"), words)
    needed("variants", wanted)
    person, record = subject(
        asked, Permission.GENOME, "$find-subject-specific-variants", asked.one("subject")
    )
    changes = place_changes(wanted, asked.house.settings)
    if _left(asked, person):
        answers = subject_specific_variants(asked.house, person, changes, asked.principal.people)
    else:
        answers = tuple(ChangeAnswer(change, NOT_TESTED) for change in changes)
    return write_changes(Writer(f"Patient/{record}", words), answers)


def _study_metadata(asked: Asked) -> Mapping[str, Any]:
    asked.only(("subject", "ranges", *NAMES))
    words = known(asked)
    ranges = read_ranges(asked.all("ranges"), words)
    person, record = subject(asked, Permission.GENOME, "$find-study-metadata", asked.one("subject"))
    places = place_ranges(ranges, asked.house.settings)
    studies = study_metadata(asked.house, person, places, asked.principal.people)
    filters = _filters(asked)
    return write_studies(Writer(f"Patient/{record}", words), [one for one in studies if filters.fits(one)])


def _filters(asked: Asked) -> Any:
    return read_filters(
        parts_of(asked.all("testIdentifiers")),
        parts_of(asked.all("testDateRange")),
        parts_of(asked.all("specimenIdentifiers")),
        asked.one("genomicSourceClass"),
    )


def _left(asked: Asked, person: str) -> bool:
    """Whether the filters leave the person's runs in."""
    filters = _filters(asked)
    return not filters.asked or any_left(
        filters, study_metadata(asked.house, person, (), asked.principal.people)
    )
