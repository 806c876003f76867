"""The funnel of the published cohort, of a cohort with losses put in, and of groups with small numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bedside.act.pathway_moves import moves
from bedside.act.pathway_state import states
from bedside.genome.signal import Signal
from bedside.knowledge.care_pathway import End
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.funnel import funnel, way
from bedside.learn.levers import levers
from bedside.learn.pathway_cohort import STATUSES, cohort_states, overdue
from bedside.learn.signal_columns import columns_of
from bedside.learn.time_to_goal import time_to_goal
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_funnel import funnel_report, lines

HELD = load_pathways()
NSCLC = HELD.by_name["nsclc"]
START = datetime(2026, 1, 5, 15, tzinfo=UTC)
NOW = START + timedelta(days=400)
DONE: dict[str, tuple[str, dict[str, str]]] = {
    "tissue": ("specimen-collected", {"kind": "tissue"}),
    "adequate": ("specimen-adequate", {}),
    "ordered-test": ("test-ordered", {}),
    "at-laboratory": ("specimen-received", {}),
    "result": ("result-reported", {"finding": "actionable"}),
    "opened": ("result-opened", {}),
    "decided": ("decision-made", {"treatment": "targeted"}),
    "ordered": ("therapy-ordered", {"class": "targeted", "route": "oral"}),
    "authorised": ("authorisation-approved", {}),
    "dispensed": ("dispensed", {"class": "targeted"}),
    "first-dose": ("first-dose-confirmed", {"class": "targeted"}),
}
# Sadik 2022: 497 of 1,000 lost before a usable result, 147 of the 503 after it (shares of nsclc_funnel.tsv).
LOST_BEFORE = {
    "tissue": [("no-biopsy", 66)],
    "adequate": [("insufficient-tissue", 131), ("low-tumour-content", 14)],
    "ordered-test": [("not-ordered", 138)],
    "result": [("inconclusive", 117), ("treated-before-result", 31)],
}
LOST_AFTER = {
    "opened": [("result-not-opened", 20)],
    "decided": [("other-therapy-chosen", 87)],
    "authorised": [("payment-refused", 15)],
    "dispensed": [("not-collected", 25)],
}


def person(stop: str = "", reason: str = "", number: int = 0) -> list[Signal]:
    """Somebody who gets past every step before `stop` and ends there; "" gets to the first dose."""
    found, day = [_signal("diagnosed", 0, number, disease="nsclc-advanced")], 1
    for step, (name, said) in DONE.items():
        if step == stop:
            return [*found, _signal("declined", day, number, reason=reason)] if reason else found
        found.append(_signal(name, day, number, **said))
        day += 2
    return found


def _signal(name: str, day: float, number: int, **said: str) -> Signal:
    at = START + timedelta(days=day, minutes=number % 600)
    return Signal(name, at, at, f"{number}-{name}-{day}", "test", "", said)


def published() -> list[list[Signal]]:
    people = [person(number=number) for number in range(356)]
    for step, several in {**LOST_BEFORE, **LOST_AFTER}.items():
        for reason, count in several:
            people += [person(step, reason, len(people) + number) for number in range(count)]
    return people


def test_a_thousand_become_503_and_356() -> None:
    found = funnel(cohort_states(NSCLC, columns_of(published()), NOW))
    reached = {stage.step: stage.reached for stage in found}
    assert (found[0].people, reached["result"], reached["first-dose"]) == (1000, 503, 356)
    assert {step: stage.lost for step, stage in zip(reached, found, strict=True) if stage.lost} == {
        step: dict(sorted(several, key=lambda one: -one[1]))
        for step, several in {**LOST_BEFORE, **LOST_AFTER}.items()
    }
    assert found[-1].cumulative.value == 0.356
    assert [stage.step for stage in found] == list(way(NSCLC))


def test_the_lever_that_keeps_half_of_the_largest_loss_gains_most() -> None:
    stages = funnel(cohort_states(NSCLC, columns_of(published()), NOW))
    best, *others = levers(stages, 0.5)
    assert best.gain >= max(one.gain for one in others)
    by_step = {one.step: one for one in (best, *others)}
    kept = 356 * (1 - 0.5 * 66 / 1000) / (1 - 66 / 1000) - 356
    assert by_step["tissue"].gain == pytest.approx(kept, rel=1e-9)
    assert all(one.low <= one.gain <= one.high for one in by_step.values())
    assert "at-laboratory" not in by_step


def test_losses_put_in_at_every_step_come_out_exactly() -> None:
    random = np.random.default_rng(7)
    steps, reasons = list(DONE), ["patient-refusal", "transport", "cost-to-patient", "other"]
    put: dict[str, dict[str, int]] = {}
    people = []
    for number in range(3000):
        step, reason = steps[random.integers(len(steps))], reasons[random.integers(len(reasons))]
        put.setdefault(step, {}).setdefault(reason, 0)
        put[step][reason] += 1
        people.append(person(step, reason, number))
    found = cohort_states(NSCLC, columns_of(people), NOW)
    assert {one.step: dict(one.lost) for one in funnel(found)} == {step: put[step] for step in steps}


def test_everybody_not_at_an_end_has_a_move_that_somebody_owns() -> None:
    people = [person(step, number=number) for number, step in enumerate([*DONE] * 20)]
    for number, signals in enumerate(people):
        (case,) = states(NSCLC, str(number), signals, NOW)
        assert all(one.owner for one in moves(NSCLC, case, HELD.calendar(NSCLC), NOW))
        assert case.open


def test_many_people_stand_where_each_alone_stands() -> None:
    random = np.random.default_rng(3)
    pool = [
        ("diagnosed", {"disease": "nsclc-advanced"}), ("specimen-insufficient", {}), ("result-amended", {}),
        ("died", {}), ("returned", {}), ("lost-to-follow-up", {}), ("progression", {}),
        ("authorisation-denied", {}), ("therapy-cancelled", {"class": "targeted"}), *DONE.values(),
    ]  # fmt: skip
    people = []
    for number in range(400):
        days = np.sort(random.choice(300, random.integers(0, 16), replace=False))
        told = [(float(day), *pool[random.integers(len(pool))]) for day in days]
        people.append([_signal(name, day, number, **said) for day, name, said in told])
    found = cohort_states(NSCLC, columns_of(people), NOW)
    late = overdue(found, HELD.calendar(NSCLC))
    for number, signals in enumerate(people):
        alone = states(NSCLC, "", signals, NOW)
        assert bool(found.on_it[number]) == bool(alone)
        if not alone:
            continue
        (case,) = alone
        assert [one.status.value for one in case.steps.values()] == [
            _status(found, number, place) for place in range(len(found.steps))
        ]
        reason = "" if case.ended is None else case.ended.reason
        assert (found.reasons[found.end[number]] if found.end[number] >= 0 else "") == reason
        owed = {one.step for one in moves(NSCLC, case, HELD.calendar(NSCLC), NOW) if one.overdue}
        assert {found.steps[place] for place in np.flatnonzero(late[number])} == owed


def _status(found, number, place) -> str:
    return STATUSES[found.status[number, place]].value


def test_small_numbers_of_a_group_are_hidden_and_differences_do_not_give_them_away() -> None:
    people = [person(number=n) for n in range(40)] + [
        person("decided", "transport", 40 + n) for n in range(3)
    ]
    groups = np.array(["north"] * 43, dtype=object)
    report = funnel_report(NSCLC, columns_of(people), NOW, groups, load_small_numbers())
    rows = [line for line in lines(report) if line[0] == "north"]
    decided = next(line for line in rows if line[1] == "decided")
    assert decided[3:8] == ("45", "45", "40", "0", "<5")
    assert decided[-1] == "transport=<5"
    assert "3" not in decided[3:8]


def test_death_before_the_first_dose_competes_and_a_move_elsewhere_does_not() -> None:
    people = [person(number=n) for n in range(10)]
    people += [[*person("decided", number=n), _signal("died", 30, n)] for n in range(5)]
    people += [[*person("decided", number=n), _signal("transferred", 30, n)] for n in range(5)]
    found = time_to_goal(cohort_states(NSCLC, columns_of(people), NOW))
    assert set(found.by_end) == {End.REACHED, End.DIED}
    assert found.by_end[End.REACHED].at(100) == pytest.approx(0.5)
    assert found.by_end[End.DIED].at(100) == pytest.approx(0.25)
