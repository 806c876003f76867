"""The measures of the last mile count everybody who came in, and say of how many they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bedside.act.cascade import Relative, Uptake
from bedside.act.disclosure import Fact, Finding, Standing, standing
from bedside.act.disclosure_metrics import CascadeCount, Share, measure
from bedside.knowledge.disclosure_policy import load_pathways

PATHWAY = load_pathways()["disclosure"]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = (
    ("sign-off", "signed-off"), ("second-sample", "sent"), ("confirmation", "confirmed"),
    ("primary-care", "told"),
    ("contact", "reached"), ("disclosure", "disclosed"), ("letter", "sent"), ("visit", "attended"),
    ("problem-list", "entered"),
)  # fmt: skip


def place(name: str, steps: int, every: int, entry: str = "found") -> Standing:
    finding = Finding(name, name, "G", ("chr1-1-A-C",), "p", START, entry)
    facts = [Fact(s, o, START + timedelta(days=every * n)) for n, (s, o) in enumerate(STEPS[:steps], start=1)]
    return standing(PATHWAY, finding, facts)


def test_shares_are_of_all_who_came_in_and_days_are_medians_of_those_who_took_the_step() -> None:
    people = [place("a", 9, 2), place("b", 6, 4), place("c", 3, 10), place("d", 0, 1)]
    measured = measure(people, [], date(2026, 6, 1), PATHWAY.told)
    assert (measured.findings, measured.confirmed, measured.disclosed) == (4, Share(3, 4), Share(2, 4))
    assert (measured.visited, measured.problem_list) == (Share(1, 4), Share(1, 4))
    assert (measured.days["sign-off"], measured.days["disclosure"]) == ((4.0, 3), (3.0, 2))


def test_a_change_that_lies_for_more_than_thirty_days_is_counted_apart() -> None:
    changes = [place("x", 0, 1, "lowered"), place("a", 9, 1)]
    on_day, after = (measure(changes, [], START.date() + timedelta(days=n), PATHWAY.told) for n in (30, 31))
    assert (on_day.changes_open_long, after.changes_open_long) == (Share(0, 1), Share(1, 1))
    assert after.problem_list == Share(1, 1)


def test_relatives_are_counted_for_each_index_person_whose_finding_may_be_shown() -> None:
    index = place("a", 9, 1)
    tested = (Uptake.AT_RISK, Uptake.INVITED, Uptake.RESPONDED, Uptake.TESTED, Uptake.POSITIVE)
    relatives = [Relative("a", "sis", index, tested), Relative("a", "bro", index, tested[:2])]
    counted = measure([index, place("d", 0, 1)], relatives, START.date(), PATHWAY.told).cascade
    assert counted == CascadeCount(1, 2, 2, 1, 1, 1)
    assert (counted.per_index(counted.invited), CascadeCount(0, 0, 0, 0, 0, 0).per_index(0)) == (2.0, None)


def test_nothing_to_count_is_no_share() -> None:
    assert measure([], [], START.date()).confirmed.percent is None
