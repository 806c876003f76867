"""Whatever anybody tries with orders, specimens and results, in whatever order, through the services."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bedside.act.inbox import How, Standing
from bedside.act.order_progress import possible
from bedside.act.orders import Outcome
from bedside.errors import RequestError
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.specimen import AGAIN, Stage, Step, wanted
from bedside.knowledge.catalogue import load_pgx
from bedside.service.house import open_house
from bedside.service.move_specimen import label_specimen, move_specimen, specimens_of
from bedside.service.order_test import Wish, cancel_order, order_test
from bedside.service.receive_hl7 import receive_message
from bedside.service.register_person import register_person
from bedside.service.results_inbox import acknowledge, items_of
from bedside.service.stored_answers import orders_of
from bedside.settings import Settings
from tests.made_up_orders import NORMAL, POOR, message
from tests.made_up_record import TOMAS

NUMBER = Identifier("urn:bedside:demo:record-number", "100-25")
WHO = Person(TOMAS, "Tomás", "Reyes", date(1950, 1, 30), Sex.MALE, (NUMBER,))
NO = {"transplant": "no"}
places = st.integers(0, 3)


class Clock:
    """A minute later at each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class Following(RuleBasedStateMachine):
    """One person; up to four orders, their tubes, and a laboratory that says what it likes."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bedside-orders-"))
        settings = Settings(store_url=f"sqlite:///{self.folder}/ledger.db")
        self.house = open_house(settings, pgx=load_pgx(), clock=Clock())
        register_person(self.house, WHO)
        self.ended: dict[str, tuple[Standing, str]] = {}
        self.sent = 0

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()
            shutil.rmtree(self.folder)

    def order(self, place: int) -> str:
        held = list(orders_of(self.house, TOMAS))
        return held[place % len(held)] if held else "none"

    def tube(self, place: int) -> str:
        held = list(specimens_of(self.house, TOMAS))
        return held[-1 - place % len(held)] if held else "none"

    @rule(test=st.sampled_from(["pgx-basic", "pgx-full"]), form=st.sampled_from("ab"), despite=st.booleans())
    def place_an_order(self, test: str, form: str, despite: bool) -> None:
        wish = Wish(test, "Dr Who", answers=NO, despite="again" if despite else "", form=form)
        before = orders_of(self.house, TOMAS)
        try:
            placed = order_test(self.house, TOMAS, wish).order
        except RequestError:
            assert orders_of(self.house, TOMAS) == before
            return
        assert placed.test == test
        assert len(orders_of(self.house, TOMAS)) - len(before) == (placed.order not in before)

    @rule(place=places)
    def cancel(self, place: int) -> None:
        number = self.order(place)
        held = orders_of(self.house, TOMAS).get(number)
        try:
            cancel_order(self.house, TOMAS, number, by="Dr Who", reason="not wanted")
        except RequestError:
            assert held is None or held.outcome is not Outcome.OPEN
            return
        assert held is not None
        assert held.outcome is Outcome.OPEN

    @rule(place=places)
    def label(self, place: int) -> None:
        number = self.order(place)
        held = orders_of(self.house, TOMAS).get(number)
        mine = [one for one in specimens_of(self.house, TOMAS).values() if one.order == number]
        may = held is not None and Step.LABEL in possible(held, mine)
        try:
            label_specimen(self.house, TOMAS, number, by="nurse")
        except RequestError:
            assert not may
        else:
            assert may

    @rule(place=st.integers(0, 1), step=st.sampled_from([*Step, Step.COLLECT, Step.RECEIVE]))
    def move(self, place: int, step: Step) -> None:
        number = self.tube(place)
        held = specimens_of(self.house, TOMAS).get(number)
        try:
            move_specimen(self.house, TOMAS, number, step, by="laboratory", reason="because")
        except RequestError:
            if held is not None:
                order = orders_of(self.house, TOMAS)[held.order]
                mine = [one for one in specimens_of(self.house, TOMAS).values() if one.order == held.order]
                assert mine[-1] != held or step not in possible(order, mine)
            return
        assert held is not None

    @rule(place=places, status=st.sampled_from("FFCPX"), call=st.sampled_from([POOR, NORMAL, None]))
    def send_a_result(self, place: int, status: str, call: tuple[str, str, str] | None) -> None:
        self.sent += 1
        number = self.order(place)
        sent = message(TOMAS, call, order=number, filler=f"F{number}", status=status, day=1 + self.sent % 28)
        receive_message(self.house, sent)

    @precondition(lambda self: items_of(self.house, TOMAS))
    @rule(place=places, aside=st.booleans())
    def read_a_result(self, place: int, aside: bool) -> None:
        items = list(items_of(self.house, TOMAS).values())
        item = items[place % len(items)]
        how = How.SET_ASIDE if aside else How.ACKNOWLEDGED
        why = "nobody needs it" if aside else ""
        acknowledge(self.house, TOMAS, item.item, item.standing, how, why, actor="Dr Who")
        self.ended[item.item] = (item.standing, "Dr Who")

    @invariant()
    def nothing_is_resulted_that_was_not_received(self) -> None:
        for one in specimens_of(self.house, TOMAS).values():
            steps = [moved.step for moved in one.custody]
            if Step.RESULT in steps:
                assert Step.RECEIVE in steps[: steps.index(Step.RESULT)]

    @invariant()
    def an_open_order_to_collect_for_again_has_a_task_and_no_other_has(self) -> None:
        about = {task.about["order"] for task in self.house.ledger.tasks(TOMAS) if "order" in task.about}
        orders = orders_of(self.house, TOMAS)
        specimens = list(specimens_of(self.house, TOMAS).values())
        for number, held in orders.items():
            mine = [one for one in specimens if one.order == number]
            if held.outcome is Outcome.OPEN:
                assert (number in about) == (bool(mine) and wanted(mine))

    @invariant()
    def at_most_one_tube_of_an_order_is_on_its_way(self) -> None:
        for number in orders_of(self.house, TOMAS):
            mine = [one for one in specimens_of(self.house, TOMAS).values() if one.order == number]
            assert sum(one.stage not in AGAIN for one in mine) <= 1
            assert all(one.stage is not None for one in mine)

    @invariant()
    def every_result_is_in_the_inbox_and_waits_or_ended_for_a_reason(self) -> None:
        items = items_of(self.house, TOMAS)
        assert items_of(self.house) == items, "what is kept in memory is what is read anew"
        assert {one.result for one in self.house.ledger.results(TOMAS)} <= set(items)
        for item in items.values():
            if not item.waits:
                assert item.ended is not None
                assert item.ended.by or item.ended.how is How.REPLACED
                assert item.ended.how is not How.SET_ASIDE or item.ended.why
        for name, (standing, _) in self.ended.items():
            if items[name].standing is standing:
                assert not items[name].waits

    @invariant()
    def a_result_in_force_ended_its_order(self) -> None:
        held = orders_of(self.house, TOMAS)
        for event in self.house.ledger.events(person=TOMAS, kinds=(EventKind.ORDER_ENDED,)):
            if event.payload["outcome"] == Outcome.CANCELLED.value:
                assert held[event.payload["order"]].outcome is not Outcome.OPEN
        stages = {one.stage for one in specimens_of(self.house, TOMAS).values()}
        assert Stage.RESULTED not in stages or any(one.results for one in held.values())


TestFollowing = Following.TestCase
TestFollowing.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
