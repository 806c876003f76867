"""What a programme spent and avoided, from what was written down of each person, and how sure the sum is.

A person counts once. Somebody of whom a line was not entered is not a zero: the net of everybody is then not
known, and the net of those who are complete stands beside how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.genome.cost import Amount
from bedside.learn.economics.draws import stream
from bedside.learn.economics.few_people import NoInterval, sum_of_people
from bedside.learn.economics.probabilistic import Spread


class Side(Enum):
    """On which side a line stands."""

    SPENT = "spent"
    AVOIDED = "avoided"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a programme's account."""

    name: str
    title: str
    side: Side


@dataclass(frozen=True, slots=True)
class LineSum:
    """A line added up over the people of whom it was entered, of so many."""

    line: Line
    entered: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ProgrammeValue:
    """The account. more: what was spent beyond what was avoided by those who are complete, from low to high
    (below 0 was saved); None of nobody. sure: the same with the doubt of who happened to be cared for, or why
    no interval is said. complete: of how many everything was entered."""

    people: int
    complete: int
    lines: tuple[LineSum, ...]
    more: tuple[float, float] | None
    sure: Spread | NoInterval | None

    @property
    def known(self) -> bool:
        """Whether the net of everybody is known."""
        return self.people > 0 and self.complete == self.people


def programme_value(
    lines: Sequence[Line], people: Sequence[Mapping[str, Amount | None]], draws: int, seed: int
) -> ProgrammeValue:
    """The account of these people: the amount of each line, None where it was not entered."""
    sums = []
    for line in lines:
        held = [one[line.name] for one in people]
        known = [one for one in held if one is not None]
        low, high = sum(one.low for one in known), sum(one.high for one in known)
        sums.append(LineSum(line, len(known), len(people), float(low), float(high)))
    complete = [one for one in people if all(one[line.name] is not None for line in lines)]
    if not complete or not lines:
        return ProgrammeValue(len(people), len(complete), tuple(sums), None, None)
    ends = np.array([[_ends(one[line.name]) for line in lines] for one in complete])
    sign = np.array([1.0 if line.side is Side.SPENT else -1.0 for line in lines])
    low = ends[:, :, 0].sum(axis=0)
    high = ends[:, :, 1].sum(axis=0)
    least = float(np.where(sign > 0, low, -high).sum())
    most = float(np.where(sign > 0, high, -low).sum())
    return ProgrammeValue(
        len(people),
        len(complete),
        tuple(sums),
        (least, most),
        sum_of_people(ends, sign, draws, stream(seed, "programme")),
    )


def _ends(one: Amount | None) -> tuple[float, float]:
    if one is None:
        raise ValueError("a person who is not complete was counted")
    return one.low, one.high
