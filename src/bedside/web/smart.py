"""SMART on FHIR: what this server tells of itself, and its token endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bedside.service.app_launch import AUTHORIZE
from bedside.service.authorise import Gate
from bedside.service.give_token import ASKED_AT, give_token
from bedside.service.house import House
from bedside.service.note_refusal import note_refusal
from bedside.service.token_refused import TokenRefused
from bedside.service.verify_jwt import ALGORITHMS
from bedside.web.fhir_desk import fhir_id, ids_of
from bedside.web.guard import public
from bedside.web.smart_app import kinds_of

WELL_KNOWN = ("/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration")
CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-asymmetric",
    "context-ehr-patient",
    "context-standalone-patient",
    "permission-patient",
    "permission-user",
    "permission-v2",
)
"""What of SMART is here. Not here: refresh tokens, OpenID Connect, single sign-on, styles."""


def smart_routes(house: House, gate: Gate, fhir: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes; fhir: those whose types of resource scopes may name."""
    kinds = kinds_of(fhir)

    async def discovered(request: Request) -> Response:
        if not gate.access.clients:
            raise HTTPException(404)
        return _json(configuration(gate))

    async def token(request: Request) -> Response:
        return await _token(house, gate, kinds, request)

    reason = "tells where a token is asked for; names nobody"
    return [
        *(Route(path, public(reason, discovered), methods=["GET"]) for path in WELL_KNOWN),
        Route(ASKED_AT, public("gives tokens to whoever proves who they are", token), methods=["POST"]),
    ]


def configuration(gate: Gate) -> dict[str, Any]:
    """What a SMART client is told of this server: only what a registered client can use."""
    clients = gate.access.clients.values()
    told: dict[str, Any] = {
        "token_endpoint": gate.address(ASKED_AT),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "grant_types_supported": ["client_credentials", "authorization_code"],
        "scopes_supported": sorted({str(scope) for one in clients for scope in one.scopes}),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_endpoint": gate.address(AUTHORIZE),
        "capabilities": list(CAPABILITIES),
    }
    told["scopes_supported"] += ["launch", "launch/patient"]
    return told


async def _token(house: House, gate: Gate, kinds: frozenset[str], request: Request) -> Response:
    form = await request.form(max_files=0, max_fields=40)
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if len(fields) != len(form.multi_items()):
        return refused(TokenRefused("invalid_request", "a field is given more than once"))
    try:
        given = await run_in_threadpool(give_token, house, gate, fields, kinds)
    except TokenRefused as error:
        status = 401 if error.code == "invalid_client" else 400
        await run_in_threadpool(note_refusal, house, gate.refusals, status=status, route=ASKED_AT)
        return refused(error)
    told = {
        "access_token": given.token,
        "token_type": "bearer",
        "expires_in": given.seconds,
        "scope": given.scope,
    }
    ids = None if given.person is None else ids_of(house)
    if ids is not None and given.person is not None:
        told |= {"patient": fhir_id(ids.of(given.person)), "need_patient_banner": True}
    return _json(told)


def refused(error: TokenRefused) -> Response:
    """The refusal in the words of OAuth."""
    status = 401 if error.code == "invalid_client" else 400
    return _json({"error": error.code, "error_description": str(error)}, status)


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    headers = {"cache-control": "no-store", "pragma": "no-cache"}
    return Response(orjson.dumps(value), status, headers, media_type="application/json")
