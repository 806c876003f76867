"""One person's polygenic score: a number among people of the same ancestry, or a refusal that names none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from math import erf, sqrt

import numpy as np

from bedside.genome.person import Sex
from bedside.interpret.polygenic_ancestry import Adjustment, Floats
from bedside.interpret.polygenic_match import Matching, Outcome, sum_of
from bedside.knowledge.polygenic import PolygenicPolicy, ScoreRule
from bedside.knowledge.scoring_file import ScoringFile

NOT_A_GENE = "A polygenic score says nothing about changes in single genes, and they say nothing about it."


class Reason(Enum):
    """Why no score is told, in words that hold no number."""

    NOT_VALIDATED = "nobody has said for whom this score is valid and what follows from it"
    SEX = "this score is not valid for the person's sex"
    SEX_UNKNOWN = "this score is valid for one sex only, and the person's is not known"
    AGE = "this score is not valid at the person's age"
    AGE_UNKNOWN = "this score is valid at some ages only, and the person's is not known"
    LOW_MATCH = "too few of the score's variants have an answer in this person"
    NO_REFERENCE = "there is no reference panel to compare with"
    OTHER_SCORE = "the reference panel was scored with another score"
    OTHER_VARIANTS = "the reference panel was scored on other variants than the person"
    NO_COMPONENTS = "the person's place among the panel's ancestries is not known"
    OUTSIDE_REFERENCE = "the person's ancestry is outside the reference panel"


class Standing(Enum):
    """Where somebody stands, and nothing finer: only what the interval leaves no doubt of."""

    HIGH = "high"
    NOT_HIGH = "not high"
    UNDECIDED = "near the threshold"


@dataclass(frozen=True, slots=True)
class Refusal:
    """No score. It has no place for a number: the account of the match says how many variants had an answer,
    and stays empty when the person is outside the reference."""

    score: str
    reason: Reason
    remedy: str
    account: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class PolygenicResult:
    """A score among people of the same ancestry.

    z: standard deviations from what is expected of the ancestry; interval: what the fit leaves open.
    distance, limit: from the nearest group of the panel, and from where on somebody is outside it.
    """

    score: str
    trait: str
    z: float
    interval: tuple[float, float]
    percentile: float
    standing: Standing
    distance: float
    limit: float
    account: Mapping[Outcome, int]
    share: float
    validity: str
    action: str
    panel: str
    panel_people: int
    policy: str
    review_state: str
    caveat: str = NOT_A_GENE


PolygenicAnswer = PolygenicResult | Refusal


def assess(
    score: ScoringFile,
    matching: Matching,
    policy: PolygenicPolicy,
    *,
    sex: Sex = Sex.UNKNOWN,
    age: int | None = None,
    components: Floats | None = None,
    adjustment: Adjustment | None = None,
) -> PolygenicAnswer:
    """The score of one person, or why none may be told; the first reason that holds is given."""
    rule = policy.scores.get(score.score)
    refused = _not_valid(rule, sex, age)
    if refused is None and matching.share < policy.minimum_match:
        refused = Reason.LOW_MATCH
    if refused is None:
        refused = _not_comparable(score, matching, policy, components, adjustment)
    if refused is not None or rule is None or components is None or adjustment is None:
        reason = refused or Reason.NO_REFERENCE
        account = {} if reason is Reason.OUTSIDE_REFERENCE else matching.counts
        return Refusal(score.score, reason, _REMEDIES[reason], account)
    here = np.asarray(components, np.float64)[None, : policy.components]
    (z,), (error,) = adjustment.standardised(np.array([sum_of(score, matching)]), here)
    wide = policy.interval_z * float(error)
    interval = (float(z) - wide, float(z) + wide)
    return PolygenicResult(
        score=score.score,
        trait=rule.trait,
        z=float(z),
        interval=interval,
        percentile=50 * (1 + erf(float(z) / sqrt(2))),
        standing=_standing(interval, policy.high_z),
        distance=float(adjustment.distances(here)[0]),
        limit=adjustment.limit,
        account=matching.counts,
        share=matching.share,
        validity=f"{rule.validity} ({rule.source})",
        action=rule.action,
        panel=adjustment.release,
        panel_people=adjustment.people,
        policy=policy.release,
        review_state=policy.provenance.review_state,
    )


_REMEDIES: Mapping[Reason, str] = {
    Reason.NOT_VALIDATED: "add the score, its validity and its action to the site's policy",
    Reason.SEX: "use a score that was evaluated for it",
    Reason.SEX_UNKNOWN: "record the person's sex",
    Reason.AGE: "use a score that was evaluated at that age",
    Reason.AGE_UNKNOWN: "record the person's day of birth",
    Reason.LOW_MATCH: "use a genome or an imputed array that covers the score's variants",
    Reason.NO_REFERENCE: "give the panel's sums, components and groups",
    Reason.OTHER_SCORE: "score the panel with this score",
    Reason.OTHER_VARIANTS: "score the panel again on the variants that the person has answers for",
    Reason.NO_COMPONENTS: "project the person's genotypes onto the panel's components",
    Reason.OUTSIDE_REFERENCE: "use a panel that holds people of the person's ancestry",
}


def _not_valid(rule: ScoreRule | None, sex: Sex, age: int | None) -> Reason | None:
    """Whether the score may be told of somebody of this sex and age."""
    if rule is None:
        return Reason.NOT_VALIDATED
    if not rule.both_sexes and sex not in rule.sexes:
        return Reason.SEX if sex in (Sex.FEMALE, Sex.MALE) else Reason.SEX_UNKNOWN
    if age is None:
        return Reason.AGE_UNKNOWN
    return None if rule.age_from <= age <= rule.age_to else Reason.AGE


def _not_comparable(
    score: ScoringFile,
    matching: Matching,
    policy: PolygenicPolicy,
    components: Floats | None,
    adjustment: Adjustment | None,
) -> Reason | None:
    """Whether the panel can say anything about this person."""
    if adjustment is None:
        return Reason.NO_REFERENCE
    if adjustment.score.partition("_")[0] != score.score:
        return Reason.OTHER_SCORE
    if int(matching.counted.sum()) != adjustment.sites:
        return Reason.OTHER_VARIANTS
    if components is None or len(components) < policy.components or not np.isfinite(components).all():
        return Reason.NO_COMPONENTS
    here = np.asarray(components, np.float64)[None, : policy.components]
    return Reason.OUTSIDE_REFERENCE if adjustment.distances(here)[0] > adjustment.limit else None


def _standing(interval: tuple[float, float], high: float) -> Standing:
    low, top = interval
    if low >= high:
        return Standing.HIGH
    return Standing.NOT_HIGH if top < high else Standing.UNDECIDED
