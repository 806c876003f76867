"""The OpenAPI document, made from the routes that are served: it cannot name an address that is not there.

It says of each address who may ask (`x-permission`), what it takes and what it answers with, as far as
programs need it. Pages take forms and answer with HTML; their fields are the pages' own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bedside import __version__
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.fhir_filter import SEARCHED_BY
from bedside.web.cds_hooks import JSON, Desk, as_json, guarded
from bedside.web.fhir_bulk import READ as OF_EXPORT
from bedside.web.fhir_desk import FHIR_JSON, FORM
from bedside.web.guard import permission_of, reason_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_TOLD = frozenset({"unknown", "refused"})
"""Labels of routes that say only that there is nothing, or why something is not done."""
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_PAGED = ("_count", "_offset")
Object = dict[str, Any]


def openapi_routes(at: Desk, routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The route of the document; routes: those it tells of."""
    document = openapi(routes, at.house.settings.public_url.rstrip("/"))

    async def answer(desk: Desk, request: Request, principal: Principal) -> Response:
        return as_json(document)

    return [guarded(at, "/openapi.json", "GET", Permission.DISCOVERY, answer)]


def openapi(routes: Iterable[BaseRoute], url: str = "") -> Object:
    """The document of some routes. url: where they are served, "" for wherever it is read."""
    paths: dict[str, Object] = {}
    for route in routes:
        if not isinstance(route, Route) or route.name in NOT_TOLD:
            continue
        path = _PARAMETER.sub(r"{\1}", route.path)
        for method in METHODS:
            if method in (route.methods or ()):
                paths.setdefault(path, {}).setdefault(method.lower(), _operation(route, path, method))
    return {
        "openapi": "3.0.3",
        "info": {"title": "Bedside", "version": __version__},
        "servers": [{"url": url or "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Resource": _resource(),
                "OperationOutcome": _resource("OperationOutcome"),
                "Hook": _hook(),
            },
        },
    }


def _operation(route: Route, path: str, method: str) -> Object:
    permission, label = permission_of(route), route.name
    fhir = path.startswith(("/fhir", "/subject-operations", "/population-operations"))
    told: Object = {
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', path)}",
        "tags": [path.split("/")[1] or "pages"],
        "summary": label if fhir else _first_line(route),
        "responses": _responses(fhir, path),
    }
    if permission is not None:
        told |= {"x-permission": permission.value, "security": [{"bearer": []}]}
    else:
        told |= {"x-public": reason_of(route), "security": []}
    parameters = [_parameter(name, "path") for name in _PARAMETER.findall(path)]
    parameters += [_parameter(name, "query") for name in _query(label, method)]
    if label in ("$export", "Patient.$export"):
        parameters.append(_parameter("Prefer", "header", required=True))
    if parameters:
        told["parameters"] = parameters
    body = _body(path, label, method, fhir)
    return told | ({"requestBody": body} if body else {})


def _first_line(route: Route) -> str:
    text = getattr(route.endpoint, "__doc__", None) or route.name
    return str(text).strip().partition("\n")[0]


def _parameter(name: str, where: str, required: bool = False) -> Object:
    told = {"name": name, "in": where, "schema": {"type": "string"}}
    return told | ({"required": True} if required or where == "path" else {})


def _query(label: str, method: str) -> Iterable[str]:
    """The parameters of an address by what it does."""
    kind, _, what = label.partition(".")
    if what == "search" and method == "GET":
        return (*SEARCHED_BY[kind], *_PAGED)
    if what in ("history", "history-type"):
        return ("_since", *_PAGED)
    if label in ("$export", "Patient.$export"):
        return OF_EXPORT
    return ("_type",) if what == "$everything" else ()


def _body(path: str, label: str, method: str, fhir: bool) -> Object:
    if method not in ("POST", "PUT", "PATCH"):
        return {}
    what = label.partition(".")[2]
    if what in ("create", "update") or label == "transaction":
        kind = label.partition(".")[0] if what else "Bundle"
        return _content({FHIR_JSON: _resource(kind)})
    if fhir and what == "search":
        return _content({FORM: {"type": "object"}}, required=False)
    if fhir:
        return _content({FHIR_JSON: _resource("Parameters"), FORM: {"type": "object"}}, required=False)
    if path.startswith("/cds-services") and not path.endswith("/feedback"):
        return _content({JSON: {"$ref": "#/components/schemas/Hook"}})
    if path.startswith(("/cds-services", "/order-set-filter", "/sites/")):
        return _content({JSON: {"type": "object"}})
    return _content({FORM: {"type": "object"}}, required=False)


def _content(by_type: Mapping[str, Object], required: bool = True) -> Object:
    return {"required": required, "content": {kind: {"schema": schema} for kind, schema in by_type.items()}}


def _responses(fhir: bool, path: str) -> Object:
    if fhir:
        kinds = {
            FHIR_JSON: {"schema": {"$ref": "#/components/schemas/Resource"}},
            JSON: {},
            "application/fhir+ndjson": {},
        }
        outcome = {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}
        refused = {
            str(status): {"description": text, "content": outcome}
            for status, text in ((401, "nobody known"), (403, "not granted"))
        }
        return {"default": {"description": "what was asked for, or why not", "content": kinds}, **refused}
    machine = path.startswith(
        ("/cds-services", "/order-set-filter", "/auth/token", "/.well-known", "/sites/")
    )
    kind = JSON if machine else "text/plain" if path == "/healthz" else "text/html"
    return {"default": {"description": "what was asked for, or why not", "content": {kind: {}}}}


def _resource(kind: str = "") -> Object:
    named = {"type": "string", "enum": [kind]} if kind else {"type": "string"}
    return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": named}}


def _hook() -> Object:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["hook", "hookInstance", "context"],
        "properties": {
            "hook": text,
            "hookInstance": {"type": "string", "format": "uuid"},
            "context": {"type": "object"},
            "prefetch": {"type": "object"},
            "fhirServer": text,
        },
    }
