"""How often positive newborn results turn out true: by disease, with what is not settled said beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bedside.act.disclosure import Standing

CONFIRMED = frozenset({"confirmed", "died-confirmed"})
REFUTED = frozenset({"false-positive", "died-refuted"})
BLOCKLISTED = "blocklisted"
ALL = "all diseases"
_Z = 1.959964
"""95 % of a normal distribution lies within this many standard deviations."""


@dataclass(frozen=True, slots=True)
class Predictive:
    """The positive results of one disease. open: not settled yet; ended: ended without being settled (lost,
    declined, died); blocklisted: hits on variants known to mislead, which were never positives.
    """

    disease: str
    confirmed: int
    refuted: int
    open: int
    ended: int
    blocklisted: int

    @property
    def value(self) -> float | None:
        """The positive predictive value among settled results; None while none is settled."""
        settled = self.confirmed + self.refuted
        return None if settled == 0 else self.confirmed / settled

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the value."""
        n = self.confirmed + self.refuted
        if n == 0:
            return None
        p, z2 = self.confirmed / n, _Z * _Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return (max(0.0, middle - half), min(1.0, middle + half))


def predictive_values(places: Iterable[Standing]) -> tuple[Predictive, ...]:
    """The report by disease, in order of name, and for all together at the end."""
    by_disease: dict[str, list[Standing]] = {}
    for one in places:
        by_disease.setdefault(one.finding.disease or one.finding.gene, []).append(one)
    every = [one for several in by_disease.values() for one in several]
    return (
        *(_counted(disease, several) for disease, several in sorted(by_disease.items())),
        _counted(ALL, every),
    )


def _counted(disease: str, places: list[Standing]) -> Predictive:
    ends = [one.state.final for one in places]
    confirmed, refuted = sum(end in CONFIRMED for end in ends), sum(end in REFUTED for end in ends)
    settled_open = sum(end == "" and _confirmed(one) for end, one in zip(ends, places, strict=True))
    blocked, open_ = ends.count(BLOCKLISTED), ends.count("") - settled_open
    ended = len(ends) - confirmed - refuted - blocked - ends.count("")
    return Predictive(disease, confirmed + settled_open, refuted, open_, ended, blocked)


def _confirmed(one: Standing) -> bool:
    """Whether the confirmatory test was positive, though treatment has not begun."""
    return one.visible
