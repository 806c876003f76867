"""Checklists of what has to stand before something is launched: items with an owner, and what shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bedside.genome.event import EventKind
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "launch"


@dataclass(frozen=True, slots=True)
class Shows:
    """Events that show an item: of a kind, with these values in the payload, at least so many."""

    kind: EventKind
    least: int
    where: Mapping[str, str] = field(default_factory=dict)

    def fits(self, payload: Mapping[str, Any]) -> bool:
        """Whether an event of the kind counts."""
        return all(str(payload.get(name)) == value for name, value in self.where.items())


@dataclass(frozen=True, slots=True)
class Item:
    """One item. owner: the role that answers for it. shows: None where somebody has to attest it."""

    name: str
    title: str
    owner: str
    shows: Shows | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """One checklist. pathway: on which the adoption is counted. attested_for_days: so long a word holds."""

    provenance: Provenance
    pathway: str
    attested_for_days: int
    items: tuple[Item, ...]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.provenance.name


def load_checklists(root: Path | None = None) -> Mapping[str, Checklist]:
    """Every checklist by name, a site's own in place of the shipped one; raises PackError."""
    return {one.name: one for one in map(read_checklist, rule_files(KIND, root))}


def read_checklist(file: RuleFile) -> Checklist:
    """The checklist in a rule file; raises PackError."""
    said = file.document
    try:
        items = tuple(_item(one) for one in said["item"])
        found = Checklist(
            file.provenance,
            str(said["pathway"]),
            int(said["attested_for_days"]),
            items,
            tuple(said.get("example", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a checklist: {error}") from error
    names = [one.name for one in items]
    if len(set(names)) != len(names) or not all(one.owner.strip() for one in items):
        raise file.fail("every item has a name of its own and an owner")
    return found


def _item(said: Mapping[str, Any]) -> Item:
    events = said.get("events")
    shows = None
    if events is not None:
        where = {str(name): str(value) for name, value in events.get("where", {}).items()}
        shows = Shows(EventKind(events["kind"]), int(events["least"]), where)
    return Item(str(said["name"]), str(said["title"]), str(said["owner"]), shows)
