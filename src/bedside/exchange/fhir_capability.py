"""The CapabilityStatement, made from the routes that exist: it cannot say more than is served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

DEFINITIONS = "http://hl7.org/fhir/uv/genomics-reporting/OperationDefinition/"
DEFINED = {
    "Patient.everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    "Patient.export": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export",
    "export": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export",
}
"""Where operations are defined that are none of the genomics guide's."""
BULK = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/ImplementationGuide/hl7.fhir.uv.genomics-reporting"
SECURITY_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_INTERACTIONS = {
    "read": "read",
    "search": "search-type",
    "vread": "vread",
    "history": "history-instance",
    "history-type": "history-type",
    "create": "create",
    "update": "update",
}
_SYSTEM = ("transaction", "batch")


def capability(
    labels: Iterable[str],
    searched_by: Mapping[str, Mapping[str, str]],
    *,
    version: str,
    on: date,
    url: str = "",
    oauth: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """labels: of the routes, `Patient.read`, `Patient.search`, `Patient.$everything`, `$find-…`; others say
    nothing. searched_by: of each type its search parameters and their types. oauth: the addresses of SMART,
    `token` and `authorize`, where there are any."""
    told = list(dict.fromkeys(label for label in labels if not label.startswith("$export-")))
    operations = [label[1:] for label in told if label.startswith("$")]
    system = _SYSTEM if "transaction" in told else ()
    rest: dict[str, Any] = {
        "mode": "server",
        "security": _security(oauth or {}),
        "resource": _resources(told, searched_by),
        "interaction": [{"code": code} for code in system],
        "operation": [
            {"name": one, "definition": DEFINED.get(one, f"{DEFINITIONS}{one}")} for one in operations
        ],
    }
    implementation = {"description": "Bedside, the site's record"} | ({"url": url} if url else {})
    made = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on.isoformat(),
        "kind": "instance",
        "software": {"name": "Bedside", "version": version},
        "implementation": implementation,
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "instantiates": [BULK] if "export" in operations else [],
        "implementationGuide": [GUIDE],
        "rest": [{key: value for key, value in rest.items() if value}],
    }
    return {key: value for key, value in made.items() if value}


def _resources(labels: Iterable[str], searched_by: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Each type with what can be done with it."""
    interactions: dict[str, list[str]] = {}
    on_types: dict[str, list[str]] = {}
    for label in labels:
        kind, _, what = label.partition(".")
        if what in _INTERACTIONS:
            interactions.setdefault(kind, []).append(_INTERACTIONS[what])
        elif what.startswith("$"):
            on_types.setdefault(kind, []).append(what[1:])
    found: list[dict[str, Any]] = []
    for kind, codes in interactions.items():
        resource: dict[str, Any] = {
            "type": kind,
            "interaction": [{"code": code} for code in codes],
            "versioning": "versioned-update" if "update" in codes else "versioned",
            "readHistory": "vread" in codes,
        }
        if "create" in codes:
            resource |= {"conditionalCreate": True}
        parameters = searched_by.get(kind, {})
        if "search-type" in codes and parameters:
            resource["searchParam"] = [{"name": name, "type": of} for name, of in parameters.items()]
        if kind in on_types:
            resource["operation"] = [
                {"name": one, "definition": DEFINED[f"{kind}.{one}"]} for one in on_types[kind]
            ]
        found.append(resource)
    return found


def _security(oauth: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {"description": "Bearer token or signed JWT; every route needs a permission"}
    if oauth:
        coding = {"system": SECURITY_SERVICES, "code": "SMART-on-FHIR"}
        said["service"] = [{"coding": [coding], "text": "SMART App Launch 2.2, scopes version 2"}]
        uris = [{"url": name, "valueUri": address} for name, address in oauth.items()]
        said["extension"] = [{"url": OAUTH_URIS, "extension": uris}]
    return said
