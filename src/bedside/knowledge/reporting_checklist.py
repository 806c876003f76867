"""The items that a report of an economic evaluation should answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.economic_model_file import KIND
from bedside.knowledge.provenance import Provenance, rule_files

NAME = "cheers_2022"


class AnsweredBy(Enum):
    """What of a model answers an item; SAID: only its author can."""

    TITLE = "title"
    ANSWER = "answer"
    STRATEGIES = "strategies"
    PERSPECTIVE = "perspective"
    HORIZON = "horizon"
    DISCOUNTING = "discounting"
    EFFECT = "effect"
    SOURCES = "sources"
    CURRENCY = "currency"
    STRUCTURE = "structure"
    CAVEATS = "caveats"
    DRAWS = "draws"
    INPUTS = "inputs"
    SPREAD = "spread"
    SAID = "said"


@dataclass(frozen=True, slots=True)
class ReportingItem:
    """One item: its number, its name under `[said]`, the question, and what answers it."""

    number: int
    name: str
    asks: str
    answered_by: AnsweredBy


@dataclass(frozen=True, slots=True)
class ReportingChecklist:
    """All items in their order."""

    provenance: Provenance
    items: tuple[ReportingItem, ...]


def load_reporting_checklist(root: Path | None = None) -> ReportingChecklist:
    """The checklist in force; a site's own replaces the shipped one. Raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not found:
        raise PackError([Problem(NAME, "no reporting checklist is at hand")])
    file = found[-1]
    try:
        items = tuple(
            ReportingItem(int(one["number"]), str(one["name"]), str(one["asks"]), AnsweredBy(one["from"]))
            for one in file.document["item"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a reporting checklist: {error}") from error
    return ReportingChecklist(file.provenance, items)
