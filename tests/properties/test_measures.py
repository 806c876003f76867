"""Whatever was written down: everybody counted is in one state, groups add up, and what is found in columns
is what is found by looking at each in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.event import EventKind
from bedside.knowledge.measure import Measure, Shape, State, reads_of
from bedside.knowledge.measures import load_measures
from bedside.learn.event_columns import Written, columns_of
from bedside.learn.measure_units import HOUR, units_of
from bedside.learn.measures import Measured, NoSuchEvent, RateFigure, counts_of, measured
from bedside.learn.standing_events import needed, standing
from tests.examples import examples

MEASURES = load_measures()
NOW = 60 * 24 * HOUR
PEOPLE = ("a", "b", "c")


@st.composite
def any_event(draw: st.DrawFn) -> tuple[EventKind, str | None, int, dict[str, Any], str | None]:
    """An event as some measure wants it, or nearly."""
    measure = draw(st.sampled_from([one for one in MEASURES.values() if one.patterns]))
    pattern = draw(st.sampled_from(measure.patterns))
    payload: dict[str, Any] = {}

    def put(path: str, value: str) -> None:
        held = payload
        *steps, last = path.removesuffix("?").split(".")
        for step in steps:
            held = held.setdefault(step, {})
        if not path.startswith("@") and value:
            held[last] = value

    for path, words in pattern.where.items():
        put(path, draw(st.sampled_from([*words, "something else"])))
    for path in sorted(
        {one for table, one in measure.reads() if table == pattern.table} - set(pattern.where)
    ):
        known = ("2026-01-20", "1970-02-01") if path == measure.deadline else ("1", "2", "3", "")
        put(path, draw(st.sampled_from(known)))
    if draw(st.integers(0, 9)) == 0:
        kind, back = draw(
            st.sampled_from(
                [
                    (
                        EventKind.SIGNAL_RECORDED,
                        {"signal": "retracted", "retracts": f"event-{draw(st.integers(1, 9))}"},
                    ),
                    (EventKind.RESULT_WITHDRAWN, {"result": draw(st.sampled_from("123")), "reason": "x"}),
                ]
            )
        )
        return kind, draw(st.sampled_from(PEOPLE)), draw(st.integers(0, 50)) * 24 * HOUR, back, None
    if pattern.each:
        payload = {pattern.each: [payload] * draw(st.integers(0, 2))}
    person = draw(st.sampled_from((*PEOPLE, None)))
    return pattern.kind, person, draw(st.integers(0, 1200)) * HOUR, payload, None


STORIES = st.lists(any_event(), max_size=30)


def worked(measure: Measure, story: list[Any]) -> Measured:
    written = [Written(i, one[0], one[1], one[2], one[3], one[4]) for i, one in enumerate(story, 1)]
    held = columns_of(written, needed(reads_of(tuple(MEASURES.values()))))
    return measured(measure, standing(held, NOW), NOW)


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_everybody_counted_is_in_one_state_and_groups_add_up(story: list[Any]) -> None:
    for measure in MEASURES.values():
        found = worked(measure, story)
        figure = found.figure()
        if isinstance(figure, NoSuchEvent):
            assert figure.missing
            continue
        assert found.units is not None
        counts, units = figure.counts, found.units
        assert counts.population == len(units) == sum(units.count(state) for state in State)
        some = units.person % 2 == 0
        parts = [counts_of(units.only(mask)) for mask in (some, ~some)]
        for name in ("met", "failed", "waiting", "excluded", "unknown"):
            assert sum(getattr(part, name) for part in parts) == getattr(counts, name)
        settled = units.decided > 0
        assert set(np.unique(units.state[settled]).tolist()) <= {0, 1, 3, 4}
        if not isinstance(figure, RateFigure):
            assert (
                units.hours[units.state == State.MET.value] >= 0
            ).all() or measure.shape is Shape.DISTRIBUTION


def one_by_one(measure: Measure, story: list[Any]) -> dict[int, State]:
    """The state of everybody an interval or a share without windows counts, found by plain loops."""
    events = [Written(i, one[0], one[1], one[2], one[3], one[4]) for i, one in enumerate(story, 1)]
    gone = {e.payload["result"] for e in events if e.kind is EventKind.RESULT_WITHDRAWN}
    found = {}
    for event in events:
        if event.kind is not EventKind.ORDER_PLACED or "order" not in event.payload.get("order", {}):
            continue
        number = event.payload["order"]["order"]
        first = min(
            (
                e
                for e in events
                if e.kind is EventKind.ORDER_PLACED and e.payload.get("order", {}).get("order") == number
            ),
            key=lambda e: (e.at, e.sequence),
        )
        ends = [
            e
            for e in events
            if e.kind is EventKind.ORDER_ENDED
            and e.payload.get("order") == number
            and e.payload.get("result") not in gone
        ]
        results = sorted((e.at, e.sequence) for e in ends if e.payload.get("outcome") == "resulted")
        cancels = sorted((e.at, e.sequence) for e in ends if e.payload.get("outcome") == "cancelled")
        if first is not event:
            continue
        if results and (not cancels or results[0] < cancels[0]):
            found[event.sequence] = State.UNKNOWN if results[0][0] < event.at else State.MET
        else:
            found[event.sequence] = State.FAILED if cancels else State.WAITING
    return found


ORDERS = st.lists(
    st.one_of(
        st.tuples(
            st.just(EventKind.ORDER_PLACED),
            st.sampled_from(PEOPLE),
            st.integers(0, 40).map(lambda d: d * HOUR),
            st.sampled_from("12345").map(lambda o: {"order": {"order": o}}),
            st.none(),
        ),
        st.tuples(
            st.just(EventKind.ORDER_ENDED),
            st.sampled_from(PEOPLE),
            st.integers(0, 40).map(lambda d: d * HOUR),
            st.builds(
                lambda o, w, r: {"order": o, "outcome": w, "result": r},
                st.sampled_from("12345"),
                st.sampled_from(["resulted", "resulted", "cancelled"]),
                st.sampled_from("789"),
            ),
            st.none(),
        ),
        st.tuples(
            st.just(EventKind.RESULT_WITHDRAWN),
            st.sampled_from(PEOPLE),
            st.just(50 * HOUR),
            st.sampled_from("789").map(lambda r: {"result": r, "reason": "x"}),
            st.none(),
        ),
    ),
    max_size=25,
)


@settings(max_examples=examples(200), deadline=None)
@given(ORDERS)
def test_orders_found_in_columns_are_those_found_one_by_one(story: list[Any]) -> None:
    measure = MEASURES["order-to-result"]
    written = [Written(i, one[0], one[1], one[2], one[3], one[4]) for i, one in enumerate(story, 1)]
    held = standing(columns_of(written, needed(reads_of((measure,)))), NOW)
    units = units_of(measure, held, NOW)
    states = tuple(State)
    found = {int(s): states[int(v)] for s, v in zip(units.sequence, units.state, strict=True)}
    assert found == one_by_one(measure, story)
