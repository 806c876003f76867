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


TITLES = {
    "access": "Access: every route by permission, role, scope, foreign patient, consent and origin",
    "changed_fhir": "10,000 damaged FHIR documents",
    "changed_hl7v2": "10,000 changed HL7 v2 messages",
    "changed_json": "10,000 changed laboratory documents",
    "pdf": "Reports as PDF: drafts, hostile files, PDF inside HL7 v2",
    "sites": "Two sites: eConsults over a line that fails",
    "states": "State machines: orders and specimens, following them, eConsults",
}
"""What areas are called that no test run has recorded yet."""


def areas(bench: Bench) -> Iterable[Area]:
    """One area a file; of which there is no file, none was run."""
    return recorded_areas(*KEYS, titles=TITLES)
