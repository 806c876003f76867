"""Each criterion of a policy judged by the facts of an order: true, false, or not known and why."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.decide.coverage_answer import CriterionResult, GroupResult, TreeResult
from bedside.genome.coverage import (
    Facts,
    Known,
    Listed,
    NotKnown,
    Truth,
    all_of,
    any_of,
    at_least_of,
    truth_of,
)
from bedside.knowledge.coverage_policy import Atom, Comparison, Join, Tree

NOBODY_SAID = NotKnown("nothing at hand says")


def judge(tree: Tree, facts: Facts) -> TreeResult:
    """The tree with every criterion judged."""
    if isinstance(tree, Atom):
        return _atom(tree, facts)
    parts = tuple(judge(part, facts) for part in tree.parts)
    truths = [part.truth for part in parts]
    if tree.join is Join.ALL:
        whole = all_of(truths)
    elif tree.join is Join.ANY:
        whole = any_of(truths)
    elif tree.join is Join.N_OF:
        whole = at_least_of(tree.needed, truths)
    else:
        whole = truths[0].opposite
    return GroupResult(tree.join, whole, parts, tree.needed)


def undecided(tree: TreeResult) -> Iterator[CriterionResult]:
    """The criteria that keep a tree from being decided; none of a part that is decided already."""
    if tree.truth is not Truth.UNKNOWN:
        return
    if isinstance(tree, CriterionResult):
        yield tree
        return
    for part in tree.parts:
        yield from undecided(part)


def in_words(value: object) -> str:
    """A value as a page shows it."""
    if isinstance(value, Listed):
        shown = ", ".join(sorted(value.values)) or "none"
        return shown if value.complete else f"{shown} (there may be more)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _atom(atom: Atom, facts: Facts) -> CriterionResult:
    fact = facts.get(atom.fact, NOBODY_SAID)
    if isinstance(fact, NotKnown):
        return CriterionResult(
            atom.criterion, atom.fact, atom.says, Truth.UNKNOWN, atom.citation, open=fact.reason
        )
    truth = compare(atom, fact)
    why = "what is known of it is not complete" if truth is Truth.UNKNOWN else ""
    return CriterionResult(
        atom.criterion,
        atom.fact,
        atom.says,
        truth,
        atom.citation,
        in_words(fact.value),
        fact.evidence,
        why,
    )


def compare(atom: Atom, fact: Known) -> Truth:
    """Whether a known fact meets a criterion. Raises TypeError when its value is of another type than the
    criterion asks for, which a checked pack and checked facts cannot bring about."""
    value = fact.value
    if isinstance(value, Listed):
        return _of_list(atom, value)
    if atom.comparison is Comparison.IS and isinstance(value, bool):
        return truth_of(value is atom.values[0])
    if atom.comparison is Comparison.ONE_OF and isinstance(value, str):
        return truth_of(value in atom.values)
    if isinstance(value, float | int) and not isinstance(value, bool):
        limit = float(atom.values[0])
        if atom.comparison is Comparison.AT_LEAST:
            return truth_of(value >= limit)
        if atom.comparison is Comparison.AT_MOST:
            return truth_of(value <= limit)
        if atom.comparison is Comparison.BELOW:
            return truth_of(value < limit)
    raise TypeError(f"{atom.criterion} compares {atom.comparison.value} with another type of value")


def _of_list(atom: Atom, held: Listed) -> Truth:
    """What is not on a list that may be longer is not known."""
    count = len(held.values)
    if atom.comparison is Comparison.COUNT_AT_MOST:
        if count > float(atom.values[0]):
            return Truth.FALSE
        return Truth.TRUE if held.complete else Truth.UNKNOWN
    if atom.comparison is Comparison.ANY_OF:
        found = bool(held.values & set(atom.values))
    elif atom.comparison is Comparison.OTHER_THAN:
        found = bool(held.values - set(atom.values))
    elif atom.comparison is Comparison.COUNT_AT_LEAST:
        found = count >= float(atom.values[0])
    else:
        raise TypeError(f"{atom.criterion} compares {atom.comparison.value} with a list")
    if found:
        return Truth.TRUE
    return Truth.FALSE if held.complete else Truth.UNKNOWN
