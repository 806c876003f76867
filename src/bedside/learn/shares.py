"""Shares with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""95 % of a normal distribution lies within this many standard deviations."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. Of nobody there is no share."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nobody."""
        return None if self.of == 0 else self.count / self.of

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval."""
        if self.of == 0:
            return None
        p, square = self.count / self.of, Z * Z
        middle = (p + square / (2 * self.of)) / (1 + square / self.of)
        half = Z / (1 + square / self.of) * sqrt(p * (1 - p) / self.of + square / (4 * self.of**2))
        return (max(0.0, middle - half), min(1.0, middle + half))
