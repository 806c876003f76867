"""Milestones of a site's start: reached by people, forecast from other sites, and how often that holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bedside.genome.event import EventKind
from bedside.knowledge.milestones import Milestone, load_milestones
from bedside.learn.milestones import calibration, forecasts, reached
from bedside.learn.shares import Share

START = datetime(2026, 1, 5, tzinfo=UTC)
ORDER = Milestone("order", "First order", EventKind.ORDER_PLACED, 1)
TWO = Milestone("two", "Two people with a result", EventKind.RESULT_ACCEPTED, 2)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_a_milestone_counts_people_and_not_events() -> None:
    said = [
        (day(0), "order-placed", "a", "north"),
        (day(3), "result-accepted", "a", "north"),
        (day(4), "result-accepted", "a", "north"),
        (day(5), "result-accepted", "c", "south"),
        (day(9), "result-accepted", "b", "north"),
    ]
    assert reached((ORDER, TWO), said) == {"north": {"order": day(0), "two": day(9)}}


def when(**took: float | None) -> dict[str, dict[str, datetime]]:
    return {
        site: {"order": START} | ({} if days is None else {"two": day(days)}) for site, days in took.items()
    }


def test_a_site_that_is_not_there_yet_gets_the_range_of_the_others() -> None:
    found = {
        (one.site, one.milestone.name): one
        for one in forecasts((ORDER, TWO), when(a=10, b=30, c=20, d=None), 3)
    }
    waits = found["d", "two"]
    assert (waits.reached, waits.soonest, waits.likely, waits.latest) == (None, day(10), day(20), day(30))
    assert (waits.others, waits.inside) == (3, 0.5)
    assert (found["a", "two"].reached, found["a", "two"].likely) == (day(10), None)


def test_of_too_few_sites_nothing_is_forecast() -> None:
    found = forecasts((ORDER, TWO), when(a=10, b=30, d=None), 3)
    assert {(one.soonest, one.inside) for one in found} == {(None, None)}
    assert calibration((ORDER, TWO), when(a=10, b=30), 3) == (Share(0, 0), None)


def test_the_two_ends_are_never_inside_the_range_of_the_others() -> None:
    share, expected = calibration((ORDER, TWO), when(a=10, b=20, c=30, d=40), 3)
    assert (share, expected) == (Share(2, 4), 0.5)


def test_the_range_of_m_sites_holds_the_next_one_as_often_as_it_says() -> None:
    """Known truth: 20,000 made-up programmes of six sites, durations far from normal."""
    random = np.random.default_rng(7)
    took = random.lognormal(3, 1, (20_000, 6))
    inside = (took[:, 5] >= took[:, :5].min(axis=1)) & (took[:, 5] <= took[:, :5].max(axis=1))
    (one,) = [
        made for made in forecasts((ORDER, TWO), when(a=1, b=2, c=3, d=4, e=5, f=None), 3)
        if made.site == "f" and made.milestone is TWO
    ]  # fmt: skip
    assert one.inside == pytest.approx(4 / 6)
    assert float(inside.mean()) == pytest.approx(4 / 6, abs=0.01)


def test_the_plan_that_ships_begins_with_an_order() -> None:
    pack = load_milestones()
    assert (pack.milestones[0].name, pack.least_sites) == ("first-order", 3)
