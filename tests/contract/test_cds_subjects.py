"""What a request brings along about somebody else is never used for the patient of the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.genome.event import EventKind
from tests.contract.site import (
    ORDER_SIGN,
    RXNORM,
    Site,
    genotypes,
    medication,
    open_site,
    request,
    searchset,
)

CLOPIDOGREL = medication("clopidogrel", "32968")
CODEINE = medication("codeine", "2670")
NOT_USED = "not used: its subject is not the patient of the request, or cannot be followed to anybody"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = open_site(tmp_path_factory.mktemp("site"))
    yield made
    made.house.close()


def about(reference: str, *texts: str) -> list[dict[str, Any]]:
    bundle = genotypes(*texts)
    return [{**entry["resource"], "subject": {"reference": reference}} for entry in bundle["entry"]]


def taken(name: str, reference: str) -> dict[str, Any]:
    return {**medication(name), "id": "taken", "status": "active", "subject": {"reference": reference}}


def condition(code: str, reference: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "subject": {"reference": reference},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
    }


def test_a_neighbour_s_genotype_says_nothing_about_this_patient(site: Site) -> None:
    prefetch = {"genotypes": searchset(*about("Patient/neighbour", "CYP2C19 *2/*2"))}
    answer = site.ask("POST", ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch))
    assert answer.status_code == 412
    assert [one["diagnostics"] for one in answer.json()["issue"]][1:] == [f"1 Observation {NOT_USED}"]
    assert "neighbour" not in answer.text


def test_a_neighbour_s_genotype_among_the_patient_s_own_is_a_silence_with_its_reason(site: Site) -> None:
    own, others = about("Patient/p1", "CYP2C19 *1/*1"), about("Patient/neighbour", "CYP2C19 *2/*2")
    prefetch = {"genotypes": searchset(*own, *others)}
    assert site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch)) == []
    *_, event = site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,))
    assert [one for one in event.payload["silences"] if one["rule"] == "prefetch.genotypes"] == [
        {
            "rule": "prefetch.genotypes",
            "drug": "",
            "reason": "about another patient",
            "detail": f"1 Observation {NOT_USED}",
        }
    ]


def test_a_neighbour_s_paroxetine_does_not_convert_this_patient_s_codeine(site: Site) -> None:
    own = genotypes("CYP2D6 *1/*1")
    alone = {"genotypes": own, "medications": searchset(taken("paroxetine", "Patient/neighbour"))}
    theirs = {"genotypes": own, "medications": searchset(taken("paroxetine", "Patient/p1"))}
    assert site.cards(ORDER_SIGN, request("order-sign", CODEINE, prefetch=alone)) == []
    assert len(site.cards(ORDER_SIGN, request("order-sign", CODEINE, prefetch=theirs))) == 1


def test_a_child_s_age_is_not_taken_from_another_patient(site: Site) -> None:
    child = {"resourceType": "Patient", "id": "neighbour", "birthDate": "2020-01-01"}
    prefetch = {"genotypes": genotypes("CYP2C19 *1/*17"), "patient": child}
    cards = site.cards(ORDER_SIGN, request("order-sign", medication("voriconazole"), prefetch=prefetch))
    assert "in adults" in " ".join(card["summary"] + card["detail"] for card in cards)


def test_an_order_for_another_patient_is_refused(site: Site) -> None:
    draft = {**CLOPIDOGREL, "subject": {"reference": "Patient/neighbour"}}
    prefetch = {"genotypes": genotypes("CYP2C19 *2/*2")}
    answer = site.ask("POST", ORDER_SIGN, request("order-sign", draft, prefetch=prefetch))
    assert answer.status_code == 400
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["Request.context.draftOrders.entry[0].resource.subject"]


def test_an_order_set_is_not_filtered_by_a_neighbour_s_genotype(site: Site) -> None:
    prefetch = {"genotypes": searchset(*about("Patient/neighbour", "CYP2C19 *2/*2"))}
    body = {"patientId": "p1", "orderSet": "after-pci", "prefetch": prefetch}
    assert site.ask("POST", "/order-set-filter", body).status_code == 412


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "https://ehr.example/fhir/Patient/p1",
        "Patient/p1/_history/3",
        "urn:uuid:p1",
        "urn:uuid:5e5f1f9e",
        "#p1",
    ],
)
def test_a_result_is_the_patient_s_however_its_subject_is_written(site: Site, reference: str) -> None:
    bundle = searchset(*about(reference, "CYP2C19 *2/*2"))
    held = {"fullUrl": "urn:uuid:5e5f1f9e", "resource": {"resourceType": "Patient", "id": "p1"}}
    prefetch = {"genotypes": {**bundle, "entry": [held, *bundle["entry"]]}}
    (card,) = site.cards(ORDER_SIGN, request("order-sign", CLOPIDOGREL, prefetch=prefetch))
    assert card["indicator"] == "critical"


@pytest.mark.parametrize(
    "subject",
    [
        None,
        {},
        {"display": "p1"},
        {"reference": "Group/p1"},
        {"reference": "RelatedPerson/p1"},
    ],
)
def test_a_medicine_that_does_not_say_who_takes_it_is_nobody_s(site: Site, subject: object) -> None:
    held = taken("paroxetine", "Patient/p1") | {"subject": subject}
    prefetch = {"genotypes": genotypes("CYP2D6 *1/*1"), "medications": searchset(held)}
    assert site.cards(ORDER_SIGN, request("order-sign", CODEINE, prefetch=prefetch)) == []


IDS = st.text("p1x-", min_size=1, max_size=4).filter(lambda text: text != "p1")
REFERENCES = st.builds(
    str.format,
    st.sampled_from(
        ["Patient/{}", "https://p1.example/fhir/Patient/{}", "urn:uuid:{}", "#{}", "Patient/{}/_history/p1"]
    ),
    IDS,
)
FOREIGN = st.one_of(
    st.builds(
        lambda ref, text: about(ref, text)[0],
        REFERENCES,
        st.sampled_from(
            ["CYP2C19 *2/*2", "CYP2D6 *4/*4", "CYP2D6 Ultrarapid Metabolizer", "CYP2D6 nonsense"]
        ),
    ),
    st.builds(taken, st.sampled_from(["paroxetine", "duloxetine", "clopidogrel", "fluvoxamine"]), REFERENCES),
    st.builds(condition, st.sampled_from(["230690007", "22298006"]), REFERENCES),
    st.builds(lambda name: {"resourceType": "Patient", "id": name, "birthDate": "2020-01-01"}, IDS),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FOREIGN, min_size=1, max_size=4), st.sampled_from(["clopidogrel", "codeine", "voriconazole"]))
def test_whatever_else_is_sent_about_others_the_cards_are_those_of_the_patient_alone(
    site: Site, foreign: list[dict[str, Any]], name: str
) -> None:
    own = {
        "genotypes": genotypes("CYP2C19 *1/*2", "CYP2D6 *1/*1"),
        "problems": searchset(condition("22298006", "Patient/p1")),
        "medications": searchset(taken("aspirin", "Patient/p1")),
    }
    mixed = {key: {**bundle, "entry": [*bundle["entry"]]} for key, bundle in own.items()}
    for place, one in enumerate(foreign):
        mixed[sorted(mixed)[place % 3]]["entry"].insert(0, {"resource": one})
    asked = request("order-sign", medication(name), prefetch=own)
    assert site.cards(ORDER_SIGN, {**asked, "prefetch": mixed}) == site.cards(ORDER_SIGN, asked)


def test_the_drug_of_an_order_is_found_in_whatever_way_it_is_referred_to(site: Site) -> None:
    drug = {
        "resourceType": "Medication",
        "id": "m1",
        "code": {"coding": [{"system": RXNORM, "code": "32968"}]},
    }
    bare = {name: value for name, value in CLOPIDOGREL.items() if name != "medicationCodeableConcept"}
    for reference in (
        "Medication/m1",
        "https://ehr.example/fhir/Medication/m1",
        "Medication/m1/_history/2",
        "urn:uuid:77aa",
    ):
        draft = {**bare, "medicationReference": {"reference": reference}}
        held = {"fullUrl": "urn:uuid:77aa", "resource": drug}
        asked = request("order-sign", draft, prefetch={"genotypes": genotypes("CYP2C19 *2/*2")})
        asked["context"]["draftOrders"]["entry"].append(held)
        assert [card["indicator"] for card in site.cards(ORDER_SIGN, asked)] == ["critical"], reference
        apart = request(
            "order-sign",
            draft,
            prefetch={
                "genotypes": genotypes("CYP2C19 *2/*2"),
                "drugs": {"resourceType": "Bundle", "entry": [held]},
            },
        )
        assert [card["indicator"] for card in site.cards(ORDER_SIGN, apart)] == ["critical"], reference


def test_an_order_whose_drug_cannot_be_followed_is_on_file_as_not_recognised(site: Site) -> None:
    bare = {name: value for name, value in CLOPIDOGREL.items() if name != "medicationCodeableConcept"}
    draft = {**bare, "medicationReference": {"reference": "Medication/elsewhere"}}
    asked = request("order-sign", draft, prefetch={"genotypes": genotypes("CYP2C19 *2/*2")})
    assert site.cards(ORDER_SIGN, asked) == []
    *_, event = site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,))
    assert [one["reason"] for one in event.payload["silences"]] == ["drug not recognised"]
