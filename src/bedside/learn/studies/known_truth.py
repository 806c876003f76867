"""Made-up people of whom the truth is known, one design each: what every method here is held against.

`benchmarks/evidence.py` draws each a thousand times; the tests a few times. Nobody in it is like anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bedside.knowledge.study_policy import StudyPolicy
from bedside.learn.competing_risks import cumulative_incidence, kaplan_meier_complement
from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.interrupted_series import Series, interrupted_series
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.comparison import Compared, compare
from bedside.learn.studies.emulation import Followed, emulate
from bedside.learn.studies.external_control import external_control
from bedside.learn.studies.propensity import Whom
from bedside.learn.studies.stepped_wedge import Wedge, stepped_wedge
from bedside.learn.studies.survival import hazard_ratios, survival

Random = np.random.Generator
MANY = 400_000
"""People over whom a truth without closed form is averaged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one drawn study answered: its estimate, or a refusal; the naive one; the truth, all on the scale
    on which their errors are symmetrical."""

    estimate: Estimate | Refusal
    naive: Estimate | None
    truth: float


@dataclass(frozen=True, slots=True)
class Design:
    """A design with a known truth. naive: what the naive analysis does."""

    name: str
    quantity: str
    naive: str
    study: Callable[[int, StudyPolicy], Answer]


def expit(value: Real) -> Real:
    """The chance at a log odds."""
    return 1 / (1 + np.exp(-value))


def logged(ratio: Estimate) -> Estimate:
    """A ratio's logarithm."""
    value, low, high = (float(np.log(one)) for one in (ratio.value, ratio.low, ratio.high))
    return Estimate(value, low, high, ratio.error)


def _covariates(random: Random, people: int) -> Real:
    found = random.normal(size=(people, 3))
    found[:, 2] = found[:, 2] > 0
    return found


def _risk(x: Real, treated: float | Flags, effect: float = -0.5) -> Real:
    return expit(-1 + 0.8 * x[:, 0] - 0.5 * x[:, 1] + 0.4 * x[:, 2] + effect * treated)


def _chance(x: Real, strength: float) -> Real:
    return expit(strength * (0.6 * x[:, 0] - 0.35 * x[:, 1] + 0.3 * x[:, 2]) - 0.1)


@lru_cache(maxsize=8)
def true_difference(whom: Whom, strength: float) -> float:
    """The true risk difference for a population."""
    x = _covariates(np.random.default_rng(9), 4 * MANY)
    chance = _chance(x, strength)
    weights = {
        Whom.EVERYBODY: np.ones(len(x)), Whom.TREATED: chance, Whom.OVERLAP: chance * (1 - chance)
    }[whom]  # fmt: skip
    return float(np.average(_risk(x, 1.0) - _risk(x, 0.0), weights=weights))


def groups(seed: int, strength: float = 1.0, people: int = 1000) -> tuple[Flags, Real, Real]:
    """Treated, outcome, covariates: treated rather when ill. strength: how much rather."""
    random = np.random.default_rng(seed)
    x = _covariates(random, people)
    treated = random.random(people) < _chance(x, strength)
    return treated, (random.random(people) < _risk(x, treated)).astype(np.float64), x


def compared(
    seed: int, policy: StudyPolicy, whom: Whom = Whom.EVERYBODY, augmented: bool = True, strength: float = 1.0
) -> Answer:
    """Two groups by weighting."""
    treated, outcome, x = groups(seed, strength)
    found = compare(treated, outcome, x, ("severity", "age", "site"), policy.overlap, whom, augmented)
    truth = true_difference(whom, strength)
    if isinstance(found, Compared):
        return Answer(found.difference, found.naive, truth)
    return Answer(found, None, truth)


def external(seed: int, policy: StudyPolicy, strength: float = 1.0) -> Answer:
    """A single arm against people elsewhere. strength 6: hardly anybody alike."""
    treated, outcome, x = groups(seed, strength, 1200)
    found = external_control(treated, outcome, x, ("severity", "age", "site"), policy.overlap)
    truth = true_difference(Whom.TREATED, strength)
    if isinstance(found, Refusal):
        return Answer(found, None, truth)
    return Answer(found.compared.difference, found.compared.naive, truth)


def series(seed: int, policy: StudyPolicy, alike: float = 0.3) -> Answer:
    """48 months of orders, a rule changed in the 25th, neighbouring months alike."""
    random, months, change = np.random.default_rng(seed), 48, 24
    time = np.arange(months)
    error = np.zeros(months)
    error[0] = random.normal(0, 0.12)
    for month in range(1, months):
        error[month] = alike * error[month - 1] + random.normal(0, 0.12 * np.sqrt(1 - alike**2))
    gone = np.where(time >= change, np.log(0.7) + 0.01 * (time - change), 0.0)
    counts = random.poisson(1000 * np.exp(np.log(0.09) + 0.005 * (time - change) + gone + error))
    made = Series(counts.astype(np.float64), np.full(months, 1000.0), change)
    found = interrupted_series(made, policy.interrupted_series)
    truth = float(np.log(0.7) + 0.01 * (months - change - 1) / 2)
    if isinstance(found, Refusal):
        return Answer(found, None, truth)
    return Answer(logged(found.average), logged(found.newey_west), truth)


def wedge(seed: int, policy: StudyPolicy, clinics: int = 12) -> Answer:
    """Twelve clinics that differ, five periods that drift; the intervention takes off 10 points."""
    random, periods = np.random.default_rng(seed), 5
    switched = np.tile(np.arange(1, periods), clinics)[:clinics]
    random.shuffle(switched)
    level = 0.4 + random.normal(0, 0.05, clinics)[:, None] + 0.02 * np.arange(periods)[None, :]
    people = random.integers(25, 56, (clinics, periods)).astype(np.float64)
    on = np.arange(periods)[None, :] >= switched[:, None]
    total = random.binomial(people.astype(int), np.clip(level - 0.1 * on, 0.01, 0.99))
    found = stepped_wedge(
        Wedge(total.astype(np.float64), people, switched), policy.other.least_clusters, seed
    )
    if isinstance(found, Refusal):
        return Answer(found, None, -0.1)
    return Answer(found.difference, found.naive, -0.1)


INTERVALS, GRACE = 10, 3


def _hazard(x: Real, treated: float | Flags) -> Real:
    return expit(-3.0 + 0.6 * x[:, 0] + 0.4 * x[:, 1] - 0.6 * treated)


def _people(random: Random, number: int) -> Real:
    return np.column_stack([random.normal(size=number), random.random(number) < 0.4]).astype(np.float64)


@lru_cache(maxsize=1)
def true_emulation() -> float:
    """The true difference of starting evenly within the grace period and never starting."""
    x = _people(np.random.default_rng(5), MANY)
    off, on = 1 - _hazard(x, 0.0), 1 - _hazard(x, 1.0)
    started = np.mean([off**wait * on ** (INTERVALS - wait) for wait in range(GRACE + 1)], axis=0)
    return float((off**INTERVALS).mean() - started.mean())


def followed(seed: int, people: int = 2000) -> Followed:
    """Weeks after an eligible prescription; the guided choice may come at any time, rather to the ill."""
    random = np.random.default_rng(seed)
    x = _people(random, people)
    start = np.minimum(random.geometric(expit(-2.1 + 0.4 * x[:, 0] - 0.3 * x[:, 1])) - 1, INTERVALS)
    end, outcome, here = np.full(people, INTERVALS - 1), np.zeros(people, bool), np.ones(people, bool)
    for week in range(INTERVALS):
        ill = here & (random.random(people) < _hazard(x, start <= week))
        lost = here & ~ill & (random.random(people) < 0.01)
        end[ill | lost], outcome[ill] = week, True
        here &= ~(ill | lost)
    return Followed(np.where(start > end, INTERVALS, start), end, outcome, x, INTERVALS)


def emulated(seed: int, policy: StudyPolicy) -> Answer:
    """A target trial with a grace period."""
    found = emulate(followed(seed), GRACE, policy.overlap)
    if isinstance(found, Refusal):
        return Answer(found, None, true_emulation())
    return Answer(found.difference, found.immortal_time, true_emulation())


def late(seed: int, kept: int = 500) -> tuple[Real, Real, Flags, Real]:
    """Entry, exit, died, treated: from diagnosis, sequenced only if alive then, which takes up to two years,
    rather so in those treated. Hazards 0.5 a year, 0.3 when treated."""
    random = np.random.default_rng(seed)
    treated = random.random(kept * 6) < 0.5
    time = random.exponential(1 / np.where(treated, 0.3, 0.5))
    entry = random.uniform(0, 2, len(time)) * (random.random(len(time)) < np.where(treated, 0.95, 0.5))
    end = np.minimum(time, entry + random.uniform(1, 5, len(time)))
    alive = np.flatnonzero(entry < time)[:kept]
    return entry[alive], end[alive], (time <= end)[alive], treated[alive].astype(np.float64)


def late_hazard(seed: int, policy: StudyPolicy) -> Answer:
    """The hazard ratio when people came late."""
    entry, end, died, treated = late(seed)
    found = hazard_ratios(end, died, treated[:, None], ("treated",), entry)
    wrong = hazard_ratios(end, died, treated[:, None], ("treated",), None)
    truth = float(np.log(0.3 / 0.5))
    return Answer(logged(found.ratios["treated"]), logged(wrong.ratios["treated"]), truth)


def late_mean(seed: int, policy: StudyPolicy) -> Answer:
    """Years lived of the first three by the untreated, when people came late."""
    entry, end, died, treated = late(seed)
    some = treated == 0
    found = survival(end[some], died[some], entry[some], policy.other.least_at_risk)
    wrong = survival(end[some], died[some], None, policy.other.least_at_risk)
    truth = float((1 - np.exp(-1.5)) / 0.5)
    naive = None if isinstance(wrong, Refusal) else wrong.mean(3.0)
    return Answer(found if isinstance(found, Refusal) else found.mean(3.0), naive, truth)


def competing(seed: int, policy: StudyPolicy) -> Answer:
    """The first dose within a year when death competes and people came late: hazards 1.0 and 0.8 a year."""
    random = np.random.default_rng(seed)
    time, cause = random.exponential(1 / 1.8, 1500), np.where(random.random(1500) < 1 / 1.8, 1, 2)
    entry = random.uniform(0, 0.5, 1500) * (random.random(1500) < 0.7)
    end = np.minimum(time, entry + random.uniform(0.3, 2, 1500))
    cause = np.where(time <= end, cause, 0)
    here = entry < time
    end, cause, entry = end[here], cause[here].astype(np.int64), entry[here]
    truth = float((1 - np.exp(-1.8)) / 1.8)
    found = cumulative_incidence(end, cause, entry)[1]
    low, high = found.interval(1.0) or (0.0, 1.0)
    error = float(np.sqrt(found.variance[np.searchsorted(found.times, 1.0, side="right") - 1]))
    wrong = kaplan_meier_complement(end, cause, 1, 1.0)
    naive = Estimate(wrong, wrong - 1.96 * error, wrong + 1.96 * error, error)
    return Answer(Estimate(found.at(1.0), low, high, error), naive, truth)


DESIGNS = (
    Design("AIPW, everybody", "risk difference", "groups as they are", compared),
    Design("AIPW, those treated", "risk difference", "groups as they are",
           lambda seed, policy: compared(seed, policy, Whom.TREATED)),
    Design("inverse probability weights", "risk difference", "groups as they are",
           lambda seed, policy: compared(seed, policy, augmented=False)),
    Design("overlap weights", "risk difference", "groups as they are",
           lambda seed, policy: compared(seed, policy, Whom.OVERLAP)),
    Design("interrupted time series", "log rate ratio, average after", "Newey and West's interval", series),
    Design("stepped wedge, 12 clinics", "risk difference", "no clinics, no time", wedge),
    Design("target trial with grace period", "risk difference", "who ever started (immortal time)", emulated),
    Design("late entry: Cox", "log hazard ratio", "everybody from diagnosis", late_hazard),
    Design("late entry: years lived of three", "restricted mean", "everybody from diagnosis", late_mean),
    Design("competing risks, late entry", "incidence at one year", "one minus Kaplan and Meier", competing),
    Design("external control", "risk difference, single arm", "groups as they are", external),
    Design("AIPW without overlap", "risk difference", "groups as they are",
           lambda seed, policy: compared(seed, policy, strength=6.0)),
    Design("external control without overlap", "risk difference, single arm", "groups as they are",
           lambda seed, policy: external(seed, policy, 6.0)),
)  # fmt: skip
"""The last two must be refused."""
