"""One input at a time as bars, and acceptability as curves; tables beside them say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedside.learn.economics.analysis import Analysis
from bedside.learn.economics.tornado import Bar

MOST_BARS, ROW = 8, 44
LEFT, RIGHT, TOP, BOTTOM = 330, 900, 20, 300
_CURVE_LEFT, _CURVE_RIGHT = 60, 960
LOOKS = ("s0", "s1", "s2", "s3")
"""The looks of curves, told apart by their dashes and not by colour alone."""


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One bar: where it begins and how wide it is, and the cost difference at its ends in words."""

    y: int
    title: str
    x: float
    width: float
    at_low: str
    at_high: str


@dataclass(frozen=True, slots=True)
class Tornado:
    """The bars of one strategy. base: where the cost as written stands; zero: where nothing is lost or saved,
    None where that lies outside."""

    strategy: str
    bars: tuple[TornadoBar, ...]
    base: float
    zero: float | None
    height: int


def tornado_drawn(found: Analysis, strategy: str) -> Tornado | None:
    """The widest bars by what they do to the cost; None where nothing moves it or it is not known."""
    base = found.differences[strategy].cost
    held = [(bar, ends) for bar in found.tornado[strategy] if (ends := _ends(bar)) is not None]
    held = sorted(
        (one for one in held if one[1][0] != one[1][1]), key=lambda one: -abs(one[1][1] - one[1][0])
    )
    held = held[:MOST_BARS]
    if base is None or not held:
        return None
    every = [end for _, ends in held for end in ends] + [base]
    low, high = min(every), max(every)
    margin = (high - low) * 0.05
    low, high = low - margin, high + margin

    def x(cost: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (cost - low) / (high - low), 1)

    bars = tuple(
        TornadoBar(
            ROW * number,
            bar.title,
            x(min(ends)),
            round(x(max(ends)) - x(min(ends)), 1),
            _text(min(ends)),
            _text(max(ends)),
        )
        for number, (bar, ends) in enumerate(held)
    )
    zero = x(0.0) if low < 0 < high else None
    return Tornado(strategy, bars, x(base), zero, ROW * len(bars) + 30)


def _ends(bar: Bar) -> tuple[float, float] | None:
    if bar.cost_at_low is None or bar.cost_at_high is None:
        return None
    return bar.cost_at_low, bar.cost_at_high


def _text(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,.0f}"


@dataclass(frozen=True, slots=True)
class AcceptabilityCurve:
    """The share of draws in which a strategy is best, over thresholds, as SVG writes points."""

    title: str
    look: str
    points: str


@dataclass(frozen=True, slots=True)
class Acceptability:
    """All curves with the marks of both axes."""

    curves: tuple[AcceptabilityCurve, ...]
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, int], ...]


def acceptability_drawn(found: Analysis) -> Acceptability | None:
    """The curves; None where an effect is not known or there is but one threshold."""
    held = found.sure.thresholds
    if len(held) < 2:
        return None
    last = held[-1].threshold

    def x(threshold: float) -> float:
        return round(_CURVE_LEFT + (_CURVE_RIGHT - _CURVE_LEFT) * threshold / last, 1)

    def y(share: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * share, 1)

    curves = tuple(
        AcceptabilityCurve(
            strategy.title,
            LOOKS[number % len(LOOKS)],
            " ".join(f"{x(one.threshold)},{y(one.best[strategy.name])}" for one in held),
        )
        for number, strategy in enumerate(found.model.strategies)
    )
    marks = tuple((y(share / 4), round(25 * share)) for share in range(5))
    return Acceptability(curves, _ticks([one.threshold for one in held], x), marks)


def _ticks(thresholds: Sequence[float], place: Callable[[float], float]) -> tuple[tuple[float, str], ...]:
    """Labels no closer than a tenth of the axis."""
    kept: list[tuple[float, str]] = []
    for threshold in thresholds:
        at = place(threshold)
        if not kept or at - kept[-1][0] >= 90:
            kept.append((at, f"{threshold:,.0f}"))
    return tuple(kept)
