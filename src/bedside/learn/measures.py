"""Measures from events: the figure, its interval, and everybody behind it.

What cannot be computed says so with what is missing. It is never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bedside.interpret.tumour.poisson import poisson_interval
from bedside.knowledge.measure import Measure, Pattern, Shape, State
from bedside.learn.event_columns import ABSENT, EventColumns
from bedside.learn.measure_units import Units, units_of
from bedside.learn.percentiles import Percentile, percentiles
from bedside.learn.shares import Share, Z

PERCENTS = (50, 90)
HOURS_IN = {"hours": 1.0, "days": 24.0}
"""The units in which intervals are told."""
MANY = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of everybody counted. They add up to the population."""

    met: int
    failed: int
    waiting: int
    excluded: int
    unknown: int

    @property
    def population(self) -> int:
        """Everybody."""
        return self.met + self.failed + self.waiting + self.excluded + self.unknown

    @property
    def settled(self) -> int:
        """Those of whom it can be said whether it was met."""
        return self.met + self.failed


@dataclass(frozen=True, slots=True)
class ShareFigure:
    """So many of those who were settled."""

    counts: Counts
    share: Share


@dataclass(frozen=True, slots=True)
class IntervalFigure:
    """The time (in the measure's unit) by which so many of everybody who began had got there; those who wait
    are counted until now, and other ends compete (Aalen and Johansen)."""

    counts: Counts
    percentiles: Mapping[int, Percentile]


@dataclass(frozen=True, slots=True)
class RateFigure:
    """`numerator` for every `per` of `against`, with its exact 95 % Poisson interval."""

    counts: Counts
    numerator: int
    against: int
    per: int
    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class DistributionFigure:
    """How those of whom it is known share out among the values, most frequent first."""

    counts: Counts
    shares: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class NoSuchEvent:
    """It cannot be computed: nothing in the record says it, and nothing ever did."""

    missing: tuple[str, ...]


Figure = ShareFigure | IntervalFigure | RateFigure | DistributionFigure | NoSuchEvent


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure worked out. units: everybody counted, None where it cannot be computed. against: what a rate
    is divided by. missing: kinds of event it needs and the record has none of."""

    measure: Measure
    units: Units | None
    against: Units | None = None
    missing: tuple[str, ...] = ()

    def figure(
        self,
        vocabulary: Mapping[int, str] | None = None,
        among: npt.NDArray[np.bool_] | None = None,
        against: npt.NDArray[np.bool_] | None = None,
    ) -> Figure:
        """The figure of everybody, or of some. vocabulary: the words of the values of a distribution."""
        if self.units is None:
            return NoSuchEvent(self.missing)
        units = self.units if among is None else self.units.only(among)
        if self.measure.shape is Shape.RATE:
            divided = self.against if self.against is not None else units
            return _rate(self.measure, units, len(divided) if against is None else int(against.sum()))
        return _figure(self.measure, units, {} if vocabulary is None else vocabulary)


def measured(measure: Measure, events: EventColumns, now: int) -> Measured:
    """A measure worked out on the events that stand at a moment."""
    missing = _missing(measure, events)
    if missing:
        return Measured(measure, None, missing=missing)
    against = None
    if measure.shape is Shape.RATE:
        against = units_of(_divisor(measure), events, now)
    return Measured(measure, units_of(measure, events, now), against)


def _divisor(measure: Measure) -> Measure:
    return replace(measure, counted=measure.against, known=(), value="", latest=False)


def _missing(measure: Measure, events: EventColumns) -> tuple[str, ...]:
    """Kinds of event without which it cannot be computed. Of several that say the same, one is enough."""
    if measure.shape is Shape.NO_EVENT:
        return (measure.missing,)
    groups = (measure.counted, (*measure.met, *measure.failed), measure.against)
    return tuple(
        " or ".join(dict.fromkeys(one.name for one in group))
        for group in groups
        if group and not any(_ever(one, events) for one in group)
    )


def _ever(pattern: Pattern, events: EventColumns) -> bool:
    """Whether the record ever holds an event of this kind, of a signal: of this name."""
    rows = events.rows(pattern.table)
    if not len(rows):
        return False
    signals = pattern.where.get("signal")
    if not signals:
        return True
    codes = events.vocabulary.find(signals)
    return bool(np.isin(rows.codes("signal"), codes[codes != ABSENT]).any())


def counts_of(units: Units) -> Counts:
    """What became of everybody."""
    held = np.bincount(units.state, minlength=len(State))
    return Counts(*(int(held[one.value]) for one in State))


def _figure(measure: Measure, units: Units, vocabulary: Mapping[int, str]) -> Figure:
    counts = counts_of(units)
    if measure.shape is Shape.SHARE:
        return ShareFigure(counts, Share(counts.met, counts.settled))
    if measure.shape is Shape.INTERVAL:
        known = units.state != State.UNKNOWN.value
        causes = np.select(
            [units.state[known] == State.MET.value, units.state[known] == State.FAILED.value], [1, 2], 0
        )
        times = np.maximum(units.hours[known], 0.0) / HOURS_IN.get(measure.unit, 1.0)
        return IntervalFigure(counts, percentiles(times, causes, PERCENTS))
    said = units.value[units.state == State.MET.value]
    codes, number = np.unique(said, return_counts=True)
    order = np.argsort(-number, kind="stable")
    shares = {
        vocabulary.get(int(codes[i]), str(int(codes[i]))): Share(int(number[i]), len(said)) for i in order
    }
    return DistributionFigure(counts, shares)


def _rate(measure: Measure, units: Units, against: int) -> RateFigure:
    number = units.count(State.MET)
    if not against:
        return RateFigure(counts_of(units), number, against, measure.per, None, None)
    low, high = _mean_interval(number)
    scale = measure.per / against
    return RateFigure(
        counts_of(units), number, against, measure.per, number * scale, (low * scale, high * scale)
    )


def _mean_interval(count: int) -> tuple[float, float]:
    """The 95 % interval of a Poisson mean: exact, and by Byar's formula where that differs by nothing that
    is shown."""
    if count < MANY:
        return poisson_interval(count)
    low = count * (1 - 1 / (9 * count) - Z / (3 * count**0.5)) ** 3
    more = count + 1
    return (low, more * (1 - 1 / (9 * more) + Z / (3 * more**0.5)) ** 3)
