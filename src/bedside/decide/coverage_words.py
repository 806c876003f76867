"""What a coverage answer says in words: the answer first, then why. Only COVERED is worded as covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from bedside.decide.coverage_answer import Missing, PolicyResult
from bedside.genome.coverage import Answer, CoverageAsked, Truth

HEADLINES: Mapping[Answer, str] = {
    Answer.COVERED: "Covered",
    Answer.NOT_COVERED: "Not covered",
    Answer.CONDITIONAL: "Not settled: it depends on what is named below",
    Answer.UNKNOWN: "Not known: do not count on payment",
}
"""The first words of every answer, everywhere."""


class Ground(Enum):
    """Why an answer is what it is."""

    SETTLED = "settled"
    OPEN = "open"
    PLAN_OPEN = "plan-open"
    DISAGREE = "disagree"
    OVERDUE = "overdue"
    NO_POLICY = "no-policy"
    TEST_NOT_KNOWN = "test-not-known"
    NOT_INSURED = "not-insured"


def why(
    ground: Ground,
    answer: Answer,
    deciding: Sequence[PolicyResult],
    missing: Sequence[Missing],
    lapsed: Sequence[str],
    asked: CoverageAsked,
) -> str:
    """One or two sentences: on what the answer rests."""
    named = ", ".join(one.title for one in deciding)
    if ground is Ground.NOT_INSURED:
        return f"the plan is not in force on {asked.service_on.isoformat()}"
    if ground is Ground.TEST_NOT_KNOWN:
        return "what kind of test this is cannot be told from how it was ordered; give its exact code"
    if ground is Ground.NO_POLICY:
        return _no_policy(lapsed, asked)
    if ground is Ground.OVERDUE:
        overdue = ", ".join(one.policy for one in deciding if one.overdue)
        return f"nobody has looked at {overdue} again since its review was due; ask the payer"
    if ground is Ground.DISAGREE:
        return f"policies of one rank say opposite things ({named}); nothing here settles which holds"
    if ground is Ground.PLAN_OPEN:
        payer = asked.plan.payer or "no payer"
        return f"too little is known of the plan ({payer}) to say which policies bind it"
    if ground is Ground.OPEN:
        facts = len(missing)
        return f"{named}: turns on {facts} {'fact' if facts == 1 else 'facts'} that nobody has said yet"
    return _settled(answer, deciding, named)


def _settled(answer: Answer, deciding: Sequence[PolicyResult], named: str) -> str:
    if answer is Answer.NOT_COVERED:
        unmet = [one.says for policy in deciding for one in policy.unmet]
        reason = f"not met: {'; '.join(unmet)}" if unmet else "the policy leaves this test out"
        return f"{named}: {reason}"
    if all(one.truth is Truth.TRUE for one in deciding):
        return f"{named}: every criterion is met"
    return f"{named}: this follows from what is known"


def _no_policy(lapsed: Sequence[str], asked: CoverageAsked) -> str:
    day = asked.service_on.isoformat()
    if lapsed:
        return f"no policy at hand is in force on {day} ({', '.join(lapsed)} are not)"
    payer = asked.plan.payer or "a payer that is not known"
    return f"no policy at hand says anything about this test and {payer} on {day}"
