"""What a kind of site starts with: which playbooks, with which values. No code differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "configurations"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The playbooks of a care setting in the order in which they are installed, each with its values."""

    provenance: Provenance
    care_setting: str
    playbooks: Mapping[str, Mapping[str, str]]


def load_configurations(root: Path | None = None) -> Mapping[str, Configuration]:
    """Every configuration by name; raises PackError with every problem."""
    found: dict[str, Configuration] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        setting, entries = str(file.document.get("care_setting", "")), file.document.get("playbook", ())
        playbooks = {
            str(one.get("name", "")): {str(key): str(value) for key, value in one.get("set", {}).items()}
            for one in entries
        }
        if not setting or not playbooks or "" in playbooks or len(playbooks) != len(entries):
            problems.append(Problem(file.label, "needs a care_setting and playbooks, each named once"))
        found[file.provenance.name] = Configuration(file.provenance, setting, playbooks)
    if problems:
        raise PackError(problems)
    return found
