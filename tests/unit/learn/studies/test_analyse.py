"""Each design from its table to its answer: the truth, what stands beside it, and what is said first."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest

from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.study_policy import load_study_policy
from bedside.knowledge.study_protocol import Protocol, read_protocol
from bedside.learn.estimate import Estimate, Refusal, Why
from bedside.learn.studies.analyse import analyse
from bedside.learn.studies.answer import StudyAnswer
from bedside.learn.studies.known_truth import GRACE, INTERVALS, followed, groups, late, true_emulation
from bedside.learn.studies.table import StudyTable, month_of

POLICY = load_study_policy()
HEADER = (DATA / "studies" / "clopidogrel-guided.toml").read_text().split("question =")[0]
TARGET = "[target]\n" + "\n".join(
    f'{part} = "x"'
    for part in ("eligibility", "strategies", "assignment", "follow_up", "outcome", "contrast", "analysis")
)
COMMON = 'question = "q"\npolicy = "study-policy"\ncohort = "new-clopidogrel"\nseed = 7\n'
WINDOW = 'any = ["drug:x:1"]\n'
GROUPS = (
    f'[exposure]\ntitle = "e"\n{WINDOW}from = 0\nto = 0\n'
    f'[[outcome]]\nname = "event"\ntitle = "event"\n{WINDOW}from = 1\nto = 365\n'
    + "".join(f'[[covariate]]\nname = "{name}"\n{WINDOW}from = -9\nto = 0\n' for name in ("site",))
)


def protocol(design: str, more: str) -> Protocol:
    text = f'{HEADER}design = "{design}"\n{COMMON}{more}\n{TARGET}\n'
    assert tomllib.loads(text)["design"] == design
    return read_protocol(parse_rule_file("made-up.toml", text.encode(), "studies"))


def answer(plan: Protocol, columns: dict[str, Any]) -> StudyAnswer:
    made = {name: np.asarray(values, np.float64) for name, values in columns.items()}
    return analyse(plan, StudyTable(made), POLICY)


def found_in(told: StudyAnswer) -> Estimate:
    assert isinstance(told.main.answer, Estimate), told.main.answer
    return told.main.answer


def compared(seed: int, *, effect_in_controls: bool) -> dict[str, Any]:
    """People of whom 40 % cannot be helped; they gain as much, or nothing."""
    treated, outcome, x = groups(seed, 0.0, 4000)
    random = np.random.default_rng(seed)
    control = random.random(4000) < 0.4
    if not effect_in_controls:
        outcome = np.where(control, random.random(4000) < 0.35, outcome).astype(float)
    return {"treated": treated, "event": outcome, "control_group": control, "site": x[:, 2]}


CONTROL = f'[control_group]\ntitle = "nothing to act on"\n{WINDOW}from = -9\nto = 0\n'


def test_a_control_group_with_the_same_effect_is_said_first() -> None:
    plan = protocol("comparison", GROUPS + CONTROL)
    told = answer(plan, compared(1, effect_in_controls=True))
    assert told.control is not None
    assert told.first[0].startswith("the control group shows the same effect")
    quiet = answer(plan, compared(1, effect_in_controls=False))
    assert quiet.first == ()
    assert found_in(quiet).high < 0


def test_an_exposure_that_is_known_only_later_is_immortal_time_and_said_first() -> None:
    later = GROUPS.replace("from = 0\nto = 0", "from = 0\nto = 30", 1)
    treated, outcome, x = groups(2)
    told = answer(protocol("comparison", later), {"treated": treated, "event": outcome, "site": x[:, 2]})
    assert "immortal time" in told.first[0]


def trial(seed: int) -> dict[str, Any]:
    made = followed(seed)
    start = np.where(made.start >= INTERVALS, np.nan, made.start)
    return {
        "start": start, "end": made.end, "outcome": made.outcome, "severity": made.covariates[:, 0],
        "site": made.covariates[:, 1],
    }  # fmt: skip


def test_a_target_trial_finds_the_truth_and_the_naive_figure_does_not() -> None:
    more = GROUPS.replace("from = 0\nto = 0", f"from = 0\nto = {7 * GRACE}", 1)
    more = more.replace("from = 1\nto = 365", f"from = 0\nto = {7 * INTERVALS - 1}")
    more += '[[covariate]]\nname = "severity"\npart = "age"\n'
    told = answer(protocol("target-trial", more), trial(3))
    assert found_in(told).holds(true_emulation())
    assert told.naive is not None
    assert isinstance(told.naive.answer, Estimate)
    assert told.naive.answer.high < true_emulation()
    assert [one.name for one in told.sensitivity] == [
        "grace period of 3 intervals",
        "grace period of 5 intervals",
    ]
    assert told.checks["risk with"] < told.checks["risk without"]


def test_late_entry_is_taken_into_account() -> None:
    entry, end, died, treated = late(5)
    columns = {
        "treated": treated, "entry": entry * 365, "time": end * 365, "event": died,
        "site": np.random.default_rng(0).random(len(end)) < 0.5,
    }  # fmt: skip
    told = answer(protocol("survival", GROUPS), columns)
    assert found_in(told).holds(0.6)
    assert told.naive is not None
    assert isinstance(told.naive.answer, Estimate)
    assert told.naive.answer.value < found_in(told).value - 0.08
    (mean,) = told.sensitivity
    assert isinstance(mean.answer, Estimate)
    assert mean.answer.value > 0
    assert told.checks["chance of proportional hazards"] > 0.05
    assert "incidence with, death competing" not in told.checks
    event = np.where(died, 1 + (np.arange(len(died)) % 2), 0)  # every other death is the competing one
    competing = answer(protocol("survival", GROUPS), columns | {"event": event})
    share = competing.checks["incidence with, death competing"]
    assert 0 < share < competing.checks["incidence without, death competing"] < 1


def test_a_month_series_is_read_from_its_change() -> None:
    more = '[series]\nevents = ["a:1"]\nexposure = ["a:*"]\nchange = 2025-01-01\n'
    first = month_of(date(2023, 1, 1))
    random = np.random.default_rng(2)
    after = np.arange(48) >= 24
    columns = {
        "period": first + np.arange(48),
        "events": random.poisson(np.where(after, 60, 100)),
        "exposure": np.full(48, 900),
    }
    told = answer(protocol("interrupted-series", more), columns)
    assert found_in(told).holds(0.6)
    assert told.first == ()
    assert [one.name for one in told.sensitivity] == [
        "level, at once",
        "slope, each month",
        "Newey and West's interval",
    ]
    early = answer(protocol("interrupted-series", more.replace("2025", "2023")), columns)
    assert isinstance(early.main.answer, Refusal)
    assert early.main.answer.reasons[0].why is Why.TOO_FEW_BEFORE


def wedge_cells(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    clinic, period = (one.ravel() for one in np.meshgrid(np.arange(12), np.arange(5), indexing="ij"))
    switched = (1 + random.permutation(12) % 4)[clinic]
    level = 0.4 + random.normal(0, 0.04, 12)[clinic] + 0.02 * period
    total = random.binomial(80, level - 0.1 * (period >= switched))
    cells = {"clinic": clinic, "period": 600 + period, "total": total, "people": np.full(60, 80)}
    return cells | {"switched": 600 + switched}


def test_a_stepped_wedge_is_read_from_its_cells() -> None:
    plan = protocol("stepped-wedge", GROUPS + "[switched]\nNorth = 2026-01-01\n")
    told = [answer(plan, wedge_cells(seed)) for seed in range(12)]
    assert np.mean([found_in(one).value for one in told]) == pytest.approx(-0.1, abs=0.025)
    assert sum(found_in(one).holds(-0.1) for one in told) >= 10
    assert {(one.checks["clinics"], one.used) for one in told} == {(12, 4800)}


def test_a_randomised_nudge_is_compared_as_drawn() -> None:
    units = "".join(f'{{ unit = "u{one}", stratum = "s" }}, ' for one in range(20))
    plan = protocol("randomised", GROUPS + f'[lot]\narms = ["short", "long"]\nunits = [{units}]\n')
    from bedside.learn.studies.assignment import draw

    assert plan.lot is not None
    arm_of = {one.unit: one.arm for one in draw(plan.lot.units, plan.lot.arms, plan.seed)}
    random, names = np.random.default_rng(6), sorted(arm_of)
    unit = np.repeat(np.arange(20), 60)
    drawn = np.array([arm_of[names[one]] == "short" for one in unit])
    did = np.where(random.random(1200) < 0.1, ~drawn, drawn)
    outcome = random.random(1200) < 0.4 + 0.2 * did
    told = answer(plan, {"unit": unit, "did": did, "event": outcome})
    assert found_in(told).holds(0.16)
    assert told.checks["share of people treated otherwise than drawn"] == pytest.approx(0.1, abs=0.03)
    assert told.naive is not None


def test_without_rows_nothing_is_said() -> None:
    told = analyse(protocol("comparison", GROUPS), StudyTable({}), POLICY)
    assert isinstance(told.main.answer, Refusal)
