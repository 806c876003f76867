"""A rule's change as an interrupted time series: what interrupted, and how often orders changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from bedside.knowledge.study_policy import SeriesLimits
from bedside.knowledge.tiers import Urgency
from bedside.learn.alert_log import AlertLog, Firing, QuietOne
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.follow_through import Followed, followed
from bedside.learn.interrupted_series import Series, SeriesEffect, interrupted_series
from bedside.learn.shares import Share


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """What a change of a rule came to. interruptions: of all rules, per order; follow_through: changed orders
    per occasion of the rule, shown or kept back, of those of which it is known. days: of a period."""

    days: int
    change: datetime
    interruptions: Told
    follow_through: Told


@dataclass(frozen=True, slots=True)
class Told:
    """One series. before and after: events of occasions in the whole periods on either side."""

    effect: SeriesEffect | Refusal
    before: Share
    after: Share


def before_after(
    log: AlertLog,
    rule: str,
    change: datetime,
    now: datetime,
    *,
    days: int,
    hours: int,
    limits: SeriesLimits,
) -> BeforeAfter:
    """The two series around a change. Only whole periods count; a period whose orders may still change does
    not."""
    until = now - timedelta(hours=hours)
    occasions: list[Firing | QuietOne] = [one for one in log.firings if one.rule == rule]
    occasions += [one for one in log.quiet if one.rule == rule and one.before is not Urgency.INFO]
    became = [(one.at, followed(one, log.drafted, hours, now)) for one in occasions]
    known = [at for at, one in became if one in (Followed.CHANGED, Followed.KEPT)]
    changed = [at for at, one in became if one is Followed.CHANGED]
    cards = [one.at for one in log.firings if one.interruptive]
    first = min(log.orders, default=change)
    span = (first, until)
    return BeforeAfter(
        days,
        change,
        _effect(cards, log.orders, change, days, span, limits),
        _effect(changed, known, change, days, span, limits),
    )


def _effect(
    counts: Sequence[datetime],
    exposure: Sequence[datetime],
    change: datetime,
    days: int,
    span: tuple[datetime, datetime],
    limits: SeriesLimits,
) -> Told:
    period = timedelta(days=days)
    before, after = int((change - span[0]) / period), int((span[1] - change) / period)
    if before < 1 or after < 1:
        short = (
            (Why.TOO_FEW_BEFORE, before, limits.least_before),
            (Why.TOO_FEW_AFTER, after, limits.least_after),
        )
        reasons = tuple(Reason(why, have, need) for why, have, need in short if have < need)
        return Told(Refusal(reasons), Share(len(counts), len(exposure)), Share(0, 0))
    start = change - before * period

    def binned(times: Sequence[datetime]) -> Any:
        places = [int((at - start) // period) for at in times if at >= start]
        return np.bincount([n for n in places if n < before + after], minlength=before + after).astype(float)

    events, occasions = binned(counts), binned(exposure)
    sides = [
        Share(int(events[part].sum()), int(occasions[part].sum()))
        for part in (slice(None, before), slice(before, None))
    ]
    if not all(one.count for one in sides):
        none = min(one.count for one in sides)
        return Told(Refusal((Reason(Why.NOT_ESTIMABLE, none, 1),)), *sides)
    return Told(interrupted_series(Series(events, occasions, before), limits), *sides)


def plain(told: Told) -> dict[str, Any]:
    """The answer as plain values: counts on either side; ratios with their 95 % intervals, or why none."""
    effect = told.effect
    sides = {
        "before": [told.before.count, told.before.of],
        "after": [told.after.count, told.after.of],
    }
    if isinstance(effect, Refusal):
        return {**sides, "refused": [str(one) for one in effect.reasons]}
    return {
        **sides,
        "average": _ratio(effect.average),
        "level": _ratio(effect.level),
        "slope_per_period": _ratio(effect.slope),
        "periods": len(effect.periods),
        "autocorrelation": round(effect.checks.autocorrelation, 3),
        "bend_before_p": round(effect.checks.bend_before, 3),
    }


def _ratio(one: Estimate) -> dict[str, float]:
    return {"ratio": round(one.value, 3), "low": round(one.low, 3), "high": round(one.high, 3)}
