"""Roles: named sets of permissions, as a pack. What a permission opens is known to the service that asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import rule_files

KIND = "roles"


def load_roles(root: Path | None = None) -> Mapping[str, frozenset[str]]:
    """Every role by name with the words of its permissions, a site's own in place of a shipped one. Raises
    `PackError` with every problem."""
    found: dict[str, frozenset[str]] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        here: dict[str, frozenset[str]] = {}
        for entry in file.document.get("role", []):
            name, permissions = entry.get("name"), entry.get("permissions")
            if not isinstance(name, str) or not isinstance(permissions, list) or not permissions:
                problems.append(Problem(file.label, "a role has a name and at least one permission"))
            elif name in here:
                problems.append(Problem(file.label, f"the role {name} is defined twice"))
            else:
                here[name] = frozenset(map(str, permissions))
        found |= here
    if problems:
        raise PackError(problems)
    return found
