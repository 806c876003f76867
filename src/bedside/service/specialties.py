"""Which specialties the playbooks speak to, and which they leave out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bedside.knowledge.playbook import Playbook

SPECIALTIES = (
    "oncology", "cardiology", "neurology", "psychiatry", "obstetrics", "paediatrics", "primary care",
)  # fmt: skip
PARTS = ("pathways", "order_sets", "coverage", "education", "measures")


@dataclass(frozen=True, slots=True)
class Covered:
    """A specialty: the playbooks that name it, and how many files of each part they bring. Nothing is 0."""

    specialty: str
    playbooks: tuple[str, ...]
    files: tuple[int, ...]


def specialty_coverage(playbooks: Iterable[Playbook]) -> tuple[Covered, ...]:
    """Every specialty, also those that no playbook names; files in the order of PARTS."""
    held = tuple(playbooks)
    found = []
    for specialty in SPECIALTIES:
        naming = [one for one in held if specialty in one.specialties]
        files = {file for one in naming for file in one.files}
        counts = tuple(sum(file.startswith(f"{part}/") for file in files) for part in PARTS)
        found.append(Covered(specialty, tuple(one.name for one in naming), counts))
    return tuple(found)
