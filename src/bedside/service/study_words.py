"""A study's answer as plain data: numbers rounded alike, small groups hidden, refusals with their figures."""

from __future__ import annotations

from typing import Any

from bedside.knowledge.small_numbers import SmallNumbers
from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.studies.answer import Named, StudyAnswer
from bedside.learn.studies.balance import Overlap
from bedside.learn.studies.cohort import PersonTime
from bedside.learn.studies.negative_controls import Calibration, ControlGroupCheck, Placebo

DIGITS = 8
"""Significant digits: as many as agree on every machine."""


def rounded(value: float) -> float:
    """A number as it is written in a bundle."""
    return float(f"{value:.{DIGITS}g}")


def answer_words(found: Estimate | Refusal) -> dict[str, Any]:
    """An estimate with its interval, or the reasons of a refusal."""
    if isinstance(found, Refusal):
        return {
            "refused": [
                {"why": one.why.value, "found": rounded(one.found), "limit": rounded(one.limit)}
                for one in found.reasons
            ]
        }
    numbers = {"value": found.value, "low": found.low, "high": found.high, "error": found.error}
    return {name: rounded(value) for name, value in numbers.items()}


def named_words(one: Named) -> dict[str, Any]:
    """A figure by its name."""
    return {"name": one.name, "quantity": one.quantity, **answer_words(one.answer)}


def count_words(count: int, small: SmallNumbers) -> int | str:
    """A number of people, or that it is too small to be shown."""
    return f"fewer than {small.least}" if small.hides(count) else count


def study_words(found: StudyAnswer, small: SmallNumbers) -> dict[str, Any]:
    """The whole answer."""
    made: dict[str, Any] = {
        "read_first": list(found.first),
        "main": named_words(found.main),
        "naive": None if found.naive is None else named_words(found.naive),
        "sensitivity": [named_words(one) for one in found.sensitivity],
        "other_outcomes": [named_words(one) for one in found.outcomes],
        "negative_controls": [named_words(one) for one in found.negative],
        "calibration": _calibration(found.calibration),
        "calibrated": None if found.calibrated is None else named_words(found.calibrated),
        "control_group": _control(found.control),
        "placebo": _placebo(found.placebo),
        "e_value": None if found.e_values is None else rounded(found.e_values[0]),
        "e_value_of_interval": None if found.e_values is None else rounded(found.e_values[1]),
        "tipping_point": None if found.tipping is None else rounded(found.tipping),
        "checks": {name: rounded(value) for name, value in found.checks.items()},
        "people_used": count_words(found.used, small),
        "rows_not_known": count_words(found.not_known, small),
        "quality": [
            {
                "kind": one.kind.value,
                "column": one.column,
                "asks": one.asks,
                "failing": count_words(one.failing, small),
                "of": one.of,
                "most_share": one.most,
                "passes": one.passes,
            }
            for one in found.quality
        ],
    }
    made |= _overlap(found.overlap, small)
    return made


def years_words(years: tuple[PersonTime, ...], small: SmallNumbers) -> list[dict[str, Any]]:
    """A person-time table; a rate only where neither number is hidden."""
    made = []
    for one in years:
        hidden = small.hides(one.events) or small.hides(one.people)
        rate = None if hidden or not one.years else rounded(100 * one.events / one.years)
        made.append(
            {
                "group": one.group,
                "people": count_words(one.people, small),
                "events": count_words(one.events, small),
                "years": None if hidden else rounded(one.years),
                "events_per_100_years": rate,
                "ended": {why: count_words(count, small) for why, count in one.ended.items()},
            }
        )
    return made


def _overlap(found: Overlap | None, small: SmallNumbers) -> dict[str, Any]:
    if found is None:
        return {"overlap": None, "table_one": []}
    return {
        "overlap": {
            "with": count_words(found.treated, small),
            "without": count_words(found.untreated, small),
            "share_without_counterpart": rounded(found.outside),
            "least_effective_share": rounded(found.effective),
            "largest_weight": rounded(found.largest),
            "largest_difference_after": rounded(found.worst),
        },
        "table_one": [
            {
                "covariate": one.name,
                "with": rounded(one.treated),
                "without": rounded(one.untreated),
                "difference_before": rounded(one.before),
                "difference_after": rounded(one.after),
            }
            for one in found.differences
        ],
    }


def _calibration(found: Calibration | Refusal | None) -> dict[str, Any] | None:
    if found is None:
        return None
    if isinstance(found, Refusal):
        return answer_words(found)
    return {"mean": rounded(found.mean), "spread": rounded(found.spread), "controls": found.controls}


def _control(found: ControlGroupCheck | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "says": found.verdict.value,
        "actionable": answer_words(found.actionable),
        "control": answer_words(found.control),
        "difference": answer_words(found.difference),
    }


def _placebo(found: Placebo | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "mean": rounded(found.mean),
        "spread": rounded(found.spread),
        "chance": rounded(found.chance),
        "draws": found.draws,
        "seed": found.seed,
    }
