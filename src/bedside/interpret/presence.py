"""Genes asked for by the presence of single alleles (HLA): one answer, positive or negative, per allele."""

from __future__ import annotations

from bedside.genome.diplotype import Diplotype
from bedside.genome.observation import OutsideCall
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit
from bedside.interpret.outside_names import phenotype_written, split_diplotype, two_fields
from bedside.knowledge.pgx import Gene


def present(gene: Gene, calls: tuple[OutsideCall, ...]) -> GeneCall:
    """What typed alleles, or a laboratory's own positive or negative, say about each allele asked for."""
    diplotypes: list[Diplotype] = []
    stated: list[str] = []
    typed: list[str] = []
    limits: list[Limit] = []
    for call in calls:
        names = tuple(two_fields(name) for name in split_diplotype(gene, call.diplotype))
        if len(names) in (1, 2):
            diplotypes.append(Diplotype(gene.symbol, *names))
            typed += names
            limits += _one_allele(gene, names)
        elif names:
            text = f"{gene.symbol} needs one or two alleles, the outside call has {len(names)}"
            limits.append(Limit("outside-not-a-diplotype", text))
        if call.phenotype:
            stated.append(phenotype_written(gene, call.phenotype))
    answers = tuple(dict.fromkeys((*stated, *_answers(gene, tuple(typed), limits))))
    pairs = tuple(dict.fromkeys(diplotypes))
    return GeneCall(
        gene.symbol,
        CallStatus.CALLED if answers else CallStatus.NO_CALL,
        CallSource.OUTSIDE,
        source_diplotypes=pairs,
        recommendation_diplotypes=pairs,
        phenotypes=answers,
        lookup_keys=answers,
        display=() if pairs else answers,
        settle_with=() if answers else (f"typing of {gene.symbol} at two fields",),
        warnings=tuple(dict.fromkeys(limits)),
    )


def _answers(gene: Gene, typed: tuple[str, ...], limits: list[Limit]) -> list[str]:
    """One answer per allele asked for; none where the typing is too coarse to tell."""
    answers: list[str] = []
    if not typed:
        return answers
    for test in gene.presence_tests:
        coarse = [name for name in typed if ":" not in name and name == test.split(":")[0]]
        if test in typed:
            answers.append(f"{test} positive")
        elif coarse:
            text = f"typing at one field cannot tell whether {gene.symbol}{test} is present"
            limits.append(Limit("typing-too-coarse", text))
        else:
            answers.append(f"{test} negative")
    return answers


def _one_allele(gene: Gene, names: tuple[str, ...]) -> list[Limit]:
    if len(names) == 2:
        return []
    text = f"one {gene.symbol} allele was reported; negative answers assume that the other one is the same"
    return [Limit("one-allele-reported", text)]
