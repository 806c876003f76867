"""A file that a seller of raw data made is no laboratory's file, in whatever format it comes.

As a laboratory's result it would lead to guidance, findings and negatives; it goes in by `bedside consumer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.intake.compression import peek
from bedside.intake.consumer_layout import sellers_named
from bedside.knowledge.consumer_policy import load_consumer_policy
from bedside.service.house import House

_STRUCTURED = ("##INFO=", "##FORMAT=", "##FILTER=", "##ALT=", "##contig=")
"""Header lines that describe columns; what they mention is not who made the file."""


def refuse_consumer_files(house: House, paths: Sequence[Path]) -> None:
    """Raises `IntakeError` naming every file whose own header says that a seller of raw data made it."""
    policy = load_consumer_policy(house.settings.knowledge_folder)
    problems = []
    for path in paths:
        seller = sellers_named(_opening(path), policy)
        if seller is not None:
            reason = (
                f"its header says that it is raw data of {seller}, which no clinical laboratory stands for"
            )
            problems.append(Problem(path.name, reason, remedy="bedside consumer FILE --person ID"))
    if problems:
        raise IntakeError(problems)


def _opening(path: Path) -> list[str]:
    """The header lines that say where a file comes from; none of a file that cannot be read, which the
    reader tells in its own words."""
    try:
        _, start = peek(path)
    except IntakeError:
        return []
    lines = start.decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.startswith("##") and not line.startswith(_STRUCTURED)]
