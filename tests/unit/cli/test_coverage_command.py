"""`bedside coverage`: an order of a file or of the record, and whether its plan covers it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bedside.cli import main
from bedside.exchange.order_fhir import order_bundle
from bedside.genome.order import plain_order
from bedside.knowledge.coverage_policies import load_coverage
from bedside.service.order_test import Wish, order_test
from tests.made_up_record import INGRID, open_record

ORDER = {
    "test": "pgx-basic",
    "birth_date": "1950-01-01",
    "problems": ["I25.10"],
    "reasons": ["I25.10"],
    "medicines": ["clopidogrel", "codeine"],
    "medicines_complete": True,
    "facts": {
        "result-needed": True,
        "orderer-prescribes": True,
        "test-assessed": True,
        "combinatorial-algorithm": False,
    },
}


def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str], order: object, *options: str) -> Any:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(order))
    assert main(["coverage", "--order", str(file), "--format", "json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def without(*facts: str) -> dict[str, Any]:
    return {**ORDER, "facts": {name: one for name, one in ORDER["facts"].items() if name not in facts}}


def test_two_medicines_that_need_two_genes_are_covered_under_moldx(tmp_path: Path, capsys) -> None:
    said = asked(tmp_path, capsys, ORDER, "--payer", "medicare-moldx")
    assert (said["answer"], said["decided_by"], said["missing"]) == ("covered", ["medicare-pgx-moldx"], [])


@pytest.mark.parametrize("fact", list(ORDER["facts"]))
def test_without_any_one_fact_it_is_conditional_and_names_the_fact(tmp_path: Path, capsys, fact: str) -> None:
    said = asked(tmp_path, capsys, without(fact), "--payer", "medicare-moldx")
    assert (said["answer"], [one["fact"] for one in said["missing"]]) == ("conditional", [fact])
    stated = "no" if fact == "combinatorial-algorithm" else "yes"
    again = asked(tmp_path, capsys, without(fact), "--payer", "medicare-moldx", "--fact", f"{fact}={stated}")
    assert again["answer"] == "covered"


def test_a_payer_that_nobody_knows_is_unknown(tmp_path: Path, capsys) -> None:
    said = asked(tmp_path, capsys, ORDER, "--payer", "the-moon")
    assert said["answer"] == "unknown"
    assert "the-moon" in said["why"]


def test_the_text_begins_with_the_answer_and_never_says_covered_of_what_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(without("result-needed")))
    assert main(["coverage", "--order", str(file), "--payer", "medicare-moldx"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("Not settled")
    assert second == "Why: Medicare, MolDX: pharmacogenomic tests: turns on 1 fact that nobody has said yet"


def bundle(**more: Any) -> dict[str, Any]:
    """A draft order for one gene by its billing code, with its chart, as another system sends it."""
    mine = {"reference": "Patient/p"}
    resources = [
        {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01"},
        {
            "resourceType": "Condition",
            "id": "c",
            "subject": mine,
            "clinicalStatus": {"coding": [{"code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10"}]},
        },
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "draft",
            "intent": "order",
            "subject": mine,
            "medicationCodeableConcept": {"text": "clopidogrel 75 mg"},
        },
        {
            "resourceType": "MedicationRequest",
            "id": "other",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/somebody-else"},
            "medicationCodeableConcept": {"text": "codeine"},
        },
        {
            "resourceType": "Coverage",
            "id": "v",
            "status": "active",
            "beneficiary": mine,
            "payor": [{"display": "Example Medicare"}],
        },
        {
            "resourceType": "QuestionnaireResponse",
            "id": "q",
            "status": "completed",
            "subject": mine,
            "author": {"display": "Dr Early"},
            "item": [
                {"linkId": name, "answer": [{"valueBoolean": value}]}
                for name, value in {**ORDER["facts"], "no-fact-of-ours": True}.items()
            ],
        },
        {
            "resourceType": "ServiceRequest",
            "id": "s",
            "status": "draft",
            "intent": "order",
            "subject": mine,
            "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "81225"}]},
            "reasonReference": [{"reference": "Condition/c"}, {"reference": "MedicationRequest/m"}],
            **more,
        },
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def test_a_fhir_bundle_brings_its_plan_its_medicine_and_what_was_answered_on_the_form(
    tmp_path: Path, capsys
) -> None:
    said = asked(tmp_path, capsys, bundle())
    assert (said["answer"], said["payer"], said["order"]) == (
        "covered",
        "medicare-moldx",
        "ServiceRequest/s",
    )
    facts = said["asked"]["facts"]
    assert facts["selected-drugs"]["value"] == {"list": ["clopidogrel"], "complete": True}
    assert facts["result-needed"]["evidence"][0]["by"] == "Dr Early"


def test_a_day_of_service_before_the_policy_is_not_covered_by_it(tmp_path: Path, capsys) -> None:
    said = asked(tmp_path, capsys, bundle(occurrenceDateTime="2020-05-01"))
    assert (said["answer"], said["not_in_force"]) == ("unknown", ["medicare-pgx-moldx"])


def test_a_plan_that_is_not_in_force_covers_nothing(tmp_path: Path, capsys) -> None:
    plan = {"payer": "medicare-moldx", "ends": "2026-01-31"}
    said = asked(tmp_path, capsys, {**ORDER, "plan": plan, "service_on": "2026-02-01"})
    assert (said["answer"], said["info_needed"]) == ("unknown", ["contract-window"])


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("not json", "is no JSON"),
        ({"test": "pgx-basic", "no_such_key": 1}, "does not know 'no_such_key'"),
        ({}, "names no test"),
        ({"test": "pgx-basic", "facts": {"result-needed": "perhaps"}}, "is neither yes nor no"),
        ({"test": "pgx-basic", "plan": {"payer": "x", "line": "moon"}}, "cannot be read"),
        ({"test": "pgx-basic", "birth_date": "yesterday", "medicines": "all"}, "is no date"),
        ({"resourceType": "Bundle", "entry": []}, "holds 0 ServiceRequests"),
    ],
)
def test_a_file_that_is_no_order_is_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], order: object, told: str
) -> None:
    file = tmp_path / "order.json"
    file.write_text(order if isinstance(order, str) else json.dumps(order))
    assert main(["coverage", "--order", str(file), "--payer", "medicare-moldx"]) == 1
    assert told in capsys.readouterr().err


def test_a_number_that_is_no_order_of_the_record_is_refused(tmp_path: Path, capsys) -> None:
    store = f"sqlite:///{tmp_path / 'ledger.db'}"
    assert main(["coverage", "--order", "BS1", "--store", store]) == 1
    assert "does not exist yet" in capsys.readouterr().err


def test_an_order_of_the_record_is_asked_by_its_number_and_the_same_order_as_fhir_by_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_record(tmp_path)
    wish = Wish(test="pgx-basic", orderer="Dr Early", answers={"transplant": "no"}, despite="all of it")
    order = order_test(house, INGRID, wish).order
    house.close()
    store = f"sqlite:///{tmp_path / 'ledger.db'}"
    options = ["--payer", "medicare-moldx", "--format", "json", "--store", store]
    assert main(["coverage", "--order", order.order, *options, "--fact", "result-needed=yes"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["answer"], said["order"]) == ("conditional", order.order)
    assert "result-needed" not in {one["fact"] for one in said["missing"]}
    sent = asked(tmp_path, capsys, order_bundle(order), "--payer", "medicare-moldx")
    assert (sent["answer"], sent["asked"]["test"]["test"]) == ("conditional", "pgx-basic")
    assert sent["asked"]["facts"]["age-years"]["value"] == said["asked"]["facts"]["age-years"]["value"]
    ours = asked(tmp_path, capsys, {"order": plain_order(order)}, "--payer", "medicare-moldx")
    assert (ours["order"], ours["service_on"]) == (order.order, said["service_on"])


def test_the_list_names_every_policy_with_its_review_state_and_examples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["coverage", "--list", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    policies = load_coverage().policies
    assert {one["policy"] for one in rows} == set(policies)
    assert all(one["examples"].split("/")[0] == one["examples"].split("/")[1] for one in rows)
    assert all(one["review_state"] and one["owner"] for one in rows)
