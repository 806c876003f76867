"""The profile checker against HL7's own examples, and against faults put into them; R4B models beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from bedside.conformance import models
from bedside.conformance.injected import CLASSES, injected, seeds
from bedside.exchange.fhir_check import check
from bedside.knowledge.fhir_profiles import load_fhir_profiles

KNOWN = load_fhir_profiles()
EXAMPLES = list(KNOWN.examples())
FOUND_BY_MODELS = {
    "status missing",
    "unknown element",
    "malformed date",
    "malformed code",
    "code missing",
}


def test_no_official_example_has_a_fault() -> None:
    checked = {name: check(one, KNOWN) for name, one in EXAMPLES}
    assert {name: found.faults for name, found in checked.items() if found.faults} == {}
    assert len(checked) == 204
    assert sum(found.resources for found in checked.values()) == 445
    assert sum(found.claims for found in checked.values()) == 323


def test_no_example_alone_has_a_fault() -> None:
    beside = tuple(one for _, one in EXAMPLES)
    alone = list(seeds(iter(EXAMPLES)))
    assert [name for name, one in alone if check(one, KNOWN, beside).faults] == []
    assert len(alone) == 304


def caught_of(most: int) -> dict[str, tuple[int, int]]:
    """Of each class, how many faults were tried, at most so many, and how many of them were caught."""
    beside = tuple(one for _, one in EXAMPLES)
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for name, _, faulty in injected(iter(EXAMPLES)):
        if tried[name] < most:
            tried[name] += 1
            caught[name] += bool(check(faulty, KNOWN, beside).faults)
    return {name: (count, caught[name]) for name, count in tried.items()}


def test_faults_of_every_class_are_caught() -> None:
    assert caught_of(16) == {one.name: (16, 16) for one in CLASSES}
    assert len(CLASSES) == 17


@pytest.mark.slow
def test_every_injected_fault_is_caught() -> None:
    counts = caught_of(10_000)
    assert sum(tried for tried, _ in counts.values()) == 3334
    assert {name for name, (tried, caught) in counts.items() if tried != caught} == set()


@pytest.mark.parametrize("name", [one.name for one in CLASSES])
def test_the_models_find_what_the_page_says_that_they_find(name: str) -> None:
    faulty = [one for of, _, one in injected(iter(EXAMPLES)) if of == name][:5]
    assert {bool(models.faults(one)) for one in faulty} == {name in FOUND_BY_MODELS}


def test_a_fault_says_where_and_never_which_value() -> None:
    secret = "SECRET-VALUE"
    resource: Mapping[str, Any] = {
        "resourceType": "Patient",
        "gender": secret,
        "birthDate": secret,
        "deceasedBoolean": secret,
        "name": secret,
    }
    told = [str(one) for one in check(resource, KNOWN).faults]
    assert {one.partition(":")[0] for one in told} == {
        "Patient.gender",
        "Patient.birthDate",
        "Patient.deceasedBoolean",
        "Patient.name",
    }
    assert secret not in "".join(told)
