"""What became of the people a worklist named: whether the order of the list means anything here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bedside.learn.shares import Share

BANDS = (2.0, 4.0, 6.0, 10.0)
"""Where the bands of surprise begin."""


class Became(Enum):
    """How far it came with somebody who was listed."""

    ADVISED = "advised"
    NOT_NOW = "not-now"
    REFERRED = "referred"
    DECLINED = "declined"
    ORDERED = "test-ordered"
    NO_ANSWER = "no-answer"
    DIAGNOSED = "diagnosed"


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who was listed: how surprising at the first time, and what became of it."""

    person: str
    surprise: float
    became: Became


@dataclass(frozen=True, slots=True)
class Band:
    """People listed with a surprise from `low` to below `high` (None: no end). looked_at: somebody decided.
    answered: a result was judged; yielded: of the answered, those with a diagnosis."""

    low: float
    high: float | None
    listed: int
    looked_at: int
    ordered: int
    yielded: Share


def calibration(outcomes: Iterable[Listed]) -> tuple[Band, ...]:
    """The bands, highest first; those nobody was listed in are left out."""
    held = list(outcomes)
    lines = []
    for at, low in enumerate(BANDS):
        high = BANDS[at + 1] if at + 1 < len(BANDS) else None
        mine = [one.became for one in held if one.surprise >= low and (high is None or one.surprise < high)]
        answered = [one for one in mine if one in (Became.NO_ANSWER, Became.DIAGNOSED)]
        ordered = sum(one is Became.ORDERED for one in mine) + len(answered)
        if mine:
            looked = sum(one is not Became.ADVISED for one in mine)
            share = Share(sum(one is Became.DIAGNOSED for one in mine), len(answered))
            lines.append(Band(low, high, len(mine), looked, ordered, share))
    return tuple(reversed(lines))
