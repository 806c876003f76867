"""What a report of a study has to say, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "study_checklists"


@dataclass(frozen=True, slots=True)
class Item:
    """One item. filled_by: the part of a bundle that answers it; "" where people have to."""

    number: int
    section: str
    asks: str
    filled_by: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The items in order, numbered from 1 without gaps."""

    provenance: Provenance
    items: tuple[Item, ...]
    examples: tuple[Mapping[str, Any], ...]


def load_checklist(root: Path | None = None) -> Checklist:
    """The shipped checklist, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_checklist(chosen)


def read_checklist(file: RuleFile) -> Checklist:
    """The checklist in a rule file; raises PackError when an item is missing or out of order."""
    try:
        items = tuple(
            Item(int(one["number"]), str(one["section"]), str(one["asks"]), str(one.get("from", "")))
            for one in file.document["item"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a checklist: {error}") from error
    if [one.number for one in items] != list(range(1, len(items) + 1)):
        raise file.fail("the items are not numbered from 1 without gaps")
    return Checklist(file.provenance, items, tuple(file.document.get("example", ())))
