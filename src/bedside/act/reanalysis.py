"""What a changed classification means for one person: which kind of change it is, and what somebody owes.

A pure function of the variant's classes so far, of what the gates say before and after, of what was told and
what is open, and of the policy. Hysteresis is in it: a conflict holds and recontacts nobody, a flip back
closes what was opened, a downgrade reaches a family only when it has settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from bedside.interpret.germline.screened import Outcome, ReasonCode
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.reanalysis_policy import FindingTask, ReanalysisPolicy


class Kind(Enum):
    """What a change of a release is for one person."""

    NEW = "new"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CONFLICT = "conflict"
    DISAPPEARED = "disappeared"
    RETURNED = "returned"
    NO_OP = "no-op"


class Action(Enum):
    """What follows from it."""

    DISCLOSE = "confirm-and-disclose"
    REVIEW = "review"
    HOLD = "hold"
    RECONTACT = "recontact"
    CLOSE = "close"
    NONE = "none"


class Told(Enum):
    """What the person has heard of the variant. With no trace of it in the record, nobody knows: `UNKNOWN`
    is never `NEVER`. `DECIDED`: somebody decided that it is not told, or the person declined."""

    UNKNOWN = "unknown"
    NEVER = "never"
    TOLD = "told"
    CORRECTED = "corrected"
    DECIDED = "decided-not-to-tell"


@dataclass(frozen=True, slots=True)
class Standing:
    """A variant's class in one release; None where the release has no record of it."""

    released: date
    classification: Classification | None
    stars: int = 0

    @property
    def bucket(self) -> Bucket:
        """The group a change is judged by."""
        return Bucket.NONE if self.classification is None else self.classification.bucket

    def __str__(self) -> str:
        if self.classification is None:
            return "absent"
        return f"{self.classification.value} ({self.stars} of 4 stars)"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gates say of the person and the variant under one release, with the reason code."""

    outcome: Outcome
    reason: str

    @property
    def positive(self) -> bool:
        """Whether somebody is to hear of it, or to look whether they should."""
        return self.outcome in (Outcome.REPORT, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one variant. history: its classes release by release, the one in force before and the new
    one at the end. open: the kinds of tasks about it that wait. moved: the record is there, about another
    allele. judged: what was decided was a matter for a person's judgement when it was."""

    history: tuple[Standing, ...]
    before: Gate
    after: Gate
    told: Told = Told.UNKNOWN
    open: frozenset[FindingTask] = frozenset()
    moved: bool = False
    judged: bool = False

    @property
    def now(self) -> Standing:
        """The class in the new release."""
        return self.history[-1]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the change is, what is owed, why; which kind of task it opens and which it closes."""

    kind: Kind
    action: Action
    reason: str
    opens: FindingTask | None = None
    closes: frozenset[FindingTask] = frozenset()


def judge(case: Case, policy: ReanalysisPolicy) -> Judgement:
    """What the new class means for the person. Tasks about the gene are no part of it: they stay open."""
    case = replace(case, open=frozenset(task for task in case.open if not task.of_gene))
    return _gained(case) if case.after.positive else _lost(case, policy)


def _gained(case: Case) -> Judgement:
    """The gates let the finding through now."""
    finds = _finds(case.open)
    undone = case.open - finds
    if undone:
        if case.told is Told.NEVER and not finds:
            return Judgement(Kind.RETURNED, _further(case), "returned-never-told", _task(case), undone)
        return Judgement(Kind.RETURNED, Action.CLOSE, "returned-as-before", None, undone)
    if case.told is Told.CORRECTED:
        return Judgement(Kind.UPGRADE, Action.REVIEW, "was-corrected-before", FindingTask.TO_REVIEW)
    if case.told is Told.TOLD:
        return _nothing("already-told")
    if finds:
        return _nothing("task-open-already")
    if case.told is Told.DECIDED and not _surer(case):
        return _nothing("decided-not-to-tell")
    if case.before.outcome is case.after.outcome:
        return _nothing("gate-outcome-unchanged")
    if case.before.outcome is Outcome.REPORT:
        return _nothing("reported-before")
    kind = Kind.NEW if _new(case.history) else Kind.UPGRADE
    return Judgement(kind, _further(case), case.after.reason, _task(case))


def _lost(case: Case, policy: ReanalysisPolicy) -> Judgement:
    """The gates stop the finding now; what was built on it must not be left standing."""
    if not (case.before.positive or case.open or case.told is Told.TOLD or _perhaps_told(case)):
        return _nothing(case.after.reason)
    if case.told in (Told.CORRECTED, Told.DECIDED) and not case.open:
        return _nothing("corrected-already" if case.told is Told.CORRECTED else "decided-not-to-tell")
    if case.now.classification is None:
        reason = "record-moved-to-another-allele" if case.moved else "no-longer-in-release"
        return _held(case, Kind.DISAPPEARED, FindingTask.DISAPPEARED, reason)
    if case.now.bucket is Bucket.CONFLICT:
        return _held(case, Kind.CONFLICT, FindingTask.CONFLICT, "conflict-holds")
    return _downgraded(case, policy)


def _perhaps_told(case: Case) -> bool:
    """Whether it was a finding once, before the class in force before, and nobody knows if it was told: only
    what something was owed about has a history so long."""
    return case.told is Told.UNKNOWN and any(one.bucket is Bucket.PLP for one in case.history[:-2])


def _held(case: Case, kind: Kind, task: FindingTask, reason: str) -> Judgement:
    if task in case.open:
        return _nothing("held-already")
    return Judgement(kind, Action.HOLD, reason, task, case.open - {task})


def _downgraded(case: Case, policy: ReanalysisPolicy) -> Judgement:
    if case.told in (Told.NEVER, Told.DECIDED) and case.open:
        return Judgement(Kind.DOWNGRADE, Action.CLOSE, "never-told", None, case.open)
    if case.told is Told.NEVER:
        return _nothing("never-told")
    if FindingTask.RECONTACT in case.open:
        return _nothing("recontact-open-already")
    reason = waits_for(case.history, policy)
    review = FindingTask.DOWNGRADED
    if not reason and case.told is Told.TOLD:
        return Judgement(Kind.DOWNGRADE, Action.RECONTACT, "settled", FindingTask.RECONTACT, case.open)
    if review in case.open:
        return _nothing(reason or "unknown-whether-told")
    return Judgement(
        Kind.DOWNGRADE, Action.REVIEW, reason or "unknown-whether-told", review, case.open - {review}
    )


def waits_for(history: Sequence[Standing], policy: ReanalysisPolicy) -> str:
    """What a downgrade still waits for before a family is told, as a reason code; "" when it is settled."""
    now = history[-1]
    if now.bucket is Bucket.PLP:
        return "class-kept-gate-lost"
    if now.bucket not in (Bucket.VUS, Bucket.BLB):
        return "no-longer-a-class"
    overturned = max((one.stars for one in history if one.bucket is Bucket.PLP), default=0)
    if now.stars < overturned:
        return "fewer-stars-than-overturned"
    since = now.released
    for one in reversed(history):
        if one.bucket not in (Bucket.VUS, Bucket.BLB):
            break
        since = one.released
    settled = (now.released - since).days >= policy.settle_days or now.stars >= policy.no_wait_stars
    return "" if settled else "settling"


def follow(history: Sequence[Standing], now: Standing) -> tuple[Standing, ...]:
    """The history with the class in one more release; a release that changed nothing adds nothing, except
    that the last standing is kept with its newest date beside the date it began."""
    kept = [*history]
    if kept and kept[-1].released == now.released:
        kept.pop()
    if len(kept) >= 2 and _same(kept[-1], now) and _same(kept[-2], now):
        kept.pop()
    return (*kept, now)


def _same(one: Standing, other: Standing) -> bool:
    return (one.classification, one.stars) == (other.classification, other.stars)


def _surer(case: Case) -> bool:
    """Whether what was a matter for a person's judgement may be reported now."""
    review = case.judged or case.before.outcome is Outcome.REVIEW
    return review and case.after.outcome is Outcome.REPORT


def _further(case: Case) -> Action:
    return Action.DISCLOSE if case.after.outcome is Outcome.REPORT else Action.REVIEW


def _task(case: Case) -> FindingTask:
    if case.after.reason == ReasonCode.RESEARCH_NEEDS_CONFIRMATION.value:
        return FindingTask.CONFIRM
    if case.after.outcome is Outcome.REVIEW:
        return FindingTask.TO_REVIEW
    return FindingTask.NEW if _new(case.history) else FindingTask.UPGRADED


def _new(history: Sequence[Standing]) -> bool:
    return all(one.classification is None for one in history[:-1])


def _finds(tasks: frozenset[FindingTask]) -> frozenset[FindingTask]:
    return frozenset(task for task in tasks if task.finds)


def _nothing(reason: str) -> Judgement:
    return Judgement(Kind.NO_OP, Action.NONE, reason)
