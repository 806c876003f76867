"""Alerts stay few as an EHR meets it: repeats rest, emergencies wait, decisions hold, the top tier stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.alert_policy import Quieter, SiteOverride, write_override
from bedside.service.alert_budget import count_budget
from bedside.service.alert_readings import alert_log
from bedside.service.replay_card import replay_answer
from bedside.service.rules import rules_of
from tests.contract.site import (
    ORDER_SELECT,
    ORDER_SIGN,
    Site,
    medication,
    open_site,
    record,
    request,
    searchset,
)

CITALOPRAM, CLOPIDOGREL = medication("citalopram", "2556"), medication("clopidogrel", "32968")
RULE = "PA166297342"
TWENTY = {
    "dosageInstruction": [
        {
            "doseAndRate": [{"doseQuantity": {"value": 20, "unit": "mg"}}],
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        }
    ]
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = open_site(tmp_path)
    record(made.house, "p1", {"CYP2C19": "*2/*2"})
    yield made
    for event in made.house.ledger.events(kinds=[EventKind.HOOK_ANSWERED]):
        assert replay_answer(rules_of(made.house).ruleset, event).same
    made.house.close()


def order(drug: dict[str, Any], number: str) -> dict[str, Any]:
    return {**drug, "id": number}


def shown(
    site: Site, drug: dict[str, Any], number: str = "1", path: str = ORDER_SIGN, **more: Any
) -> list[str]:
    """The urgencies of the cards about an order."""
    hook = "order-sign" if path == ORDER_SIGN else "order-select"
    prefetch = more.pop("prefetch", None)
    extension = more.pop("extension", None)
    body = request(hook, order(drug, number), prefetch=prefetch, **more)
    if extension:
        body["extension"] = extension
    return [card["indicator"] for card in site.cards(path, body)]


def quieted(site: Site) -> list[tuple[str, str, bool]]:
    return [(one.reason, one.rule, one.shown) for one in alert_log(site.house).quiet]


def override_last(site: Site) -> None:
    """The clinician says no to the last card."""
    cards = [c for e in site.house.ledger.events(kinds=[EventKind.HOOK_ANSWERED]) for c in e.payload["cards"]]
    item = {"card": cards[-1]["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    assert site.ask("POST", f"{ORDER_SIGN}/feedback", {"feedback": [item]}).status_code == 200


def test_a_warning_shown_three_times_without_an_answer_rests_in_that_encounter_only(site: Site) -> None:
    stay = {"encounterId": "stay-1"}
    assert [shown(site, CITALOPRAM, str(n), **stay) for n in range(4)] == [["warning"]] * 3 + [[]]
    assert quieted(site) == [("said before in this encounter", RULE, False)]
    assert shown(site, CITALOPRAM, "9", path=ORDER_SELECT, **stay) == ["warning"]
    assert shown(site, CITALOPRAM, "5", encounterId="stay-2") == ["warning"]


def test_a_warning_that_was_answered_rests_for_every_order_of_the_drug(site: Site) -> None:
    assert shown(site, CITALOPRAM, "1") == ["warning"]
    override_last(site)
    assert shown(site, CITALOPRAM, "2") == []
    assert shown(site, CITALOPRAM, "2", path=ORDER_SELECT) == ["info"]
    assert quieted(site) == [
        ("said before in this encounter", RULE, False), ("said before in this encounter", RULE, True),
    ]  # fmt: skip


def test_a_critical_card_is_shown_for_each_order_however_often_it_was_answered(site: Site) -> None:
    for number in range(6):
        assert shown(site, CLOPIDOGREL, str(number), encounterId="stay-1") == ["critical"]
        override_last(site)
    assert quieted(site) == []


def test_a_drug_taken_for_months_at_the_same_dose_is_passive_and_at_another_or_unknown_dose_is_not(
    site: Site,
) -> None:
    held = {**CITALOPRAM, **TWENTY, "id": "held", "status": "active", "authoredOn": "2025-01-05"}
    known, unknown = (
        {"medications": searchset(held)},
        {"medications": searchset({**held, "dosageInstruction": []})},
    )
    again = {**CITALOPRAM, **TWENTY}
    assert shown(site, again, "1", prefetch=known) == []
    assert quieted(site) == [("taken for long at the same dose", RULE, False)]
    assert shown(site, again, "2", prefetch=unknown) == ["warning"]
    assert shown(site, CITALOPRAM, "3", prefetch=known) == ["warning"]


def test_in_an_emergency_a_warning_waits_as_a_task_and_a_critical_card_does_not(site: Site) -> None:
    visit = {"resourceType": "Encounter", "id": "e", "class": {"code": "EMER"}}
    there = {"encounter": searchset({**visit, "subject": {"reference": "Patient/p1"}})}
    about = {"prefetch": there, "encounterId": "e"}
    assert shown(site, CITALOPRAM, "1", **about) == []
    (task,) = site.house.ledger.tasks("p1")
    assert (task.kind, task.owner, task.about["order"]) == (
        "delayed-alert", "clinical pharmacist", "MedicationRequest/1",
    )  # fmt: skip
    assert shown(site, CLOPIDOGREL, "2", **about) == ["critical"]


def test_in_hospice_care_it_waits_too_and_for_somebody_unknown_it_is_shown(site: Site) -> None:
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z51.5"}]}
    active = {"coding": [{"code": "active"}]}
    condition = {"resourceType": "Condition", "code": code, "clinicalStatus": active}
    mine, theirs = (
        {"problems": searchset({**condition, "subject": {"reference": f"Patient/{who}"}})}
        for who in ("p1", "p9")
    )
    assert shown(site, CITALOPRAM, "1", prefetch=mine) == []
    said = {"resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
            "valueCodeableConcept": {"text": "CYP2C19 *2/*2"}}  # fmt: skip
    stranger = {**CITALOPRAM, "subject": {"reference": "Patient/p9"}}
    body = request("order-sign", stranger, prefetch={**theirs, "genotypes": searchset(said)}, patientId="p9")
    assert [card["indicator"] for card in site.cards(ORDER_SIGN, body)] == ["warning"]


def decide(site: Site, to: Quieter | None, rule: str = RULE, **more: Any) -> SiteOverride:
    today = site.house.clock().date()
    one = SiteOverride(
        f"p-{rule}", rule, "pharmacy", "Eva", today, today + timedelta(days=180), 1, to, **more
    )
    payload = {
        "proposal": one.override,
        "decision": "approved",
        "reason": "r",
        "override": write_override(one),
    }
    site.house.ledger.append([NewEvent(EventKind.PROPOSAL_DECIDED, "Eva", site.house.clock(), None, payload)])
    return one


def test_a_decision_makes_a_rule_silent_with_its_reason_until_it_is_taken_back(site: Site) -> None:
    assert shown(site, CITALOPRAM, "1") == ["warning"]
    one = decide(site, Quieter.SILENT)
    assert shown(site, CITALOPRAM, "2") == []
    assert quieted(site) == [("made quieter by a decision of this site", RULE, False)]
    assert alert_log(site.house).quiet[0].override == one.override
    back = {"proposal": "back", "decision": "approved", "reason": "harm", "reverts": one.override}
    site.house.ledger.append([NewEvent(EventKind.PROPOSAL_DECIDED, "Eva", site.house.clock(), None, back)])
    assert shown(site, CITALOPRAM, "3") == ["warning"]


def test_a_decision_for_one_role_reaches_that_role_only(site: Site) -> None:
    decide(site, Quieter.SILENT, roles=("resident",))
    assert shown(site, CITALOPRAM, "1") == ["warning"]
    assert shown(site, CITALOPRAM, "2", extension={"org.bedside.role": "resident"}) == []
    assert [one.role for one in alert_log(site.house).firings] == ["not known"]


def test_other_words_are_shown_in_place_of_ours(site: Site) -> None:
    decide(site, None, words="Citalopram: ask the pharmacist")
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CITALOPRAM))
    assert (card["summary"], card["indicator"]) == ("Citalopram: ask the pharmacist", "warning")


def test_a_decision_about_a_rule_of_the_top_tier_that_was_written_all_the_same_changes_nothing(
    site: Site,
) -> None:
    (before,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))
    for rule in before["extension"]["org.bedside.rules"]:
        decide(site, Quieter.SILENT, rule)
    (after,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))
    assert {**after, "uuid": "", "suggestions": []} == {**before, "uuid": "", "suggestions": []}


def test_a_rule_over_its_budget_is_passive_and_a_critical_one_never_is(site: Site) -> None:
    for number in range(210):
        drug = CITALOPRAM if number % 10 == 0 else CLOPIDOGREL
        shown(site, drug, f"m{number}", encounterId=f"s{number}")
    assert count_budget(site.house) == (RULE,)
    assert shown(site, CITALOPRAM, "x", encounterId="later") == []
    assert shown(site, CLOPIDOGREL, "y", encounterId="later") == ["critical"]
    assert quieted(site)[-1] == ("over the budget of its rule", RULE, False)
    assert count_budget(replace(site.house, clock=lambda: site.house.clock() + timedelta(days=60))) == ()
