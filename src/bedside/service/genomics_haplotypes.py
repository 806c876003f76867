"""`find-subject-haplotypes` and `find-subject-specific-haplotypes` on a person's record.

A named allele is compared as a whole name of the knowledge release, never as a piece of text: `*1` is not
part of `*17`. HLA alleles are compared by whole fields, so that `*27` stands for every `*27:…`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bedside.errors import RequestError
from bedside.exchange.allele_words import AlleleWords
from bedside.exchange.fhir_genomics_ask import AskedToken
from bedside.genome.diplotype import Diplotype
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.interpret.phenotype import meanings
from bedside.knowledge.pgx import Gene
from bedside.service.genomics_answers import ABSENT, NOT_TESTED, PRESENT, Answer, Told
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view

UNKNOWN_GENE = Told(
    Answer.NOT_TESTED, "the knowledge release has no such gene or allele, so nothing was looked at for it"
)
UNCALLED = Told(Answer.INDETERMINATE, "looked at, and no genotype could be called", no_call=True)
PHENOTYPE_ONLY = Told(Answer.INDETERMINATE, "the laboratory reported no genotype for this gene")
SEVERAL = Told(Answer.INDETERMINATE, "several genotypes fit, and they do not agree on this")
INVISIBLE = Told(Answer.INDETERMINATE, "the test could not have seen this allele")


@dataclass(frozen=True, slots=True)
class AskedHaplotype:
    """What was asked: a gene, and of it one allele, a pair of alleles, or nothing more. gene: None where the
    release has no such gene or allele."""

    text: str
    gene: Gene | None
    alleles: tuple[str, ...] = ()
    fields: bool = False


@dataclass(frozen=True, slots=True)
class HaplotypeAnswer:
    """One answer, and the call that it rests on (None where there is none)."""

    asked: AskedHaplotype
    told: Told
    call: GeneCall | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HaplotypeNames:
    """The genes and allele names of the release in force."""

    genes: Mapping[str, Gene]
    by_hgnc: Mapping[str, Gene]
    words: Mapping[str, AlleleWords]

    def gene(self, token: AskedToken) -> AskedHaplotype:
        """A gene by symbol or HGNC id."""
        return AskedHaplotype(token.text, self.by_hgnc.get(token.code) or self.genes.get(token.code))

    def haplotype(self, token: AskedToken) -> AskedHaplotype:
        """A gene, an allele or a pair of alleles."""
        symbol, rest = self._split(token.code)
        gene = self.genes.get(symbol) or self.by_hgnc.get(token.code)
        if gene is None or not rest:
            return AskedHaplotype(token.text, gene)
        names = [part.strip().removeprefix(symbol).strip() for part in rest.split("/")]
        if len(names) > 2 or not all(names):
            raise RequestError.one("haplotypes", "a haplotype is one allele, or two with / between them")
        if gene.presence_tests:
            return AskedHaplotype(token.text, gene, tuple(names), fields=True)
        known = [self.words[symbol].allele(name) for name in names]
        return AskedHaplotype(token.text, gene if all(known) else None, tuple(known))

    def _split(self, code: str) -> tuple[str, str]:
        for symbol in self.genes:
            if code.startswith(symbol) and not code[len(symbol) : len(symbol) + 1].isalnum():
                return symbol, code[len(symbol) :].lstrip(" :")
        return "", code


def haplotype_names(house: House) -> HaplotypeNames:
    """The names of the release that the record speaks."""
    genes = {symbol: house.pgx.genes[symbol] for symbol in sorted(house.pgx.genes, key=len, reverse=True)}
    return HaplotypeNames(
        genes,
        {gene.hgnc: gene for gene in genes.values() if gene.hgnc},
        rules_of(house).words.alleles,
    )


def subject_haplotypes(
    house: House, person: str, asked: Iterable[AskedHaplotype]
) -> tuple[HaplotypeAnswer, ...]:
    """What is known of each gene, or whether an allele or pair is there. Only clinical results count."""
    view = current_view(house, house.ledger.results(person))
    calls = {gene: current.call for gene, current in view.items()}
    return tuple(
        HaplotypeAnswer(
            one, judge(one, calls.get(_symbol(one))), calls.get(_symbol(one)) if one.gene else None
        )
        for one in asked
    )


def _symbol(one: AskedHaplotype) -> str:
    return "" if one.gene is None else one.gene.symbol


def judge(asked: AskedHaplotype, call: GeneCall | None) -> Told:
    """The answer that a gene's call gives."""
    if asked.gene is None:
        return UNKNOWN_GENE
    if call is None or call.status is CallStatus.NOT_TESTED:
        return NOT_TESTED
    if asked.fields and asked.alleles:
        return _by_fields(asked.alleles, call)
    candidates = tuple(call.source_diplotypes) or tuple(call.possible_diplotypes)
    if not asked.alleles:
        return PRESENT if genotypes_of(call) else _without(call)
    if candidates:
        said = {_holds(asked, one) for one in candidates}
    elif call.component_alleles and len(asked.alleles) == 1:
        said = {any(_same(asked.gene, asked.alleles[0], name) for name in call.component_alleles)}
    else:
        return _without(call)
    if said == {True}:
        return PRESENT
    if len(said) > 1:
        return SEVERAL
    invisible = any(_same(asked.gene, a, b) for a in asked.alleles for b in call.uncallable_alleles)
    return INVISIBLE if invisible else ABSENT


def genotypes_of(call: GeneCall) -> tuple[str, ...]:
    """The genotypes that fit, as a report writes them."""
    return call.display or tuple(map(str, call.source_diplotypes)) or call.component_alleles


def _without(call: GeneCall) -> Told:
    return PHENOTYPE_ONLY if call.phenotypes else UNCALLED


def _holds(asked: AskedHaplotype, diplotype: Diplotype) -> bool:
    gene = asked.gene
    if gene is None:
        return False
    if len(asked.alleles) == 1:
        return any(_same(gene, asked.alleles[0], name) for name in _strands(diplotype))
    pair = Diplotype(gene.symbol, *(meanings(gene).canonical(name) for name in asked.alleles))
    held = Diplotype(gene.symbol, *(meanings(gene).canonical(name) for name in diplotype.alleles))
    return pair == held


def _strands(diplotype: Diplotype) -> Iterator[str]:
    """The alleles of both strands; a combination on one strand holds each of its alleles."""
    for name in diplotype.alleles:
        yield name
        if name.startswith("["):
            yield from (part.strip() for part in name.strip("[]").split(" + "))


def _same(gene: Gene, one: str, other: str) -> bool:
    known = meanings(gene)
    return known.canonical(one) == known.canonical(other)


def _by_fields(alleles: tuple[str, ...], call: GeneCall) -> Told:
    """An HLA allele, by the presence tests that were reported or by the alleles of a genotype."""
    said = [_one_by_fields(name, call) for name in alleles]
    answers = {one.answer for one in said}
    if answers == {Answer.PRESENT}:
        return PRESENT
    return next((one for one in said if one.answer is Answer.ABSENT), said[0])


def _one_by_fields(asked: str, call: GeneCall) -> Told:
    reported = dict(term.rsplit(" ", 1) for term in call.phenotypes if " " in term)
    if any(_begins(name, asked) and said == "positive" for name, said in reported.items()):
        return PRESENT
    pairs = call.source_diplotypes
    if pairs:
        held = {any(_begins(name, asked) for name in pair.alleles) for pair in pairs}
        return PRESENT if held == {True} else ABSENT if held == {False} else SEVERAL
    if reported.get(asked) == "negative":
        return ABSENT
    return Told(Answer.INDETERMINATE, "only the presence of other alleles of this gene was tested")


def _begins(name: str, asked: str) -> bool:
    """Whether an allele has the fields asked for: `*27:05` has `*27`, and `*27` has not `*2`."""
    return name.split(":")[: len(asked.split(":"))] == asked.split(":")
