"""The worklist of perhaps undiagnosed people over the record: who, who is left out, what people decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedside.errors import NotFound, PackError, RequestError
from bedside.genome.event import EventKind
from bedside.learn.recall_gap import recall_by_group
from bedside.learn.suspicion_outcomes import Became
from bedside.service.house import House
from bedside.service.pathway_signals import record_signal, signals_of
from bedside.service.undiagnosed_ask import RoundAsked, round_of_record
from bedside.service.undiagnosed_decide import decide, outcomes, rounds, table_of
from bedside.service.undiagnosed_round import Round, document
from bedside.service.verify_record import verify_record
from tests.made_up_undiagnosed import ANN, BOB, CYD, TODAY, listed, open_charts, problem


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_charts(tmp_path)
    yield opened
    opened.close()


def who(made: Round) -> list[str]:
    return [line.person for line in made.lines]


def test_a_round_lists_who_looks_like_it_and_counts_who_is_left_out(house: House, tmp_path: Path) -> None:
    made = listed(house, tmp_path, capacity=2)
    assert who(made) == [ANN, CYD]
    assert made.left_out == {"diagnosed": 1}
    assert (made.people, made.diseases, made.labelled) == (303, 2, 1)
    assert made.unread.distinct == {"snomed": 1}
    first = made.lines[0].reasons[0]
    assert first.first is not None
    assert (first.first.year, first.first.month) == (2021, 2)


def test_a_round_is_written_once_with_its_whole_table_and_can_be_verified(
    house: House, tmp_path: Path
) -> None:
    made = listed(house, tmp_path)
    listed(house, tmp_path)
    [event] = rounds(house)
    assert event.payload["listed"] == len(made.lines)
    assert [line["person"] for line in table_of(house, event.payload["table"])["lines"]] == who(made)
    assert table_of(house, event.payload["table"])["versions"] == document(made)["versions"]
    assert verify_record(house).documents == 1


def test_a_problem_entered_in_error_is_no_feature(house: House, tmp_path: Path) -> None:
    later = [problem(CYD, code, status="entered-in-error") for code in ("A10.1", "B20", "C30")]
    house.ledger.append(later)
    assert CYD not in who(listed(house, tmp_path))
    assert ANN in who(listed(house, tmp_path))


def test_a_referral_puts_the_person_on_the_pathway_and_orders_nothing(house: House, tmp_path: Path) -> None:
    listed(house, tmp_path)
    decide(house, ANN, "referred", "", actor="dr-lund")
    signals = signals_of(house, ANN)
    assert [(one.name, dict(one.attributes), one.source) for one in signals] == [
        ("eligible", {"for": "undiagnosed"}, "dr-lund")
    ]
    with pytest.raises(RequestError, match="referred already"):
        decide(house, ANN, "not-now", "watch", actor="dr-berg")
    assert list(house.ledger.events(kinds=(EventKind.ORDER_PLACED, EventKind.TASK_OPENED))) == []
    made = listed(house, tmp_path)
    assert ANN not in who(made)
    assert made.left_out == {"diagnosed": 1, "under-care": 1}
    with pytest.raises(NotFound):
        decide(house, ANN, "referred", "", actor="dr-lund")


def test_the_dead_are_not_listed(house: House, tmp_path: Path) -> None:
    record_signal(house, ANN, "died", by="desk")
    assert listed(house, tmp_path).left_out == {"diagnosed": 1, "died": 1}


def test_nothing_is_on_a_pathway_until_somebody_decides(house: House, tmp_path: Path) -> None:
    listed(house, tmp_path)
    assert signals_of(house, ANN) == ()


def test_not_now_needs_a_reason_and_holds_for_its_days(house: House, tmp_path: Path) -> None:
    listed(house, tmp_path)
    with pytest.raises(RequestError, match="none of the reasons"):
        decide(house, ANN, "not-now", "because", actor="dr-lund")
    with pytest.raises(RequestError, match="neither a referral"):
        decide(house, ANN, "order", "", actor="dr-lund")
    with pytest.raises(NotFound):
        decide(house, BOB, "referred", "", actor="dr-lund")
    decide(house, ANN, "not-now", "watch", actor="dr-lund")
    assert listed(house, tmp_path).left_out == {"diagnosed": 1, "not-now": 1}
    half_a_year = TODAY.date() + timedelta(days=181)
    assert ANN in who(listed(house, tmp_path, day=half_a_year))


def test_not_now_can_become_a_referral_and_declined_stays(house: House, tmp_path: Path) -> None:
    listed(house, tmp_path)
    decide(house, ANN, "not-now", "watch", actor="dr-lund")
    decide(house, ANN, "referred", "", actor="dr-lund")
    decide(house, CYD, "not-now", "declined", actor="dr-lund")
    made = listed(house, tmp_path, day=TODAY.date() + timedelta(days=3000))
    assert made.left_out == {"declined": 1, "diagnosed": 1, "under-care": 1}


def test_somebody_tested_since_the_round_is_not_referred_from_an_old_page(
    house: House, tmp_path: Path
) -> None:
    listed(house, tmp_path)
    record_signal(house, ANN, "referred", by="dr-berg", attributes={"to": "undiagnosed"})
    with pytest.raises(RequestError, match="under care since"):
        decide(house, ANN, "referred", "", actor="dr-lund")


def test_what_became_of_it_is_read_from_the_pathway(house: House, tmp_path: Path) -> None:
    listed(house, tmp_path)
    assert {one.person: one.became for one in outcomes(house)}[ANN] is Became.ADVISED
    decide(house, ANN, "referred", "", actor="dr-lund")
    decide(house, CYD, "not-now", "watch", actor="dr-lund")
    for signal, said, became in (
        ("test-ordered", {}, Became.ORDERED),
        ("result-reviewed", {"finding": "none"}, Became.NO_ANSWER),
        ("result-reviewed", {"finding": "diagnosis"}, Became.DIAGNOSED),
    ):
        record_signal(house, ANN, signal, by="dr-lund", attributes=said)
        found = {one.person: one.became for one in outcomes(house)}
        assert (found[ANN], found[CYD]) == (became, Became.NOT_NOW)


def test_without_maps_there_is_no_round(house: House) -> None:
    with pytest.raises(PackError, match="no code maps"):
        round_of_record(house, RoundAsked(TODAY.date()))
    assert rounds(house) == ()


def test_recall_by_group_hides_what_is_small_and_what_could_be_worked_out() -> None:
    groups = {"language": ["en"] * 40 + ["es"] * 20 + [""] * 4}
    found = [True] * 20 + [False] * 20 + [True] * 5 + [False] * 15 + [False] * 4
    lines = {one.group: one for one in recall_by_group(groups, found, 10)}
    assert lines["not recorded"].recall is None
    assert lines["es"].recall is None
    shown = lines["en"]
    assert shown.recall is not None
    assert (shown.recall.count, shown.recall.of) == (20, 40)
    assert shown.gap is not None
    gap, low, high = shown.gap
    assert gap == pytest.approx(20 / 40 - 5 / 24)
    assert low < gap < high
    assert low > 0
