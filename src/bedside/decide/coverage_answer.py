"""A coverage answer: what is covered, by which policies, criterion by criterion, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bedside.genome.coverage import (
    Answer,
    BillingCode,
    DocNeeded,
    DocPurpose,
    InfoNeeded,
    PaNeeded,
    Pointer,
    Truth,
)
from bedside.knowledge.coverage_policy import FactType, Follows, Join, Level


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion as judged. value: what is known, in words, "" when nothing is; evidence: where it
    stands; open: why it is not known, "" when it is."""

    criterion: str
    fact: str
    says: str
    truth: Truth
    citation: str
    value: str = ""
    evidence: tuple[Pointer, ...] = ()
    open: str = ""


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Several criteria judged as one, as the policy joins them."""

    join: Join
    truth: Truth
    parts: tuple[TreeResult, ...]
    needed: int = 0


TreeResult = CriterionResult | GroupResult


def criteria_in(tree: TreeResult) -> Iterator[CriterionResult]:
    """Every criterion of a judged tree, in the order of the policy."""
    if isinstance(tree, CriterionResult):
        yield tree
    else:
        for part in tree.parts:
            yield from criteria_in(part)


def against(tree: TreeResult) -> Iterator[CriterionResult]:
    """The criteria that make a tree false: none of a part that holds all the same."""
    if tree.truth is not Truth.FALSE:
        return
    if isinstance(tree, CriterionResult):
        yield tree
    elif tree.join is Join.NOT:
        yield from (one for one in criteria_in(tree) if one.truth is Truth.TRUE)
    else:
        for part in tree.parts:
            yield from against(part)


_JOINED = {
    Join.ANY: "one of several is enough",
    Join.N_OF: "so many of several are enough",
    Join.NOT: "must not be so",
}


def told(tree: TreeResult, joined: str = "") -> Iterator[tuple[CriterionResult, str]]:
    """Every criterion with how it is joined to others where not all must hold, "" where it must hold."""
    if isinstance(tree, CriterionResult):
        yield tree, joined
    else:
        for part in tree.parts:
            yield from told(part, _JOINED.get(tree.join, joined))


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """One policy that speaks, or may speak, of the order. applies: whether it binds this plan and test;
    truth: of its criteria; possible: what may follow once everything is known; says: what follows now, None
    while that is open. overdue: its review was due before the day of asking."""

    policy: str
    version: str
    sha256: str
    title: str
    level: Level
    review_state: str
    source_url: str
    applies: Truth
    truth: Truth
    possible: frozenset[Follows]
    where: TreeResult
    judged: TreeResult
    pa_needed: PaNeeded
    doc_needed: tuple[DocNeeded, ...] = ()
    doc_purpose: tuple[DocPurpose, ...] = ()
    info_needed: tuple[InfoNeeded, ...] = ()
    questionnaire: str = ""
    billing_codes: tuple[BillingCode, ...] = ()
    limits: tuple[str, ...] = ()
    until: date | None = None
    overdue: bool = False
    plan_open: tuple[str, ...] = ()

    @property
    def says(self) -> Follows | None:
        """What follows from the policy, None while more than one thing may."""
        return next(iter(self.possible)) if len(self.possible) == 1 else None

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """Every criterion, those of what it applies to first."""
        return (*criteria_in(self.where), *criteria_in(self.judged))

    @property
    def told(self) -> tuple[tuple[CriterionResult, str], ...]:
        """Every criterion with how it is joined to the others."""
        return (*told(self.where), *told(self.judged))

    @property
    def unmet(self) -> tuple[CriterionResult, ...]:
        """The criteria for which the policy is known not to be met: what a denial can name and an appeal
        must answer."""
        return tuple(against(self.judged))


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact the answer turns on and nobody has said. question: what a form asks; why: why the record does
    not answer it; answered_by: who can; policies: whose criteria need it."""

    fact: str
    question: str
    type: FactType
    why: str
    answered_by: DocNeeded
    policies: tuple[str, ...]
    choices: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Policies that do not say the same. settled_by: the rule of precedence with its citation, "" where none
    settles it; holds: the policy that then holds."""

    policies: tuple[str, ...]
    says: str
    settled_by: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """The answer for one order and one plan on one day. assertion: its id, the digest of everything it was
    worked out from. decided_by: the policies it rests on; policies: all that speak of the order. until: the
    day after which it must be asked again."""

    answer: Answer
    why: str
    order: str
    payer: str
    service_on: date
    asked_on: date
    policies: tuple[PolicyResult, ...] = ()
    decided_by: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    not_in_force: tuple[str, ...] = ()
    pa_needed: PaNeeded | None = None
    doc_needed: tuple[DocNeeded, ...] = ()
    doc_purpose: tuple[DocPurpose, ...] = ()
    info_needed: tuple[InfoNeeded, ...] = ()
    questionnaires: tuple[str, ...] = ()
    billing_codes: tuple[BillingCode, ...] = ()
    limits: tuple[str, ...] = ()
    until: date | None = None
    assertion: str = ""
    knowledge: str = ""

    @property
    def governing(self) -> tuple[PolicyResult, ...]:
        """The policies the answer rests on."""
        return tuple(one for one in self.policies if one.policy in self.decided_by)

    @property
    def unmet(self) -> tuple[CriterionResult, ...]:
        """The criteria of the governing policies that are known not to be met."""
        return tuple(one for policy in self.governing for one in policy.unmet)
