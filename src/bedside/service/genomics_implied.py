"""`find-subject-dx-implications`, `-tx-implications` and `-molecular-consequences`.

Each answer says beside its implications what was searched and what could not be: nothing implied by what was
never tested is not the same as nothing implied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from bedside.decide.distinct import genes_of, recommend_distinct
from bedside.decide.recommend import hold_back
from bedside.decide.recommendation import Recommendation
from bedside.exchange.fhir_genomics_ask import AskedToken, NotUnderstood
from bedside.exchange.fhir_genomics_implied import diagnostic, molecular, therapeutic
from bedside.exchange.fhir_genomics_out import (
    Resource,
    Writer,
    answer_part,
    parameters,
    resource_part,
    text_part,
)
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.interpret.germline.coding import NO_BASES
from bedside.interpret.germline.consequence import consequence
from bedside.knowledge.classification import Classification
from bedside.knowledge.transcripts import load_transcripts
from bedside.service.ask_genome import VariantLine
from bedside.service.chart_medicines import problem_codes
from bedside.service.classify_variants import classifier
from bedside.service.genomics_answers import Answer, Told
from bedside.service.genomics_fhir import answer_name, shown
from bedside.service.genomics_haplotypes import AskedHaplotype, genotypes_of, judge
from bedside.service.genomics_subject import ChangeAnswer, RangeAnswer
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view

_NO_TRANSCRIPT = "no transcript is at hand for a variant here, so what it does was not worked out"


def searched(
    writer: Writer, ranges: Sequence[RangeAnswer], changes: Sequence[ChangeAnswer]
) -> tuple[list[Resource], tuple[VariantLine, ...]]:
    """What was searched, with one of the four answers each, and the variants found, each once."""
    groups = []
    asked: list[tuple[str, str, Told]] = [("rangeItem", one.place.text, one.told) for one in ranges]
    asked += [("variantItem", one.change.text, one.told) for one in changes]
    for name, text, told in asked:
        parts = [text_part(name, text), answer_part(writer, answer_name(told), told.reason)]
        groups.append({"name": "searched", "part": parts})
    lines = [line for each in ranges for line in each.lines]
    lines += [line for one in changes for line in one.lines]
    return groups, tuple({line.variant: line for line in lines}.values())


def dx_implications(
    house: House, writer: Writer, lines: Iterable[VariantLine], conditions: Collection[str]
) -> list[Resource]:
    """What the classification release in force says of these variants, about some conditions or any."""
    known = classifier(house)
    if not known.release:
        reason = "this site has no classification release, so nothing can be said of any variant"
        raise NotUnderstood.one("dx-implications", reason, remedy="`bedside knowledge` adds one")
    wanted = {condition.casefold() for condition in conditions}
    groups: list[Resource] = []
    for line in lines:
        records = [
            record
            for record in known.of(line.variant)
            if record.classification is not Classification.NOT_PROVIDED
            and (not wanted or wanted & {one.casefold() for one in record.conditions})
        ]
        if records:
            variant = writer.variant(shown(line))
            groups += [resource_part("implication", diagnostic(writer, one, variant)) for one in records]
            groups.append(resource_part("variant", variant))
    return groups


def molecular_consequences(
    house: House, writer: Writer, lines: Iterable[VariantLine], wanted: Collection[str]
) -> list[Resource]:
    """What these variants do to the transcripts at hand; of those no transcript is at hand for, that it was
    not worked out."""
    by_gene = load_transcripts(house.settings.knowledge_folder).by_gene
    transcripts = [one for mine in by_gene.values() for one in mine]
    groups: list[Resource] = []
    for line in lines:
        here = [
            one
            for one in transcripts
            if one.chromosome == line.variant.chromosome
            and one.start <= line.variant.end
            and line.variant.position <= one.end
        ]
        variant = writer.variant(shown(line))
        found = [consequence(line.variant, one, NO_BASES) for one in here]
        fitting = [one for one in found if not wanted or set(wanted) & {term.value for term in one.terms}]
        groups += [resource_part("consequence", molecular(writer, one, variant)) for one in fitting]
        if fitting or not here:
            groups.append(resource_part("variant", variant))
        if not here:
            unsure = answer_part(writer, "indeterminate", _NO_TRANSCRIPT)
            spdi = text_part("variantItem", writer.spdi(shown(line)))
            groups.append({"name": "notWorkedOut", "part": [spdi, unsure]})
    return groups


def tx_implications(
    house: House,
    writer: Writer,
    person: str,
    treatments: Sequence[AskedToken],
    haplotypes: Sequence[AskedHaplotype],
) -> Resource:
    """What guidance follows from the person's pharmacogenes, about some drugs or any, from some haplotypes or
    any; and which genes of it were not tested or not called."""
    calls = {gene: one.call for gene, one in current_view(house, house.ledger.results(person)).items()}
    drugs = drugs_named(house, treatments)
    genes = {one.gene.symbol for one in haplotypes if one.gene is not None}
    held = {_gene_of(one) for one in haplotypes if judge(one, _call(calls, one)).answer is Answer.PRESENT}
    groups: list[Resource] = []
    written: dict[str, Resource] = {}
    for one in _guidance(house, person, calls, drugs):
        basis = [each.gene for each in one.basis if each.gene not in one.unknown_genes]
        if haplotypes and not held & set(basis):
            continue
        genotypes = [_genotype(house, writer, calls[gene], written) for gene in basis if gene in calls]
        if genotypes:
            groups.append(resource_part("implication", therapeutic(writer, one, genotypes)))
    groups += [resource_part("genotype", genotype) for genotype in written.values()]
    concerned = concerned_genes(house, drugs) if not haplotypes else genes
    groups += _unknown(writer, calls, concerned)
    groups += _without_guidance(house, writer, treatments)
    return parameters(groups)


def _guidance(
    house: House, person: str, calls: Mapping[str, GeneCall], drugs: frozenset[str] | None
) -> Iterator[Recommendation]:
    """What guidance says about these drugs, or about any, by the drug's name as the release has them."""
    rules = rules_of(house).ruleset
    problems = problem_codes(house.ledger.problems(person))
    for name in rules.pgx.guidance:
        if drugs is None or name in drugs:
            for one in recommend_distinct(rules.pgx, rules.phrases, calls, name):
                if isinstance(one, Recommendation):
                    yield hold_back(rules.phrases, one, problems)


def drugs_named(house: House, treatments: Sequence[AskedToken]) -> frozenset[str] | None:
    """The names of the drugs asked for; None when any will do."""
    if not treatments:
        return None
    wanted = {token.code.casefold() for token in treatments}
    found = {
        name
        for name in house.pgx.guidance
        if wanted & {name.casefold(), house.pgx.drugs[name].rxnorm.casefold()} - {""}
    }
    return frozenset(found)


def _without_guidance(house: House, writer: Writer, treatments: Sequence[AskedToken]) -> Iterator[Resource]:
    """Treatments of which the release says nothing: that is not the same as nothing to heed."""
    for token in treatments:
        if not drugs_named(house, (token,)):
            answer = answer_part(writer, "indeterminate", "the knowledge release has no guidance about this")
            yield {"name": "searched", "part": [text_part("treatmentItem", token.text), answer]}


def concerned_genes(house: House, drugs: frozenset[str] | None) -> set[str]:
    """The genes that guidance about these drugs asks for."""
    named = house.pgx.guidance if drugs is None else drugs
    return {gene for name in named for gene in genes_of(house.pgx, name)}


def _unknown(writer: Writer, calls: dict[str, GeneCall], genes: Collection[str]) -> Iterator[Resource]:
    for gene in sorted(genes):
        call = calls.get(gene)
        tested = call is not None and call.status is not CallStatus.NOT_TESTED
        if call is None or not tested or call.status is not CallStatus.CALLED:
            answer = answer_part(writer, "indeterminate" if tested else "not_tested")
            yield {"name": "searched", "part": [text_part("geneItem", gene), answer]}


def _call(calls: dict[str, GeneCall], one: AskedHaplotype) -> GeneCall | None:
    return calls.get(_gene_of(one))


def _gene_of(one: AskedHaplotype) -> str:
    return "" if one.gene is None else one.gene.symbol


def _genotype(house: House, writer: Writer, call: GeneCall, written: dict[str, Resource]) -> Resource:
    if call.gene not in written:
        written[call.gene] = genotype_of(house, writer, call)
    return written[call.gene]


def genotype_of(house: House, writer: Writer, call: GeneCall) -> Resource:
    """The genotype that a call says, with its phenotypes and warnings in words."""
    gene = house.pgx.genes.get(call.gene)
    notes = [*(f"phenotype: {term}" for term in call.phenotypes), *map(str, call.warnings)]
    names = genotypes_of(call) or tuple(call.phenotypes) or ("genotype not reported",)
    return writer.genotype(call.gene, "" if gene is None else gene.hgnc, names, notes)


def haplotypes_of(house: House, writer: Writer, call: GeneCall) -> tuple[Resource, ...]:
    """The haplotypes of a genotype, where exactly one pair fits."""
    if len(call.source_diplotypes) != 1:
        return ()
    gene = house.pgx.genes.get(call.gene)
    hgnc = "" if gene is None else gene.hgnc
    alleles = dict.fromkeys(call.source_diplotypes[0].alleles)
    return tuple(writer.haplotype(call.gene, hgnc, allele) for allele in alleles)
