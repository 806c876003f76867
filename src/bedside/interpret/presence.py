"""Genes asked for by the presence of single alleles (HLA): one answer, positive or negative, per allele.

A negative answer rests on reading every allele that the laboratory typed: a name that cannot be read, a
typing too coarse, or an allele that may not be expressed leaves the answer open, never negative.
"""

from __future__ import annotations

from bedside.genome.diplotype import Diplotype
from bedside.genome.observation import OutsideCall
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit
from bedside.interpret.outside_names import (
    expression,
    phenotype_terms,
    phenotype_written,
    split_diplotype,
    two_fields,
)
from bedside.knowledge.pgx import Gene


def present(gene: Gene, calls: tuple[OutsideCall, ...]) -> GeneCall:
    """What typed alleles, or a laboratory's own positive or negative, say about each allele asked for."""
    diplotypes: list[Diplotype] = []
    stated: list[str] = []
    typed: list[str | None] = []
    limits: list[Limit] = []
    for call in calls:
        names = [two_fields(name) for name in split_diplotype(gene, call.diplotype)]
        whole = [name for name in names if name is not None]
        if names and whole == names and len(whole) < 3:
            diplotypes.append(Diplotype(gene.symbol, *whole))
            limits += _one_allele(gene, whole)
        elif call.diplotype:
            limits.append(_not_read(gene, names))
            whole = [] if len(names) > 2 else whole
            names = [*whole, None]
        typed += names
        if call.phenotype:
            stated += _stated(gene, call.phenotype, limits)
    answers = tuple(dict.fromkeys((*stated, *_answers(gene, typed, limits))))
    if any(f"{test} positive" in answers and f"{test} negative" in answers for test in gene.presence_tests):
        text = f"what is stated about {gene.symbol} contradicts what was typed"
        limits.append(Limit("outside-contradiction", text))
    return _call(gene, tuple(dict.fromkeys(diplotypes)), answers, tuple(dict.fromkeys(limits)))


def _call(
    gene: Gene, pairs: tuple[Diplotype, ...], answers: tuple[str, ...], limits: tuple[Limit, ...]
) -> GeneCall:
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
        warnings=limits,
    )


def _not_read(gene: Gene, names: list[str | None]) -> Limit:
    if len(names) > 2 or not names:
        text = f"{gene.symbol} needs one or two alleles, the outside call has {len(names)}"
        return Limit("outside-not-a-diplotype", text)
    text = f"a name in the outside call is no {gene.symbol} allele such as *57:01; nothing is negative by it"
    return Limit("outside-not-an-allele", text)


def _stated(gene: Gene, phenotype: str, limits: list[Limit]) -> list[str]:
    written = phenotype_written(gene, phenotype)
    if written in phenotype_terms(gene):
        return [written]
    text = f"the release knows no such answer about {gene.symbol}; it must be like *57:01 positive"
    limits.append(Limit("outside-phenotype-unknown", text))
    return []


def _answers(gene: Gene, typed: list[str | None], limits: list[Limit]) -> list[str]:
    """One answer per allele asked for; none where the typing cannot tell."""
    answers: list[str] = []
    for test in gene.presence_tests if typed else ():
        coarse = any(name == test.split(":")[0] for name in typed)
        silent = any(name is not None and expression(name) and name[:-1] == test for name in typed)
        if test in typed:
            answers.append(f"{test} positive")
        elif coarse:
            text = f"typing at one field cannot tell whether {gene.symbol}{test} is present"
            limits.append(Limit("typing-too-coarse", text))
        elif silent:
            text = f"{gene.symbol}{test} was typed with a suffix: it may not be expressed as usual"
            limits.append(Limit("expression-uncertain", text))
        elif None not in typed:
            answers.append(f"{test} negative")
    return answers


def _one_allele(gene: Gene, names: list[str]) -> list[Limit]:
    if len(names) == 2:
        return []
    text = f"one {gene.symbol} allele was reported; negative answers assume that the other one is the same"
    return [Limit("one-allele-reported", text)]
