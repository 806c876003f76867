"""All the FHIR that the made-up health system gives out: searches, `$everything`, genomics operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bedside.conformance import models
from bedside.conformance.bench import Bench
from bedside.conformance.fhir_seen import answers
from bedside.conformance.result import Area, case, not_run
from bedside.exchange.fhir_check import check
from bedside.knowledge.fhir_profiles import load_fhir_profiles

ORDER = 10
OURS = "Bedside's profile checker, over HL7's definitions"
THEIRS = "fhir.resources (R4B models)"
PROFILES = "FHIR out: profiles of Genomics Reporting and R4"
MODELS = "FHIR out: R4B models"


def areas(bench: Bench) -> Iterator[Area]:
    """Every answer by the profile checker, and by the R4B models where they are installed."""
    known, second = load_fhir_profiles(), models.version()
    ours: dict[str, list[str]] = defaultdict(list)
    theirs: dict[str, list[str]] = defaultdict(list)
    resources: dict[str, int] = defaultdict(int)
    claims = answered = 0
    for name, status, resource in answers(bench):
        found = check(resource, known)
        answered += 1
        resources[name] += found.resources
        claims += found.claims
        ours[name] += map(str, found.faults)
        if (status == 200) == (resource.get("resourceType") == "OperationOutcome"):
            ours[name].append(f"status {status} with a {resource.get('resourceType')}")
        if second:
            theirs[name] += models.faults(resource)
    asked = f"{min(bench.asked, bench.people)} of {bench.people} made-up people"
    made = f"{asked}, {answered} answers, {claims} claims of a profile checked"
    packages = (f"Genomics Reporting {known.version}", f"FHIR R4 {known.base_version}", made)
    yield Area(
        "fhir_out",
        PROFILES,
        OURS,
        tuple(case(name, ours[name], count) for name, count in resources.items()),
        versions=packages,
    )
    if not second:
        yield not_run("fhir_out_models", MODELS, THEIRS, models.MISSING)
        return
    told = tuple(case(name, theirs[name], count) for name, count in resources.items())
    yield Area("fhir_out_models", MODELS, THEIRS, told, versions=(f"fhir.resources {second}",))
