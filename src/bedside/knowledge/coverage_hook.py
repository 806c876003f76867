"""CDS Hooks services that answer about coverage, as data: one file, one hook, one id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "coverage_hooks"
HOOKS = frozenset({"order-sign", "order-dispatch"})
"""The moments at which coverage is answered here."""


@dataclass(frozen=True, slots=True)
class CoverageHook:
    """A service of the discovery document that writes coverage information on orders."""

    provenance: Provenance
    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
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


@cache
def load_coverage_hooks(root: Path | None = None) -> Mapping[str, CoverageHook]:
    """Every service by id; a site's own file of the same id replaces the shipped one. Raises PackError."""
    return {hook.id: hook for hook in map(_hook, rule_files(KIND, root))}


def _hook(file: RuleFile) -> CoverageHook:
    entry = file.document
    try:
        made = CoverageHook(
            file.provenance,
            entry["id"],
            entry["hook"],
            file.provenance.title,
            entry["description"],
            entry["usage_requirements"],
            dict(entry["prefetch"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a CDS Hooks service: {error}") from error
    if made.hook not in HOOKS:
        raise file.fail(f"coverage is not answered at {made.hook}", remedy=", ".join(sorted(HOOKS)))
    return made
