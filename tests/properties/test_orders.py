"""An order says the same in every format; no specimen is resulted before it is received."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bedside.exchange.order_fhir import order_bundle, read_order_bundle
from bedside.exchange.order_hl7v2 import read_oml, write_oml
from bedside.genome.code import Code, System
from bedside.genome.event import Event, EventKind
from bedside.genome.order import (
    AskedAnswer,
    LocalCode,
    Order,
    Priority,
    SpecimenWanted,
    Subject,
    order_of,
    plain_order,
)
from bedside.genome.person import Identifier, Sex
from bedside.genome.specimen import AGAIN, NotPossible, Stage, Step, specimens, wanted
from tests.examples import examples

SENT = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
words = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12
)
awkward = st.sampled_from(
    ["|", "^~\\&", "\\F\\", '""', "a\rb", "Ng'ang'a", "D’Souza-Müller", "李", "\\X0D\\", " x "]
)
text = words | awkward
some = text.filter(bool)
codes = st.builds(Code, st.sampled_from(System), some, text)
subjects = st.builds(
    Subject,
    person=some,
    family=text,
    given=text,
    birth_date=st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    sex=st.sampled_from(Sex),
    identifiers=st.lists(st.builds(Identifier, some, some), max_size=3).map(tuple),
)
orders = st.builds(
    Order,
    order=some,
    subject=subjects,
    test=some,
    code=st.builds(LocalCode, some, text, some),
    laboratory=some,
    reasons=st.lists(codes, max_size=3).map(tuple),
    specimen=st.builds(SpecimenWanted, some, text, text),
    orderer=some,
    placed_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    answers=st.lists(
        st.builds(AskedAnswer, some, text, some, st.sampled_from(["chart", "fhir", "clinician"])), max_size=4
    ).map(tuple),
    priority=st.sampled_from(Priority),
    despite=text,
)


@given(orders)
@settings(max_examples=examples(150), deadline=None)
def test_an_order_sent_as_oml_is_read_back_as_the_same_order(order):
    back = read_oml(write_oml(order, SENT))
    assert (back, back.digest) == (order, order.digest)


@given(orders)
@settings(max_examples=examples(100), deadline=None)
def test_an_order_sent_as_a_fhir_bundle_is_read_back_as_the_same_order(order):
    assert read_order_bundle(json.loads(json.dumps(order_bundle(order)))) == order


@given(orders)
@settings(max_examples=50, deadline=None)
def test_an_order_kept_in_the_ledger_is_read_back_as_the_same_order(order):
    assert order_of(json.loads(json.dumps(plain_order(order)))) == order


class Specimens(RuleBasedStateMachine):
    """Whatever anybody tries, in whatever order, on up to three specimens of one order."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    @rule(number=st.integers(1, 3), step=st.sampled_from(Step))
    def try_a_step(self, number, step):
        at = SENT + timedelta(minutes=len(self.events))
        payload = {"specimen": f"s{number}", "order": "o1", "step": step.value}
        event = Event(len(self.events) + 1, EventKind.SPECIMEN_MOVED, "x", at, at, "p1", payload, None, "")
        try:
            specimens([*self.events, event])
        except NotPossible:
            return
        self.events.append(event)

    @invariant()
    def nothing_is_resulted_that_was_not_received(self):
        for one in specimens(self.events).values():
            steps = [moved.step for moved in one.custody]
            if Step.RESULT in steps:
                assert Step.RECEIVE in steps[: steps.index(Step.RESULT)]
                assert one.stage is Stage.RESULTED

    @invariant()
    def what_was_rejected_or_lost_never_moves_again(self):
        for one in specimens(self.events).values():
            steps = [moved.step for moved in one.custody]
            for over in (Step.REJECT, Step.LOSE):
                assert over not in steps[:-1]

    @invariant()
    def a_specimen_is_wanted_as_long_as_none_is_on_its_way(self):
        found = specimens(self.events).values()
        assert wanted(found) == all(one.stage in AGAIN for one in found)


TestSpecimens = Specimens.TestCase
TestSpecimens.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
