"""One person's genes over several results: which answer is in force, and where results contradict one
another.

A gene's answer is that of the newest clinical result with a usable call; what only an older result tested
stays visible from there. Two results whose calls lead to different guidance are never silently chosen
between, unless the newer one looked at everything the older one saw and agrees with it there (it simply saw
more): the answer then keeps every candidate, so that it has no single lookup key, and says that results
disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bedside.genome.observation import GenotypePattern, Observation
from bedside.genome.record import HeldResult
from bedside.genome.result import Confirmation
from bedside.genome.state import Called, PositionState, ReferenceBlock, Undocumented
from bedside.interpret.gene_call import CallStatus, GeneCall, Limit

Observed = Callable[[Collection[str]], Mapping[str, Observation]]
"""Observations by digest; asked only when two results disagree."""

RESULTS_CONFLICT = Limit(
    "results-conflict",
    "two results of this person lead to different guidance for this gene; confirm before use",
)
RESULTS_DIFFER = Limit("results-differ", "an older result gave another diplotype with the same meaning")
CONFIRM = "a confirmatory test of this gene"

_RANK = {
    CallStatus.CALLED: 3,
    CallStatus.INDETERMINATE: 2,
    CallStatus.NO_CALL: 1,
    CallStatus.NOT_TESTED: 0,
}


@dataclass(frozen=True, slots=True)
class Current:
    """The answer in force for one gene, the result it comes from, the older ones, and whether results
    disagree."""

    call: GeneCall
    result: HeldResult
    older: tuple[tuple[HeldResult, GeneCall], ...] = ()
    conflict: bool = False


def merge(
    results: Sequence[HeldResult], calls: Mapping[str, GeneCall], observed: Observed
) -> dict[str, Current]:
    """The answer in force for every gene that any clinical result speaks about; results oldest first."""
    counted = [r for r in results if not r.withdrawn and r.confirmation is Confirmation.CLINICAL]
    if len(counted) == 1:
        return {gene: Current(calls[digest], counted[0]) for gene, digest in counted[0].calls.items()}
    genes = dict.fromkeys(gene for result in reversed(counted) for gene in result.calls)
    return {gene: _one_gene(gene, counted, calls, observed) for gene in genes}


def _one_gene(
    gene: str, results: Sequence[HeldResult], calls: Mapping[str, GeneCall], observed: Observed
) -> Current:
    answers = [(result, calls[result.calls[gene]]) for result in reversed(results) if gene in result.calls]
    answers.sort(key=lambda answer: -_RANK[answer[1].status])
    (result, call), *older = answers
    if call.status is not CallStatus.CALLED:
        return Current(call, result, tuple(older))
    rivals = [
        (other, answer)
        for other, answer in older
        if answer.status is CallStatus.CALLED and _meaning(answer) != _meaning(call)
    ]
    rivals = [rival for rival in rivals if not _saw_more(gene, result, rival[0], observed)]
    if rivals:
        return Current(
            disagreeing(call, [answer for _, answer in rivals]), result, tuple(older), conflict=True
        )
    differs = any(
        answer.status is CallStatus.CALLED
        and _meaning(answer) == _meaning(call)
        and answer.source_diplotypes != call.source_diplotypes
        for _, answer in older
    )
    warned = replace(call, warnings=(*call.warnings, RESULTS_DIFFER)) if differs else call
    return Current(warned, result, tuple(older))


def _meaning(call: GeneCall) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return call.lookup_keys, call.phenotypes


def disagreeing(call: GeneCall, rivals: Sequence[GeneCall]) -> GeneCall:
    """The candidates of calls that lead to different guidance, so that no single key remains."""
    every = (call, *rivals)
    return replace(
        call,
        source_diplotypes=tuple(dict.fromkeys(d for c in every for d in c.source_diplotypes)),
        recommendation_diplotypes=tuple(dict.fromkeys(d for c in every for d in c.recommendation_diplotypes)),
        phenotypes=tuple(dict.fromkeys(p for c in every for p in c.phenotypes)),
        activity_scores=tuple(dict.fromkeys(s for c in every for s in c.activity_scores)),
        lookup_keys=tuple(dict.fromkeys(k for c in every for k in c.lookup_keys)),
        warnings=(*call.warnings, RESULTS_CONFLICT),
        settle_with=(*call.settle_with, CONFIRM),
    )


def _saw_more(gene: str, newer: HeldResult, older: HeldResult, observed: Observed) -> bool:
    """Whether the newer result observed all that the older one did, with the same alleles there."""
    digests = (newer.observations.get(gene, ()), older.observations.get(gene, ()))
    if any(len(some) != 1 for some in digests):
        return False
    found = observed({digests[0][0], digests[1][0]})
    one, other = found[digests[0][0]], found[digests[1][0]]
    if not isinstance(one, GenotypePattern) or not isinstance(other, GenotypePattern):
        return False
    seen = {locus: _alleles(state) for locus, state in zip(one.loci, one.states, strict=True)}
    return all(
        alleles is None or seen.get(locus) == alleles
        for locus, alleles in (
            (locus, _alleles(state)) for locus, state in zip(other.loci, other.states, strict=True)
        )
    )


def _alleles(state: PositionState) -> tuple[str, ...] | None:
    """The alleles seen at a position, in no order; None when it was not seen whole."""
    match state:
        case Called() | Undocumented():
            return tuple(sorted(state.alleles))
        case ReferenceBlock():
            return (state.reference,) * state.ploidy
    return None
