"""Whether a plan covers a test: every policy that speaks of it, joined by precedence; never COVERED while a
fact that could change it is not known.

Of each policy the set of what may follow is kept. A fact that becomes known can only make the set smaller, so
that learning something never turns a covered test into one of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from typing import TypeVar

from bedside.decide.coverage_answer import CoverageAnswer, Disagreement, Missing, PolicyResult
from bedside.decide.coverage_applies import applies
from bedside.decide.coverage_judge import judge, undecided
from bedside.decide.coverage_plain import plain_asked, written
from bedside.decide.coverage_words import Ground, why
from bedside.genome.coverage import (
    Answer,
    BillingCode,
    CoverageAsked,
    DocNeeded,
    InfoNeeded,
    PaNeeded,
    Truth,
    all_of,
)
from bedside.genome.observation import digest
from bedside.knowledge.coverage_pack import CoveragePack, Precedence
from bedside.knowledge.coverage_policy import CoveragePolicy, Follows

_CONFLICT = "conflict"
"""Two policies of one level that say opposite things."""
_Outcome = Follows | str
T = TypeVar("T")
_STRICTEST = (
    PaNeeded.AUTH_NEEDED,
    PaNeeded.PERFORMER,
    PaNeeded.CONDITIONAL,
    PaNeeded.INDETERMINATE,
    PaNeeded.SATISFIED,
    PaNeeded.NO_AUTH,
)


def covered(pack: CoveragePack, asked: CoverageAsked) -> CoverageAnswer:
    """The answer for one order and one plan."""
    spoken = [one for one in pack.policies.values() if applies(one, asked)[0] is not Truth.FALSE]
    policies = tuple(
        _result(one, asked) for one in _in_order(pack.precedence, spoken) if one.in_force(asked.service_on)
    )
    lapsed = tuple(one.policy for one in spoken if not one.in_force(asked.service_on))
    deciding, outcomes = _settle(pack.precedence, policies)
    ground = _ground(asked, policies, deciding, outcomes, lapsed)
    answer = _ANSWERS.get(ground) or _answer(outcomes)
    missing = tuple(_missing(pack, deciding, asked)) if ground in (Ground.OPEN, Ground.PLAN_OPEN) else ()
    made = CoverageAnswer(
        answer=answer,
        why=why(ground, answer, deciding, missing, lapsed, asked),
        order=asked.order,
        payer=asked.plan.payer,
        service_on=asked.service_on,
        asked_on=asked.asked_on,
        policies=policies,
        decided_by=tuple(one.policy for one in deciding),
        missing=missing,
        disagreements=tuple(_disagreements(pack.precedence, policies)),
        not_in_force=lapsed,
        pa_needed=_pa(answer, ground, policies),
        doc_needed=_doc(answer, deciding, missing),
        doc_purpose=_unique(purpose for one in deciding for purpose in one.doc_purpose),
        info_needed=_info(answer, ground, deciding),
        questionnaires=_unique(one.questionnaire for one in deciding if one.questionnaire),
        billing_codes=_codes(answer, deciding, asked),
        limits=_unique(limit for one in deciding for limit in one.limits),
        until=_until(pack, deciding, asked),
        knowledge=pack.release,
        assertion=digest(written([plain_asked(asked), pack.release]).encode())[:32],
    )
    return made


_ANSWERS: Mapping[Ground, Answer] = {
    Ground.NO_POLICY: Answer.UNKNOWN,
    Ground.NOT_INSURED: Answer.UNKNOWN,
    Ground.OVERDUE: Answer.UNKNOWN,
    Ground.DISAGREE: Answer.UNKNOWN,
    Ground.PLAN_OPEN: Answer.UNKNOWN,
    Ground.TEST_NOT_KNOWN: Answer.UNKNOWN,
}
_OPEN_AUTHORISATION = frozenset({Ground.NOT_INSURED, Ground.TEST_NOT_KNOWN})
"""Where the request itself lacks something, so that whether to ask beforehand turns on it."""


def _in_order(precedence: Precedence, policies: Iterable[CoveragePolicy]) -> list[CoveragePolicy]:
    return sorted(policies, key=lambda one: (precedence.levels.index(one.level), one.policy))


def _result(policy: CoveragePolicy, asked: CoverageAsked) -> PolicyResult:
    bound, plan_open = applies(policy, asked)
    where, judged = judge(policy.applies_to.where, asked.facts), judge(policy.criteria, asked.facts)
    here = all_of((bound, where.truth))
    return PolicyResult(
        policy=policy.policy,
        version=policy.version,
        sha256=policy.provenance.sha256,
        title=policy.title,
        level=policy.level,
        review_state=policy.provenance.review_state,
        source_url=policy.source_url,
        applies=here,
        truth=judged.truth,
        possible=_possible(policy, here, judged.truth),
        where=where,
        judged=judged,
        pa_needed=policy.pa_needed,
        doc_needed=policy.doc_needed,
        doc_purpose=policy.doc_purpose,
        info_needed=policy.info_needed,
        questionnaire=policy.questionnaire,
        billing_codes=policy.billing_codes,
        limits=policy.limits,
        until=policy.effective_to,
        overdue=policy.provenance.review_due < asked.asked_on,
        plan_open=plan_open,
    )


def _possible(policy: CoveragePolicy, here: Truth, truth: Truth) -> frozenset[Follows]:
    """Everything that may follow once all is known."""
    if here is Truth.FALSE:
        return frozenset({Follows.SILENT})
    found = set()
    if truth is not Truth.FALSE:
        found.add(policy.when_met)
    if truth is not Truth.TRUE:
        found.add(policy.when_not_met)
    if here is Truth.UNKNOWN:
        found.add(Follows.SILENT)
    return frozenset(found)


def _merged(one: _Outcome, other: _Outcome) -> _Outcome:
    """What two policies of one level come to together."""
    if one == other or other is Follows.SILENT:
        return one
    if one is Follows.SILENT:
        return other
    if {one, other} == {Follows.COVERED, Follows.CONDITIONAL}:
        return Follows.CONDITIONAL
    return _CONFLICT


def _settle(
    precedence: Precedence, policies: Sequence[PolicyResult]
) -> tuple[tuple[PolicyResult, ...], frozenset[_Outcome]]:
    """The policies that decide, and everything that may come of them: from the highest level down, until one
    is sure to say something."""
    deciding: list[PolicyResult] = []
    outcomes: set[_Outcome] = {Follows.SILENT}
    for level in precedence.levels:
        held = [one for one in policies if one.level is level and one.says is not Follows.SILENT]
        if not held or Follows.SILENT not in outcomes:
            continue
        deciding += held
        here = reduce(_together, (frozenset[_Outcome](one.possible) for one in held))
        outcomes = (outcomes - {Follows.SILENT}) | here
    if len(outcomes) == 1:
        (only,) = outcomes
        deciding = [one for one in deciding if only == _CONFLICT or only in one.possible]
    return tuple(deciding), frozenset(outcomes)


def _together(some: frozenset[_Outcome], others: frozenset[_Outcome]) -> frozenset[_Outcome]:
    return frozenset(_merged(one, other) for one in some for other in others)


def _answer(outcomes: frozenset[_Outcome]) -> Answer:
    if outcomes == {Follows.COVERED}:
        return Answer.COVERED
    if outcomes == {Follows.NOT_COVERED}:
        return Answer.NOT_COVERED
    hopeful = outcomes & {Follows.COVERED, Follows.CONDITIONAL}
    return Answer.CONDITIONAL if hopeful else Answer.UNKNOWN


def _ground(
    asked: CoverageAsked,
    policies: Sequence[PolicyResult],
    deciding: Sequence[PolicyResult],
    outcomes: frozenset[_Outcome],
    lapsed: Sequence[str],
) -> Ground:
    """Why the answer is what it is."""
    if not asked.plan.in_force(asked.service_on):
        return Ground.NOT_INSURED
    if not deciding:
        return Ground.NO_POLICY if asked.test.kind else Ground.TEST_NOT_KNOWN
    if any(one.overdue for one in deciding):
        return Ground.OVERDUE
    if outcomes == {_CONFLICT}:
        return Ground.DISAGREE
    if len(outcomes) == 1:
        return Ground.SETTLED
    return Ground.PLAN_OPEN if all(one.plan_open for one in deciding) else Ground.OPEN


def _missing(pack: CoveragePack, deciding: Sequence[PolicyResult], asked: CoverageAsked) -> Iterator[Missing]:
    """Each fact that keeps a policy open, once, with everybody whose criteria need it. What a policy asks is
    asked once it is known to bind the plan and to be about such a case."""
    reasons: dict[str, str] = {}
    needed_by: dict[str, list[str]] = {}
    for one in deciding:
        if len(one.possible) == 1:
            continue
        opened = [(fact, "the plan does not say") for fact in one.plan_open]
        if not one.plan_open:
            opened += [(each.fact, each.open) for each in undecided(one.where)]
        if not one.plan_open and one.where.truth is Truth.TRUE:
            opened += [(each.fact, each.open) for each in undecided(one.judged)]
        for fact, reason in opened:
            reasons.setdefault(fact, reason)
            if one.policy not in needed_by.setdefault(fact, []):
                needed_by[fact].append(one.policy)
    for fact, reason in reasons.items():
        known = pack.facts[fact]
        yield Missing(
            fact,
            known.question,
            known.type,
            reason,
            known.answered_by,
            tuple(needed_by[fact]),
            known.choices,
            known.unit,
        )


def _disagreements(precedence: Precedence, policies: Sequence[PolicyResult]) -> Iterator[Disagreement]:
    """Every two policies that say different things, with what settles it."""
    sure = [(one, one.says) for one in policies if one.says not in (None, Follows.SILENT)]
    for place, (one, first) in enumerate(sure):
        for other, second in sure[place + 1 :]:
            if first is second or first is None or second is None:
                continue
            said = f"{one.policy} says {first.value}, {other.policy} says {second.value}"
            if one.level is other.level:
                yield Disagreement((one.policy, other.policy), said)
            else:
                settled = precedence.why[one.level]
                yield Disagreement((one.policy, other.policy), said, settled, one.policy)


def _pa(answer: Answer, ground: Ground, policies: Sequence[PolicyResult]) -> PaNeeded | None:
    """The strictest of every policy that speaks of the order: one that obliges to cover does not do away
    with another's procedure."""
    if answer is Answer.NOT_COVERED:
        return None
    if answer is Answer.UNKNOWN:
        return PaNeeded.CONDITIONAL if ground in _OPEN_AUTHORISATION else PaNeeded.INDETERMINATE
    held = {one.pa_needed for one in policies if one.possible != {Follows.SILENT}}
    return next((one for one in _STRICTEST if one in held), PaNeeded.INDETERMINATE)


def _doc(
    answer: Answer, deciding: Sequence[PolicyResult], missing: Sequence[Missing]
) -> tuple[DocNeeded, ...]:
    """Who has to write something down: for the payer, and for what is missing."""
    if answer is Answer.NOT_COVERED:
        return ()
    asked = [one.answered_by for one in missing]
    return _unique([*(doc for one in deciding for doc in one.doc_needed), *asked])


def _info(answer: Answer, ground: Ground, deciding: Sequence[PolicyResult]) -> tuple[InfoNeeded, ...]:
    if ground is Ground.NOT_INSURED:
        return (InfoNeeded.CONTRACT_WINDOW,)
    if ground is Ground.TEST_NOT_KNOWN:
        return (InfoNeeded.DETAIL_CODE,)
    if answer is not Answer.CONDITIONAL:
        return ()
    return _unique(info for one in deciding for info in one.info_needed)


def _codes(answer: Answer, deciding: Sequence[PolicyResult], asked: CoverageAsked) -> tuple[BillingCode, ...]:
    """The codes the answer holds for: those the policies name, else those the order came with."""
    if answer in (Answer.UNKNOWN, Answer.NOT_COVERED):
        return ()
    return _unique(code for one in deciding for code in one.billing_codes) or asked.test.codes


def _until(pack: CoveragePack, deciding: Sequence[PolicyResult], asked: CoverageAsked) -> date | None:
    days = [asked.asked_on + timedelta(days=pack.policies[one.policy].answer_days) for one in deciding]
    days += [one.until for one in deciding if one.until is not None]
    days += [pack.policies[one.policy].provenance.review_due for one in deciding if not one.overdue]
    if asked.plan.ends is not None:
        days.append(asked.plan.ends)
    return min(days) if days else None


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
