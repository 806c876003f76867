"""The measures of a house: figures, the people behind them, and what is said where nothing says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bedside.errors import NotFound
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.measure import State
from bedside.learn.measures import Counts, IntervalFigure, NoSuchEvent
from bedside.service.house import House
from bedside.service.measure_people import behind, people_lines
from bedside.service.measure_table import document, lines
from bedside.service.measures import Window, measure_report
from tests.unit.service.conftest import HandClock

MONDAY = datetime(2026, 2, 2, 8, tzinfo=UTC)
NAME = "order-to-result"


def placed(order: str, person: str, at: datetime) -> NewEvent:
    return NewEvent(EventKind.ORDER_PLACED, "dr", at, person, {"order": {"order": order}})


def resulted(order: str, person: str, at: datetime) -> NewEvent:
    payload = {"order": order, "outcome": "resulted", "result": f"r-{order}"}
    return NewEvent(EventKind.ORDER_ENDED, "lab", at, person, payload)


def at_site(person: str, site: str) -> NewEvent:
    return NewEvent(EventKind.PROGRAMME_RECORDED, "clerk", MONDAY, person, {"site": site})


def three_orders(house: House) -> None:
    house.ledger.append(
        [
            placed("1", "ann", MONDAY),
            placed("2", "bob", MONDAY + timedelta(days=1)),
            placed("3", "cas", MONDAY + timedelta(days=2)),
            resulted("1", "ann", MONDAY + timedelta(hours=30)),
            resulted("2", "bob", MONDAY + timedelta(days=3)),
            at_site("ann", "North"),
            at_site("bob", "South"),
        ]
    )


def test_an_empty_record_has_no_figures_and_says_which_events_are_missing(house: House) -> None:
    tile = measure_report(house).tiles[NAME]
    assert tile.figure == NoSuchEvent(("order-placed", "order-ended"))
    assert (tile.units, tile.counts) == (None, None)
    (line,) = lines(measure_report(house, names=[NAME]))
    assert (line[0], line[3], line[-1]) == (NAME, "", "cannot be computed")


def test_two_results_and_one_order_that_waits(house: House) -> None:
    three_orders(house)
    tile = measure_report(house).tiles[NAME]
    assert isinstance(tile.figure, IntervalFigure)
    assert tile.counts == Counts(met=2, failed=0, waiting=1, excluded=0, unknown=0)
    assert tile.figure.percentiles[50].value == 48.0
    assert tile.figure.percentiles[90].value is None


def test_the_people_behind_a_figure_are_as_many_as_it_says(house: House) -> None:
    three_orders(house)
    report = measure_report(house)
    tile = report.tiles[NAME]
    assert [
        (one.person, one.state, one.event, one.settled_by, one.hours) for one in behind(report, tile)
    ] == [
        ("ann", State.MET, 1, 4, 30.0),
        ("bob", State.MET, 2, 5, 48.0),
        ("cas", State.WAITING, 3, 0, None),
    ]
    assert [one.person for one in behind(report, tile, State.WAITING)] == ["cas"]
    assert len(list(people_lines(report, NAME))) == 3
    with pytest.raises(NotFound):
        list(people_lines(report, "nonsense"))


def orders_at(house: House, site: str, results: int, waiting: int) -> None:
    """So many orders at a site, with a result after a day or still without one."""
    events = []
    for number in range(results + waiting):
        one = f"{site}-{number}"
        events += [placed(one, one, MONDAY), *([at_site(one, site)] if site else [])]
        events += [resulted(one, one, MONDAY + timedelta(days=1))] if number < results else []
    house.ledger.append(events)


def by_site(house: House) -> list[dict[str, object]]:
    return document(measure_report(house, names=[NAME]), "site")["measures"][0]["figures"]


def test_groups_are_everybody_between_them_and_those_of_whom_it_is_not_known_are_one(house: House) -> None:
    for site, results, waiting in (("North", 9, 0), ("South", 8, 6), ("", 7, 0)):
        orders_at(house, site, results, waiting)
    held = by_site(house)
    assert [one["group"] for one in held] == ["everybody", "North", "South", "not known"]
    assert [one["counts"]["population"] for one in held] == [30, 9, 14, 7]
    assert {one["standing"] for one in held} == {"computed"}


def test_a_small_group_is_hidden_whole_and_another_with_it(house: House) -> None:
    for site, results, waiting in (("East", 9, 0), ("North", 40, 0), ("South", 20, 2), ("", 30, 8)):
        orders_at(house, site, results, waiting)
    held = {one["group"]: one for one in by_site(house)}
    shown = {name: one["standing"] for name, one in held.items()}
    assert [name for name, one in shown.items() if one == "computed"] == ["everybody", "East", "North"]
    assert [name for name, one in shown.items() if one == "hidden"] == ["South", "not known"]
    for name in ("South", "not known"):
        one = held[name]
        assert (one["counts"], one["against"], one["why"]) == (None, None, "too few people")
        assert all((v["value"], v["low"], v["high"]) == (None, None, None) for v in one["values"])
    table = [line for line in lines(measure_report(house, names=[NAME]), "site") if line[1] == "South"]
    assert {line[3:6] + line[7:13] for line in table} == {("",) * 9}


def test_where_no_group_may_be_shown_none_is_named(house: House) -> None:
    three_orders(house)
    everybody, groups = by_site(house)
    assert (everybody["standing"], groups["group"], groups["standing"]) == (
        "computed",
        "every group",
        "hidden",
    )
    assert groups["counts"] is None


def test_a_window_holds_what_began_in_it_and_people_who_may_be_counted(house: House) -> None:
    three_orders(house)
    later = Window(since=MONDAY + timedelta(days=1), until=MONDAY + timedelta(days=2))
    assert measure_report(house, window=later).tiles[NAME].counts == Counts(1, 0, 0, 0, 0)
    mine = measure_report(house, people=frozenset({"cas", "nobody"})).tiles[NAME]
    assert mine.counts == Counts(0, 0, 1, 0, 0)


def test_asked_about_a_past_moment_it_answers_as_it_was_known_then(house: House, clock: HandClock) -> None:
    house.ledger.append([placed("1", "ann", MONDAY)])
    then = clock.turn(hours=1)
    clock.turn(hours=1)
    house.ledger.append([resulted("1", "ann", MONDAY + timedelta(hours=30))])
    assert measure_report(house).tiles[NAME].counts == Counts(1, 0, 0, 0, 0)
    assert measure_report(house, then).tiles[NAME].figure == NoSuchEvent(("order-ended",))
