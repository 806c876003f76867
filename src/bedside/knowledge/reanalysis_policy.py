"""The local policy of reanalysis: who owns which kind of task and by when, how long a downgrade settles, and
which release is so unlike the one before that a person must look first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import TaskPolicy


class FindingTask(Enum):
    """Every kind of task that screening and reanalysis open."""

    SCREENING_FINDING = "screening-finding"
    SCREENING_REVIEW = "screening-review"
    CONFIRM = "confirm-in-clinical-laboratory"
    NEW = "variant-new"
    UPGRADED = "variant-upgraded"
    TO_REVIEW = "variant-to-review"
    CONFLICT = "variant-conflict"
    DISAPPEARED = "variant-disappeared"
    DOWNGRADED = "variant-downgraded"
    RECONTACT = "variant-recontact"
    VALIDITY_RAISED = "gene-validity-raised"
    VALIDITY_LOWERED = "gene-validity-lowered"

    @property
    def finds(self) -> bool:
        """Whether the task leads towards telling somebody of a finding."""
        return self in _FINDS

    @property
    def reviews(self) -> bool:
        """Whether the task ends with a judgement: that it is done says nothing of anybody being told."""
        return self in (FindingTask.SCREENING_REVIEW, FindingTask.TO_REVIEW)

    @property
    def holds(self) -> bool:
        """Whether the task keeps a finding waiting for the laboratory."""
        return self in (FindingTask.CONFLICT, FindingTask.DISAPPEARED)

    @property
    def of_gene(self) -> bool:
        """Whether the task is about what the gene causes: no release of variants settles it."""
        return self in (FindingTask.VALIDITY_RAISED, FindingTask.VALIDITY_LOWERED)


_FINDS = frozenset(
    {
        FindingTask.SCREENING_FINDING,
        FindingTask.SCREENING_REVIEW,
        FindingTask.CONFIRM,
        FindingTask.NEW,
        FindingTask.UPGRADED,
        FindingTask.TO_REVIEW,
    }
)


_STEPS = ("told", "corrected", "untold", "decided")


@dataclass(frozen=True, slots=True)
class Channel:
    """The way a kind of task goes, who deals with it by when, and what it asks of them in a few words."""

    name: str
    task: TaskPolicy
    asks: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares of the pathogenic and likely pathogenic records before; above one of them a person looks first.

    least: fewer records than this concern nobody. share_lost: of all that are no longer pathogenic or likely
    pathogenic, whatever they became. The last four are of those that became it: from benign, from a class of
    another kind, from no class of pathogenicity, and without any record before.
    """

    least: int
    share_to_other: float
    share_vanished: float
    share_to_benign: float
    share_lost: float
    share_from_benign: float
    share_raised: float
    share_from_other: float
    share_new: float


@dataclass(frozen=True, slots=True)
class ReanalysisPolicy:
    """The whole policy. settle_days: how long a downgrade must have stood, by the dates of releases;
    no_wait_stars: from so many stars on it need not. panels: the findings panels in force. told, corrected,
    untold, decided: steps of the return of results (`step:outcome`) that show that the person heard of the
    finding, of its correction, of neither, or that it was decided not to tell.
    """

    provenance: Provenance
    settle_days: int
    no_wait_stars: int
    limits: Limits
    told: frozenset[str]
    corrected: frozenset[str]
    untold: frozenset[str]
    decided: frozenset[str]
    panels: tuple[str, ...]
    channels: Mapping[FindingTask, Channel]

    def of(self, task: FindingTask) -> Channel:
        """Whose a kind of task is; the reader checks that every kind has somebody."""
        return self.channels[task]


def load_reanalysis_policy(root: Path | None = None) -> ReanalysisPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files("reanalysis", root)
    return read_reanalysis_policy(chosen)


def read_reanalysis_policy(file: RuleFile) -> ReanalysisPolicy:
    """The policy in a rule file; refused when a kind of task has no owner or a number makes no sense."""
    document = file.document
    try:
        channels = dict(_channel(entry) for entry in document["task"])
        downgrade = document["downgrade"]
        steps = {name: frozenset(document["steps"][name]) for name in _STEPS}
        policy = ReanalysisPolicy(
            provenance=file.provenance,
            settle_days=int(downgrade["settle_days"]),
            no_wait_stars=int(downgrade["no_wait_stars"]),
            limits=Limits(**document["limits"]),
            panels=tuple(document["panels"]),
            channels=channels,
            **steps,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of reanalysis: {error}") from error
    bare = [kind.value for kind in FindingTask if kind not in channels]
    if bare:
        raise file.fail(f"nobody owns {', '.join(bare)}", "add a [[task]] for each")
    shares = [getattr(policy.limits, name) for name in Limits.__dataclass_fields__ if name != "least"]
    if policy.settle_days < 0 or policy.limits.least < 0 or not all(0 < share <= 1 for share in shares):
        raise file.fail("days and counts start at 0, a share lies above 0 and up to 1")
    return policy


def _channel(entry: Mapping[str, Any]) -> tuple[FindingTask, Channel]:
    task = TaskPolicy(
        kind=FindingTask(entry["kind"]).value,
        owner=str(entry["owner"]),
        due_in_working_days=int(entry["due_in_working_days"]),
        escalate_after_working_days=int(entry["escalate_after_working_days"]),
        escalate_to=str(entry["escalate_to"]),
    )
    channel = Channel(str(entry["channel"]), task, str(entry["asks"]))
    if not (task.owner and task.escalate_to and channel.name and channel.asks):
        raise ValueError(
            f"{task.kind} needs an owner, somebody it goes to when it waits, a channel and words"
        )
    return FindingTask(entry["kind"]), channel
