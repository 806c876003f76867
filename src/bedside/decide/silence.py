"""When a hook speaks about a drug, and the reason when it does not."""

from __future__ import annotations

from bedside.decide.consider import NOTHING_TO_CHANGE, Consideration
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.tables import LEVELS, level_of
from bedside.knowledge.hook import Hook
from bedside.knowledge.pgx import Action
from bedside.knowledge.ruleset import Ruleset

NO_RESULT = (SilenceReason.GENE_NOT_TESTED, SilenceReason.GENE_NOT_CALLED, SilenceReason.GENE_INDETERMINATE)


def spoken(hook: Hook, considered: Consideration) -> tuple[tuple[Recommendation, ...], tuple[Silence, ...]]:
    """What reaches the clinician at this hook, and why the rest does not."""
    shown: list[Recommendation] = []
    silent = list(considered.silences)
    for one in considered.recommendations:
        if one.urgency in hook.show and (one.action not in NOTHING_TO_CHANGE or Urgency.INFO in hook.show):
            shown.append(one)
        else:
            silent.append(Silence(one.guidance_id, one.drug.name, _reason(one), one.summary))
    return tuple(shown), tuple(silent)


def _reason(one: Recommendation) -> SilenceReason:
    if one.action is Action.STANDARD_DOSING:
        return SilenceReason.STANDARD_DOSING
    if one.action is Action.NO_RECOMMENDATION:
        return SilenceReason.NO_RECOMMENDATION
    return SilenceReason.BELOW_THIS_HOOK


def untested(rules: Ruleset, hook: Hook, considered: Consideration) -> Silence | None:
    """The silence that is worth a note: a deciding gene of a top-level pair has no usable result, and nothing
    else
    speaks about the drug.
    """
    if not hook.test_first or considered.recommendations:
        return None
    for one in considered.silences:
        if one.reason in NO_RESULT and level_of(rules.pgx, one.drug, one.genes) == LEVELS[0]:
            return one
    return None


def rivals(considered: Consideration) -> Silence | None:
    """The silence over candidate results that disagree, when one of them would change the order."""
    found = [one for one in considered.silences if one.reason is SilenceReason.CANDIDATES_DISAGREE]
    return found[0] if found else None
