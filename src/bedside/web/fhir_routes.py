"""Every address under which FHIR is served, and the answer for those under which nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from bedside.service.access import Permission
from bedside.service.authorise import Gate
from bedside.service.house import House
from bedside.web.cds_hooks import desk
from bedside.web.fhir_bulk import bulk_routes
from bedside.web.fhir_desk import Asked, fhir_route
from bedside.web.fhir_genomics import genomics_routes
from bedside.web.fhir_rest import rest_routes
from bedside.web.fhir_write import write_routes

FOLDERS = ("/fhir", "/subject-operations", "/population-operations")
"""How the addresses begin whose callers read FHIR."""


def fhir_routes(house: House, gate: Gate | None = None) -> list[BaseRoute]:
    """The routes; the last ones say in FHIR's words that there is nothing."""
    at = desk(house, gate)
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    operations, bulk, written = genomics_routes(house, gate), bulk_routes(at), write_routes(at)
    return [
        *bulk,
        *rest_routes(at, [*operations, *bulk, *written]),
        *written,
        *operations,
        *(
            fhir_route(at, f"{folder}/{{rest:path}}", methods, Permission.DISCOVERY, "unknown", _nothing)
            for folder in FOLDERS
        ),
    ]


def _nothing(asked: Asked) -> Mapping[str, Any]:
    raise HTTPException(404)
