"""What a route of FHIR does, said by its label: `Observation.read`, `Patient.$everything`, `$find-…`.

A label that is not understood opens nothing for a SMART token, whatever its scopes.
"""

from __future__ import annotations

from bedside.service.fhir_record import EVERYTHING
from bedside.service.scopes import Act

LETTERS = {
    "read": "r",
    "vread": "r",
    "history": "r",
    "history-type": "s",
    "search": "s",
    "create": "c",
    "update": "u",
    "patch": "u",
    "delete": "d",
}
"""The letter of `cruds` that each interaction needs."""

BROUGHT = (
    *("Patient", "Condition", "MedicationRequest", "MedicationStatement"),
    *("ServiceRequest", "DiagnosticReport", "Observation"),
)
"""What a bundle that is posted may bring: all of it must be covered, whatever this one brings."""

UNFILTERED = frozenset({"vread", "history", "history-type"})
"""What shows older versions, which a narrowed scope is not held against one by one."""

OPEN = Act()
"""What needs no scope: the statement of what is served, and the answer that nothing is at an address."""


def act_of(label: str) -> Act | None:
    """What a route of this label does; None when no scope can open it."""
    kind, _, what = label.partition(".")
    if label in ("metadata", "unknown"):
        return OPEN
    if label == "$export" or what == "$export" or label.startswith("$export-"):
        return Act(bulk=True)
    if label == "Patient.$everything":
        return Act(EVERYTHING, "r", whole=True)
    if label == "transaction":
        return Act(BROUGHT, "cu", whole=True)
    if label.startswith("$find-"):
        return Act(("Observation",), "rs", whole=True)
    if what in LETTERS:
        whole = kind == "Patient" or what in UNFILTERED
        return Act((kind,), LETTERS[what], whole)
    return None
