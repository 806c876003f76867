"""Therapy slots: which drugs can stand in for one another, and on whose word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.pgx import Drug
from bedside.knowledge.provenance import Provenance, rule_files


@dataclass(frozen=True, slots=True)
class TherapySlot:
    """Drugs used for the same purpose. Members are in the order they are offered.

    caution: what a prescriber must weigh before exchanging one for another, shown with each suggestion.
    """

    provenance: Provenance
    id: str
    title: str
    members: tuple[Drug, ...]
    caution: str
    pmids: tuple[str, ...] = ()


def load_therapy_slots(root: Path | None = None) -> tuple[TherapySlot, ...]:
    """Every therapy slot, by file then order; raises PackError when one has fewer than two members."""
    slots: list[TherapySlot] = []
    for file in rule_files("alternatives", root):
        try:
            for entry in file.document["slot"]:
                members = tuple(Drug(member["name"], member["rxnorm"]) for member in entry["member"])
                slots.append(
                    TherapySlot(
                        file.provenance,
                        entry["id"],
                        entry["title"],
                        members,
                        entry["caution"],
                        tuple(entry.get("pmids", ())),
                    )
                )
                if len(members) < 2:
                    raise file.fail(f"slot {entry['id']} needs two members or more")
        except (KeyError, TypeError) as error:
            raise file.fail(f"not therapy slots: {error}") from error
    return tuple(slots)
