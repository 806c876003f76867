"""Estimates with their intervals as a drawing, one line each, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import Any

LEFT, WIDE, HIGH = 360, 620, 36


@dataclass(frozen=True, slots=True)
class Line:
    """One estimate: its name and where it and its interval stand."""

    name: str
    y: int
    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forest:
    """The whole drawing. nothing: where no effect stands. ticks: place and label. height: of the drawing."""

    lines: tuple[Line, ...]
    nothing: float
    ticks: tuple[tuple[float, str], ...]
    height: int


def forest(answer: Mapping[str, Any]) -> Forest | None:
    """The main estimate and those of the same quantity beside it; None where there is none."""
    main = answer["main"]
    if "refused" in main:
        return None
    beside = [*([answer["naive"]] if answer["naive"] else []), *answer["sensitivity"]]
    kind = main["quantity"].split(",")[0]
    rows = [main, *(one for one in beside if "refused" not in one and one["quantity"].split(",")[0] == kind)]
    none = 1.0 if "ratio" in kind else 0.0
    low = min(none, *(one["low"] for one in rows))
    high = max(none, *(one["high"] for one in rows))
    spread = (high - low) or 1.0

    def place(value: float) -> float:
        return float(round(LEFT + (value - low) / spread * WIDE, 1))

    lines = tuple(
        Line(one["name"], 8 + HIGH * row, place(one["value"]), place(one["low"]), place(one["high"]))
        for row, one in enumerate(rows)
    )
    ticks = tuple((place(value), f"{value:g}") for value in _round_values(low, high))
    return Forest(lines, place(none), ticks, HIGH * len(rows) + 40)


def _round_values(low: float, high: float) -> list[float]:
    """Three to seven round numbers between two."""
    step = 10.0 ** floor(log10(high - low)) if high > low else 1.0
    for part in (5.0, 2.0, 1.0, 0.5, 0.2, 0.1):
        size = step * part
        first = -floor(-low / size)
        found = [
            round(size * number, 10) for number in range(int(first), int(first) + 12) if size * number <= high
        ]
        if len(found) >= 3:
            return found
    return [low, high]
