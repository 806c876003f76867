"""The one gate before a finding is shown to anybody, and every reason for which a finding waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.act.disclosure import Standing
from bedside.genome.consent import Decision, Scope
from bedside.knowledge.disclosure_policy import Pathway

May = Callable[[str, Scope, date], Decision]
"""What a person decided about a layer of consent, as it is in force on a day."""

NOT_CONFIRMED = "finding-not-confirmed"
NOT_SIGNED_OFF = "finding-not-signed-off"
WITHHELD = "withheld-until-majority"
OWN_CONSENT = "own-consent-not-given"
UNDER_REVIEW = "reclassification-under-review"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a finding waits, who looks after it meanwhile, and how."""

    reason: str
    owner: str
    action: str
    until: date | None = None


def why_not_shown(one: Standing, day: date, may: May) -> str:
    """The coded reason for which a finding may not stand in a chart, letter, export or problem list on a day;
    "" when it may. What was withheld from a child is shown from majority on, if the person agreed.
    """
    finding = one.finding
    if not one.visible:
        return NOT_CONFIRMED
    if one.quiet:
        return NOT_SIGNED_OFF
    return _withheld(finding.person, finding.not_before, day, may)


def _withheld(person: str, not_before: date | None, day: date, may: May) -> str:
    if not_before is None:
        return ""
    if day < not_before:
        return WITHHELD
    return "" if may(person, Scope.RECONTACT, day) is Decision.GIVEN else OWN_CONSENT


def held_by(pathway: Pathway, one: Standing, day: date, may: May, low: Collection[str] = ()) -> Hold | None:
    """Why a finding waits; None when its owner can act, or nothing more is owed.

    A layer of consent that was not given, or was withdrawn, holds what needs it; what is withheld by age
    waits whole; what was lowered is told to nobody until that was looked at.
    """
    state, finding = one.state, one.finding
    if state.final:
        return None
    reason = _withheld(finding.person, finding.not_before, day, may)
    if reason:
        owner, action = pathway.waits.get(reason, (state.owner, state.action))
        return Hold(reason, owner, action, finding.not_before if reason == WITHHELD else None)
    if state.needs is not None and may(finding.person, state.needs.scope, day) is not Decision.GIVEN:
        return Hold(state.needs.reason, state.needs.owner, state.needs.action)
    if state.shows and finding.entry not in pathway.told and set(finding.variants) & set(low):
        return Hold(UNDER_REVIEW, *pathway.waits.get(UNDER_REVIEW, (state.owner, state.action)))
    return None


def lowered(pathway: Pathway, places: Sequence[Standing]) -> frozenset[str]:
    """The variants of a person whose lowered classification nobody has looked at yet."""
    return frozenset(
        variant
        for one in places
        if one.finding.entry in pathway.told and not one.state.final
        for variant in one.finding.variants
    )
