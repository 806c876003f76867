"""What alerts did is read from orders, feedback and medicines; a click alone is never follow-through."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bedside.knowledge.alert_policy import load_alert_policy
from bedside.learn.alert_log import read_alerts
from bedside.learn.alert_rates import AlertReview, review
from bedside.learn.follow_through import Followed, followed, heeded
from tests.made_up_alerts import DAY, Told, hours, named

POLICY = load_alert_policy().watch
LATER = DAY + timedelta(days=60)


def became(told: Told, card: str = "c", now: object = LATER) -> tuple[Followed, bool | None]:
    log = read_alerts(told.events, named)
    (one,) = [firing for firing in log.firings if firing.card == card]
    found = followed(one, log.drafted, 24, now)  # type: ignore[arg-type]
    return found, heeded(one, found)


def fired(dose: float | None = None) -> Told:
    told = Told()
    told.fired(DAY, "Ada", "MedicationRequest/1", "clopidogrel", card="c", dose=dose, offers=["prasugrel"])
    return told


def test_an_order_that_names_another_drug_an_hour_later_was_changed() -> None:
    told = fired()
    told.asked(DAY + hours(1), "Ada", "MedicationRequest/1", "prasugrel")
    assert became(told) == (Followed.CHANGED, True)


def test_an_order_with_another_dose_was_changed_and_with_the_same_dose_was_kept() -> None:
    lowered, same = fired(80), fired(80)
    lowered.asked(DAY + hours(1), "Ada", "MedicationRequest/1", "clopidogrel", dose=20)
    same.asked(DAY + hours(1), "Ada", "MedicationRequest/1", "clopidogrel", dose=80)
    assert (became(lowered), became(same)) == ((Followed.CHANGED, True), (Followed.KEPT, False))


def test_accepting_a_card_and_ordering_the_drug_all_the_same_is_not_following_it() -> None:
    told = fired()
    told.answered(DAY + hours(0.1), "c", "accepted")
    told.takes(DAY + hours(2), "Ada", "clopidogrel")
    assert became(told) == (Followed.KEPT, False)


def test_a_checked_alternative_taken_within_a_day_follows_the_card() -> None:
    told = fired()
    told.takes(DAY + hours(20), "Ada", "prasugrel")
    assert became(told) == (Followed.CHANGED, True)


def test_what_happens_after_the_day_or_to_somebody_else_or_another_order_says_nothing() -> None:
    told = fired()
    told.takes(DAY + hours(25), "Ada", "clopidogrel")
    told.takes(DAY + hours(1), "Bo", "clopidogrel")
    told.asked(DAY + hours(1), "Ada", "MedicationRequest/2", "simvastatin")
    assert became(told) == (Followed.NOT_KNOWN, None)
    assert became(told, now=DAY + hours(3)) == (Followed.WAITING, None)


def test_without_an_order_seen_the_word_of_the_clinician_counts() -> None:
    told = fired()
    told.answered(DAY + hours(0.1), "c", "overridden", "cds-not-applicable")
    assert became(told) == (Followed.NOT_KNOWN, False)


def month() -> AlertReview:
    """Forty warnings of one rule that a resident overrides, twenty of a good one, two critical cards."""
    told = Told()
    for person in range(62):
        told.at_site(f"p{person}", "North" if person % 2 else "South")
    for number in range(40):
        at, person = DAY + timedelta(days=number / 4), f"p{number}"
        told.fired(at, person, f"o{number}", "simvastatin", card=f"bad{number}", rule="BAD", role="resident")
        told.answered(at + hours(0.01), f"bad{number}", "overridden", "cds-not-applicable")
    for number in range(20):
        at, person = DAY + timedelta(days=number / 2), f"p{40 + number}"
        told.fired(at, person, f"g{number}", "clopidogrel", card=f"good{number}", rule="GOOD")
        told.asked(at + hours(1), person, f"g{number}", "prasugrel")
    for number in range(2):
        person = f"p{60 + number}"
        more = {"card": f"t{number}", "rule": "TOP", "urgency": "critical"}
        told.fired(LATER - hours(1), person, f"t{number}", "clopidogrel", **more)
    quiet = {"rule": "BAD", "drug": "simvastatin", "order": "q", "reason": "repeated"}
    quiet |= {"before": "warning", "shown": False}
    told.asked(LATER, "p0", "q", "simvastatin", quieted=[quiet])
    told.filtered(LATER, "p0", "hide", "show", "hide", "redose")
    return review(read_alerts(told.events, named), POLICY, LATER)


def test_a_rule_that_nobody_heeds_is_named_first_and_the_others_are_not() -> None:
    found = month()
    assert [(one.rule, one.named, one.top) for one in found.rules] == [
        ("BAD", True, False), ("GOOD", False, False), ("TOP", False, True),
    ]  # fmt: skip
    bad, good, top = found.rules
    assert (bad.everybody.overridden, bad.everybody.reasons) == (40, {"cds-not-applicable": 40})
    assert (good.everybody.ignored, good.everybody.follow_through.value) == (20, 1.0)
    assert top.everybody.became == {Followed.WAITING: 2}
    assert bad.everybody.seconds == pytest.approx(36)


def test_orders_count_once_and_interruptions_per_hundred_of_them() -> None:
    found = month()
    assert (found.orders, found.interruptive) == (63, 62)
    assert found.per_100_orders == pytest.approx(100 * 62 / 63)
    assert (found.quiet, found.saved) == ({"repeated": 1}, {"hide": 2, "redose": 1})
    (bad, *_) = found.rules
    assert {(one.role, one.site): one.shown for one in bad.cells} == {
        ("prescriber", "South"): 0, ("resident", "North"): 20, ("resident", "South"): 20,
    }  # fmt: skip


def test_a_reason_that_one_rule_gets_and_no_other_is_a_cluster() -> None:
    (bad, good, _) = month().rules
    assert [(one.reason, one.role, one.overrides.count) for one in bad.clusters] == [
        ("cds-not-applicable", "", 40), ("cds-not-applicable", "resident", 40),
    ]  # fmt: skip
    assert good.clusters == ()
