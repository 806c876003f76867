"""Lines of a piece that touch wanted positions, for a reader that looks into single lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.intake.genome.sites import Sites
from bedside.intake.genome.table import Table
from bedside.intake.target import Targets

NumberedLine = tuple[int, bytes]
"""A line's number in its file, and its bytes without the line end."""


def near_lines(table: Table, sites: Sites, targets: Sequence[Targets]) -> tuple[NumberedLine, ...]:
    """The lines whose records overlap any of the targets, in the file's order."""
    if not targets or not len(sites):
        return ()
    touching = np.zeros(len(sites), np.bool_)
    end = np.maximum(sites.end, sites.reference_end)
    for each in targets:
        for chromosome, (starts, ends) in each.spans.items():
            rows = np.flatnonzero(sites.chromosome == CHROMOSOME_NUMBER[chromosome])
            if not len(rows):
                continue
            at = np.searchsorted(np.array(ends, np.int64), sites.position[rows])
            first = np.append(np.array(starts, np.int64), np.iinfo(np.int64).max)[at]
            touching[rows] |= first <= end[rows]
    found = sites.row[touching]
    return tuple(
        (int(table.line[row]), table.data[table.begin[row] : table.ends[row, -1]].tobytes())
        for row in found.tolist()
    )
