"""The operations about haplotypes, implications, structural variants and whole populations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.errors import RequestError
from bedside.exchange.fhir_genomics_ask import (
    NotUnderstood,
    needed,
    read_changes,
    read_ranges,
    read_tokens,
)
from bedside.exchange.fhir_genomics_out import (
    Writer,
    answer_part,
    answer_parts,
    parameters,
    resource_part,
    text_part,
)
from bedside.knowledge.fhir_operations import load_fhir_operations
from bedside.service.access import Permission
from bedside.service.genomics_answers import NOT_TESTED
from bedside.service.genomics_fhir import answer_name
from bedside.service.genomics_filters import NAMES, read_filters
from bedside.service.genomics_haplotypes import HaplotypeAnswer, haplotype_names, subject_haplotypes
from bedside.service.genomics_implied import (
    dx_implications,
    genotype_of,
    molecular_consequences,
    searched,
    tx_implications,
)
from bedside.service.genomics_places import Change, place_changes, place_ranges
from bedside.service.genomics_population import (
    Asking,
    nobody_tested,
    population_haplotypes,
    population_variants,
)
from bedside.service.genomics_population_implied import (
    population_dx,
    population_molecular,
    population_tx,
)
from bedside.service.genomics_subject import subject_specific_variants, subject_variants
from bedside.web.fhir_desk import Asked, fhir_id, ids_of, note_access, subject

NO_STRUCTURAL = "no structural variants are stored here, so none was looked for; not tested is not absent"
_UNFILTERED = "filters by test, date or specimen are not read by this operation"


def haplotypes(asked: Asked) -> Mapping[str, Any]:
    """`$find-subject-haplotypes`."""
    asked.only(("subject", "genes", *NAMES))
    tokens = read_tokens("genes", asked.all("genes"))
    needed("genes", tokens)
    _no_filters(asked)
    person, record = subject(asked, Permission.CHART, "$find-subject-haplotypes", asked.one("subject"))
    names = haplotype_names(asked.house)
    answers = subject_haplotypes(asked.house, person, [names.gene(token) for token in tokens])
    writer = _writer(asked, f"Patient/{record}")
    groups = []
    for one in answers:
        answer = answer_part(writer, answer_name(one.told), one.told.reason)
        parts = [text_part("geneItem", one.asked.text), answer]
        groups.append({"name": "haplotypes", "part": [*parts, *_genotypes(asked, writer, one)]})
    return parameters(groups)


def specific_haplotypes(asked: Asked) -> Mapping[str, Any]:
    """`$find-subject-specific-haplotypes`."""
    asked.only(("subject", "haplotypes", *NAMES))
    tokens = read_tokens("haplotypes", asked.all("haplotypes"))
    needed("haplotypes", tokens)
    _no_filters(asked)
    what = "$find-subject-specific-haplotypes"
    person, record = subject(asked, Permission.CHART, what, asked.one("subject"))
    names = haplotype_names(asked.house)
    answers = subject_haplotypes(asked.house, person, [names.haplotype(token) for token in tokens])
    writer = _writer(asked, f"Patient/{record}")
    groups = []
    for one in answers:
        parts = [text_part("haplotypeItem", one.asked.text)]
        parts += answer_parts(writer, answer_name(one.told), one.told.reason)
        groups.append({"name": "haplotypes", "part": [*parts, *_genotypes(asked, writer, one)]})
    return parameters(groups)


def _genotypes(asked: Asked, writer: Writer, one: HaplotypeAnswer) -> list[dict[str, Any]]:
    """The genotype of the gene, where one is known."""
    if one.call is None or not (one.call.source_diplotypes or one.call.component_alleles or one.call.display):
        return []
    return [resource_part("genotype", genotype_of(asked.house, writer, one.call))]


def dx(asked: Asked) -> Mapping[str, Any]:
    """`$find-subject-dx-implications`."""
    asked.only(("subject", "variants", "ranges", "conditions", *NAMES))
    conditions = _conditions(asked)
    writer, groups, lines = _found(asked, "$find-subject-dx-implications")
    return parameters([*dx_implications(asked.house, writer, lines, conditions), *groups])


def molecular(asked: Asked) -> Mapping[str, Any]:
    """`$find-subject-molecular-consequences`."""
    asked.only(("subject", "variants", "ranges", "featureConsequences", *NAMES))
    wanted = [token.code for token in read_tokens("featureConsequences", asked.all("featureConsequences"))]
    writer, groups, lines = _found(asked, "$find-subject-molecular-consequences")
    return parameters([*molecular_consequences(asked.house, writer, lines, wanted), *groups])


def _found(asked: Asked, what: str) -> Any:
    """The writer, what was searched, and the variants found."""
    words = load_fhir_operations(asked.house.settings.knowledge_folder)
    ranges = read_ranges(asked.all("ranges"), words)
    changes = read_changes(asked.all("variants"), words)
    if not ranges and not changes:
        reason = "one of them is needed: a whole genome is not searched in one request"
        raise RequestError.one("variants or ranges", reason)
    _no_filters(asked)
    person, record = subject(asked, Permission.GENOME, what, asked.one("subject"))
    places, placed = place_ranges(ranges, asked.house.settings), place_changes(changes, asked.house.settings)
    only = asked.principal.people
    writer = _writer(asked, f"Patient/{record}")
    groups, lines = searched(
        writer,
        subject_variants(asked.house, person, places, only),
        subject_specific_variants(asked.house, person, placed, only),
    )
    return writer, groups, lines


def tx(asked: Asked) -> Mapping[str, Any]:
    """`$find-subject-tx-implications`, from the pharmacogenes."""
    asked.only(("subject", "variants", "ranges", "haplotypes", "treatments", "conditions", *NAMES))
    _pharmacogenes_only(asked)
    _no_filters(asked)
    what = "$find-subject-tx-implications"
    treatments = read_tokens("treatments", asked.all("treatments"))
    tokens = read_tokens("haplotypes", asked.all("haplotypes"))
    person, record = subject(asked, Permission.CHART, what, asked.one("subject"))
    names = haplotype_names(asked.house)
    wanted = [names.haplotype(token) for token in tokens]
    return tx_implications(asked.house, _writer(asked, f"Patient/{record}"), person, treatments, wanted)


def structural(asked: Asked) -> Mapping[str, Any]:
    """Both operations on a subject's structural variants: none are stored, so none was looked for."""
    asked.only(("subject", "ranges", "includeVariants", *NAMES))
    ranges = read_ranges(asked.all("ranges"), load_fhir_operations(asked.house.settings.knowledge_folder))
    needed("ranges", ranges)
    _, record = subject(asked, Permission.GENOME, "$find-subject-structural-variants", asked.one("subject"))
    writer = _writer(asked, f"Patient/{record}")
    groups = [
        {
            "name": "variants",
            "part": [
                text_part("rangeItem", one.text),
                *answer_parts(writer, answer_name(NOT_TESTED), NO_STRUCTURAL),
            ],
        }
        for one in ranges
    ]
    return parameters(groups)


def population_of_variants(asked: Asked) -> Mapping[str, Any]:
    """`$find-population-specific-variants`: variants with a comma between them are alternatives, repeated
    parameters must all hold."""
    asked.only(("variants", "includePatientList", "genomicSourceClass"))
    words = load_fhir_operations(asked.house.settings.knowledge_folder)
    conditions = [read_changes((value,), words) for value in asked.all("variants")]
    needed("variants", [one for some in conditions for one in some])
    placed = [place_changes(some, asked.house.settings) for some in conditions if some]
    asking = _asking(asked, "$find-population-specific-variants")
    return population_variants(asked.house, asking, placed)


def population_of_haplotypes(asked: Asked) -> Mapping[str, Any]:
    """`$find-population-specific-haplotypes`."""
    asked.only(("haplotypes", "includePatientList", "genomicSourceClass"))
    conditions = [read_tokens("haplotypes", (value,)) for value in asked.all("haplotypes")]
    needed("haplotypes", [one for some in conditions for one in some])
    names = haplotype_names(asked.house)
    wanted = [[names.haplotype(token) for token in some] for some in conditions if some]
    asking = _asking(asked, "$find-population-specific-haplotypes")
    return population_haplotypes(asked.house, asking, wanted)


def population_of_dx(asked: Asked) -> Mapping[str, Any]:
    """`$find-population-dx-implications`, of variants."""
    asked.only(("variants", "conditions", "includePatientList", "genomicSourceClass"))
    conditions = _conditions(asked)
    changes = _changes(asked)
    asking = _asking(asked, "$find-population-dx-implications")
    return population_dx(asked.house, asking, changes, conditions)


def population_of_consequences(asked: Asked) -> Mapping[str, Any]:
    """`$find-population-molecular-consequences`, of variants."""
    asked.only(("variants", "featureConsequences", "includePatientList", "genomicSourceClass"))
    wanted = [token.code for token in read_tokens("featureConsequences", asked.all("featureConsequences"))]
    changes = _changes(asked)
    asking = _asking(asked, "$find-population-molecular-consequences")
    return population_molecular(asked.house, asking, changes, wanted)


def population_of_tx(asked: Asked) -> Mapping[str, Any]:
    """`$find-population-tx-implications`, from the pharmacogenes."""
    asked.only(
        ("variants", "haplotypes", "treatments", "conditions", "includePatientList", "genomicSourceClass")
    )
    _pharmacogenes_only(asked)
    treatments = read_tokens("treatments", asked.all("treatments"))
    tokens = read_tokens("haplotypes", asked.all("haplotypes"))
    needed("treatments or haplotypes", (*treatments, *tokens))
    names = haplotype_names(asked.house)
    asking = _asking(asked, "$find-population-tx-implications")
    return population_tx(asked.house, asking, treatments, [names.haplotype(token) for token in tokens])


def _changes(asked: Asked) -> tuple[Change, ...]:
    words = load_fhir_operations(asked.house.settings.knowledge_folder)
    changes = read_changes(asked.all("variants"), words)
    needed("variants", changes)
    return place_changes(changes, asked.house.settings)


def _conditions(asked: Asked) -> list[str]:
    conditions = read_tokens("conditions", asked.all("conditions"))
    if any(token.system for token in conditions):
        reason = "the classification release names conditions in words and has no codes for them"
        raise NotUnderstood.one("conditions", reason, remedy="give the condition's name without a system")
    return [condition.code for condition in conditions]


def _pharmacogenes_only(asked: Asked) -> None:
    for name in ("variants", "ranges", "conditions"):
        if asked.all(name):
            reason = "guidance here follows from named alleles of pharmacogenes, and cannot be asked by this"
            raise NotUnderstood.one(name, reason, remedy="ask by haplotypes or treatments")


def population_structural(asked: Asked) -> Mapping[str, Any]:
    """Both operations on a population's structural variants: nobody was tested for any."""
    asked.only(("ranges", "includePatientList", "genomicSourceClass"))
    ranges = read_ranges(asked.all("ranges"), load_fhir_operations(asked.house.settings.knowledge_folder))
    needed("ranges", ranges)
    asking = _asking(asked, "$find-population-structural-variants")
    return nobody_tested(asked.house, asking, [one.text for one in ranges])


def _asking(asked: Asked, what: str) -> Asking:
    if not read_filters((), (), (), asked.one("genomicSourceClass")).germline:
        raise NotUnderstood.one("genomicSourceClass", "no somatic variants are stored here")
    asking_named = asked.flag("includePatientList")
    note_access(asked, what, None)
    ids = ids_of(asked.house)

    def identify(person: str) -> str:
        return "" if ids is None else f"Patient/{fhir_id(ids.of(person))}"

    return Asking(asking_named, asked.principal.people, identify)


def _writer(asked: Asked, reference: str) -> Writer:
    return Writer(reference, load_fhir_operations(asked.house.settings.knowledge_folder))


def _no_filters(asked: Asked) -> None:
    """Germline is all there is; any other filter would be left unread, so it is refused."""
    given = [name for name in NAMES[:3] if asked.all(name)]
    if given:
        raise NotUnderstood.one(given[0], _UNFILTERED)
    if not read_filters((), (), (), asked.one("genomicSourceClass")).germline:
        raise NotUnderstood.one("genomicSourceClass", "no somatic variants are stored here")
