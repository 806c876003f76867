"""What clinicians did with a card: only what was offered counts, and accepting silences no danger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bedside.genome.event import EventKind
from tests.contract.site import ORDER_SELECT, ORDER_SIGN, Site, medication, open_site, record, request

CLOPIDOGREL = medication("clopidogrel", "32968")
CITALOPRAM = medication("citalopram")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = open_site(tmp_path)
    record(made.house, "p1", {"CYP2C19": "*2/*2"})
    yield made
    made.house.close()


def only_card(site: Site, order: dict[str, Any], path: str = ORDER_SIGN) -> dict[str, Any]:
    (card,) = site.cards(path, request(path.rsplit("pgx-")[1], order))
    return card


def said(card: dict[str, Any], result: str, at: str | None = None, **more: Any) -> dict[str, Any]:
    when = at or datetime.now(UTC).isoformat()
    return {"feedback": [{"card": card["uuid"], "outcome": result, "outcomeTimestamp": when, **more}]}


def accepted(card: dict[str, Any], suggestion: str | None = None) -> dict[str, Any]:
    chosen = suggestion or card["suggestions"][0]["uuid"]
    return said(card, "accepted", acceptedSuggestions=[{"id": chosen}])


def send(site: Site, body: object, path: str = ORDER_SIGN) -> tuple[int, list[str]]:
    answered = site.ask("POST", f"{path}/feedback", body)
    issues = answered.json().get("issue", [])
    return answered.status_code, [one["expression"][0] for one in issues]


def test_a_poor_metabolizer_s_unchanged_clopidogrel_is_warned_of_again_after_accepted(site: Site) -> None:
    card = only_card(site, CLOPIDOGREL)
    assert send(site, accepted(card)) == (200, [])
    again = only_card(site, CLOPIDOGREL)
    assert (again["indicator"], again["summary"]) == ("critical", card["summary"])


def test_a_clinician_who_overrode_the_critical_card_has_her_reasons_until_she_accepts_it_later(
    site: Site,
) -> None:
    card = only_card(site, CLOPIDOGREL)
    assert send(site, said(card, "overridden")) == (200, [])
    assert site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL)) == []
    assert send(site, accepted(card)) == (200, [])
    assert only_card(site, CLOPIDOGREL)["indicator"] == "critical"


def test_a_warning_that_was_accepted_rests_for_the_same_order(site: Site) -> None:
    card = only_card(site, CITALOPRAM)
    assert card["indicator"] == "warning"
    assert send(site, accepted(card)) == (200, [])
    assert site.cards(ORDER_SIGN, request("order-sign", CITALOPRAM)) == []


def test_a_suggestion_the_patient_s_card_never_made_cannot_be_accepted(site: Site) -> None:
    card, other = only_card(site, CLOPIDOGREL), only_card(site, CITALOPRAM)
    where = "Feedback.feedback[0].acceptedSuggestions[0].id"
    assert send(site, accepted(card, "nope")) == (400, [where])
    assert send(site, accepted(card, other["suggestions"][0]["uuid"])) == (400, [where])
    assert list(site.house.ledger.feedback(card["uuid"])) == []


def test_a_card_is_answered_at_the_service_that_showed_it_to_the_patient_s_clinician(site: Site) -> None:
    card = only_card(site, CLOPIDOGREL)
    assert send(site, said(card, "overridden"), ORDER_SELECT) == (404, ["Feedback.feedback[0].card"])
    assert list(site.house.ledger.feedback(card["uuid"])) == []


IN_A_YEAR = (datetime.now(UTC) + timedelta(days=365)).isoformat()


NO_TIME = ["not a time", "2026-11-22", "2026-11-22T10:00:00", "20261122", "0001-01-01T00:00:00+14:00"]


@pytest.mark.parametrize("at", [*NO_TIME, IN_A_YEAR], ids=[*NO_TIME, "in a year"])
def test_no_patient_s_card_was_answered_at_a_time_that_is_none_or_still_to_come(site: Site, at: str) -> None:
    card = only_card(site, CLOPIDOGREL)
    assert send(site, said(card, "overridden", at)) == (400, ["Feedback.feedback[0].outcomeTimestamp"])
    assert list(site.house.ledger.feedback(card["uuid"])) == []


def test_the_same_moment_written_twice_in_other_ways_is_one_answer_about_the_patient(site: Site) -> None:
    card = only_card(site, CLOPIDOGREL)
    for at in ("2026-01-05T11:00:00Z", "2026-01-05T12:00:00.000+01:00"):
        assert send(site, said(card, "overridden", at)) == (200, [])
    (event,) = site.house.ledger.events(kinds=(EventKind.FEEDBACK_RECEIVED,))
    assert event.payload["at"] == "2026-01-05T11:00:00+00:00"
