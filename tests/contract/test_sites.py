"""A hub on either database: the same outbox, the same eConsults, once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bedside.act.consults import Stage
from bedside.errors import RequestError
from bedside.genome.event import EventKind
from bedside.service.answer_econsult import answer, sign
from bedside.service.consult_steps import consult_named
from bedside.service.site_inbox import take_in
from bedside.service.site_messages import State, item_of, outbox, waiting
from tests.two_sites import HUB, Two, lossy, open_two


@pytest.fixture
def two(ledger_url: str, tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path / "sites", ledger_url)
    yield both
    both.close()


def test_an_econsult_goes_and_comes_back_over_a_line_that_loses(two: Two) -> None:
    two.line.fault = lossy(random.Random(5))
    consult = two.ask().consult.consult
    while waiting(two.spoke, "hub"):
        two.meet()
    given = answer(two.hub, two.hub_sites, consult, "Half.", ["x"], HUB)
    sign(two.hub, two.hub_sites, consult, given.consult.opinion.step, HUB)
    while waiting(two.hub, "spoke"):
        two.meet()
    here = consult_named(two.spoke, two.spoke_sites, consult).consult
    assert here == consult_named(two.hub, two.hub_sites, consult).consult
    assert here.stage is Stage.SIGNED
    assert [one.state for one in outbox(two.hub)] == [State.DELIVERED] * 3
    assert two.hub.ledger.differing_projections() == ()
    two.hub.ledger.verify()


def test_the_same_message_at_the_same_moment_is_taken_once(two: Two) -> None:
    two.ask()
    item, peer = item_of(two.spoke, outbox(two.spoke)[0]), two.hub_sites.peers["spoke"]
    with ThreadPoolExecutor(6) as together:
        took = list(together.map(lambda _: take_in(two.hub, two.hub_sites, peer, item), range(12)))
    assert sum(not one.before for one in took) == 1
    assert len(list(two.hub.ledger.events(kinds=(EventKind.SITE_RECEIVED,)))) == 1
    assert len(outbox(two.hub)) == 1


def test_of_two_who_act_at_the_same_moment_the_second_acts_on_what_the_first_did(two: Two) -> None:
    consult = two.ask().consult.consult
    two.meet()
    given = answer(two.hub, two.hub_sites, consult, "Half.", ["x"], HUB).consult.opinion.step

    def act(number: int) -> str:
        try:
            if number % 2:
                answer(two.hub, two.hub_sites, consult, f"Dose {number}.", [], HUB)
            else:
                sign(two.hub, two.hub_sites, consult, given, HUB)
        except RequestError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as together:
        refused = list(together.map(act, range(6)))
    held = consult_named(two.hub, two.hub_sites, consult).consult
    assert all("changed meanwhile" in one or "does not follow" in one for one in refused if one)
    assert all(one.aside == "" for one in held.history)
    assert held.clock == len(held.history)
