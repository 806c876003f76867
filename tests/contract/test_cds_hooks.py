"""CDS Hooks 2.0 as an EHR meets it: discovery, cards, feedback, order sets, refusals."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.errors import AuditUnavailable
from bedside.genome.event import EventKind
from bedside.service.answer_hook import answer
from bedside.service.replay_card import replay_answer, replay_card
from bedside.service.rules import rules_of
from tests.contract.site import (
    ORDER_SELECT,
    ORDER_SIGN,
    PATIENT_VIEW,
    RXNORM,
    Site,
    genotypes,
    medication,
    open_site,
    request,
    searchset,
)
from tests.examples import examples
from tests.unit.decide.people import pack

POOR = genotypes("CYP2C19 *2/*2")
CLOPIDOGREL = medication("clopidogrel", "32968")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = open_site(tmp_path_factory.mktemp("site"))
    yield made
    made.house.close()


def outcome(answered: Any) -> tuple[int, list[tuple[list[str], str]]]:
    body = answered.json()
    assert body["resourceType"] == "OperationOutcome"
    return answered.status_code, [(one.get("expression", []), one["diagnostics"]) for one in body["issue"]]


# --- discovery


def test_discovery_lists_one_service_for_each_hook(site: Site) -> None:
    services = site.ask("GET", "/cds-services").json()["services"]
    assert sorted((one["hook"], one["id"]) for one in services) == [
        ("order-dispatch", "bedside-coverage-order-dispatch"),
        ("order-select", "bedside-pgx-order-select"),
        ("order-sign", "bedside-coverage-order-sign"),
        ("order-sign", "bedside-pgx-order-sign"),
        ("patient-view", "bedside-pgx-patient-view"),
    ]
    for one in services:
        assert {"hook", "id", "title", "description", "prefetch", "usageRequirements"} == set(one)
        assert all("{{context.patientId}}" in query for query in one["prefetch"].values())
        if "pgx" in one["id"]:
            assert all(code in one["prefetch"]["genotypes"] for code in ("84413-4", "53040-2", "83009-1"))


# --- answers


def test_the_sandbox_request_without_a_drug_gets_no_cards(site: Site, shared: Path) -> None:
    captured = json.loads((shared / "cds_hooks" / "request-order-select-sandbox.json").read_text())
    assert site.cards(ORDER_SELECT, captured) == []


def test_the_sandbox_request_with_a_drug_gets_the_card_of_its_genotype(site: Site, shared: Path) -> None:
    captured = json.loads((shared / "cds_hooks" / "request-order-select-sandbox.json").read_text())
    captured["context"]["draftOrders"]["entry"][0]["resource"].update(
        medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "309362"}]}
    )
    (card,) = site.cards(ORDER_SELECT, captured)
    assert (
        card["summary"]
        == "Clopidogrel after ACS or PCI: avoid; choose another drug (CYP2C19 poor metabolizer)"
    )
    assert card["indicator"] == "critical"
    assert [one["label"] for one in card["suggestions"]] == [
        "Replace clopidogrel with prasugrel",
        "Replace clopidogrel with ticagrelor",
    ]
    assert card["suggestions"][0]["actions"][0]["resourceId"] == "MedicationRequest/request-123"


@pytest.mark.parametrize(
    "drug",
    [
        {"coding": [{"system": RXNORM, "code": "32968"}]},
        {"coding": [{"system": RXNORM, "code": "309362"}]},
        {"coding": [{"system": "http://www.whocc.no/atc", "code": "B01AC04"}]},
        {"text": "Plavix 75 mg tablet"},
        {"text": "clopidogrel bisulfate 75 MG Oral Tablet"},
    ],
)
def test_an_order_is_understood_by_ingredient_product_atc_brand_and_name(
    site: Site, drug: dict[str, Any]
) -> None:
    draft = {**CLOPIDOGREL, "medicationCodeableConcept": drug}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", draft, prefetch={"genotypes": POOR}))
    assert card["summary"].startswith("Clopidogrel")


def test_a_medication_reference_is_followed(site: Site) -> None:
    draft = {name: value for name, value in CLOPIDOGREL.items() if name != "medicationCodeableConcept"}
    draft |= {
        "medicationReference": {"reference": "#m"},
        "contained": [
            {
                "resourceType": "Medication",
                "id": "m",
                "code": {"coding": [{"system": RXNORM, "code": "32968"}]},
            }
        ],
    }
    (card,) = site.cards(ORDER_SIGN, request("order-sign", draft, prefetch={"genotypes": POOR}))
    assert card["indicator"] == "critical"


def test_a_name_inside_another_name_is_not_that_drug(site: Site) -> None:
    ultrarapid = genotypes("CYP2D6 Ultrarapid Metabolizer")
    draft = medication("dihydrocodeine 30 mg")
    assert site.cards(ORDER_SIGN, request("order-sign", draft, prefetch={"genotypes": ultrarapid})) == []


def test_order_select_looks_only_at_what_was_selected(site: Site) -> None:
    codeine = medication("codeine", "2670")
    prefetch = {"genotypes": genotypes("CYP2C19 *2/*2", "CYP2D6 *4/*4")}
    both = request("order-select", CLOPIDOGREL, codeine, prefetch=prefetch)
    one = request(
        "order-select",
        CLOPIDOGREL,
        codeine,
        prefetch=prefetch,
        selections=["MedicationRequest/draft-codeine"],
    )
    assert [card["summary"].split()[0] for card in site.cards(ORDER_SELECT, both)] == [
        "Clopidogrel",
        "Codeine:",
    ]
    assert [card["summary"].split()[0] for card in site.cards(ORDER_SELECT, one)] == ["Codeine:"]


@pytest.mark.parametrize(
    "prefetch",
    [
        {"genotypes": genotypes("CYP2D6 *4/*4")},
        {
            "genotypes": searchset(
                {
                    **POOR["entry"][0]["resource"],
                    "valueCodeableConcept": {"text": "*4/*4"},
                    "component": [
                        {
                            "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
                            "valueCodeableConcept": {"text": "CYP2D6"},
                        }
                    ],
                }
            )
        },
        {
            "genotypes": searchset(
                {
                    "resourceType": "Observation",
                    "status": "final",
                    "code": {"coding": [{"system": "http://loinc.org", "code": "53040-2"}]},
                    "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9657-3"}]},
                    "component": [
                        {
                            "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
                            "valueCodeableConcept": {
                                "coding": [
                                    {
                                        "system": "http://www.genenames.org",
                                        "code": "HGNC:2625",
                                    }
                                ]
                            },
                        }
                    ],
                }
            )
        },
        {
            "indicators": searchset(
                {
                    "resourceType": "Condition",
                    "subject": {"reference": "Patient/p1"},
                    "code": {"text": "CYP2D6 Poor Metabolizer"},
                }
            )
        },
    ],
    ids=["genotype text", "gene component", "metabolism code", "genomic indicator"],
)
def test_genes_are_read_in_every_form_an_ehr_keeps_them(site: Site, prefetch: dict[str, Any]) -> None:
    codeine = medication("codeine", "2670")
    (card,) = site.cards(ORDER_SIGN, request("order-sign", codeine, prefetch=prefetch))
    assert card["summary"] == "Codeine: avoid; choose another drug (CYP2D6 poor metabolizer)"


@pytest.mark.parametrize("status", ["preliminary", "entered-in-error", "cancelled", "registered"])
def test_a_result_that_is_not_final_drives_nothing(site: Site, status: str) -> None:
    observation = {**POOR["entry"][0]["resource"], "status": status}
    prefetch = {"genotypes": searchset(observation)}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch))
    assert (card["indicator"], card["summary"]) == ("info", "Clopidogrel: test CYP2C19 first")


def test_a_result_that_cannot_be_read_is_not_an_absent_one(site: Site) -> None:
    prefetch = {"genotypes": genotypes("CYP2C19 see scanned report")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch))
    assert "CYP2C19 not called" in card["detail"]
    assert "could not be read" in card["detail"]


@pytest.mark.parametrize("text", ["c.1905+1G>A (*2A)/c.1905+1G>A (*2A)", "*2A/*2A", "*2A/*13"])
def test_somebody_without_dpyd_is_warned_of_fluorouracil_however_the_laboratory_writes_it(
    site: Site, text: str
) -> None:
    prefetch = {"genotypes": genotypes(f"DPYD {text}")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication("fluorouracil"), prefetch=prefetch))
    assert (card["indicator"], "DPYD" in card["summary"]) == ("critical", True)


def test_an_unknown_allele_is_a_result_that_was_not_read_and_not_one_without_function(site: Site) -> None:
    prefetch = {"genotypes": genotypes("DPYD Reference/c.9999A>G")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication("fluorouracil"), prefetch=prefetch))
    assert "could not be read" in card["detail"]
    assert "no assigned function" not in card["detail"]


@pytest.mark.parametrize("status", ["unconfirmed", "provisional", "differential", "refuted"])
def test_an_indicator_that_nobody_confirmed_drives_nothing(site: Site, status: str) -> None:
    indicator = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p1"},
        "verificationStatus": {"coding": [{"code": status}]},
        "code": {"text": "CYP2D6 Poor Metabolizer"},
    }
    prefetch = {"indicators": searchset(indicator)}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication("codeine"), prefetch=prefetch))
    assert card["summary"] == "Codeine: test CYP2D6 first"


def test_current_drugs_change_the_phenotype_and_the_card_says_so(site: Site) -> None:
    prefetch = {
        "genotypes": genotypes("CYP2D6 *1/*1"),
        "medications": searchset({**medication("Paxil 20 MG"), "status": "active"}),
    }
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication("codeine"), prefetch=prefetch))
    assert "acts as poor metabolizer while taking paroxetine" in card["detail"]


@pytest.mark.parametrize("drug", ["codeine", "tramadol"])
@pytest.mark.parametrize("inhibitor", ["duloxetine", "mirabegron", "Paxil 20 MG"])
def test_an_inhibitor_never_silences_what_an_ultrarapid_metabolizer_must_hear(
    site: Site, drug: str, inhibitor: str
) -> None:
    prefetch = {
        "genotypes": genotypes("CYP2D6 *1/*2x2"),
        "medications": searchset({**medication(inhibitor), "status": "active"}),
    }
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication(drug), prefetch=prefetch))
    assert card["indicator"] == "critical"
    assert "while taking" in card["detail"].lower()


@pytest.mark.parametrize(
    "order",
    [
        {"status": "active", "doNotPerform": True},
        {"status": "stopped"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"status": "draft"},
        {"status": "not-taken"},
    ],
)
def test_a_drug_that_is_not_to_be_given_is_no_drug_taken(site: Site, order: dict[str, Any]) -> None:
    prefetch = {
        "genotypes": genotypes("CYP2D6 *1/*1"),
        "medications": searchset({**medication("paroxetine"), **order}),
    }
    assert site.cards(ORDER_SIGN, request("order-sign", medication("codeine"), prefetch=prefetch)) == []


@pytest.mark.parametrize(
    "order", [{"status": "cancelled"}, {"status": "entered-in-error"}, {"doNotPerform": True}]
)
def test_an_order_not_to_give_a_drug_is_not_judged_as_an_order_and_is_on_file(
    site: Site, order: dict[str, Any]
) -> None:
    drafts = [{**CLOPIDOGREL, **order}, medication("codeine")]
    prefetch = {"genotypes": genotypes("CYP2C19 *2/*2", "CYP2D6 *4/*4")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", *drafts, prefetch=prefetch))
    assert card["summary"].startswith("Codeine")
    *_, event = site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,))
    assert [one["reason"] for one in event.payload["silences"] if "draft" in one["rule"]] == [
        "order does not ask for the drug to be given"
    ]


@pytest.mark.parametrize(
    "selected", ["draft-codeine", "MedicationRequest/draft-codeine/_history/1", "urn:uuid:gone"]
)
def test_a_selection_is_never_lost_however_it_is_written(site: Site, selected: str) -> None:
    prefetch = {"genotypes": genotypes("CYP2D6 *4/*4")}
    asked = request("order-select", medication("codeine"), prefetch=prefetch, selections=[selected])
    assert [card["summary"].split(":")[0] for card in site.cards(ORDER_SELECT, asked)] == ["Codeine"]


def test_ordering_an_inhibitor_warns_about_the_drug_it_spoils(site: Site) -> None:
    prefetch = {
        "genotypes": genotypes("CYP2D6 *1/*1"),
        "medications": searchset({**medication("codeine"), "status": "active"}),
    }
    (card,) = site.cards(ORDER_SIGN, request("order-sign", medication("paroxetine"), prefetch=prefetch))
    assert card["summary"] == "Codeine: avoid; choose another drug (CYP2D6 poor metabolizer)"


def test_a_child_gets_the_advice_for_children(site: Site) -> None:
    prefetch = {
        "genotypes": genotypes("CYP2C19 *1/*17"),
        "patient": {"resourceType": "Patient", "birthDate": "2020-01-01"},
    }
    cards = site.cards(ORDER_SELECT, request("order-select", medication("voriconazole"), prefetch=prefetch))
    assert [card["summary"].split(":")[0] for card in cards] == ["Voriconazole in children"]


DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def dosed(name: str, value: float, unit: str = "mg", timing: dict[str, Any] | None = DAILY) -> dict[str, Any]:
    dose: dict[str, Any] = {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}]}
    if timing is not None:
        dose["timing"] = timing
    return medication(name, dosageInstruction=[dose])


def test_eighty_milligrams_of_atorvastatin_once_a_day_are_lowered_to_the_limit_in_one_click(
    site: Site,
) -> None:
    draft = dosed("atorvastatin", 80)
    prefetch = {"genotypes": genotypes("SLCO1B1 *5/*5")}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", draft, prefetch=prefetch))
    update = card["suggestions"][0]["actions"][0]
    assert card["suggestions"][0]["label"] == "Change the dose to 20 mg once a day"
    assert (update["type"], update["resource"]["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]) == (
        "update",
        {"value": 20.0, "unit": "mg"},
    )
    assert draft["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 80


@pytest.mark.parametrize(
    ("draft", "results"),
    [
        (dosed("mercaptopurine", 100), ("NUDT15 *3/*3", "TPMT *1/*1")),
        (dosed("mercaptopurine", 100), ("NUDT15 *1/*1", "TPMT *3A/*3A")),
        (dosed("fosphenytoin", 1400), ("CYP2C9 *3/*3", "HLA-B *15:02 negative")),
        (dosed("omeprazole", 20), ("CYP2C19 *17/*17",)),
        (dosed("sertraline", 50), ("CYP2C19 *2/*2", "CYP2B6 *6/*6")),
        (dosed("tacrolimus", 5), ("CYP3A5 *1/*1",)),
        (dosed("capecitabine", 1000), ("DPYD Intermediate Metabolizer",)),
        (
            dosed("fluvastatin", 40, timing={"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}),
            ("CYP2C9 *3/*3", "SLCO1B1 *1/*1"),
        ),
        (dosed("fluvastatin", 40, timing=None), ("CYP2C9 *3/*3", "SLCO1B1 *1/*1")),
        (dosed("efavirenz", 600), ("CYP2B6 *6/*6",)),
        (dosed("fluvastatin", 2, "tablet"), ("CYP2C9 *3/*3", "SLCO1B1 *1/*1")),
        (dosed("fluvastatin", 10), ("CYP2C9 *3/*3", "SLCO1B1 *1/*1")),
    ],
    ids=[
        "by body surface",
        "a tenth and not daily",
        "a loading dose",
        "a share of a dose raised before",
        "a share in maintenance",
        "by weight",
        "a share of a cycle's dose",
        "twice a day",
        "how often is not said",
        "for adults and heavier children, which is not known",
        "in tablets",
        "below the limit",
    ],
)
def test_a_dose_that_one_click_could_get_wrong_is_advised_in_words_only(
    site: Site, draft: dict[str, Any], results: tuple[str, ...]
) -> None:
    hook, path = "order-select", ORDER_SELECT
    cards = site.cards(path, request(hook, draft, prefetch={"genotypes": genotypes(*results)}))
    assert cards
    labels = [one["label"] for card in cards for one in card.get("suggestions", [])]
    assert [label for label in labels if label.startswith("Change")] == []


def test_opening_the_chart_shows_what_the_drugs_now_taken_need(site: Site) -> None:
    prefetch = {"genotypes": POOR, "medications": searchset({**CLOPIDOGREL, "status": "active"})}
    cards = site.cards(PATIENT_VIEW, request("patient-view", prefetch=prefetch))
    assert [card["indicator"] for card in cards] == ["critical"]


# --- invariants over random requests

TEXTS = st.sampled_from(
    [
        "CYP2C19 *2/*2",
        "CYP2C19 *1/*17",
        "CYP2C19 Likely Poor Metabolizer",
        "CYP2C19 nonsense",
        "CYP2D6 *4/*4",
        "CYP2D6 *1/*1",
        "CYP2D6 Ultrarapid Metabolizer",
        "SLCO1B1 *5/*5",
        "HLA-B *57:01 positive",
        "CYP2C9 *3/*3",
        "DPYD Poor Metabolizer",
        "TPMT Poor Metabolizer",
        "G6PD Deficient",
        "NUDT15 Normal Metabolizer",
        "unknown",
        "",
    ]
)
NAMES = st.sampled_from([*sorted(pack().guidance), "aspirin", "warfarin", "no such drug", ""])


@settings(
    max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["order-select", "order-sign"]),
    st.lists(NAMES, min_size=1, max_size=3),
    st.lists(TEXTS, max_size=6),
    st.lists(NAMES, max_size=2),
)
def test_every_card_keeps_the_rules_of_cds_hooks(
    site: Site, hook: str, ordered: list[str], results: list[str], taken: list[str]
) -> None:
    drafts = [medication(name, id=f"d{place}") for place, name in enumerate(ordered)]
    active = [{**medication(name), "status": "active"} for name in taken]
    prefetch = {"genotypes": genotypes(*results), "medications": searchset(*active)}
    path = ORDER_SELECT if hook == "order-select" else ORDER_SIGN
    cards = site.cards(path, request(hook, *drafts, prefetch=prefetch))
    assert len({card["uuid"] for card in cards}) == len(cards)
    for card in cards:
        _check(card)


def _check(card: dict[str, Any]) -> None:
    assert UUID(card["uuid"])
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] in ("info", "warning", "critical")
    assert card["source"]["label"]
    assert ("selectionBehavior" in card) == ("suggestions" in card)
    assert card.get("selectionBehavior", "at-most-one") in ("at-most-one", "any")
    assert all(reason["display"] for reason in card.get("overrideReasons", []))
    assert ("overrideReasons" in card) == (card["indicator"] != "info")
    assert all(
        link["type"] == "absolute" and link["url"].startswith("https://") for link in card.get("links", [])
    )
    assert all("appContext" not in link for link in card.get("links", []))
    assert pack().review_state in card["detail"]
    assert str(pack().release) in card["detail"]
    recommended = [one["label"] for one in card.get("suggestions", []) if one["isRecommended"]]
    assert len(recommended) <= 1
    assert [label for label in recommended if not label.startswith("Change the dose")] == []
    for suggestion in card.get("suggestions", []):
        assert suggestion["label"]
        for action in suggestion["actions"]:
            assert action["description"]
            assert action["type"] in ("create", "update", "delete")
            assert ("resourceId" in action) == (action["type"] == "delete")
            assert ("resource" in action) == (action["type"] != "delete")
            if action["type"] == "create":
                MedicationRequest.model_validate(action["resource"])


# --- refusals


def test_a_patient_nobody_knows_without_prefetch_is_412(site: Site) -> None:
    status, issues = outcome(site.ask("POST", ORDER_SIGN, request("order-sign", CLOPIDOGREL)))
    assert (status, [path for path, _ in issues]) == (412, [["Request.prefetch"]])


def test_an_unknown_service_is_404_and_the_wrong_hook_400(site: Site) -> None:
    good = request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR})
    assert outcome(site.ask("POST", "/cds-services/nothing", good))[0] == 404
    assert outcome(site.ask("POST", ORDER_SELECT, good))[0] == 400


def test_every_problem_of_a_request_is_told_at_once_by_path_and_without_its_values(site: Site) -> None:
    bad = {
        "hook": "order-sign",
        "hookInstance": "Mrs-Secret",
        "context": {
            "patientId": 7,
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": "Mrs-Secret"}]},
        },
        "prefetch": {"patient": "Mrs-Secret"},
    }
    answered = site.ask("POST", ORDER_SIGN, bad)
    status, issues = outcome(answered)
    assert status == 400
    assert sorted(path[0] for path, _ in issues) == [
        "Request.context.draftOrders.entry[0].resource",
        "Request.context.patientId",
        "Request.hookInstance",
        "Request.prefetch.patient",
    ]
    assert "Mrs-Secret" not in answered.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe"])
def test_what_is_no_request_is_400(site: Site, body: bytes) -> None:
    assert outcome(site.ask("POST", ORDER_SIGN, body))[0] == 400


def test_a_request_too_large_is_413(site: Site) -> None:
    assert outcome(site.ask("POST", ORDER_SIGN, b" " * 2_000_001))[0] == 413


def test_a_failed_prefetch_counts_as_absent(site: Site) -> None:
    failed = {"resourceType": "OperationOutcome", "issue": []}
    answered = site.ask(
        "POST", ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": failed})
    )
    assert answered.status_code == 412


def test_an_answer_that_cannot_be_recorded_is_not_given(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(events: object) -> None:
        raise AuditUnavailable("disk full")

    monkeypatch.setattr(site.house.audit, "submit", full)
    answered = site.ask("POST", ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR}))
    status, issues = outcome(answered)
    assert (status, issues[0][1]) == (503, "the answer could not be recorded, so it is not given")
    assert "clopidogrel" not in answered.text.lower()


def test_only_configured_origins_are_answered_across_origins(tmp_path: Path) -> None:
    made = open_site(tmp_path, cors_origins="https://ehr.example")
    try:
        known = made.ask("OPTIONS", ORDER_SIGN, headers={"origin": "https://ehr.example"})
        other = made.ask("OPTIONS", ORDER_SIGN, headers={"origin": "https://evil.example"})
        assert known.headers["access-control-allow-origin"] == "https://ehr.example"
        assert known.headers["access-control-allow-headers"] == "Authorization, Content-Type"
        assert "access-control-allow-origin" not in other.headers
    finally:
        made.house.close()


# --- what is kept


def test_every_past_answer_can_be_given_again_to_the_byte(site: Site) -> None:
    texts = ("CYP2C19 *2/*2", "CYP2D6 *4/*4", "CYP2C19 *1/*1", "SLCO1B1 *5/*5")
    for name in ("clopidogrel", "codeine", "amitriptyline", "simvastatin", "warfarin"):
        for text in texts:
            site.cards(
                ORDER_SELECT,
                request("order-select", medication(name), prefetch={"genotypes": genotypes(text)}),
            )
    events = list(site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,)))
    ruleset = rules_of(site.house).ruleset
    assert len(events) >= 20
    assert [event.sequence for event in events if not replay_answer(ruleset, event).same] == []


def test_a_tampered_answer_does_not_replay(site: Site) -> None:
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR}))
    assert replay_card(site.house, card["uuid"]).same
    event = next(
        e
        for e in site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,))
        if card["uuid"] in str(e.payload)
    )
    forged = copy.deepcopy(dict(event.payload))
    forged["inputs"]["calls"]["CYP2C19"]["lookup_keys"] = ["Normal Metabolizer"]
    changed = copy.copy(event)
    object.__setattr__(changed, "payload", forged)
    assert not replay_answer(rules_of(site.house).ruleset, changed).same


def test_the_same_request_twice_is_one_event_with_the_same_cards(site: Site) -> None:
    asked = request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR})
    first = answer(site.house, "bedside-pgx-order-sign", asked)
    written = site.house.ledger.checkpoint().sequence
    assert answer(site.house, "bedside-pgx-order-sign", asked) == first
    assert site.house.ledger.checkpoint().sequence == written


def test_silence_is_kept_with_its_reason(site: Site) -> None:
    prefetch = {"genotypes": genotypes("CYP2C19 *1/*1")}
    asked = request("order-sign", CLOPIDOGREL, medication("elixir of life", id="e"), prefetch=prefetch)
    assert site.cards(ORDER_SIGN, asked) == []
    event = list(site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,)))[-1]
    reasons = {(one["drug"], one["reason"]) for one in event.payload["silences"]}
    assert reasons >= {("clopidogrel", "guideline advises standard dosing"), ("", "drug not recognised")}


def feedback(uuid: str, result: str = "overridden", **more: Any) -> dict[str, Any]:
    return {
        "feedback": [{"card": uuid, "outcome": result, "outcomeTimestamp": "2026-01-05T10:00:00Z", **more}]
    }


def test_feedback_is_taken_once_however_often_it_arrives(site: Site) -> None:
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR}))
    said = feedback(
        card["uuid"],
        overrideReason={"reason": {"code": "cds-not-applicable"}, "userComment": "stent in 1999"},
    )
    for _ in range(3):
        assert site.ask("POST", f"{ORDER_SIGN}/feedback", said).status_code == 200
    (event,) = site.house.ledger.feedback(card["uuid"])
    assert (event.payload["outcome"], event.payload["reason"]["code"]) == ("overridden", "cds-not-applicable")
    accepted = feedback(
        card["uuid"], "accepted", acceptedSuggestions=[{"id": card["suggestions"][0]["uuid"]}]
    )
    assert site.ask("POST", f"{ORDER_SIGN}/feedback", accepted).status_code == 200
    assert [e.payload["outcome"] for e in site.house.ledger.feedback(card["uuid"])] == [
        "overridden",
        "accepted",
    ]


def test_feedback_about_an_unknown_card_is_404_and_stores_nothing(site: Site) -> None:
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR}))
    said = {"feedback": [*feedback(card["uuid"])["feedback"], *feedback(str(uuid4()))["feedback"]]}
    status, issues = outcome(site.ask("POST", f"{ORDER_SIGN}/feedback", said))
    assert (status, issues[0][0]) == (404, ["Feedback.feedback[1].card"])
    assert list(site.house.ledger.feedback(card["uuid"])) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"feedback": []},
        {},
        feedback("x", "ignored"),
        feedback("x", "accepted"),
        {"feedback": [{"card": "x", "outcome": "overridden"}]},
    ],
)
def test_malformed_feedback_is_400(site: Site, wrong: dict[str, Any]) -> None:
    assert outcome(site.ask("POST", f"{ORDER_SIGN}/feedback", wrong))[0] == 400


def test_an_override_reason_nobody_offered_is_refused(site: Site) -> None:
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch={"genotypes": POOR}))
    said = feedback(card["uuid"], overrideReason={"reason": {"code": "because"}})
    assert outcome(site.ask("POST", f"{ORDER_SIGN}/feedback", said))[0] == 400


# --- order sets


def test_an_order_set_of_the_house_is_filtered_by_name_and_undone_by_token(site: Site) -> None:
    asked = {"patientId": "p1", "orderSet": "after-pci", "prefetch": {"genotypes": POOR}}
    first = site.ask("POST", "/order-set-filter", asked).json()
    changed = [one for one in first["items"] if one["disposition"] != "show"]
    assert [(one["id"], one["disposition"], one["indicator"]) for one in changed] == [
        ("clopidogrel", "hide", "critical")
    ]
    assert changed[0]["reason"].startswith("Clopidogrel after ACS or PCI: avoid")
    again = site.ask("POST", "/order-set-filter", {**asked, "restore": [changed[0]["undo"]]}).json()
    (item,) = [one for one in again["items"] if one["id"] == "clopidogrel"]
    assert (item["disposition"], item["restored"], item["reason"]) == ("show", True, changed[0]["reason"])
    events = list(site.house.ledger.events(kinds=(EventKind.ORDER_SET_FILTERED,)))
    assert [[one["id"] for one in event.payload["items"]] for event in events[-2:]] == [
        ["clopidogrel"],
        ["clopidogrel"],
    ]


def test_two_results_of_one_patient_that_contradict_each_other_are_told_in_the_order_set_and_kept(
    site: Site,
) -> None:
    rivals = genotypes("CYP2C19 *1/*1", "CYP2C19 *2/*2")
    asked = {"patientId": "p1", "orderSet": "after-pci", "prefetch": {"genotypes": rivals}}
    items = site.ask("POST", "/order-set-filter", asked).json()["items"]
    told = [one for one in items if one["reason"]]
    assert [(one["id"], one["disposition"], one["indicator"], one["reason"]) for one in told] == [
        ("clopidogrel", "show", "warning", "Clopidogrel: result not certain, advice ranges")
    ]
    *_, event = site.house.ledger.events(kinds=(EventKind.ORDER_SET_FILTERED,))
    assert event.payload["items"] == told


def test_an_order_set_may_come_with_the_request_also_as_a_plan_definition(site: Site) -> None:
    concept = {"coding": [{"system": RXNORM, "code": "32968"}], "text": "clopidogrel"}
    small = {
        "id": "x",
        "slots": [
            {"id": "s", "items": [{"id": "a", "medication": concept}, {"id": "b", "rxnorm": "1116632"}]}
        ],
    }
    plan = {
        "resourceType": "PlanDefinition",
        "id": "x",
        "action": [
            {
                "id": "s",
                "action": [
                    {"id": "a", "definitionCanonical": "#act"},
                    {"id": "b", "title": "ticagrelor 90 mg"},
                ],
            }
        ],
        "contained": [{"resourceType": "ActivityDefinition", "id": "act", "productCodeableConcept": concept}],
    }
    for held in (small, plan):
        body = {"person": "p1", "orderSet": held, "prefetch": {"genotypes": POOR}}
        items = site.ask("POST", "/order-set-filter", body).json()["items"]
        assert [(one["slot"], one["id"], one["disposition"]) for one in items] == [
            ("s", "a", "hide"),
            ("s", "b", "show"),
        ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"orderSet": "after-pci"}, 400),
        ({"patientId": "p1"}, 400),
        ({"patientId": "p1", "orderSet": {"slots": []}}, 400),
        ({"patientId": "p1", "orderSet": {"slots": [{"id": "s", "items": [{"medication": {}}]}]}}, 400),
        ({"patientId": "p1", "orderSet": "no-such-set"}, 404),
        ({"patientId": "nobody", "orderSet": "after-pci"}, 412),
    ],
)
def test_a_bad_order_set_request_is_refused(site: Site, body: dict[str, Any], status: int) -> None:
    assert outcome(site.ask("POST", "/order-set-filter", body))[0] == status
