"""Every pair of named alleles of every gene: write its genotypes down, call them, and get the pair back."""

from __future__ import annotations

from functools import cache

import pytest

from bedside.genome.state import Called
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Gene, Matcher, PgxPack
from tests.properties.listed_strands import accepts, carried, every_pair, filled

OPTIONS = CallOptions(call_cyp2d6=True, missing_effects=False)
SAMPLE = 120


@cache
def pack() -> PgxPack:
    return load_pgx()


GENES = [symbol for symbol, gene in pack().genes.items() if gene.positions]
BY_PAIR = [symbol for symbol in GENES if pack().genes[symbol].matcher is not Matcher.LOWEST_FUNCTION]
BY_COMPONENT = [symbol for symbol in GENES if symbol not in BY_PAIR]


def called(gene: Gene, one: int, other: int, phased: bool) -> GeneCall:
    """The call of somebody who carries the two alleles."""
    states = tuple(
        Called((first, second) if phased else tuple(sorted((first, second))), phased)
        for first, second in zip(carried(gene, one), carried(gene, other), strict=True)
    )
    return call_gene(gene, states, OPTIONS)


def written(gene: Gene, *numbers: int) -> str:
    return "/".join(sorted(reported(gene, number) for number in numbers))


def unordered(found: GeneCall) -> list[str]:
    every = found.possible_diplotypes or found.source_diplotypes
    return ["/".join(sorted(pair.alleles)) for pair in every]


def explains(gene: Gene, pair: str, one: int, other: int) -> bool:
    """Whether a returned pair has the same unphased genotypes as the pair that was written down."""
    target = [frozenset(both) for both in zip(carried(gene, one), carried(gene, other), strict=True)]
    firsts, seconds = (rows_of(gene, name) for name in split(gene, pair))
    return any(same(gene, first, second, target) for first in firsts for second in seconds)


def reported(gene: Gene, number: int) -> str:
    name = gene.alleles[number].name
    return gene.renames.get(name, name)


def rows_of(gene: Gene, name: str) -> list[int]:
    """The alleles that are reported under a name."""
    return [n for n, allele in enumerate(gene.alleles) if any(allele.bases) and reported(gene, n) == name]


def split(gene: Gene, pair: str) -> list[str]:
    names = {reported(gene, number) for number in range(len(gene.alleles))}
    cuts = [cut for cut, letter in enumerate(pair) if letter == "/"]
    return next(
        [pair[:cut], pair[cut + 1 :]] for cut in cuts if pair[:cut] in names and pair[cut + 1 :] in names
    )


def same(gene: Gene, first: int, second: int, target: list[frozenset[str]]) -> bool:
    for one, other, bases in zip(filled(gene, first), filled(gene, second), target, strict=True):
        x, y = min(bases), max(bases)
        if not ((x in accepts(one) and y in accepts(other)) or (y in accepts(one) and x in accepts(other))):
            return False
    return True


def defined(gene: Gene, *numbers: int) -> int:
    return sum(1 for number in numbers for base in gene.alleles[number].bases if base)


def check_phased(gene: Gene, one: int, other: int) -> None:
    found = called(gene, one, other, phased=True)
    assert written(gene, one, other) in unordered(found), (gene.symbol, unordered(found))


def check_unphased(gene: Gene, one: int, other: int) -> None:
    wanted, returned = written(gene, one, other), unordered(called(gene, one, other, phased=False))
    assert returned
    for pair in returned:
        assert explains(gene, pair, one, other), (gene.symbol, wanted, pair)
    if wanted not in returned:
        best = max(
            defined(gene, first, second)
            for pair in returned
            for first in rows_of(gene, split(gene, pair)[0])
            for second in rows_of(gene, split(gene, pair)[1])
        )
        assert best >= defined(gene, one, other), (gene.symbol, wanted, returned)


def check_components(gene: Gene, one: int, other: int) -> None:
    reference = gene.reference_allele.name
    names = sorted(gene.alleles[number].name for number in (one, other))
    phased, unphased = (called(gene, one, other, phased) for phased in (True, False))
    assert unordered(phased) == ["/".join(names)]
    if unphased.source_diplotypes:
        assert unordered(unphased) == ["/".join(names)]
    else:
        assert sorted({*unphased.component_alleles} - {reference}) == sorted({*names} - {reference})


def sample(gene: Gene) -> list[tuple[int, int]]:
    pairs = every_pair(gene)
    return pairs[:: max(1, len(pairs) // SAMPLE)]


@pytest.mark.parametrize("symbol", BY_PAIR)
def test_a_phased_pair_comes_back_among_the_best(symbol: str) -> None:
    gene = pack().genes[symbol]
    for one, other in sample(gene):
        check_phased(gene, one, other)


@pytest.mark.parametrize("symbol", BY_PAIR)
def test_an_unphased_pair_comes_back_or_a_better_explained_one_does(symbol: str) -> None:
    gene = pack().genes[symbol]
    for one, other in sample(gene):
        check_unphased(gene, one, other)


@pytest.mark.parametrize("symbol", BY_COMPONENT)
def test_two_alleles_of_a_lowest_function_gene_come_back(symbol: str) -> None:
    gene = pack().genes[symbol]
    for one, other in sample(gene):
        check_components(gene, one, other)


@pytest.mark.slow
@pytest.mark.parametrize("symbol", GENES)
def test_every_pair_of_a_gene_comes_back(symbol: str) -> None:
    gene = pack().genes[symbol]
    for one, other in every_pair(gene):
        if gene.matcher is Matcher.LOWEST_FUNCTION:
            check_components(gene, one, other)
        else:
            check_phased(gene, one, other)
            check_unphased(gene, one, other)
