"""How far a recommendation may reach: the local policy of urgency, order sets, budget and tracked tasks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.knowledge.pgx import Action, Strength
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


class Urgency(Enum):
    """How a recommendation may reach a clinician, in the words of CDS Hooks."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Handling(Enum):
    """What an order set does with an item."""

    SHOW = "show"
    HIDE = "hide"
    DEMOTE = "demote"
    REPLACE = "replace"
    REDOSE = "redose"


@dataclass(frozen=True, slots=True)
class Tier:
    """Actions, strengths and source levels that share an urgency. Empty strengths or levels fit all."""

    actions: frozenset[Action]
    strengths: frozenset[Strength]
    levels: frozenset[str]
    urgency: Urgency
    handling: Handling
    track: bool = False

    def fits(self, action: Action, strength: Strength, level: str) -> bool:
        """Whether a recommendation belongs to this tier."""
        return (
            action in self.actions
            and (not self.strengths or strength in self.strengths)
            and (not self.levels or level in self.levels)
        )


@dataclass(frozen=True, slots=True)
class Relevance:
    """Drugs whose guidance matters only to people with one of the problems; for others it is held back.

    problems: SNOMED CT or ICD-10 codes, each with its subdivisions. urgency: as far as it goes without one.
    reason: said wherever it is held back.
    """

    drugs: frozenset[str]
    problems: tuple[str, ...]
    urgency: Urgency
    reason: str

    def holds_back(self, drug: str, problems: Collection[str] | None) -> bool:
        """Whether the drug's guidance goes no further for somebody with these problems (None: not known)."""
        return drug in self.drugs and not any(
            code == one or code.startswith(f"{one}.") for code in problems or () for one in self.problems
        )


@dataclass(frozen=True, slots=True)
class TaskPolicy:
    """Who must deal with a top-tier finding, and by when, in working days."""

    kind: str
    owner: str
    due_in_working_days: int
    escalate_after_working_days: int
    escalate_to: str


@dataclass(frozen=True, slots=True)
class Tiers:
    """The policy; the first tier that fits decides."""

    provenance: Provenance
    tiers: tuple[Tier, ...]
    cool_down_hours: int
    interruptive_per_100_orders: int
    task: TaskPolicy
    relevance: tuple[Relevance, ...] = ()

    def of(self, action: Action, strength: Strength, level: str) -> Tier:
        """The tier of a recommendation. Every action has one, which the reader checks."""
        return next(tier for tier in self.tiers if tier.fits(action, strength, level))


def load_tiers(root: Path | None = None) -> Tiers:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files("tiers", root)
    return read_tiers(chosen)


def read_tiers(file: RuleFile) -> Tiers:
    """The policy in a rule file; refused when an action, strength or level is left without a tier."""
    document = file.document
    try:
        tiers = tuple(_tier(entry) for entry in document["tier"])
        budget, task = document["budget"], document["task"]
        policy = Tiers(
            file.provenance,
            tiers,
            int(budget["cool_down_hours"]),
            int(budget["interruptive_per_100_orders"]),
            TaskPolicy(**task),
            tuple(_relevance(entry) for entry in document.get("relevance", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a tier policy: {error}") from error
    bare = [
        action.value
        for action in Action
        if not any(t.fits(action, strength, "") for t in tiers for strength in (Strength.NONE,))
    ]
    if bare:
        raise file.fail(
            f"no tier fits every {', '.join(bare)}", "add a last tier without strengths and levels"
        )
    return policy


def _relevance(entry: Mapping[str, Any]) -> Relevance:
    drugs, problems = entry["drugs"], entry["problems"]
    if not isinstance(drugs, list) or not isinstance(problems, list):
        raise TypeError("drugs and problems are lists")
    return Relevance(frozenset(drugs), tuple(problems), Urgency(entry["urgency"]), str(entry["reason"]))


def _tier(entry: Mapping[str, object]) -> Tier:
    def listed(name: str) -> list[str]:
        values = entry.get(name, [])
        if not isinstance(values, list):
            raise TypeError(f"{name} must be a list")
        return [str(value) for value in values]

    return Tier(
        frozenset(Action(name) for name in listed("actions")),
        frozenset(Strength(name) for name in listed("strengths")),
        frozenset(listed("levels")),
        Urgency(entry["urgency"]),
        Handling(entry["order_set"]),
        bool(entry.get("track", False)),
    )
