"""Therapy slots: which drugs can stand in for one another, and on whose word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.knowledge.pgx import Drug
from bedside.knowledge.provenance import Provenance, rule_files


@dataclass(frozen=True, slots=True)
class Unsuitable:
    """A drug that must not be offered to somebody with one of these problems, whatever the genes.

    problems: SNOMED CT and ICD-10 codes; a code stands for its subdivisions (`I63` for `I63.9`). populations:
    those of the guidance whose problems count too. cites: the label that says so.
    """

    name: str
    problems: tuple[str, ...]
    populations: tuple[str, ...]
    cites: str

    def because_of(self, problems: Collection[str]) -> bool:
        """Whether one of somebody's problems forbids the drug."""
        return any(code == one or code.startswith(f"{one}.") for code in problems for one in self.problems)


@dataclass(frozen=True, slots=True)
class Related:
    """Drugs that share a harm which presence of an allele of these genes foretells.

    None stands in for another where the allele is present, or where the gene of the drug to be offered is not
    known. cites: who says so.
    """

    names: tuple[str, ...]
    genes: tuple[str, ...]
    cites: str


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
    unsuitable: tuple[Unsuitable, ...] = ()
    related: tuple[Related, ...] = ()


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
                        tuple(_unsuitable(one) for one in entry.get("unsuitable", ())),
                        tuple(_related(one) for one in entry.get("related", ())),
                    )
                )
                if len(members) < 2:
                    raise file.fail(f"slot {entry['id']} needs two members or more")
                named = {one.name for one in slots[-1].unsuitable}.union(
                    *(o.names for o in slots[-1].related)
                )
                strangers = named - {drug.name for drug in members}
                if strangers:
                    raise file.fail(f"slot {entry['id']} has no member {', '.join(sorted(strangers))}")
        except (KeyError, TypeError) as error:
            raise file.fail(f"not therapy slots: {error}") from error
    return tuple(slots)


def _related(entry: Mapping[str, Any]) -> Related:
    return Related(tuple(entry["names"]), tuple(entry["genes"]), entry["cites"])


def _unsuitable(entry: Mapping[str, Any]) -> Unsuitable:
    return Unsuitable(
        entry["name"], tuple(entry["problems"]), tuple(entry.get("populations", ())), entry["cites"]
    )
