"""Whether a policy binds a plan and speaks of a test. What is not known of the plan stays open."""

from __future__ import annotations

from bedside.genome.coverage import CoverageAsked, Funding, Line, Plan, TestAsked, Truth, all_of, truth_of
from bedside.knowledge.coverage_policy import AppliesTo, CoveragePolicy

PLAN_FACTS = ("plan-payer", "plan-line", "plan-funding", "plan-state", "plan-contractor")
"""The facts of the vocabulary that say who insures a person."""


def applies(policy: CoveragePolicy, asked: CoverageAsked) -> tuple[Truth, tuple[str, ...]]:
    """Whether the policy binds this plan and speaks of this test, and what of the plan keeps that open."""
    bound, open_facts = _bound(policy.applies_to, asked.plan)
    whole = all_of((bound, speaks_of(policy.applies_to, asked.test)))
    return whole, open_facts if whole is Truth.UNKNOWN else ()


def _bound(to: AppliesTo, plan: Plan) -> tuple[Truth, tuple[str, ...]]:
    line = None if plan.line is Line.NOT_KNOWN else plan.line
    funding = None if plan.funding is Funding.NOT_KNOWN else plan.funding
    asked = (
        ("plan-payer", to.payers, plan.payer or None),
        ("plan-line", to.lines, line),
        ("plan-funding", to.fundings, funding),
        ("plan-state", to.states, plan.state or None),
        ("plan-contractor", to.contractors, plan.contractor or None),
    )
    truths = {fact: _among(value, wanted) for fact, wanted, value in asked if wanted}
    open_facts = tuple(fact for fact, truth in truths.items() if truth is Truth.UNKNOWN)
    return all_of(truths.values()), open_facts


def _among(value: object, wanted: frozenset[object] | frozenset[str]) -> Truth:
    return Truth.UNKNOWN if value is None else truth_of(value in wanted)


def speaks_of(to: AppliesTo, test: TestAsked) -> Truth:
    """One match is enough. A test of which nothing is known may be meant; so may one without codes, where the
    policy knows tests by their codes only."""
    named = bool(to.kinds or to.genes or to.codes or to.z_codes)
    matched = (
        test.kind in to.kinds
        or (test.genes is not None and bool(test.genes & to.genes))
        or bool(frozenset(test.codes) & to.codes)
        or (bool(test.z_code) and test.z_code in to.z_codes)
    )
    if not named or matched:
        return Truth.TRUE
    bare = not (test.kind or test.genes or test.codes or test.z_code)
    by_code_only = not (to.kinds or to.genes) and not (test.codes or test.z_code)
    return Truth.UNKNOWN if bare or by_code_only else Truth.FALSE
