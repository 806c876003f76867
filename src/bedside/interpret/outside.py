"""Calls that another laboratory or tool made → what they mean under this release.

A stated phenotype or score is the laboratory's word and is kept. Where it contradicts what its own
diplotype or score means here, both are listed, so that no single look-up key remains and guidance waits for
a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bedside.genome.diplotype import Diplotype
from bedside.genome.observation import OutsideCall
from bedside.interpret.display import printed
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit
from bedside.interpret.lowest_function import least_functional
from bedside.interpret.outside_names import (
    copies_unknown,
    phenotype_terms,
    phenotype_written,
    score_written,
    split_diplotype,
    strand_parts,
)
from bedside.interpret.phenotype import INDETERMINATE, NOT_ASSIGNED, Meaning, Meanings, meanings
from bedside.interpret.presence import present
from bedside.knowledge.pgx import Gene, Lookup, Matcher


@dataclass(frozen=True, slots=True)
class _Read:
    """One outside call as read."""

    diplotype: Diplotype | None
    recommendation: Diplotype | None
    means: tuple[Meaning, ...]
    shown: str
    limits: tuple[Limit, ...]


def call_outside(gene: Gene, calls: tuple[OutsideCall, ...]) -> GeneCall:
    """The gene as other laboratories called it. Raises ValueError when no call of this gene is given."""
    if not calls or any(call.gene != gene.symbol for call in calls):
        raise ValueError(f"not outside calls of {gene.symbol}")
    if gene.lookup is Lookup.ALLELE_PRESENCE:
        return present(gene, calls)
    rank = meanings(gene)
    read = [_read(rank, call) for call in calls]
    means = [meaning for one in read for meaning in one.means]
    diplotypes = _unique(one.diplotype for one in read)
    limits = tuple(dict.fromkeys(limit for one in read for limit in (*one.limits, *_rivals(gene, read))))
    forms = tuple(dict.fromkeys(one.shown for one in read if one.shown))
    return GeneCall(
        gene.symbol,
        _status(gene, means, diplotypes),
        CallSource.OUTSIDE,
        source_diplotypes=diplotypes,
        recommendation_diplotypes=_unique(one.recommendation for one in read),
        phenotypes=tuple(dict.fromkeys(one.phenotype for one in means if one.phenotype)),
        activity_scores=tuple(dict.fromkeys(one.activity_score for one in means if one.activity_score)),
        lookup_keys=tuple(dict.fromkeys(one.lookup_key for one in means if one.lookup_key)),
        display=() if forms == tuple(map(str, diplotypes)) else forms,
        settle_with=_settle(gene, means, limits),
        warnings=limits,
    )


def _unknown(gene: Gene, call: OutsideCall) -> tuple[Limit, ...]:
    """What the laboratory states in words or numbers that the release does not have."""
    limits: list[Limit] = []
    known = (*phenotype_terms(gene), *INDETERMINATE)
    if call.phenotype and phenotype_written(gene, call.phenotype) not in known:
        text = f"the release has no such phenotype of {gene.symbol}; nothing can be looked up with it"
        limits.append(Limit("outside-phenotype-unknown", text))
    scores = {rule.activity_score for rule in gene.rules} | {NOT_ASSIGNED}
    if call.activity_score and score_written(call.activity_score).lower() not in scores:
        text = f"the release has no such activity score of {gene.symbol}; nothing can be looked up with it"
        limits.append(Limit("outside-score-unknown", text))
    return tuple(limits)


def _rivals(gene: Gene, read: list[_Read]) -> tuple[Limit, ...]:
    """That several calls of one gene do not mean the same."""
    if len({frozenset(meaning.lookup_key for meaning in one.means) for one in read if one.means}) < 2:
        return ()
    text = f"the calls of {gene.symbol} that were given differ in meaning, so no single key is looked up"
    return (Limit("candidates-differ", text),)


def _unique(pairs: Iterable[Diplotype | None]) -> tuple[Diplotype, ...]:
    return tuple(dict.fromkeys(pair for pair in pairs if pair is not None))


def _status(gene: Gene, means: list[Meaning], diplotypes: tuple[Diplotype, ...]) -> CallStatus:
    if not means and not diplotypes:
        return CallStatus.NO_CALL
    if means and all(one.phenotype in INDETERMINATE or one.lookup_key == NOT_ASSIGNED for one in means):
        return CallStatus.INDETERMINATE
    if not means and any(not meanings(gene).assigned(name) for pair in diplotypes for name in pair.alleles):
        return CallStatus.INDETERMINATE
    return CallStatus.CALLED


def _settle(gene: Gene, means: list[Meaning], limits: tuple[Limit, ...]) -> tuple[str, ...]:
    codes = {limit.code for limit in limits}
    if "copy-number-unknown" in codes:
        return (f"the number of copies of {gene.symbol}, from the laboratory that made the call",)
    if codes & {"outside-contradiction", "outside-not-a-diplotype"}:
        return (f"confirmation of {gene.symbol} by the laboratory that made the call",)
    if "function-not-assigned" not in codes and len({one.lookup_key for one in means}) > 1:
        return (f"one diplotype of {gene.symbol}, from the laboratory that made the call",)
    return ()


def _read(rank: Meanings, call: OutsideCall) -> _Read:
    diplotype, limits = _diplotype(rank.gene, call.diplotype)
    limits += _unknown(rank.gene, call)
    recommendation = _recommended(rank, diplotype)
    computed = (rank.of(recommendation),) if recommendation is not None and rank.gene.rules else ()
    stated = _stated(rank, call)
    shown = "" if diplotype is None else next(iter(printed(rank.gene, (diplotype,), ())), str(diplotype))
    if not stated:
        unknown = _not_assigned(rank, recommendation, computed)
        return _Read(diplotype, recommendation, computed, shown, limits + unknown)
    contradicted = tuple(
        one
        for one in computed
        if one.known
        and (one.phenotype, one.lookup_key) not in {(it.phenotype, it.lookup_key) for it in stated}
    )
    own = {one.phenotype for one in stated}
    if contradicted or len(own) > 1:
        text = "what the laboratory states and what its diplotype or score means in this release differ"
        limits += (Limit("outside-contradiction", text),)
    if diplotype is None:
        score = call.activity_score and score_written(call.activity_score)
        names = ", ".join(dict.fromkeys(one.phenotype for one in stated if one.phenotype))
        shown = f"{names} ({score})" if score else names
    return _Read(diplotype, recommendation, (*stated, *contradicted), shown, limits)


def _diplotype(gene: Gene, written: str) -> tuple[Diplotype | None, tuple[Limit, ...]]:
    names = split_diplotype(gene, written)
    if not written.strip():
        return None, ()
    if any(copies_unknown(name) for name in names):
        text = (
            "a copy number without its number (xN) says nothing about function; the laboratory must state it"
        )
        return None, (Limit("copy-number-unknown", text),)
    one_is_enough = gene.single_allele or (gene.haploid_in_males and "/" not in written)
    if len(names) not in (1, 2) or (len(names) == 1 and not one_is_enough):
        text = f"{gene.symbol} needs two alleles, the outside call has {len(names)}"
        return None, (Limit("outside-not-a-diplotype", text),)
    return Diplotype(gene.symbol, *names), ()


def _recommended(rank: Meanings, pair: Diplotype | None) -> Diplotype | None:
    if pair is None or rank.gene.matcher is not Matcher.LOWEST_FUNCTION:
        return pair
    return Diplotype(rank.gene.symbol, *(least_functional(rank, strand_parts(name)) for name in pair.alleles))


def _stated(rank: Meanings, call: OutsideCall) -> tuple[Meaning, ...]:
    """The laboratory's own phenotype and score. A phenotype alone stands for every score that has it."""
    gene = rank.gene
    phenotype = phenotype_written(gene, call.phenotype) if call.phenotype else ""
    score = score_written(call.activity_score) if call.activity_score else ""
    rules = dict.fromkeys((rule.phenotype, rule.activity_score, rule.lookup_key) for rule in gene.rules)
    if rank.by_score and score:
        by_score = tuple(Meaning(*rule) for rule in rules if rule[1] == score)
        found = by_score or (Meaning(phenotype or NOT_ASSIGNED, score, NOT_ASSIGNED),)
        agrees = not phenotype or any(one.phenotype == phenotype for one in found)
        return found if agrees else (*_of_phenotype(rank, rules, phenotype), *found)
    return _of_phenotype(rank, rules, phenotype) if phenotype else ()


def _of_phenotype(
    rank: Meanings, rules: Iterable[tuple[str, str, str]], phenotype: str
) -> tuple[Meaning, ...]:
    found = tuple(Meaning(*rule) for rule in rules if rule[0] == phenotype)
    return found or (Meaning(phenotype, "", NOT_ASSIGNED),)


def _not_assigned(rank: Meanings, pair: Diplotype | None, computed: tuple[Meaning, ...]) -> tuple[Limit, ...]:
    if pair is None or any(one.known for one in computed):
        return ()
    names = ", ".join(name for name in dict.fromkeys(pair.alleles) if not rank.assigned(name))
    if not names:
        return ()
    text = f"no function is assigned to {names}, so the phenotype is not known; it is not normal"
    return (Limit("function-not-assigned", text),)
