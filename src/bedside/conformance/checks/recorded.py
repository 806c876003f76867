"""Areas that need other people's clients or test data: read from what a test run wrote down."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.conformance.bench import Bench
from bedside.conformance.recorded import recorded_areas
from bedside.conformance.result import Area

ORDER = 60
KEYS = (
    "hl7_validator",
    "fhir_in",
    "genomics_operations",
    "cds_contract",
    "cds_client",
    "hl7v2",
    "orders",
    "states",
    "pdf",
    "smart",
    "bulk",
    "smart_fetch",
    "openapi",
    "access",
    "sites",
    "changed_hl7v2",
    "changed_json",
    "changed_fhir",
)


def areas(bench: Bench) -> Iterable[Area]:
    """One area a file; of which there is no file, none was run."""
    return recorded_areas(*KEYS)
