"""The limits of a call, as stable codes with sentences for people."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.interpret.answer import Answer, Found
from bedside.interpret.gene_call import GeneCall, Limit
from bedside.interpret.phenotype import Meanings
from bedside.interpret.proxy_allele import proxy_limits
from bedside.interpret.settle import label
from bedside.interpret.sites import Sites
from bedside.knowledge.pgx import Gene


def matcher_limits(rank: Meanings, sites: Sites, found: Answer) -> tuple[Limit, ...]:
    """What limits a call made from genotypes."""
    gene = rank.gene
    return (
        *_of_the_file(gene, sites),
        *proxy_limits(gene, found.warnings),
        *_of_the_match(rank, found),
        *_of_the_method(gene, found),
    )


def rival_meanings(call: GeneCall, settle: tuple[str, ...]) -> tuple[Limit, ...]:
    """Why a called gene has no single look-up key, and what would give it one."""
    if len(call.lookup_keys) < 2:
        return ()
    text = f"what fits differs in meaning ({' or '.join(call.lookup_keys)}), so no single key is looked up"
    text = f"{text}; it would be settled by {', '.join(settle)}" if settle else text
    return (Limit("candidates-differ", text),)


def copy_number_unseen(gene: Gene, *, called: bool) -> Limit:
    """Why a gene with copy number variation is not called from genotypes, or not to be relied on if it is."""
    if called:
        text = (
            f"{gene.symbol} was called from single positions for research only: deletions, duplications and "
            "hybrid genes are invisible here, so the diplotype may be wrong; it leads to no guidance"
        )
        return Limit("copy-number-not-visible", text)
    text = (
        f"genotypes of {gene.symbol} are present, but they cannot show its copy number; "
        "a call from a laboratory that measures it is needed"
    )
    return Limit("copy-number-not-visible", text)


def _of_the_file(gene: Gene, sites: Sites) -> Iterator[Limit]:
    if sites.undocumented:
        where = _where(gene, sites.undocumented)
        if sites.as_reference:
            text = f"an allele that the release does not define was read as reference at {where}"
            yield Limit("undocumented-as-reference", text)
        else:
            yield Limit("undocumented-variant", f"an allele that the release does not define is at {where}")
    if sites.half_called:
        yield Limit("half-call", f"only one strand was seen at {_where(gene, sites.half_called)}")
    if sites.mixed_ploidy:
        yield Limit(
            "mixed-ploidy", "haploid and diploid records stand side by side; the gene was read as diploid"
        )
    required = tuple(place for place in sites.missing if gene.positions[place].required)
    if required:
        yield Limit("required-position-missing", f"the gene is not called without {_where(gene, required)}")
    if sites.tested and not sites.usable:
        yield Limit(
            "no-usable-position",
            f"no position of {gene.symbol} could be used; none of them counts as reference",
        )
    tier1 = tuple(place for place in sites.missing if gene.positions[place].tier1 and place not in required)
    if tier1:
        text = f"positions of the minimum set were not observed: {_where(gene, tier1)}"
        yield Limit("tier1-position-missing", text)


def _of_the_match(rank: Meanings, found: Answer) -> Iterator[Limit]:
    if found.found is Found.LOWEST_FUNCTION and found.components:
        yield Limit(
            "strands-unknown",
            "which alleles share a strand is not known; guidance assumes the two least functional of them",
        )
    if found.possible and found.possible != found.diplotypes:
        agree = len({rank.of(pair).lookup_key for pair in found.possible}) == 1
        text = "other pairs fit the unphased genotypes as well; population frequency chose"
        yield Limit("frequency-pick", text if agree else f"{text}, and they differ in phenotype")
    if found.found is Found.COMBINATION:
        text = "no pair of named alleles fits; combinations and partial alleles have no published function"
        yield Limit("combination", text)
    if found.found is Found.TOO_MANY_STRANDS:
        text = (
            "no pair of named alleles fits; combinations are not listed for so many positions without phase"
        )
        yield Limit("too-many-strands", text)


def _of_the_method(gene: Gene, found: Answer) -> Iterator[Limit]:
    if gene.not_callable and found.recommendation:
        names = ", ".join(gene.not_callable)
        yield Limit("alleles-not-visible", f"single positions cannot show {gene.symbol} {names}")


def _where(gene: Gene, places: tuple[int, ...]) -> str:
    return ", ".join(label(gene.positions[place]) for place in places)
