"""A piece of a VCF's text as a table: where each cell of each line lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.errors import Problem
from bedside.intake.genome.cells import Cells
from bedside.intake.genome.unwrapped import Lines

MOST_PROBLEMS = 20
_TAB, _LINE_END, _RETURN = 9, 10, 13


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Lines with the right number of columns. `ends[line, column]` is where a cell ends (a tab or the line's
    end), `begin[line]` where the line starts; `line` holds the numbers of the lines in the file."""

    data: NDArray[np.uint8]
    line: NDArray[np.int32]
    begin: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.line)

    def column(self, number: int) -> Cells:
        """The cells of a column, counted from 0."""
        start = self.ends[:, number - 1] + 1 if number else self.begin
        return Cells(self.data, start, self.ends[:, number] - start)


def read_table(source: str, lines: Lines, columns: int, problems: list[Problem]) -> Table:
    """The lines as a table; empty lines are left out, lines of another number of columns go to `problems`."""
    data = np.frombuffer(lines.content, np.uint8)
    marks = np.flatnonzero(data[: lines.size] - np.uint8(_TAB) < 2)
    is_end = data[marks] == _LINE_END
    count = int(is_end.sum())
    number = np.arange(lines.first, lines.first + count, dtype=np.int32)
    if len(marks) != count * columns or not bool(is_end[columns - 1 :: columns].all()):
        marks, number = _regular(source, data, marks, number, columns, problems)
    ends = marks.reshape(-1, columns)
    begin = np.zeros(len(ends), np.int64)
    if len(ends) == count:
        begin[1:] = ends[:-1, -1] + 1
    else:
        every = np.flatnonzero(data[: lines.size] == _LINE_END)
        begin = np.append(0, every + 1)[number - lines.first]
    returned = data[ends[:, -1] - 1] == _RETURN
    if bool(returned.any()):
        ends = ends.copy()
        ends[:, -1] -= returned
    return Table(data, number, begin, ends)


def _regular(
    source: str,
    data: NDArray[np.uint8],
    marks: NDArray[np.int64],
    number: NDArray[np.int32],
    columns: int,
    problems: list[Problem],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The marks of lines that have the right number of columns."""
    ends = np.flatnonzero(data[marks] == _LINE_END)
    found = np.diff(ends, prepend=-1)
    begin = np.append(-1, marks[ends[:-1]]) + 1
    size = marks[ends] - begin
    empty = (found == 1) & ((size == 0) | ((size == 1) & (data[begin] == _RETURN)))
    for row in np.flatnonzero((found != columns) & ~empty)[:MOST_PROBLEMS].tolist():
        reason = f"the line has {int(found[row])} columns, the header {columns}"
        problems.append(Problem(source, reason, int(number[row]), "the file may be cut; send it again"))
    good = found == columns
    return marks[np.repeat(good, found)], number[good]
