"""A single arm against people treated elsewhere or earlier: aligned, dated by one rule, and compared only
where the two overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.knowledge.study_policy import OverlapLimits
from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.comparison import Compared, compare
from bedside.learn.studies.propensity import Whom, propensity, within
from bedside.learn.studies.unmeasured import e_values, tipping_point


class IndexRule(Enum):
    """From which of several eligible moments a comparator is counted. The latest makes survival look short,
    the first long; one drawn by lot favours neither."""

    FIRST = "first eligible"
    LAST = "last eligible"
    BY_LOT = "one of the eligible, by lot"


@dataclass(frozen=True, slots=True)
class Criterion:
    """An eligibility rule of the single arm, and who fulfils it: 1 yes, 0 no, NaN not known. Not known is not
    eligible, and is counted by itself."""

    name: str
    fulfilled: Real


@dataclass(frozen=True, slots=True)
class Aligned:
    """Who of the comparators is eligible. left: after each rule, how many were left; not_known: how many left
    at that rule because nobody knows."""

    eligible: Flags
    rules: tuple[str, ...]
    left: tuple[int, ...]
    not_known: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExternalEffect:
    """The effect among those of the single arm. trimmed: the same without those whose chance of being in it
    is extreme; a refusal where too few are left. tipping: by how much the comparators' mean would have to be
    wrong; e_values: of the ratio and of its interval; None where there is no ratio."""

    compared: Compared
    trimmed: Estimate | Refusal
    tipping: float
    e_values: tuple[float, float] | None


def align(people: int, criteria: Sequence[Criterion]) -> Aligned:
    """Applies the rules of the single arm to the comparators, in order."""
    eligible = np.ones(people, bool)
    left, unknown = [], []
    for one in criteria:
        unknown.append(int((eligible & np.isnan(one.fulfilled)).sum()))
        eligible = eligible & (one.fulfilled == 1)
        left.append(int(eligible.sum()))
    return Aligned(eligible, tuple(one.name for one in criteria), tuple(left), tuple(unknown))


def index_dates(person: Real, moment: Real, rule: IndexRule, seed: int) -> Flags:
    """Which of the rows (a person, an eligible moment) is each person's time zero."""
    random = np.random.default_rng(seed)
    key = {
        IndexRule.FIRST: moment,
        IndexRule.LAST: -moment,
        IndexRule.BY_LOT: random.random(len(moment)),
    }[rule]
    order = np.lexsort((key, person))
    first = np.concatenate(([True], person[order][1:] != person[order][:-1])) if len(person) else order > 0
    chosen = np.zeros(len(person), bool)
    chosen[order[first]] = True
    return chosen


def external_control(
    single_arm: Flags,
    outcome: Real,
    covariates: Real,
    names: Sequence[str],
    limits: OverlapLimits,
    cut: float = 0.1,
) -> ExternalEffect | Refusal:
    """The effect among the single arm, doubly robust; refused where the comparators are not alike."""
    found = compare(single_arm, outcome, covariates, names, limits, Whom.TREATED)
    if isinstance(found, Refusal):
        return found
    kept = within(propensity(single_arm, covariates).chance, cut)
    again = compare(single_arm[kept], outcome[kept], covariates[kept], names, limits, Whom.TREATED)
    return ExternalEffect(
        compared=found,
        trimmed=again if isinstance(again, Refusal) else again.difference,
        tipping=tipping_point(found.difference),
        e_values=None if found.ratio is None else e_values(found.ratio),
    )
