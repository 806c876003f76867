"""An alarm about a gap: once, until it is gone, and then not again for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bedside.act.gap_alarms import GapAlarm, GapStep, gap_moves

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
GAP = "measure/tasks-in-time/language/es"


def alarm(closed: datetime | None = None) -> GapAlarm:
    return GapAlarm(GAP, "told", "programme lead", NOON, "2026-12-26", closed)


def test_a_gap_without_an_alarm_gets_one_and_one_with_an_alarm_gets_no_second() -> None:
    assert gap_moves({}, {GAP}, {GAP}, NOON, 30) == ((GAP, GapStep.RAISED),)
    assert gap_moves({GAP: alarm()}, {GAP}, {GAP}, NOON, 30) == ()


def test_an_alarm_closes_when_its_gap_is_looked_at_and_gone_and_not_when_it_cannot_be_seen() -> None:
    assert gap_moves({GAP: alarm()}, set(), {GAP}, NOON, 30) == ((GAP, GapStep.CLOSED),)
    assert gap_moves({GAP: alarm()}, set(), set(), NOON, 30) == ()


def test_a_gap_that_comes_back_is_quiet_for_as_long_as_the_policy_says() -> None:
    held = {GAP: alarm(closed=NOON)}
    assert gap_moves(held, {GAP}, {GAP}, NOON + timedelta(days=29), 30) == ()
    assert gap_moves(held, {GAP}, {GAP}, NOON + timedelta(days=30), 30) == ((GAP, GapStep.RAISED),)
