"""The typed states of a panel of positions for one person or a whole cohort, each distinct state stored
once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.locus import Build, Locus
from bedside.genome.state import NOT_TESTED, PositionState


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know about a file, that does not stop its acceptance."""

    code: str
    reason: str
    source: str
    line: int | None = None
    locus: Locus | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file a table was read from: where it was, its build, and whom it holds."""

    path: str
    build: Build
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GenotypeTable:
    """Positions × people. `codes[row, person]` points into `states[row]`; code 0 is always `NotTested`.

    `loci[row]` is the GRCh38 locus of the knowledge release's position, whatever build the file used. `codes`
    is uint8, uint16 or uint32 and has the shape (len(loci), len(samples)). `files` says what was read, in the
    order given.
    """

    samples: tuple[str, ...]
    loci: tuple[Locus, ...]
    states: tuple[tuple[PositionState, ...], ...]
    codes: NDArray[np.unsignedinteger]
    notices: tuple[Notice, ...] = ()
    files: tuple[SourceFile, ...] = ()

    def __post_init__(self) -> None:
        if self.codes.shape != (len(self.loci), len(self.samples)):
            raise ValueError("codes must have the shape (positions, people)")
        if any(row[0] != NOT_TESTED for row in self.states):
            raise ValueError("code 0 of every position must be NotTested")

    def state(self, row: int, person: int) -> PositionState:
        """The state of one position of one person."""
        return self.states[row][int(self.codes[row, person])]
