"""Recommendation diplotypes → phenotypes, scores, look-up keys and what that makes of the call."""

from __future__ import annotations

from dataclasses import replace

from bedside.interpret.gene_call import CallStatus, GeneCall, Limit
from bedside.interpret.phenotype import Meanings


def with_meaning(rank: Meanings, call: GeneCall) -> GeneCall:
    """The call with the meaning of its recommendation diplotypes.

    A called gene becomes indeterminate when no candidate has a known phenotype, or an allele has no
    function at all.
    """
    pairs = call.recommendation_diplotypes
    if not rank.gene.rules:
        unassigned = [name for pair in pairs for name in pair.alleles if not rank.term(name)]
        return _indeterminate(call, unassigned) if unassigned else call
    found = [rank.of(pair) for pair in pairs]
    call = replace(
        call,
        phenotypes=tuple(dict.fromkeys(one.phenotype for one in found)),
        activity_scores=tuple(dict.fromkeys(one.activity_score for one in found if one.activity_score)),
        lookup_keys=tuple(dict.fromkeys(one.lookup_key for one in found)),
    )
    if any(one.known for one in found):
        return call
    return _indeterminate(call, [name for pair in pairs for name in pair.alleles if not rank.assigned(name)])


def _indeterminate(call: GeneCall, unassigned: list[str]) -> GeneCall:
    status = CallStatus.INDETERMINATE if call.status is CallStatus.CALLED else call.status
    names = ", ".join(dict.fromkeys(unassigned))
    if not names:
        return replace(call, status=status)
    text = f"no function is assigned to {names}, so the phenotype is not known; it is not normal"
    return replace(call, status=status, warnings=(*call.warnings, Limit("function-not-assigned", text)))
