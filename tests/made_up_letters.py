"""Made-up reports of one person, one for each class of letter, received as a laboratory sends them."""

from __future__ import annotations

from typing import Any

from bedside.service.house import House
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import receive_kept
from bedside.service.register_person import register_person
from tests.unit.service.fhir_reports import (
    GENOTYPE,
    IMPLICATION,
    MEANS,
    REPORT,
    TBD,
    VARIANT,
    changed,
    coded,
    component,
    document,
    swapped,
)
from tests.unit.service.test_receive_hl7 import ADA

PERSON = "p1"


def reported(
    classification: tuple[str, str] = ("LA6668-3", "Pathogenic"),
    presence: tuple[str, str] = ("LA9633-4", "Present"),
    state: tuple[str, str] = ("LA6706-1", "Heterozygous"),
    inheritance: str = "",
    condition: str = "hereditary breast and ovarian cancer",
) -> bytes:
    """A report of one variant, its genotypes of medicines left out."""
    parts = [one for one in VARIANT["component"] if one["code"]["coding"][0]["code"] not in ("53034-5",)]
    variant = changed(VARIANT, valueCodeableConcept=coded(*presence))
    variant["component"] = [*parts, component("53034-5", coded(*state))]
    means = changed(MEANS)
    means["component"] = [component("81259-4", {"text": condition})]
    if classification[0]:
        said = coded(*classification) if classification[0] != "-" else {"text": classification[1]}
        means["component"].append(component("53037-8", said))
    if inheritance:
        means["component"].append(component("condition-inheritance", {"text": inheritance}, TBD))
    several = (variant, means) if presence[0] == "LA9633-4" else (variant,)
    report: dict[str, Any] = changed(
        REPORT, result=[{"reference": f"Observation/{one['id']}"} for one in several]
    )
    rest = [
        one for one in swapped(report) if one["id"] not in ("genotype", "implication", "variant", "means")
    ]
    return document(*rest, *several)


def medicines() -> bytes:
    """A report of genotypes for medicines alone."""
    several = (GENOTYPE, IMPLICATION)
    report = changed(REPORT, result=[{"reference": f"Observation/{one['id']}"} for one in several])
    rest = [
        one for one in swapped(report) if one["id"] not in ("genotype", "implication", "variant", "means")
    ]
    return document(*rest, *several)


def receive(house: House, content: bytes) -> str:
    """The id of the result that a report became."""
    (kept,) = keep_fhir(house, content)
    return receive_kept(house, kept).result


def ada(house: House) -> House:
    """The house, with the person the reports are about."""
    register_person(house, ADA)
    return house


ABSENT = ("LA9634-2", "Absent")
NO_CALL = ("LA18198-4", "No call")
UNCERTAIN = ("LA26333-7", "Uncertain significance")
