"""The site's policy of alert stewardship, and what a site decided about single rules.

A decision can make a rule passive or silent, or reword it. None of its words can say "critical": the type of
what a decision leads to has no such member, and what applies it is never given a critical card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import TaskPolicy

KIND = "alerts"
SUMMARY_LONGEST = 139
"""CDS Hooks: the summary of a card has fewer than 140 characters."""


class Quieter(Enum):
    """What a rule's card may become by a site's decision."""

    PASSIVE = "passive"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class SiteOverride:
    """One decision in force: a rule made quieter (to), or reworded (words), or both.

    override: its id, which is that of the proposal. rule: a guidance row, or the table of a note. roles: of
    whoever orders; empty is everybody. approved_by: who decided. review_due: from this day on it no longer
    holds. version: which decision about the rule this is, from 1.
    """

    override: str
    rule: str
    owner: str
    approved_by: str
    since: date
    review_due: date
    version: int
    to: Quieter | None = None
    words: str = ""
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.to is None and not self.words:
            raise ValueError("a decision about a rule makes it quieter or rewords it")
        if len(self.words) > SUMMARY_LONGEST:
            raise ValueError(f"a card's words have at most {SUMMARY_LONGEST} characters")
        if not self.owner.strip() or not self.approved_by.strip():
            raise ValueError("a decision about a rule has an owner and somebody who approved it")

    def holds(self, rule: str, role: str, day: date) -> bool:
        """Whether it is in force for a rule, whoever orders, and a day."""
        concerned = not self.roles or role in self.roles
        return self.rule == rule and concerned and self.since <= day < self.review_due


@dataclass(frozen=True, slots=True)
class RepeatPolicy:
    """When the same card rests: hours without a named encounter; how often it is shown without an answer."""

    hours: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """Warnings of one rule per 100 orders over so many days, once so many orders were seen."""

    per_rule_per_100_orders: float
    days: int
    least_orders: int


@dataclass(frozen=True, slots=True)
class DelayPolicy:
    """Where a warning waits: classes of encounters, codes of problems; the task that it becomes."""

    encounter_classes: frozenset[str]
    problems: frozenset[str]
    task: TaskPolicy


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """When people are asked to look at a rule; see the pack for what each figure means."""

    least_heeded: float
    false_flags: float
    follow_hours: int
    change_odds: float
    cluster_share: float
    cluster_least: int


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """How many occasions are read after a rule was made quieter, and whose task that is."""

    occasions: int
    task: TaskPolicy


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """The whole pack. overrides: decisions that a site keeps in its own pack instead of its record."""

    provenance: Provenance
    repeat: RepeatPolicy
    tolerated_days: int
    budget: BudgetPolicy
    delay: DelayPolicy
    watch: WatchPolicy
    audit: AuditPolicy
    review_after_days: int
    period_days: int
    overrides: tuple[SiteOverride, ...] = ()


def load_alert_policy(root: Path | None = None) -> AlertPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_alert_policy(chosen)


def read_alert_policy(file: RuleFile) -> AlertPolicy:
    """The policy in a rule file; raises PackError when a limit is missing or cannot be one."""
    said = file.document
    try:
        delay, audit = dict(said["delay"]), dict(said["audit"])
        classes, problems = frozenset(delay.pop("encounter_classes")), frozenset(delay.pop("problems"))
        occasions = int(audit.pop("occasions"))
        policy = AlertPolicy(
            provenance=file.provenance,
            repeat=RepeatPolicy(**{name: int(value) for name, value in said["repeat"].items()}),
            tolerated_days=int(said["tolerated"]["days"]),
            budget=BudgetPolicy(**said["budget"]),
            delay=DelayPolicy(classes, problems, TaskPolicy(**delay)),
            watch=WatchPolicy(**said["watch"]),
            audit=AuditPolicy(occasions, TaskPolicy(**audit)),
            review_after_days=int(said["override"]["review_after_days"]),
            period_days=int(said["override"]["period_days"]),
            overrides=tuple(read_override(one) for one in said.get("decision", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a policy of alerts: {error}") from error
    wrong = _impossible(policy)
    if wrong:
        raise file.fail(wrong)
    return policy


def _impossible(policy: AlertPolicy) -> str:
    """What cannot be, "" when all of it can."""
    whole = (policy.repeat.hours, policy.repeat.unanswered, policy.tolerated_days, policy.audit.occasions)
    days = (policy.budget.days, policy.review_after_days, policy.period_days, policy.watch.follow_hours)
    if min(*whole, *days) < 1:
        return "hours, days, occasions and numbers of times are whole numbers from 1"
    if not 0 < policy.watch.least_heeded < 1 or not 0 < policy.watch.false_flags < 1:
        return "least_heeded and false_flags are shares between 0 and 1"
    return ""


def read_override(said: Mapping[str, Any]) -> SiteOverride:
    """A decision as a pack or an event holds it. Raises KeyError, TypeError or ValueError."""
    return SiteOverride(
        override=str(said["override"]),
        rule=str(said["rule"]),
        owner=str(said["owner"]),
        approved_by=str(said["approved_by"]),
        since=_day(said["since"]),
        review_due=_day(said["review_due"]),
        version=int(said["version"]),
        to=Quieter(said["to"]) if said.get("to") else None,
        words=str(said.get("words", "")),
        roles=tuple(str(role) for role in said.get("roles", ())),
    )


def write_override(one: SiteOverride) -> dict[str, Any]:
    """The decision as plain values, which `read_override` reads back."""
    return {
        "override": one.override,
        "rule": one.rule,
        "owner": one.owner,
        "approved_by": one.approved_by,
        "since": one.since.isoformat(),
        "review_due": one.review_due.isoformat(),
        "version": one.version,
        "to": one.to.value if one.to else "",
        "words": one.words,
        "roles": list(one.roles),
    }


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
