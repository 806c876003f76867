"""An order set seen through a person's genes: items hidden, demoted, replaced or re-dosed, each with its
reason.

Unknown genes change nothing, and candidate results that disagree only say so. A slot is never emptied: the
least severe drug stays orderable whatever guidance says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bedside.decide.alternatives import alternatives_to
from bedside.decide.consider import NOTHING_TO_CHANGE, Consideration, consider
from bedside.decide.moment import Moment
from bedside.decide.recommend import URGENCIES
from bedside.decide.recommendation import Alternative, Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.wording import capital, dose_words
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.order_set import OrderItem, OrderSet, Slot
from bedside.knowledge.ruleset import Ruleset
from bedside.knowledge.tiers import Handling

ORDERABLE = frozenset({Handling.SHOW, Handling.DEMOTE, Handling.REDOSE, Handling.REPLACE})


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of one item. reason is shown with it, and is never empty where something changes or might,
    once rival candidate results are told apart.

    kept: the item would be hidden, but is the last of its slot. replaced_by: a checked drug offered in its
    place.
    """

    slot: str
    item: OrderItem
    handling: Handling
    reason: str = ""
    urgency: Urgency | None = None
    rules: tuple[str, ...] = ()
    note: str = ""
    dose: str = ""
    replaced_by: Alternative | None = None
    kept: bool = False
    review_state: str = ""

    @property
    def orderable(self) -> bool:
        """Whether the item, or what replaces it, can still be ordered from the set without
        undoing anything.
        """
        return self.handling in ORDERABLE


def filter_order_set(
    rules: Ruleset, calls: Mapping[str, GeneCall], order_set: OrderSet, moment: Moment
) -> tuple[Disposition, ...]:
    """The disposition of every item, in the order of the set."""
    return tuple(one for slot in order_set.slots for one in _slot(rules, calls, slot, moment))


def _slot(rules: Ruleset, calls: Mapping[str, GeneCall], slot: Slot, moment: Moment) -> Sequence[Disposition]:
    """What is no drug we know cannot stand in for the drugs of the slot, so it does not count as the rest."""
    judged = [_judge(rules, calls, slot, item, moment) for item in slot.items]
    drugs = [one for one, considered in judged if considered is not None]
    if not drugs or any(one.orderable for one in drugs):
        return [one for one, _ in judged]
    return _keep_one(rules, calls, judged, moment)


def _judge(
    rules: Ruleset, calls: Mapping[str, GeneCall], slot: Slot, item: OrderItem, moment: Moment
) -> tuple[Disposition, Consideration | None]:
    drugs = rules.drugs.find(item.codes, item.text)
    if not drugs:
        return Disposition(slot.id, item, Handling.SHOW, note="no drug of the drug map recognised"), None
    considered = [consider(rules, calls, drug, moment) for drug in drugs]
    worst = max(considered, key=lambda one: one.severity)
    doubt = _doubt(considered)
    leads = [
        one for each in considered for one in each.recommendations if one.action not in NOTHING_TO_CHANGE
    ]
    if not leads:
        return _unchanged(rules, slot, item, considered, doubt), worst
    lead = min(leads, key=lambda one: URGENCIES.index(one.urgency))
    tier = rules.phrases.tiers.of(lead.action, lead.strength, lead.level)
    disposition = _dispose(rules, slot, item, tier.handling, lead)
    if doubt is not None:
        disposition = replace(disposition, note=f"{_uncertain(rules, doubt)}. {doubt.detail}")
    return disposition, worst


def _doubt(considered: Sequence[Consideration]) -> Silence | None:
    """The most urgent of the silences over candidate results that disagree."""
    found = [
        one
        for each in considered
        for one in each.silences
        if one.reason is SilenceReason.CANDIDATES_DISAGREE and one.worst is not None
    ]
    return min(found, key=lambda one: URGENCIES.index(one.worst or URGENCIES[-1]), default=None)


def _uncertain(rules: Ruleset, doubt: Silence) -> str:
    headline = rules.phrases.say("range_headline", drug=doubt.drug, genes=" and ".join(doubt.genes))
    return f"{capital(doubt.drug)}: {headline}"


def _unchanged(
    rules: Ruleset, slot: Slot, item: OrderItem, considered: Sequence[Consideration], doubt: Silence | None
) -> Disposition:
    """An item that stays as it is: nothing to change, nothing known, or results that leave it open."""
    lacking = dict.fromkeys(gene for one in considered for gene in one.lacking)
    note = f"no usable result: {', '.join(lacking)}" if lacking else ""
    shown = Disposition(slot.id, item, Handling.SHOW, note=note, review_state=_review(rules))
    if doubt is None:
        return shown
    return replace(
        shown,
        reason=_uncertain(rules, doubt),
        urgency=Urgency.INFO if doubt.worst is Urgency.INFO else Urgency.WARNING,
        rules=(doubt.rule,),
        note="; ".join(part for part in (doubt.detail, note) if part),
    )


def _dispose(
    rules: Ruleset, slot: Slot, item: OrderItem, handling: Handling, lead: Recommendation
) -> Disposition:
    dose = dose_words(rules.phrases, lead.dose) if handling is Handling.REDOSE else ""
    return Disposition(
        slot.id,
        item,
        handling,
        lead.summary,
        lead.urgency,
        (lead.guidance_id,),
        dose=dose,
        review_state=_review(rules),
    )


def _keep_one(
    rules: Ruleset,
    calls: Mapping[str, GeneCall],
    judged: Sequence[tuple[Disposition, Consideration | None]],
    moment: Moment,
) -> Sequence[Disposition]:
    """Every drug would go: the least severe is replaced by a checked one, or stays, demoted and marked."""
    severity = {n: one.severity for n, (_, one) in enumerate(judged) if one is not None}
    place = min(severity, key=lambda n: (severity[n], n))
    kept, considered = judged[place]
    offered = alternatives_to(rules, calls, considered, moment) if considered is not None else ()
    if offered:
        note = offered[0].note
        chosen = replace(kept, handling=Handling.REPLACE, replaced_by=offered[0])
    else:
        note = "kept: no other drug of this slot can be ordered"
        chosen = replace(kept, handling=Handling.DEMOTE, kept=True)
    chosen = replace(chosen, note=". ".join(part for part in (note, kept.note) if part))
    return [chosen if n == place else one for n, (one, _) in enumerate(judged)]


def _review(rules: Ruleset) -> str:
    return rules.pgx.review_state
