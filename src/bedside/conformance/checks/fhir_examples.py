"""Correct resources must pass and faulty ones must not: HL7's 204 examples, and faults put into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bedside.conformance import models
from bedside.conformance.bench import Bench
from bedside.conformance.injected import CLASSES, injected
from bedside.conformance.result import Area, Case, Verdict, case
from bedside.exchange.fhir_check import check
from bedside.knowledge.fhir_profiles import FhirProfiles, load_fhir_profiles

ORDER = 20
OURS = "Bedside's profile checker, over HL7's definitions"
SEEDS_A_CLASS = 20
"""How many seeds of each class are tried here; the tests try all."""


def areas(bench: Bench) -> Iterator[Area]:
    """False alarms on the official examples; faults that are caught."""
    known, second = load_fhir_profiles(), models.version()
    versions = (
        f"Genomics Reporting {known.version}",
        f"fhir.resources {second}" if second else models.MISSING,
    )
    examples = list(known.examples())
    told = tuple(
        case(name, [*check(one, known).faults, *(models.faults(one) if second else [])])
        for name, one in examples
    )
    yield Area("fhir_examples", "Checker: no false alarm on HL7's examples", OURS, told, versions=versions)
    yield Area(
        "fhir_faults",
        "Checker: injected faults are caught",
        OURS,
        tuple(_classes(known, bool(second))),
        versions=versions,
    )


def _classes(known: FhirProfiles, second: bool) -> Iterator[Case]:
    """Of each class, how many faults are caught by the checker, by the models, and by one of both."""
    beside = tuple(one for _, one in known.examples())
    tried: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    either: Counter[str] = Counter()
    for name, _, faulty in injected(known.examples()):
        if tried[name] == SEEDS_A_CLASS:
            continue
        tried[name] += 1
        mine = bool(check(faulty, known, beside).faults)
        other = second and bool(models.faults(faulty))
        ours[name] += mine
        theirs[name] += other
        either[name] += mine or other
    for one in CLASSES:
        count, by_models = tried[one.name], theirs[one.name] if second else "not run"
        said = f"checker {ours[one.name]}, models {by_models}, either {either[one.name]} of {count}"
        verdict = Verdict.PASSED if count and either[one.name] == count else Verdict.FAILED
        yield Case(one.name, verdict, said, count or 1)
