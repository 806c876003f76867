"""A coverage answer as lines of text, and as a document: the answer first, then why, then what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bedside.decide.coverage_answer import CoverageAnswer, CriterionResult, PolicyResult
from bedside.decide.coverage_plain import plain, plain_asked
from bedside.decide.coverage_stated import remedy_of
from bedside.decide.coverage_words import HEADLINES
from bedside.genome.coverage import Answer, CoverageAsked, Truth
from bedside.knowledge.coverage_pack import CoveragePack

_MARK = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "not known"}


def document(asked: CoverageAsked, answer: CoverageAnswer) -> dict[str, Any]:
    """The whole answer with what was asked. `answer` is one of covered, not-covered, conditional, unknown."""
    return {**plain(answer), "asked": plain_asked(asked)}


def lines(pack: CoveragePack, asked: CoverageAsked, answer: CoverageAnswer) -> Iterator[str]:
    """The answer in words."""
    plan = asked.plan.name or asked.plan.payer or "no plan named"
    yield f"{HEADLINES[answer.answer]} ({asked.order}; {plan})"
    yield f"Why: {answer.why}"
    if answer.pa_needed is not None and answer.answer is not Answer.UNKNOWN:
        yield f"Authorisation beforehand: {answer.pa_needed.value}"
    if answer.missing:
        yield "Missing:"
        for one in answer.missing:
            yield f"  {one.fact}: {one.question} [{remedy_of(pack.facts[one.fact])}; {one.why}]"
    for disagreement in answer.disagreements:
        settled = f"; {disagreement.settled_by}" if disagreement.settled_by else "; nothing settles it"
        yield f"Policies differ: {disagreement.says}{settled}"
    for policy in answer.policies:
        yield from _policy(policy)
    for limit in answer.limits:
        yield f"Note: {limit}"
    if answer.until is not None:
        yield f"Ask again after {answer.until.isoformat()}"
    yield f"Answer {answer.assertion}, knowledge {answer.knowledge}, for {answer.service_on.isoformat()}"


def _policy(policy: PolicyResult) -> Iterator[str]:
    yield f"{policy.title} ({policy.version}; {policy.level.value}; {policy.review_state})"
    if policy.applies is Truth.FALSE:
        yield "  does not speak of this case"
        return
    for one, joined in policy.told:
        how = f" ({joined})" if joined else ""
        yield f"  {_MARK[one.truth]:9}  {one.says}{how} [{_known(one)}; {one.citation}]"


def _known(one: CriterionResult) -> str:
    if one.truth is Truth.UNKNOWN and not one.value:
        return one.open
    places = "; ".join(at.source for at in one.evidence)
    return f"{one.value}{': ' if places else ''}{places}"
