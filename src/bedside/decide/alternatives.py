"""Drugs that may be ordered instead, each checked against the person's genes by the engine that judged the
first.
"""

from __future__ import annotations

from collections.abc import Mapping

from bedside.decide.consider import Consideration, consider
from bedside.decide.moment import Moment
from bedside.decide.recommendation import Alternative
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.alternatives import TherapySlot
from bedside.knowledge.pgx import Action, Drug
from bedside.knowledge.ruleset import Ruleset

MOST_OFFERED = 3
WORTH_KNOWING = 1


def alternatives_to(
    rules: Ruleset, calls: Mapping[str, GeneCall], ordered: Consideration, moment: Moment
) -> tuple[Alternative, ...]:
    """Up to three members of the drug's therapy slots that need no change of their own, best known first.

    Drugs that share a gene with the drug they replace come last: no codeine for codeine by another name.
    Among equals a drug that no guidance ties to a gene comes first.

    Never offered: a drug whose own guidance is as urgent or worse, one that a known problem forbids, one of
    the same gene on which guidance has no advice, one that shares the harm that an allele foretells, one that
    is already taken or drafted, one whose candidates
    disagree up to a warning, and one that would worsen a drug now taken by inhibiting its enzyme.
    """
    if ordered.severity == 0:
        return ()
    here = {drug.rxnorm for drug in moment.drugs_taken}
    taken = tuple(drug for drug in moment.drugs_taken if drug.rxnorm != ordered.drug.rxnorm)
    found: dict[str, tuple[int, int, bool, int, Alternative]] = {}
    own = rules.genes.get(ordered.drug.name, frozenset())
    for slot in rules.slots:
        members = {member.rxnorm: member for member in slot.members}
        if ordered.drug.rxnorm not in members:
            continue
        for place, member in enumerate(members.values()):
            if member.rxnorm in here or member.rxnorm in found or _forbidden(rules, slot, member, moment):
                continue
            drug = rules.pgx.drugs.get(member.name, member)
            checked = consider(rules, calls, drug, moment, (*taken, drug))
            if checked.severity >= min(ordered.severity, WORTH_KNOWING + 1):
                continue
            alone = consider(rules, calls, drug, moment, (drug,)) if checked.conversions else checked
            if worsens(rules, calls, drug, moment) or _without_advice(alone, own):
                continue
            if _shares_the_harm(slot, ordered, checked):
                continue
            offer = Alternative(drug, _genes(rules, drug), _note(checked, slot.caution))
            genes = rules.genes.get(drug.name, frozenset())
            cost = checked.severity + len(checked.lacking)
            found[member.rxnorm] = (len(genes & own), cost, bool(genes), place, offer)
    ordered_offers = sorted(found.values(), key=lambda one: one[:4])
    return tuple(one[4] for one in ordered_offers[:MOST_OFFERED])


def _forbidden(rules: Ruleset, slot: TherapySlot, member: Drug, moment: Moment) -> bool:
    """Whether a problem of the person forbids the drug. An unknown problem list forbids nothing."""
    known = moment.problems or frozenset()
    for one in slot.unsuitable:
        if one.name == member.name:
            named = (rules.phrases.populations.by_id.get(name) for name in one.populations)
            if one.because_of(known) or any(it is not None and it.problems & known for it in named):
                return True
    return False


def _shares_the_harm(slot: TherapySlot, ordered: Consideration, checked: Consideration) -> bool:
    """Whether what an allele foretells of the ordered drug holds, or may hold, for the other as well."""
    present = {
        basis.gene
        for one in ordered.recommendations
        for basis in one.basis
        if basis.lookup_key.endswith(" positive")
    }
    either = {ordered.drug.name, checked.drug.name}
    return any(
        either <= set(one.names) and not set(one.genes).isdisjoint(present.union(checked.lacking))
        for one in slot.related
    )


def _without_advice(checked: Consideration, own: frozenset[str]) -> bool:
    """Whether guidance was asked about a gene of the drug it replaces, and has no advice."""
    return any(
        one.action is Action.NO_RECOMMENDATION and any(basis.gene in own for basis in one.basis)
        for one in checked.recommendations
    )


def worsens(
    rules: Ruleset, calls: Mapping[str, GeneCall], drug: Drug, moment: Moment
) -> tuple[Consideration, ...]:
    """The drugs now taken whose guidance becomes more urgent, to a warning or above,
    once this drug is added.
    """
    if drug.rxnorm not in rules.inhibitors.by_rxnorm:
        return ()
    taken = tuple(one.drug for one in moment.taken if one.drug.rxnorm != drug.rxnorm)
    found = []
    for one in taken:
        before = consider(rules, calls, one, moment, taken)
        after = consider(rules, calls, one, moment, (*taken, drug))
        if after.severity > max(before.severity, WORTH_KNOWING):
            found.append(after)
    return tuple(found)


def _genes(rules: Ruleset, drug: Drug) -> tuple[str, ...]:
    rows = rules.pgx.guidance.get(drug.name, ())
    return tuple(dict.fromkeys(gene for row in rows for gene in sorted(row.criteria)))


def _note(checked: Consideration, caution: str) -> str:
    if checked.lacking:
        return f"{caution} Not checked for want of a result: {', '.join(checked.lacking)}."
    return caution
