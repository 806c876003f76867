"""Whatever is recorded, in whatever order: nothing unconfirmed is shown, nothing is lost, nobody is called
without consent."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.act.disclosure import Standing
from bedside.act.disclosure_events import DISCLOSURE, FOUND, standings
from bedside.act.disclosure_shown import why_not_shown
from bedside.act.disclosure_worklist import lines_of
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import Event, EventKind
from bedside.knowledge.disclosure_policy import load_pathways
from tests.examples import examples

PATHWAY = load_pathways()[DISCLOSURE]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
STEPS = [(state.name, outcome) for state in PATHWAY.states.values() for outcome in state.outcomes]
STEPS += [(step, "recorded") for step in PATHWAY.interrupts]
RELEASING = {(state.name, outcome) for state in PATHWAY.states.values() for outcome in state.releases}


def given_to(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


def event(kind: EventKind, number: int, day: int, payload: dict[str, object]) -> Event:
    at = START + timedelta(days=day, minutes=number)
    return Event(number, kind, "somebody", at, at, "ann", payload, f"k{number}", "")


def step(number: int, day: int, name: str, outcome: str, **more: object) -> Event:
    payload = {"pathway": DISCLOSURE, "step": name, "outcome": outcome, "finding": "f-1", **more}
    return event(EventKind.STEP_TAKEN, number, day, payload)


@st.composite
def lives(draw: st.DrawFn, *, confirmed: bool) -> list[Event]:
    """A research finding, then up to twenty things that happened, the likely ones in order more often."""
    found = {
        "gene": "G",
        "variants": ["chr1-1-A-C"],
        "panel": "p",
        "confirmation": "research",
        "result": "r1",
    }
    events = [step(1, 0, FOUND, "found", **found)]
    usual = [
        ("sign-off", "signed-off"), ("second-sample", "sent"), ("confirmation", "confirmed"),
        ("primary-care", "told"), ("contact", "reached"), ("disclosure", "disclosed"), ("letter", "sent"),
        ("visit", "attended"), ("family", "started"), ("risk-management", "done"),
    ]  # fmt: skip
    chosen = draw(st.lists(st.one_of(st.sampled_from(usual), st.sampled_from(STEPS)), max_size=20))
    if draw(st.booleans()):
        chosen = usual + chosen
    for number, (name, outcome) in enumerate(chosen, start=2):
        if confirmed or (name, outcome) not in RELEASING:
            day = draw(st.integers(0, 400))
            more = {"channel": draw(st.sampled_from(("telephone", "letter")))}
            if draw(st.integers(0, 9)) == 0:
                more["corrects"] = f"k{draw(st.integers(2, number))}"
            events.append(step(number, day, name, outcome, **more))
    if draw(st.booleans()):
        problem = {"system": "s", "code": "c", "status": "active", "finding": "f-1"}
        events.append(event(EventKind.PROBLEM_RECORDED, 90, draw(st.integers(0, 400)), problem))
    if draw(st.integers(0, 4)) == 0:
        gone = {"result": "r1", "reason": "mixed up"}
        events.append(event(EventKind.RESULT_WITHDRAWN, 91, draw(st.integers(0, 400)), gone))
    return events


def only(events: list[Event]) -> Standing:
    (one,) = standings(PATHWAY, events)
    return one


@settings(max_examples=examples(300), deadline=None)
@given(lives(confirmed=False))
def test_a_research_finding_is_shown_to_nobody_before_a_confirmation(events: list[Event]) -> None:
    here = only(events)
    assert why_not_shown(here, date(2030, 1, 1), given_to) == "finding-not-confirmed"
    assert not here.state.shows
    showing = {state.name for state in PATHWAY.states.values() if state.shows}
    assert [fact.step for fact in here.taken if fact.step in showing] == []


@settings(max_examples=examples(300), deadline=None)
@given(lives(confirmed=True), st.randoms(use_true_random=False))
def test_the_order_in_which_things_became_known_changes_nothing(
    events: list[Event], shuffle: random.Random
) -> None:
    """Corrections aside, which are about what was written before them; duplicates count once."""
    plain = [one for one in events if "corrects" not in one.payload]
    mixed = [*plain, *plain[1:]]
    shuffle.shuffle(mixed)
    late = [
        Event(number, e.kind, e.actor, e.valid_at, e.known_at, e.person, e.payload, e.key, "")
        for number, e in enumerate(mixed, start=1)
    ]
    assert only(late) == only(plain)


@settings(max_examples=examples(300), deadline=None)
@given(lives(confirmed=True), st.integers(0, 800), st.sampled_from(Decision))
def test_every_finding_has_a_line_with_an_owner_and_a_day_or_a_reason_and_no_call_without_consent(
    events: list[Event], after: int, decision: Decision
) -> None:
    def may(person: str, scope: Scope, day: date) -> Decision:
        return decision

    day = START.date() + timedelta(days=after)
    (line,) = lines_of(PATHWAY, [only(events)], day, may)
    assert bool(line.final) != bool(line.owner and line.action and line.due)
    if PATHWAY.states[line.state].needs is not None and decision is not Decision.GIVEN:
        assert (line.waits_for, line.owner == "genetic counsellor") == ("recontact-not-consented", False)


@settings(max_examples=examples(300), deadline=None)
@given(lives(confirmed=True))
def test_nothing_recorded_is_dropped(events: list[Event]) -> None:
    """Each step in force was either used, waits its turn, or interrupted something that was over."""
    here = only(events)
    used = {(fact.step, fact.outcome, fact.at) for fact in (*here.taken, *here.ahead)}
    corrected = {one.payload["corrects"] for one in events if "corrects" in one.payload}
    for one in events:
        if one.kind is EventKind.STEP_TAKEN and one.payload["step"] != FOUND and one.key not in corrected:
            name = one.payload["step"]
            assert name in PATHWAY.interrupts or (name, one.payload["outcome"], one.valid_at) in used
