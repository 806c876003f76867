"""CDS Hooks services as data: one file, one hook, one id; and the coded reasons for not following a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import Urgency


class Scope(Enum):
    """Which drugs a hook asks about."""

    SELECTED_DRAFTS = "selected-drafts"
    ALL_DRAFTS = "all-drafts"
    CURRENT_MEDICATIONS = "current-medications"


@dataclass(frozen=True, slots=True)
class Hook:
    """A service of the discovery document. show: the urgencies that become cards here; the rest is silent."""

    provenance: Provenance
    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    scope: Scope
    show: frozenset[Urgency]
    test_first: bool
    prefetch: Mapping[str, str]

    @property
    def discovery(self) -> dict[str, object]:
        """The service as CDS Hooks 2.0 discovery lists it."""
        return {
            "hook": self.hook,
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "usageRequirements": self.usage_requirements,
            "prefetch": dict(self.prefetch),
        }


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """Why a card was not followed: coded."""

    system: str
    code: str
    display: str


def load_hooks(root: Path | None = None) -> Mapping[str, Hook]:
    """Every service by id; a site's own file of the same id replaces the shipped one. Raises PackError."""
    return {hook.id: hook for hook in map(read_hook, rule_files("hooks", root))}


def read_hook(file: RuleFile) -> Hook:
    """The service in a rule file."""
    entry = file.document
    try:
        return Hook(
            provenance=file.provenance,
            id=entry["id"],
            hook=entry["hook"],
            title=entry["title"],
            description=entry["description"],
            usage_requirements=entry.get("usage_requirements", ""),
            scope=Scope(entry["scope"]),
            show=frozenset(Urgency(name) for name in entry["show"]),
            test_first=bool(entry["test_first"]),
            prefetch=entry["prefetch"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a CDS Hooks service: {error}") from error


def load_override_reasons(root: Path | None = None) -> tuple[OverrideReason, ...]:
    """The reasons in force, the site's own in place of the shipped ones; raises PackError."""
    files = list(rule_files("override_reasons", root))
    if not files:
        raise PackError([Problem("override_reasons", "no such rule file")])
    document = files[-1].document
    try:
        return tuple(OverrideReason(document["system"], r["code"], r["display"]) for r in document["reason"])
    except (KeyError, TypeError) as error:
        raise files[-1].fail(f"not a list of reasons: {error}") from error
