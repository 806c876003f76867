"""Reads a pack's TSV tables: UTF-8, one header line, no quoting, an empty cell means nothing is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from bedside.errors import Problem

Term = TypeVar("Term", bound=Enum)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: where it stands and its cells by column name."""

    source: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def problem(self, reason: str, remedy: str | None = None) -> Problem:
        """A problem that names this file and line."""
        return Problem(self.source, reason, self.line, remedy)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file, in file order."""

    source: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def parse_table(source: str, content: bytes, columns: Sequence[str], problems: list[Problem]) -> Table:
    """The table in `content`; a missing or unknown column and a ragged line are added to `problems`."""
    try:
        lines = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        problems.append(Problem(source, f"not UTF-8: {error.reason} at byte {error.start}"))
        return Table(source, ())
    header = lines[0].split("\t")
    if header != list(columns):
        expected = " ".join(columns)
        problems.append(Problem(source, f"columns must be: {expected}; found: {' '.join(header)}", 1))
        return Table(source, ())
    rows: list[Row] = []
    width = len(header)
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        values = line.split("\t")
        if len(values) != width:
            problems.append(Problem(source, f"{len(values)} cells where {width} belong", number))
            continue
        rows.append(Row(source, number, dict(zip(header, values, strict=True))))
    return Table(source, tuple(rows))


def words(cell: str, separator: str = ";") -> tuple[str, ...]:
    """The parts of a cell that holds several values."""
    return tuple(cell.split(separator)) if cell else ()


def whole_number(row: Row, column: str, problems: list[Problem]) -> int | None:
    """A whole number, None where the cell is empty."""
    cell = row[column]
    if not cell:
        return None
    try:
        return int(cell)
    except ValueError:
        problems.append(row.problem(f"{column} must be a whole number, not {cell!r}"))
        return None


def number(row: Row, column: str, problems: list[Problem]) -> float | None:
    """A number, None where the cell is empty."""
    cell = row[column]
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        problems.append(row.problem(f"{column} must be a number, not {cell!r}"))
        return None


def term(row: Row, column: str, vocabulary: type[Term], problems: list[Problem]) -> Term | None:
    """A term of a closed vocabulary; anything else is a problem."""
    try:
        return vocabulary(row[column])
    except ValueError:
        known = ", ".join(str(member.value) for member in vocabulary)
        problems.append(row.problem(f"{column} is {row[column]!r}, which is not one of: {known}"))
        return None
