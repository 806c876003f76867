"""CDS Hooks answered from the record: people, their results, their drugs, the tasks that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.act.tasks import TaskState, state_of
from tests.contract.site import (
    ORDER_SELECT,
    ORDER_SIGN,
    PATIENT_VIEW,
    Site,
    genotypes,
    medication,
    open_site,
    record,
    request,
    searchset,
)

CODEINE = medication("codeine", "2670")
CLOPIDOGREL = medication("clopidogrel", "32968")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = open_site(tmp_path)
    yield made
    made.house.close()


def test_the_record_alone_answers(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))
    assert card["indicator"] == "critical"


def test_the_record_s_current_drugs_convert_the_phenotype(site: Site) -> None:
    record(site.house, "p1", {"CYP2D6": "*1/*1"}, taken={"32937": "paroxetine"})
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CODEINE))
    assert "while taking paroxetine" in card["detail"]


def test_prefetched_medicines_are_the_ehr_s_truth_of_today(site: Site) -> None:
    record(site.house, "p1", {"CYP2D6": "*1/*1"}, taken={"32937": "paroxetine"})
    stopped = request("order-sign", CODEINE, prefetch={"medications": searchset()})
    assert site.cards(ORDER_SIGN, stopped) == []


def test_a_prefetched_result_fills_a_gene_that_the_record_lacks(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    prefetch = {"genotypes": genotypes("CYP2C19 Poor Metabolizer", "CYP2D6 *4/*4")}
    cards = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, CODEINE, prefetch=prefetch))
    assert [(card["summary"].split()[0], card["indicator"]) for card in cards] == [
        ("Clopidogrel", "critical"),
        ("Codeine:", "critical"),
    ]


@pytest.mark.parametrize(("held", "sent"), [("*1/*1", "*2/*2"), ("*2/*2", "*1/*1")])
def test_a_result_of_the_ehr_that_contradicts_the_record_is_never_dropped_in_silence(
    site: Site, held: str, sent: str
) -> None:
    record(site.house, "p1", {"CYP2C19": held})
    prefetch = {"genotypes": genotypes(f"CYP2C19 {sent}")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch))
    assert card["indicator"] == "warning"
    assert "Poor Metabolizer" in card["detail"]
    assert "Normal Metabolizer" in card["detail"]


def test_a_readable_result_of_the_ehr_counts_where_the_record_could_not_be_called(site: Site) -> None:
    record(site.house, "p1", {"CYP2D6": "*1/*4xN"})
    prefetch = {"genotypes": genotypes("CYP2D6 *4/*4")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CODEINE, prefetch=prefetch))
    assert card["indicator"] == "critical"


def test_a_server_whose_address_cannot_be_read_opens_nobody_s_record(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    asked = {**request("order-sign", CLOPIDOGREL), "fhirServer": "http://["}
    assert site.ask("POST", ORDER_SIGN, asked).status_code == 412


def test_somebody_registered_without_results_is_told_what_to_test(site: Site) -> None:
    record(site.house, "p1", {"CYP2D6": "*1/*1"})
    (card,) = site.cards(ORDER_SELECT, request("order-select", CLOPIDOGREL))
    assert (card["indicator"], card["summary"]) == ("info", "Clopidogrel: test CYP2C19 first")
    assert "suggestions" not in card


def test_opening_the_chart_says_what_is_on_file(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"}, taken={"32968": "clopidogrel"})
    (card,) = site.cards(PATIENT_VIEW, request("patient-view"))
    assert (card["indicator"], card["summary"].split(":")[0]) == ("critical", "Clopidogrel after ACS or PCI")


def test_a_top_tier_finding_becomes_one_task_with_an_owner_and_a_day(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    for _ in range(3):
        site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))
    (task,) = site.house.ledger.tasks("p1")
    assert (task.kind, task.owner, task.about["drug"], task.about["genes"]) == (
        "top-tier-finding",
        "clinical pharmacist",
        "clopidogrel",
        ["CYP2C19"],
    )
    assert state_of(task, site.house.clock().date()) is TaskState.OPEN


def test_a_warning_becomes_no_task(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    site.cards(ORDER_SIGN, request("order-sign", medication("citalopram")))
    assert site.house.ledger.tasks("p1") == ()


def test_a_card_that_was_answered_is_not_shown_again_for_the_same_order_and_the_silence_says_so(
    site: Site,
) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))
    assert len(site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL))) == 1, (
        "not yet answered: shown again"
    )
    said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    assert site.ask("POST", f"{ORDER_SIGN}/feedback", {"feedback": [said]}).status_code == 200
    assert site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL)) == []
    another = {**CLOPIDOGREL, "id": "another-order"}
    assert len(site.cards(ORDER_SIGN, request("order-sign", another))) == 1


def test_an_order_set_is_filtered_from_the_record(site: Site) -> None:
    record(site.house, "p1", {"CYP2D6": "*4/*4"})
    answered = site.ask(
        "POST", "/order-set-filter", {"patientId": "p1", "orderSet": "pain-after-surgery"}
    ).json()
    hidden = {one["id"]: one["disposition"] for one in answered["items"] if one["disposition"] != "show"}
    assert hidden == {"codeine": "hide", "tramadol": "hide"}
