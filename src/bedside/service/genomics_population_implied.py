"""`find-population-dx-implications`, `-tx-implications` and `-molecular-consequences`: of how many people
something is implied. Counted like the other questions about everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation
from bedside.exchange.fhir_genomics_ask import AskedToken, NotUnderstood
from bedside.exchange.fhir_genomics_out import Resource, parameters
from bedside.genome.variant import Variant
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.interpret.germline.coding import NO_BASES
from bedside.interpret.germline.consequence import consequence
from bedside.knowledge.classification import Classification
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.classify_variants import classifier
from bedside.service.genomics_answers import Answer, any_of
from bedside.service.genomics_haplotypes import AskedHaplotype, judge
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
from bedside.service.rules import rules_of
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
    genes = sorted(concerned_genes(house, drugs) | {one.gene.symbol for one in haplotypes if one.gene})
    digests = {gene: house.ledger.gene_answers(gene, asking.only) for gene in genes}
    calls = house.ledger.calls({d for people in digests.values() for found in people.values() for d in found})
    everybody = {person for people in digests.values() for person in people}
    people = consenting(house, asking, lake, everybody)
    known: dict[tuple[str, ...], Answer] = {}
    joined: dict[str, Answer] = {}
    for person in people:
        mine = {gene: digests[gene][person] for gene in genes if person in digests[gene]}
        if any(len(found) > 1 for found in mine.values()):
            view = current_view(house, house.ledger.results(person))
            held = {gene: one.call for gene, one in view.items()}
            joined[person] = _implied(house, held, drugs, haplotypes, genes)
            continue
        key = tuple(sorted(digest for found in mine.values() for digest in found))
        if key not in known:
            held = {gene: calls[digest] for gene, found in mine.items() for digest in found}
            known[key] = _implied(house, held, drugs, haplotypes, genes)
        joined[person] = known[key]
    population = Population(joined, len(everybody) - len(people))
    return parameters([counted(house, asking, ("implications", "", ""), population)])


def _implied(
    house: House,
    calls: Mapping[str, GeneCall],
    drugs: frozenset[str] | None,
    haplotypes: Sequence[AskedHaplotype],
    genes: Collection[str],
) -> Answer:
    """Whether guidance follows from somebody's calls."""
    rules = rules_of(house).ruleset
    held = {
        one.gene.symbol
        for one in haplotypes
        if one.gene is not None and judge(one, calls.get(one.gene.symbol)).answer is Answer.PRESENT
    }
    for name in rules.pgx.guidance if drugs is None else sorted(drugs):
        for one in recommend(rules.pgx, rules.phrases, calls, rules.pgx.drugs[name]):
            if isinstance(one, Recommendation):
                basis = {each.gene for each in one.basis if each.gene not in one.unknown_genes}
                if basis & held or (not haplotypes and basis & set(calls)):
                    return Answer.PRESENT
    states = {CallStatus.NOT_TESTED if (call := calls.get(gene)) is None else call.status for gene in genes}
    if states <= {CallStatus.CALLED}:
        return Answer.ABSENT
    return Answer.NOT_TESTED if states <= {CallStatus.CALLED, CallStatus.NOT_TESTED} else Answer.INDETERMINATE
