"""Interrupted time series: did a count per period change when something was changed, in level or in slope.

Segmented regression of counts on a log scale (Wagner 2002, Bernal 2017): what would have been expected had
the time before gone on, against what came. A control series, of something the change could not touch, takes
away what happened to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.knowledge.study_policy import SeriesLimits
from bedside.learn.autocorrelated import LineFit, Real, fit_line
from bedside.learn.estimate import Estimate, Reason, Refusal, Why


class Family(Enum):
    """How counts scatter: like chance times a factor, or (negative binomial) the more the larger they are."""

    POISSON = "Poisson"
    NEGATIVE_BINOMIAL = "negative binomial"


@dataclass(frozen=True, slots=True)
class Series:
    """Counts per period, evenly spaced, oldest first. exposure: of how many (orders, people, days), all above
    0. change: index of the first period with the change. phase_in: so many periods from there are left out.
    season: periods a year where the year is to be taken into account, else None."""

    counts: Real
    exposure: Real
    change: int
    phase_in: int = 0
    season: int | None = None

    @property
    def kept(self) -> Real:
        """The indices of the periods that count."""
        every = np.arange(len(self.counts), dtype=np.float64)
        return every[(every < self.change) | (every >= self.change + self.phase_in)]


@dataclass(frozen=True, slots=True)
class SeriesChecks:
    """What has to be looked at before an estimate is believed.

    autocorrelation: of neighbouring periods, after the model. ljung_box: chance of such autocorrelation over
    several periods if there were none. dispersion: scatter over that of chance (1). slope_before: the trend
    per period as a ratio. bend_before: p-value of a curve in the time before; small means that a straight
    line does not describe it. false_change: the level change found by the same model at the middle of the
    time before, where nothing happened; None where that time is too short."""

    autocorrelation: float
    ljung_box: float
    dispersion: float
    slope_before: Estimate
    bend_before: float
    false_change: Estimate | None


LEAST_BUSY = 4
"""Periods with events on each side, below which a level and a slope run away."""


@dataclass(frozen=True, slots=True)
class SeriesEffect:
    """All effects are ratios of rates, with change over without.

    level: at once; slope: per period, on top of the trend before; average: over the whole time after.
    newey_west: the average with the interval of that name, to be shown beside it. expected: counts per kept
    period had nothing changed; periods: their indices."""

    level: Estimate
    slope: Estimate
    average: Estimate
    newey_west: Estimate
    checks: SeriesChecks
    periods: Real
    expected: Real
    fitted: Real
    controlled: bool


def interrupted_series(
    series: Series, limits: SeriesLimits, family: Family = Family.POISSON, control: Series | None = None
) -> SeriesEffect | Refusal:
    """The effect of the change, or why it cannot be told. control: a series of the same periods that the
    change could not touch; the answer is then the ratio of the two changes. Raises ValueError when the two
    do not fit together."""
    reasons = _too_few(series, limits)
    if control is not None:
        same = (len(control.counts), control.change, control.phase_in, control.season)
        if same != (len(series.counts), series.change, series.phase_in, series.season):
            raise ValueError("the control series must have the same periods, change, phase-in and season")
        reasons += tuple(one for one in _too_few(control, limits) if one not in reasons)
    if reasons:
        return Refusal(reasons)
    kept = series.kept
    design = _design(kept, series)
    if len(kept) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return Refusal((Reason(Why.NOT_ESTIMABLE, len(kept), design.shape[1] + 1),))
    own = _working(series, kept, design, family)
    response, weights = own.response, own.weights
    if control is not None:
        other = _working(control, kept, design, family)
        response, weights = response - other.response, 1 / (1 / weights + 1 / other.weights)
    line = fit_line(kept, design, response, weights)
    level, slope = np.eye(design.shape[1])[2], np.eye(design.shape[1])[3]
    gone = np.where(kept >= series.change, design @ (_mean(line) * (level + slope)), 0.0)
    return SeriesEffect(
        level=line.estimate(level).exponential(),
        slope=line.estimate(slope).exponential(),
        average=line.estimate(_average(design, kept, series)).exponential(),
        newey_west=_newey_west(design, response, weights, kept, series),
        checks=_checks(series, kept, design, own),
        periods=kept,
        expected=own.fitted / np.exp(gone),
        fitted=own.fitted,
        controlled=control is not None,
    )


@dataclass(frozen=True, slots=True)
class _Working:
    """A count model near its solution, as a straight line."""

    response: Real
    weights: Real
    fitted: Real
    dispersion: float


def _too_few(series: Series, limits: SeriesLimits) -> tuple[Reason, ...]:
    kept = series.kept
    before, after = int((kept < series.change).sum()), int((kept >= series.change).sum())
    events = float(series.counts[kept.astype(int)].sum())
    least = float(series.exposure[kept.astype(int)].min()) if len(kept) else 0.0
    asked = (
        (Why.TOO_FEW_BEFORE, before, limits.least_before),
        (Why.TOO_FEW_AFTER, after, limits.least_after),
        (Why.TOO_FEW_EVENTS, events, limits.least_events),
    )
    found = [Reason(why, have, need) for why, have, need in asked if have < need]
    busy = kept[series.counts[kept.astype(int)] > 0]
    sides = int((busy < series.change).sum()), int((busy >= series.change).sum())
    if min(sides) < LEAST_BUSY:
        found.append(Reason(Why.TOO_FEW_BUSY, min(sides), LEAST_BUSY))
    if least <= 0:
        found.append(Reason(Why.NO_DENOMINATOR, least, 0.0))
    return tuple(found)


def _design(kept: Real, series: Series) -> Real:
    """Columns: 1, time from the change, after, time from the change where after, then the year's waves."""
    since, after = kept - series.change, (kept >= series.change).astype(np.float64)
    columns = [np.ones(len(kept)), since, after, since * after]
    if series.season is not None:
        turn = 2 * np.pi * kept / series.season
        waves = (1, 2) if series.season >= 6 else (1,)
        columns += [wave(times * turn) for times in waves for wave in (np.sin, np.cos)]
    return np.column_stack(columns)


def _working(series: Series, kept: Real, design: Real, family: Family) -> _Working:
    import statsmodels.api as sm

    counts, offset = series.counts[kept.astype(int)], np.log(series.exposure[kept.astype(int)])
    fit = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit()
    mean = fit.fittedvalues
    degrees = len(counts) - design.shape[1]
    dispersion = float((np.square(counts - mean) / mean).sum() / degrees)
    weights = mean
    if family is Family.NEGATIVE_BINOMIAL:
        alpha = max(float(((np.square(counts - mean) - mean) / mean**2).sum() / degrees), 0.0)
        if alpha > 0:
            kind = sm.families.NegativeBinomial(alpha=alpha)
            mean = sm.GLM(counts, design, family=kind, offset=offset).fit().fittedvalues
        weights = mean / (1 + alpha * mean)
    return _Working(np.log(mean) - offset + (counts - mean) / mean, weights, mean, dispersion)


def _newey_west(design: Real, response: Real, weights: Real, kept: Real, series: Series) -> Estimate:
    import statsmodels.api as sm

    lags = int(4 * (len(kept) / 100) ** (2 / 9))
    fit = sm.WLS(response, design, weights).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    test = fit.t_test(_average(design, kept, series))
    low, high = test.conf_int()[0]
    return Estimate(float(test.effect[0]), float(low), float(high), float(test.sd[0, 0])).exponential()


def _average(design: Real, kept: Real, series: Series) -> Real:
    contrast = np.zeros(design.shape[1])
    contrast[2] = 1
    contrast[3] = (kept[kept >= series.change] - series.change).mean()
    return contrast


def _mean(line: LineFit) -> Real:
    found: Real = line.likelihood @ line.coefficients
    return found


def _checks(series: Series, kept: Real, design: Real, own: _Working) -> SeriesChecks:
    from scipy.stats import t
    from statsmodels.stats.diagnostic import acorr_ljungbox

    line = fit_line(kept, design, own.response, own.weights)
    left = (own.response - design @ _mean(line)) * np.sqrt(own.weights)
    before = kept < series.change
    lags = max(1, min(10, len(kept) // 5))
    curve = np.where(before, np.square(kept - kept[before].mean()), 0.0)
    bend = 1.0
    wider = np.column_stack([design, curve])
    if len(kept) > wider.shape[1] and np.linalg.matrix_rank(wider) == wider.shape[1]:
        fit = fit_line(kept, wider, own.response, own.weights)
        found = fit.estimate(np.eye(wider.shape[1])[-1])
        bend = float(2 * t.sf(abs(found.value / found.error), fit.degrees))
    return SeriesChecks(
        autocorrelation=line.autocorrelation,
        ljung_box=float(acorr_ljungbox(left, lags=[lags])["lb_pvalue"].iloc[0]),
        dispersion=own.dispersion,
        slope_before=line.estimate(np.eye(design.shape[1])[1]).exponential(),
        bend_before=bend,
        false_change=_false_change(kept[before], own.response[before], own.weights[before]),
    )


def _false_change(kept: Real, response: Real, weights: Real) -> Estimate | None:
    """The same model in the time before alone, without the year's waves: it is too short for them."""
    middle = kept[len(kept) // 2]
    design = _design(kept, Series(response, weights, int(middle)))
    if len(kept) < design.shape[1] + 4:
        return None
    return fit_line(kept, design, response, weights).estimate(np.eye(4)[2]).exponential()
