"""What holds for everybody on every shipped care pathway, whatever is told and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.act.pathway_guards import fired
from bedside.act.pathway_moves import moves
from bedside.act.pathway_state import Status, states
from bedside.genome.signal import RETRACTED, Signal
from bedside.knowledge.care_pathway import CarePathway, Condition, End
from bedside.knowledge.check_care_pathway import signals_of
from bedside.service.pathway_check import load_pathways
from tests.examples import examples

HELD = load_pathways()
START = datetime(2026, 1, 5, 15, tzinfo=UTC)
LATER = START + timedelta(days=400)
NAMES = sorted(HELD.by_name)


def signal(condition: Condition, hours: int, number: int, late: int = 0) -> Signal:
    at = START + timedelta(hours=hours)
    said = {key: min(values) for key, values in condition.where}
    return Signal(condition.signal, at, at + timedelta(hours=late), str(number), "test", "", said)


@st.composite
def told(draw: st.DrawFn, pathway: CarePathway) -> list[Signal]:
    """A start, and then whatever the pathway can hear, known at once or late."""
    heard = st.sampled_from(signals_of(pathway))
    rest = draw(st.lists(st.tuples(heard, st.integers(0, 2000), st.integers(0, 500)), max_size=14))
    return [
        signal(pathway.starts[0], 0, 0),
        *(signal(one, hours, number + 1, late) for number, (one, hours, late) in enumerate(rest)),
    ]


names = st.sampled_from(NAMES)


@given(st.data())
@settings(max_examples=examples(300), deadline=None)
def test_who_has_not_reached_an_end_has_a_move_that_somebody_owns(data: st.DataObject) -> None:
    pathway = HELD.by_name[data.draw(names)]
    signals = data.draw(told(pathway))
    for now in sorted({one.at for one in signals}):
        for case in states(pathway, "p", signals, now):
            found = moves(pathway, case, HELD.calendar(pathway), now)
            assert bool(found) == (case.ended is None)
            assert all(move.owner and move.action and move.since <= now for move in found)
            if case.ended is not None:
                assert case.ended.reason in pathway.reasons


@given(st.data())
@settings(max_examples=examples(120), deadline=None)
def test_the_order_of_arrival_and_repetition_change_nothing(data: st.DataObject) -> None:
    pathway = HELD.by_name[data.draw(names)]
    signals = data.draw(told(pathway))
    shuffled = data.draw(st.permutations([*signals, *signals]))
    assert states(pathway, "p", signals, LATER) == states(pathway, "p", shuffled, LATER)
    calendar = HELD.calendar(pathway)
    first = fired(pathway, "p", "", signals, calendar, LATER)
    assert first == fired(pathway, "p", "", shuffled, calendar, LATER)
    assert len({one.firing for one in first}) == len(first)


@given(st.data())
@settings(max_examples=examples(120), deadline=None)
def test_what_is_taken_back_never_was(data: st.DataObject) -> None:
    pathway = HELD.by_name[data.draw(names)]
    signals = data.draw(told(pathway))
    gone = data.draw(st.sampled_from(signals))
    back = Signal(RETRACTED, LATER, LATER, "back", retracts=gone.signal_id)
    without = [one for one in signals if one.signal_id != gone.signal_id]
    assert states(pathway, "p", [*signals, back], LATER) == states(pathway, "p", without, LATER)


@given(st.data())
@settings(max_examples=examples(120), deadline=None)
def test_a_past_view_is_the_view_that_was_had_then(data: st.DataObject) -> None:
    pathway = HELD.by_name[data.draw(names)]
    signals = data.draw(told(pathway))
    then = START + timedelta(hours=data.draw(st.integers(0, 2500)))
    known = [one for one in signals if one.known_at <= then]
    assert states(pathway, "p", signals, then, then) == states(pathway, "p", known, then)


@given(st.data())
@settings(max_examples=examples(120), deadline=None)
def test_nothing_after_a_death_moves_anybody(data: st.DataObject) -> None:
    pathway = HELD.by_name[data.draw(names)]
    signals = data.draw(told(pathway))
    died = next(
        one
        for one in pathway.exits
        if pathway.reasons.get(one.reason, None) is not None and pathway.reasons[one.reason].end is End.DIED
    )
    death = signal(died.on[0], 1000, 9999)
    earlier = [one for one in signals if one.at <= death.at]
    before = states(pathway, "p", [*earlier, death], LATER)
    assert states(pathway, "p", [*signals, death], LATER) == before
    assert all(case.ended is not None for case in before)


@pytest.mark.parametrize("name", NAMES)
def test_doing_what_is_open_leads_to_a_goal_from_wherever_somebody_was_sent_back(name: str) -> None:
    pathway = HELD.by_name[name]
    for back in (None, *pathway.returns):
        number, hours, signals = 1, 1, [signal(pathway.starts[0], 0, 0)]
        for turn in range(200):
            (case,) = states(pathway, "p", signals, START + timedelta(hours=hours))
            if case.ended is not None:
                break
            step = pathway.steps[case.open[0].step]
            condition = step.done_by[0]
            if back is not None and turn == len(pathway.steps) // 2:
                condition = back.on[0]
            hours, number = hours + 1, number + 1
            signals.append(signal(condition, hours, number))
        assert case.ended is not None, back
        assert case.ended.end is End.REACHED, back


def test_a_step_closed_by_a_later_one_is_told_apart_from_one_that_was_done() -> None:
    pathway = HELD.by_name["nsclc"]
    signals = [signal(pathway.starts[0], 0, 0), signal(Condition("result-reported"), 240, 1)]
    (case,) = states(pathway, "p", signals, LATER)
    found = {name: one.status for name, one in case.steps.items()}
    assert found["result"] is Status.DONE
    assert found["tissue"] is Status.PASSED
    assert replace(case, ended=None).open[0].step == "opened"
