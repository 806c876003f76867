"""Phase sets numbered 1, 2, … in the order met within a gene, so that people with equal phase structure
share codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bedside.genome.state import Called, HalfCall, PositionState, Undocumented
from bedside.intake.row import Codes

_PEOPLE_AT_ONCE = 4096
Phased = Called | HalfCall | Undocumented


def renumber(
    states: Sequence[tuple[PositionState, ...]], codes: Sequence[Codes]
) -> list[tuple[tuple[PositionState, ...], Codes]]:
    """A gene's positions in order, with each person's phase sets renumbered."""
    raw = [np.array([phase_set_of(state) or 0 for state in row], np.int64) for row in states]
    if not any(row.any() for row in raw):
        return list(zip(states, codes, strict=True))
    people = len(codes[0])
    numbers = np.zeros((len(states), people), np.int64)
    for start in range(0, people, _PEOPLE_AT_ONCE):
        part = slice(start, start + _PEOPLE_AT_ONCE)
        block = np.stack([row[code[part]] for row, code in zip(raw, codes, strict=True)])
        patterns, inverse = np.unique(block, axis=1, return_inverse=True)
        numbers[:, part] = np.stack([_in_order(pattern) for pattern in patterns.T], axis=1)[
            :, inverse.reshape(-1)
        ]
    return [
        _renumber_row(row, code, number) for row, code, number in zip(states, codes, numbers, strict=True)
    ]


def phase_set_of(state: PositionState) -> int | None:
    """The phase set of a state that has one."""
    return state.phase_set if isinstance(state, Phased) else None


def _in_order(pattern: NDArray[np.int64]) -> NDArray[np.int64]:
    known: dict[int, int] = {0: 0}
    return np.array([known.setdefault(value, len(known)) for value in pattern.tolist()], np.int64)


def _renumber_row(
    states: tuple[PositionState, ...], codes: Codes, numbers: NDArray[np.int64]
) -> tuple[tuple[PositionState, ...], Codes]:
    if not numbers.any():
        return states, codes
    width = int(numbers.max()) + 1
    pairs, inverse = np.unique(codes.astype(np.int64) * width + numbers, return_inverse=True)
    known: dict[PositionState, int] = {states[0]: 0}
    remap = [
        known.setdefault(_with(states[pair // width], pair % width), len(known)) for pair in pairs.tolist()
    ]
    dtype = np.uint8 if len(known) < 256 else np.uint32
    return tuple(known), np.array(remap, dtype)[inverse.reshape(-1)]


def _with(state: PositionState, number: int) -> PositionState:
    return (
        replace(state, phase_set=number)
        if isinstance(state, Phased) and state.phase_set is not None
        else state
    )
