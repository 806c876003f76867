"""`find-population-dx-implications`, `-tx-implications` and `-molecular-consequences`: of how many people
something is implied. Counted like the other questions about everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bedside.exchange.fhir_genomics_ask import AskedToken, NotUnderstood
from bedside.exchange.fhir_genomics_out import Resource, parameters
from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import NO_BASES
from bedside.interpret.germline.consequence import consequence
from bedside.knowledge.classification import Classification
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.classify_variants import classifier
from bedside.service.genomics_answers import Answer, any_of
from bedside.service.genomics_guided import Question, implied, implied_for
from bedside.service.genomics_haplotypes import AskedHaplotype
from bedside.service.genomics_implied import concerned_genes, drugs_named
from bedside.service.genomics_match import spelled
from bedside.service.genomics_places import Change
from bedside.service.genomics_population import (
    BARE,
    Asking,
    Population,
    consenting,
    counted,
    of_change,
    population_lake,
)
from bedside.service.house import House
from bedside.service.show_person import current_view


def population_dx(
    house: House, asking: Asking, changes: Sequence[Change], conditions: Collection[str]
) -> Resource:
    """Who carries one of these variants that the release in force says something of."""
    known = classifier(house)
    if not known.release:
        reason = "this site has no classification release, so nothing can be said of any variant"
        raise NotUnderstood.one("dx-implications", reason, remedy="`bedside knowledge` adds one")
    wanted = {one.casefold() for one in conditions}

    def implies(variant: Variant) -> bool:
        return any(
            record.classification is not Classification.NOT_PROVIDED
            and (not wanted or wanted & {one.casefold() for one in record.conditions})
            for record in known.of(variant)
        )

    kept = [change for change in changes if implies(_spelled(change))]
    return _of_variants(house, asking, ("implications", "", ""), kept)


def population_molecular(
    house: House, asking: Asking, changes: Sequence[Change], terms: Collection[str]
) -> Resource:
    """Who carries one of these variants that does one of these things to a transcript at hand."""
    by_gene = load_transcripts(house.settings.knowledge_folder).by_gene
    transcripts = [one for mine in by_gene.values() for one in mine]
    kept = []
    for change in changes:
        found = {
            term.value for one in transcripts for term in consequence(_spelled(change), one, NO_BASES).terms
        }
        if found & set(terms) or (found and not terms):
            kept.append(change)
    return _of_variants(house, asking, ("consequences", "", ""), kept)


def _spelled(change: Change) -> Variant:
    variant = spelled(change)
    if variant is None:
        raise NotUnderstood.one("variants", BARE, remedy="write it with the base before it, as in a VCF")
    return variant


def _of_variants(
    house: House, asking: Asking, item: tuple[str, str, str], kept: Sequence[Change]
) -> Resource:
    lake = population_lake(house, asking)
    by_change = [of_change(lake, change) for change in kept]
    joined = {
        person: any_of(answers.get(person, Answer.NOT_TESTED) for answers in by_change)
        for person in lake.people()
    }
    left_out = sum(lake.not_counted().values())
    return parameters([counted(house, asking, item, Population(joined, left_out))])


def population_tx(
    house: House, asking: Asking, treatments: Sequence[AskedToken], haplotypes: Sequence[AskedHaplotype]
) -> Resource:
    """Of whom guidance says something about one of these drugs, from one of these haplotypes or any."""
    lake = population_lake(house, asking)
    drugs = drugs_named(house, treatments)
    question = Question(tuple(house.pgx.guidance) if drugs is None else tuple(sorted(drugs)), haplotypes)
    genes = sorted(concerned_genes(house, drugs) | {one.gene.symbol for one in haplotypes if one.gene})
    answers = house.ledger.answers_of(genes, asking.only)
    everybody = {person for people in answers.values() for person in people}
    people = consenting(house, asking, lake, everybody)
    several = {
        person
        for mine in answers.values()
        for person, found in mine.items()
        if len(found) > 1 and person in people
    }
    joined = implied_for(house, sorted(people - several), answers, question)
    for person in several:
        view = current_view(house, house.ledger.results(person))
        joined[person] = implied(house, {gene: one.call for gene, one in view.items()}, question, genes)
    population = Population(joined, len(everybody) - len(people))
    return parameters([counted(house, asking, ("implications", "", ""), population)])
