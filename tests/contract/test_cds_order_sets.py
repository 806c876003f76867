"""Order sets as they come from an EHR: nested, crooked, and never with an item lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.site import Site, genotypes, open_site

POOR = {"genotypes": genotypes("CYP2D6 *4/*4", "CYP2C19 *2/*2")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = open_site(tmp_path_factory.mktemp("site"))
    yield made
    made.house.close()


def plan(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "PlanDefinition", "id": "pd", "action": list(actions)}


def drug(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name, **more}


def filtered(site: Site, order_set: dict[str, Any]) -> list[tuple[str, str, str]]:
    body = {"patientId": "p1", "orderSet": order_set, "prefetch": POOR}
    answered = site.ask("POST", "/order-set-filter", body)
    assert answered.status_code == 200, answered.text
    return [(one["slot"], one["id"], one["disposition"]) for one in answered.json()["items"]]


def refused(site: Site, body: object) -> list[str]:
    answered = site.ask("POST", "/order-set-filter", body)
    assert answered.status_code == 400, answered.text
    return [issue["expression"][0] for issue in answered.json()["issue"]]


def test_drugs_in_a_group_within_a_group_are_filtered_for_a_poor_metabolizer(site: Site) -> None:
    opioids = {"id": "opioid", "title": "Opioid", "action": [drug("codeine"), drug("morphine")]}
    pain = {"id": "pain", "title": "Pain", "action": [drug("ibuprofen"), opioids]}
    assert filtered(site, plan(pain, drug("clopidogrel"))) == [
        ("pain", "ibuprofen", "show"),
        ("opioid", "codeine", "hide"),
        ("opioid", "morphine", "show"),
        ("clopidogrel", "clopidogrel", "replace"),
    ]


def test_groups_without_names_are_told_apart_by_their_place(site: Site) -> None:
    inner = {"action": [{"title": "codeine"}, {"title": "morphine"}]}
    assert filtered(site, plan({"action": [inner]}, {"action": [inner]})) == [
        ("0.0", "0", "hide"),
        ("0.0", "1", "show"),
        ("1.0", "0", "hide"),
        ("1.0", "1", "show"),
    ]


def test_a_drug_ordered_by_the_group_itself_is_an_item_beside_those_inside(site: Site) -> None:
    group = {"id": "stent", "code": [{"text": "clopidogrel"}], "action": [drug("ticagrelor")]}
    assert filtered(site, plan(group)) == [("stent", "stent", "hide"), ("stent", "ticagrelor", "show")]


def test_a_crooked_order_set_is_refused_by_path_instead_of_losing_an_item(site: Site) -> None:
    deep: dict[str, Any] = drug("codeine")
    for _ in range(40):
        deep = {"action": [deep]}
    (path,) = refused(site, {"patientId": "p1", "orderSet": plan(deep), "prefetch": POOR})
    assert path == f"Request.orderSet{'.action[0]' * 21}.action"
    wrong = plan({"id": "pain", "action": {"title": "codeine"}}, drug("codeine"))
    assert refused(site, {"patientId": "p1", "orderSet": wrong, "prefetch": POOR}) == [
        "Request.orderSet.action[0].action"
    ]


def test_an_order_set_nested_without_end_is_refused_by_path(site: Site) -> None:
    inner = '{"action":[' * 500 + '{"title":"codeine"}' + "]}" * 500
    body = f'{{"patientId":"p1","orderSet":{{"resourceType":"PlanDefinition","action":[{inner}]}}}}'
    (path,) = refused(site, body.encode())
    assert path.startswith("Request.orderSet.action[0].action[0]")


CROOKED = {"coding": [{"system": [], "code": "2670"}], "text": "codeine"}


@pytest.mark.parametrize(
    "body",
    [
        {"orderSet": {"id": "x", "slots": [{"id": "s", "items": [{"id": "a", "medication": CROOKED}]}]}},
        {"orderSet": plan({"id": "a", "code": [CROOKED]})},
        {"orderSet": plan({"id": "a", "medicationCodeableConcept": CROOKED})},
        {
            "orderSet": {
                **plan({"id": "a", "definitionCanonical": "#act"}),
                "contained": [
                    {"resourceType": "ActivityDefinition", "id": "act", "productCodeableConcept": CROOKED}
                ],
            }
        },
        {
            "orderSet": "after-pci",
            "prefetch": {
                "genotypes": {
                    "resourceType": "Observation",
                    "status": ["final"],
                    "code": CROOKED,
                }
            },
        },
    ],
)
def test_a_code_of_the_wrong_kind_is_400_and_says_where(site: Site, body: dict[str, Any]) -> None:
    paths = refused(site, {"patientId": "p1", "prefetch": POOR, **body})
    assert any(path.endswith(("coding[0].system", ".status")) for path in paths)
