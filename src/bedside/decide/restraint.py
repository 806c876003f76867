"""What keeps alerts few: decisions of the site, repeats, tolerated drugs, budgets, and moments that can wait.

A critical card never enters here: what is looked at is a `Lower`, which cannot hold one. Everything that is
kept back, or made passive, comes out again with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bedside.decide.card import Plan
from bedside.decide.drafted_dose import dose_text
from bedside.decide.moment import Moment
from bedside.decide.recommendation import SilenceReason, Urgency
from bedside.knowledge.alert_policy import AlertPolicy, Quieter, SiteOverride
from bedside.knowledge.hook import Hook, Scope


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an answer depends on besides the person and the drug. Empty changes nothing.

    earlier: (RxNorm code, rule) of cards below the top tier that rest, because they were answered or shown so
    often in this encounter. encounter_class: HL7 v3 ActCode, "" when not known. overrides: the site's
    decisions in force. spent: rules beyond their budget. may_wait: whether the record knows the person, so
    that what waits can become a task.
    """

    earlier: tuple[tuple[str, str], ...] = ()
    encounter_class: str = ""
    overrides: tuple[SiteOverride, ...] = ()
    spent: tuple[str, ...] = ()
    may_wait: bool = False


NOTHING_AROUND = Circumstances()
"""Nothing that keeps any card back."""


@dataclass(frozen=True, slots=True)
class Lower:
    """A card to be below the top tier. Raises ValueError for a critical one: none can be kept back."""

    plan: Plan

    def __post_init__(self) -> None:
        if self.plan.urgency is Urgency.CRITICAL:
            raise ValueError("a critical card is never kept back")


@dataclass(frozen=True, slots=True)
class Quieted:
    """A card that stewardship changed. shown: whether it is still shown, passively. override: the decision
    behind it, "" when there is none."""

    plan: Plan
    reason: SilenceReason
    shown: bool
    override: str = ""

    @property
    def rule(self) -> str:
        """The rule that people decide about: the row that leads, or the table of a note."""
        return rule_of(self.plan)


@dataclass(frozen=True, slots=True)
class Restrained:
    """What is shown after restraint, what was changed and why, and what waits as a task."""

    plans: tuple[Plan, ...]
    quieted: tuple[Quieted, ...] = ()
    waiting: tuple[Plan, ...] = ()


def rule_of(plan: Plan) -> str:
    """The rule of a card that people decide about."""
    return plan.rules[0] if plan.rules else ""


def restrain(
    plans: Sequence[Plan], hook: Hook, moment: Moment, around: Circumstances, policy: AlertPolicy
) -> Restrained:
    """The cards that are shown, in the order given. Every critical card is among them, as it was."""
    top = tuple(plan for plan in plans if plan.urgency is Urgency.CRITICAL)
    shown: list[Plan] = []
    quieted: list[Quieted] = []
    waiting: list[Plan] = []
    for plan in plans:
        if plan.urgency is Urgency.CRITICAL:
            shown.append(plan)
            continue
        after, why = _one(Lower(plan), (*top, *shown), hook, moment, around, policy)
        shown += [after] if after is not None else []
        quieted += [why] if why is not None else []
        waiting += [plan] if why is not None and why.reason is SilenceReason.WAITS else []
    return Restrained(tuple(shown), tuple(quieted), tuple(waiting))


def _one(
    lower: Lower,
    others: Sequence[Plan],
    hook: Hook,
    moment: Moment,
    around: Circumstances,
    policy: AlertPolicy,
) -> tuple[Plan | None, Quieted | None]:
    """What is shown of one card, and what was done to it and why."""
    plan, decision = lower.plan, _decision(lower, around)
    override = decision.override if decision is not None else ""
    changed: Plan | None = plan if decision is None else _decided(lower, decision)
    why = SilenceReason.DECIDED if decision is not None else None
    if changed is not None:
        other = _why(Lower(changed), others, hook, moment, around, policy)
        if other is not None:
            why, override = other, ""
            changed = _passive(Lower(changed), other)
    if changed is not None and changed.urgency is not plan.urgency and changed.urgency not in hook.show:
        changed = None
    return changed, None if why is None else Quieted(plan, why, changed is not None, override)


def _decision(lower: Lower, around: Circumstances) -> SiteOverride | None:
    """The site's decision about a card's rule; the last one holds."""
    found = [one for one in around.overrides if one.rule == rule_of(lower.plan)]
    return found[-1] if found else None


def _decided(lower: Lower, decision: SiteOverride) -> Plan | None:
    """The card as the decision wants it; None when it is silent."""
    if decision.to is Quieter.SILENT:
        return None
    changed = replace(lower.plan, summary=decision.words or lower.plan.summary)
    return replace(changed, urgency=Urgency.INFO) if decision.to is Quieter.PASSIVE else changed


def _why(
    lower: Lower,
    others: Sequence[Plan],
    hook: Hook,
    moment: Moment,
    around: Circumstances,
    policy: AlertPolicy,
) -> SilenceReason | None:
    """Why a card is not shown as it is, None when it is. Apart from what is said twice, only at orders."""
    plan = lower.plan
    if _said(lower, others):
        return SilenceReason.MERGED
    if hook.scope is Scope.CURRENT_MEDICATIONS:
        return None
    if (plan.drug.rxnorm, rule_of(plan)) in around.earlier:
        return SilenceReason.REPEATED
    if plan.urgency is Urgency.INFO:
        return None
    if _tolerated(plan, moment, policy):
        return SilenceReason.TOLERATED
    if rule_of(plan) in around.spent:
        return SilenceReason.OVER_BUDGET
    if around.may_wait and can_wait(moment, around.encounter_class, policy):
        return SilenceReason.WAITS
    return None


def _passive(lower: Lower, why: SilenceReason) -> Plan | None:
    """The card as a passive one; None where it says again what was said, or waits."""
    if why in (SilenceReason.MERGED, SilenceReason.WAITS) or lower.plan.urgency is Urgency.INFO:
        return None
    return replace(lower.plan, urgency=Urgency.INFO)


def _said(lower: Lower, others: Sequence[Plan]) -> bool:
    """Whether a card that is shown, at least as urgent, is about the same drug and a gene of this one."""
    plan = lower.plan
    return any(
        one.drug == plan.drug
        and (genes_of(one) & genes_of(plan) or one.rules == plan.rules)
        and (one.urgency is Urgency.CRITICAL or one.urgency is plan.urgency or plan.urgency is Urgency.INFO)
        for one in others
    )


def genes_of(plan: Plan) -> frozenset[str]:
    """The genes that a card is about."""
    if plan.silence is not None:
        return frozenset(plan.silence.genes)
    return frozenset(basis.gene for one in plan.recommendations for basis in one.basis)


def _tolerated(plan: Plan, moment: Moment, policy: AlertPolicy) -> bool:
    """Whether the draft continues what the person has taken for long enough at the very same dose; what is
    not known is not tolerated."""
    drafted = dose_text(plan.draft.resource, timed=True) if plan.draft is not None else ""
    return bool(drafted) and any(
        one.drug.rxnorm == plan.drug.rxnorm
        and one.dose == drafted
        and one.days is not None
        and one.days >= policy.tolerated_days
        for one in moment.taken
    )


def can_wait(moment: Moment, encounter_class: str, policy: AlertPolicy) -> bool:
    """Whether warnings wait at this moment: in an emergency, or with a problem that the policy names."""
    return encounter_class in policy.delay.encounter_classes or any(
        code == one or code.startswith(f"{one}.")
        for code in moment.problems or ()
        for one in policy.delay.problems
    )
