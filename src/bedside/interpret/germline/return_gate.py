"""The fourth gate: may it be told to this person now, and is it sure enough to be told."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.genome.consent import Decision
from bedside.genome.result import Confirmation
from bedside.interpret.germline.screened import Gate, Outcome, ReasonCode, Subject, Verdict
from bedside.knowledge.findings_panel import Onset, PanelRow, Policy

_CONFIRMATION = {
    Confirmation.CLINICAL: (Outcome.REPORT, ReasonCode.RETURNABLE),
    Confirmation.RESEARCH: (Outcome.REVIEW, ReasonCode.RESEARCH_NEEDS_CONFIRMATION),
    Confirmation.UNCONFIRMED: (Outcome.HOLD, ReasonCode.UNCONFIRMED),
}


def return_gate(
    policy: Policy, row: PanelRow, subject: Subject, confirmations: Iterable[Confirmation]
) -> Verdict:
    """The strictest of consent, age and confirmation; the first of them where several are as strict."""
    found = [_consent(policy, subject), _age(policy, row, subject)]
    found += [_CONFIRMATION[one] for one in dict.fromkeys(Confirmation) if one in set(confirmations)]
    if policy.confirmatory:
        found.append((Outcome.REVIEW, ReasonCode.CONFIRMATORY_TEST))
    outcome, reason = max(found, key=lambda one: one[0].strictness)
    return Verdict(Gate.RETURN, outcome, reason)


def minor(policy: Policy, subject: Subject) -> bool | None:
    """Whether the person is below the age of majority; None when nobody knows."""
    if subject.majority is not None:
        return not subject.majority
    return None if subject.age is None else subject.age < policy.majority


def _consent(policy: Policy, subject: Subject) -> tuple[Outcome, ReasonCode]:
    said = {subject.consent.of(scope).decision for scope in policy.consent}
    if Decision.WITHDRAWN in said:
        return Outcome.NO_ACTION, ReasonCode.CONSENT_WITHDRAWN
    if said != {Decision.GIVEN}:
        return Outcome.HOLD, ReasonCode.CONSENT_MISSING
    return Outcome.REPORT, ReasonCode.RETURNABLE


def _age(policy: Policy, row: PanelRow, subject: Subject) -> tuple[Outcome, ReasonCode]:
    if row.onset is Onset.CHILDHOOD or not policy.withhold_adult_onset:
        return Outcome.REPORT, ReasonCode.RETURNABLE
    young = minor(policy, subject)
    if young is None:
        outcome = Outcome(policy.age_unknown.value)
        reason = ReasonCode.RETURNABLE if outcome is Outcome.REPORT else ReasonCode.AGE_UNKNOWN
        return outcome, reason
    if young:
        return Outcome.HOLD, ReasonCode.ADULT_ONSET_MINOR
    return Outcome.REPORT, ReasonCode.RETURNABLE
