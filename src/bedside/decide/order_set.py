"""An order set seen through a person's genes: items hidden, demoted, replaced or re-dosed, each with its
reason.

Unknown genes change nothing. A slot is never emptied: the least severe item stays orderable whatever guidance
says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bedside.decide.alternatives import alternatives_to
from bedside.decide.consider import NOTHING_TO_CHANGE, Consideration, consider
from bedside.decide.moment import Moment
from bedside.decide.recommendation import Alternative, Recommendation, Urgency
from bedside.decide.wording import dose_words
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.order_set import OrderItem, OrderSet, Slot
from bedside.knowledge.ruleset import Ruleset
from bedside.knowledge.tiers import Handling

ORDERABLE = frozenset({Handling.SHOW, Handling.DEMOTE, Handling.REDOSE, Handling.REPLACE})


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of one item. reason is shown with it, and is never empty where something changes.

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
    judged = [_judge(rules, calls, slot, item, moment) for item in slot.items]
    dispositions = [one for one, _ in judged]
    if not dispositions or any(one.orderable for one in dispositions):
        return dispositions
    return _keep_one(rules, calls, judged, moment)


def _judge(
    rules: Ruleset, calls: Mapping[str, GeneCall], slot: Slot, item: OrderItem, moment: Moment
) -> tuple[Disposition, Consideration | None]:
    drugs = rules.drugs.find(item.codes, item.text)
    if not drugs:
        return Disposition(slot.id, item, Handling.SHOW, note="no drug of the drug map recognised"), None
    considered = [consider(rules, calls, drug, moment) for drug in drugs]
    worst = max(considered, key=lambda one: one.severity)
    lead = next((one for one in worst.recommendations if one.action not in NOTHING_TO_CHANGE), None)
    if lead is None:
        lacking = dict.fromkeys(gene for one in considered for gene in one.lacking)
        note = f"no usable result: {', '.join(lacking)}" if lacking else ""
        return Disposition(slot.id, item, Handling.SHOW, note=note, review_state=_review(rules)), worst
    tier = rules.phrases.tiers.of(lead.action, lead.strength, lead.level)
    return _dispose(rules, slot, item, tier.handling, lead), worst


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
    """Every item would go: the least severe is replaced by a checked drug, or stays, demoted and marked."""
    place = min(range(len(judged)), key=lambda n: (_severity(judged[n][1]), n))
    kept, considered = judged[place]
    offered = alternatives_to(rules, calls, considered, moment) if considered is not None else ()
    if offered:
        chosen = replace(kept, handling=Handling.REPLACE, replaced_by=offered[0], note=offered[0].note)
    else:
        chosen = replace(
            kept, handling=Handling.DEMOTE, kept=True, note="kept: nothing else in this slot can be ordered"
        )
    return [chosen if n == place else one for n, (one, _) in enumerate(judged)]


def _severity(considered: Consideration | None) -> int:
    return 0 if considered is None else considered.severity


def _review(rules: Ruleset) -> str:
    return rules.pgx.review_state
