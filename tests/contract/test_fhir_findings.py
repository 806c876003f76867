"""Findings over FHIR: told by disclosure alone, as a diagnostic implication of their variants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bedside.genome.consent import Decision, Scope
from bedside.genome.person import Person
from bedside.genome.result import Confirmation
from bedside.service.disclose import Positive, bring_in, findings, record_step
from bedside.service.house import House, open_house
from bedside.service.register_person import register_person
from bedside.settings import Settings
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_rest import valid


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    register_person(opened, Person("kim", birth_date=date(1970, 6, 15)))
    found = Positive(
        "kim", "BRCA1", ("chr17-43045682-T-TG",), "acmg-sf", "c@1", Confirmation.CLINICAL,
        disease="breast-ovarian cancer", classification="Pathogenic",
    )  # fmt: skip
    bring_in(opened, [found], actor="screen")
    yield opened
    opened.close()


def observed(house: House) -> list[dict[str, Any]]:
    found = Fhir(house).ask("/fhir/Observation?patient=kim").json()
    return [dict(valid(entry["resource"])) for entry in found.get("entry", [])]


def test_a_finding_is_told_once_it_is_signed_off_and_not_before(house: House) -> None:
    assert observed(house) == []

    def may(person: str, scope: Scope, day: date) -> Decision:
        return Decision.GIVEN

    (one,) = findings(house, "kim")
    record_step(house, "kim", one.finding.finding, "sign-off", "signed-off", actor="scientist", may=may)
    variant, implication = observed(house)
    for each in (variant, implication):
        assert [c["coding"][0]["code"] for c in each["category"]] == ["laboratory", "GE"]
        assert each["meta"]["lastUpdated"]
    assert variant["code"]["coding"][0]["code"] == "69548-6"
    assert implication["code"]["coding"][0]["code"] == "diagnostic-implication"
    assert implication["derivedFrom"] == [{"reference": f"Observation/{variant['id']}"}]
    said = {part["code"]["coding"][0]["code"]: part for part in implication["component"]}
    assert said["53037-8"]["valueCodeableConcept"] == {"text": "Pathogenic"}
    assert said["81259-4"]["valueCodeableConcept"] == {"text": "breast-ovarian cancer"}
    ids = {
        part["valueCodeableConcept"]["coding"][0]["code"]
        for part in variant["component"]
        if part["code"]["coding"][0]["code"] == "81252-9"
    }
    assert ids == {"NC_000017.11:43045682::G"}
