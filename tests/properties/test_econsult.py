"""Whatever two sites do at once over a line that loses, repeats and disorders, they end up agreeing."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bedside.act.consults import Stage, fold
from bedside.errors import Problem, RequestError
from bedside.exchange.consult_json import plain, read_step
from bedside.genome.consult import Closing, Step
from bedside.service.answer_econsult import answer, close, say, sign
from bedside.service.ask_econsult import give_information
from bedside.service.consult_steps import consult_named, consults
from bedside.service.site_inbox import take_in
from bedside.service.site_messages import State, item_of, outbox
from tests.two_sites import HUB, SPOKE, Two, lossy, open_two


class TwoSites(RuleBasedStateMachine):
    """Both sites act as they please; the line delivers as it pleases."""

    @initialize(seed=some.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bedside-two-sites-"))
        self.two: Two = open_two(self.folder)
        self.choice = random.Random(seed)
        self.two.line.fault = lossy(self.choice)
        self.consult = self.two.ask().consult.consult
        self.done: set[str] = {self.consult}

    def _try(self, act, *given) -> None:
        """A step that may not follow is refused, and nothing is written; the machine goes on."""
        try:
            held = act(*given)
        except RequestError:
            return
        self.done |= {one.step.step for one in held.consult.history}

    def _at_hub(self) -> bool:
        return bool(consults(self.two.hub, self.two.hub_sites))

    @rule(what=some.sampled_from(["assign", "want", "return"]))
    def hub_says(self, what: str) -> None:
        if self._at_hub():
            self._try(say, self.two.hub, self.two.hub_sites, self.consult, what, "words", HUB)

    @rule(text=some.sampled_from(["Half.", "None."]))
    def hub_answers(self, text: str) -> None:
        if self._at_hub():
            self._try(answer, self.two.hub, self.two.hub_sites, self.consult, text, ["x"], HUB)

    @rule()
    def hub_signs(self) -> None:
        if self._at_hub():
            given = consult_named(self.two.hub, self.two.hub_sites, self.consult).consult.opinion
            name = "" if given is None else given.step
            self._try(sign, self.two.hub, self.two.hub_sites, self.consult, name, HUB)

    @rule()
    def spoke_gives(self) -> None:
        held = consult_named(self.two.spoke, self.two.spoke_sites, self.consult)
        self._try(give_information, self.two.spoke, self.two.spoke_sites, held, "70 kg", frozenset(), SPOKE)

    @rule(closing=some.sampled_from(Closing))
    def spoke_closes(self, closing: Closing) -> None:
        self._try(close, self.two.spoke, self.two.spoke_sites, self.consult, closing, "why", SPOKE)

    @rule()
    def spoke_withdraws(self) -> None:
        self._try(say, self.two.spoke, self.two.spoke_sites, self.consult, "withdraw", "why", SPOKE)

    @rule()
    def they_meet(self) -> None:
        self.two.meet()

    @rule(data=some.data())
    def one_message_arrives_out_of_turn(self, data: some.DataObject) -> None:
        """Any message ever written, in either direction, comes again or before its time."""
        here, there = (
            (self.two.spoke, self.two.hub)
            if data.draw(some.booleans())
            else (
                self.two.hub,
                self.two.spoke,
            )
        )
        letters = outbox(here)
        if not letters:
            return
        item = json.loads(json.dumps(item_of(here, data.draw(some.sampled_from(letters)))))
        sites = self.two.hub_sites if there is self.two.hub else self.two.spoke_sites
        peer = next(iter(sites.peers.values()))
        take_in(there, sites, peer, item)

    def teardown(self) -> None:
        if not hasattr(self, "two"):
            return
        self.two.line.fault = lambda moment: None
        for _ in range(3):
            self.two.meet()
        here = consult_named(self.two.spoke, self.two.spoke_sites, self.consult).consult
        there = consult_named(self.two.hub, self.two.hub_sites, self.consult).consult
        assert here == there
        assert here.missing == frozenset()
        assert {one.step.step for one in here.history} >= self.done
        for house in (self.two.spoke, self.two.hub):
            assert {letter.state for letter in outbox(house)} <= {State.DELIVERED}
            received = [e.key for e in house.ledger.events() if e.kind.value == "site-received"]
            assert len(received) == len(set(received))
            house.ledger.verify()
        self.two.close()
        shutil.rmtree(self.folder)


TestTwoSites = TwoSites.TestCase
TestTwoSites.settings = settings(
    max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)


def _steps() -> tuple[Step, ...]:
    """The steps of one whole eConsult, with a withdrawal at the same time as the answer."""
    folder = Path(tempfile.mkdtemp(prefix="bedside-steps-"))
    two = open_two(folder)
    name = two.ask().consult.consult
    two.meet()
    say(two.hub, two.hub_sites, name, "want", "Which weight?", HUB)
    two.meet()
    held = consult_named(two.spoke, two.spoke_sites, name)
    give_information(two.spoke, two.spoke_sites, held, "70 kg", frozenset(), SPOKE)
    two.meet()
    given = answer(two.hub, two.hub_sites, name, "Half.", [], HUB)
    sign(two.hub, two.hub_sites, name, given.consult.opinion.step, HUB)
    say(two.spoke, two.spoke_sites, name, "withdraw", "Moved away", SPOKE)
    two.meet()
    steps = tuple(one.step for one in consult_named(two.hub, two.hub_sites, name).consult.history)
    two.close()
    shutil.rmtree(folder)
    return steps


STEPS = _steps()


@given(some.permutations(STEPS), some.lists(some.sampled_from(STEPS)))
def test_the_state_is_the_same_in_any_order_and_however_often_steps_come(order, again) -> None:
    assert fold([*order, *again]) == fold(STEPS)


@given(some.lists(some.sampled_from(STEPS), min_size=1, unique=True))
def test_with_any_steps_missing_it_says_so_and_loses_none_of_those_it_has(some_steps) -> None:
    found = fold(some_steps)
    assert {one.step for one in found.history} == set(some_steps)
    if STEPS[0] not in some_steps:
        assert found.stage is Stage.INCOMPLETE
        assert all(one.aside == "the question has not arrived yet" for one in found.history)


def test_every_step_comes_back_from_its_json_as_it_was() -> None:
    assert [read_step(json.loads(json.dumps(plain(step)))) for step in STEPS] == list(STEPS)


@settings(max_examples=60, deadline=None)
@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(max_size=5),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(
                some.sampled_from(
                    [
                        "said",
                        "kind",
                        "packet",
                        "sections",
                        "rows",
                        "columns",
                        "clock",
                        "at",
                        "after",
                        "due",
                        "text",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    ),
    some.sampled_from(STEPS),
    some.data(),
)
def test_any_json_is_a_step_or_is_refused_with_its_problems(junk, step, data) -> None:
    body = json.loads(json.dumps(plain(step)))
    at = data.draw(some.sampled_from(sorted(body)))
    body[at] = junk
    problems: tuple[Problem, ...] = ()
    try:
        found = read_step(body)
    except RequestError as error:
        problems = error.problems
    assert problems or plain(read_step(plain(found))) == plain(found)
