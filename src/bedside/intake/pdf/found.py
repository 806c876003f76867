"""What a reader found: a field's text with its cells, before anybody judged what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bedside.genome.draft import Box, FieldKind, Level, ReadBy
from bedside.intake.pdf.lines import Cell


@dataclass(frozen=True, slots=True)
class Found:
    """Text that is said to be a field. row: 0 for what there is one of. level: how sure it is that the text
    is this field; reason: how it was found."""

    kind: FieldKind
    text: str
    boxes: tuple[Box, ...]
    level: Level
    reason: str
    row: int = 0
    read_by: ReadBy = ReadBy.TEXT
    sure: int = 100


def found_in(kind: FieldKind, cells: Sequence[Cell], level: Level, reason: str, row: int = 0) -> Found:
    """A field whose text is these cells', one after another."""
    pictured = any(cell.read_by is ReadBy.PICTURE for cell in cells)
    return Found(
        kind,
        " ".join(cell.text for cell in cells),
        tuple(cell.box for cell in cells),
        level,
        reason,
        row,
        ReadBy.PICTURE if pictured else ReadBy.TEXT,
        min((word.sure for cell in cells for word in cell.words), default=100),
    )
