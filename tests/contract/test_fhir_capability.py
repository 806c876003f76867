"""The CapabilityStatement is true: what it declares is done, and what it does not declare is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.contract.site import record
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_rest import valid

REQUESTS = {
    "read": ("GET", "/{id}"),
    "vread": ("GET", "/{id}/_history/1"),
    "update": ("PUT", "/{id}"),
    "patch": ("PATCH", "/{id}"),
    "delete": ("DELETE", "/{id}"),
    "history-instance": ("GET", "/{id}/_history"),
    "history-type": ("GET", "/_history"),
    "create": ("POST", ""),
    "search-type": ("GET", "?patient=anna"),
}
"""Of each interaction of FHIR the request that it is."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    record(opened, "anna", {"CYP2C19": "*2/*2"}, {"11289": "warfarin"})
    yield opened
    opened.close()


def test_each_interaction_is_done_exactly_when_it_is_declared(house: House) -> None:
    fhir = Fhir(house)
    statement = valid(fhir.ask("/fhir/metadata").json())["rest"][0]
    declared = {
        (resource["type"], each["code"])
        for resource in statement["resource"]
        for each in resource["interaction"]
    }
    done = set()
    for resource in statement["resource"]:
        kind = resource["type"]
        for code, (method, rest) in REQUESTS.items():
            search = "?_id=1" if kind == "Patient" and code == "search-type" else rest
            body = json.dumps({"resourceType": kind}).encode()
            headers = {"content-type": "application/fhir+json"}
            more = {"content": body, "headers": headers} if method in ("POST", "PUT", "PATCH") else {}
            answer = fhir.ask(f"/fhir/{kind}{search.format(id='none')}", method, **more)
            told = answer.text
            as_id = code == "history-type" and "of this id" in told
            nowhere = as_id or "there is nothing at this address" in told
            if answer.status_code != 405 and not nowhere:
                done.add((kind, code))
    assert done == declared


def test_each_search_parameter_and_operation_declared_is_read(house: House) -> None:
    fhir = Fhir(house)
    statement = fhir.ask("/fhir/metadata").json()["rest"][0]
    values = {"date": "ge2020-01-01", "reference": "anna", "token": "a", "string": "a"}
    for resource in statement["resource"]:
        for each in resource.get("searchParam", ()):
            form = {each["name"]: values[each["type"]]}
            if resource["type"] != "Patient":
                form.setdefault("patient", "anna")
            if each["name"] == "subject":
                del form["patient"]
            if each["name"] == "identifier":
                form["identifier"] = "a|b"
            if each["name"] == "birthdate":
                form["birthdate"] = "1980-01-01"
            answer = fhir.ask(f"/fhir/{resource['type']}/_search", "POST", data=form)
            assert answer.status_code == 200, (resource["type"], each, answer.text)
    for each in statement["operation"]:
        answer = fhir.ask(f"/fhir/${each['name']}")
        assert "there is nothing at this address" not in answer.text
    assert {each["code"] for each in statement["interaction"]} == {"transaction", "batch"}
    for kind in ("transaction", "batch"):
        bundle = json.dumps({"resourceType": "Bundle", "type": kind}).encode()
        headers = {"content-type": "application/fhir+json"}
        answer = fhir.ask("/fhir", "POST", content=bundle, headers=headers)
        assert answer.json() == {"resourceType": "Bundle", "type": f"{kind}-response"}
