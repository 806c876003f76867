"""CDS Hooks over HTTP: discovery, services, feedback. One process answers on its event loop; disk waits
elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bedside.errors import BedsideError, Problem, Refused, RequestError
from bedside.exchange.cds_hooks import LARGEST_REQUEST
from bedside.service.access import Permission
from bedside.service.answer_coverage_hook import answer_coverage, coverage_hooks
from bedside.service.answer_hook import begin, discovery
from bedside.service.authorise import Caller, Gate, Principal, authorise
from bedside.service.house import House
from bedside.service.take_feedback import take_feedback
from bedside.web.errors import outcome_issue, status_of
from bedside.web.guard import needs
from bedside.web.refusals import refused

Endpoint = Callable[[Request], Awaitable[Response]]
JSON = "application/json"
PREFLIGHT_SECONDS = "600"
_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    412: "required",
    413: "too-long",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where machines are served: the house, the gate before it, and the origins that may call from a
    browser.
    """

    house: House
    gate: Gate
    origins: frozenset[str] = field(default_factory=frozenset)

    def principal(self, request: Request) -> Principal:
        """Who sent the request; raises NotIdentified."""
        caller = Caller(
            request.headers.get("authorization", ""), request.headers.get("host", ""), request.scope["path"]
        )
        return self.gate.admit(caller, self.house.clock())

    def refuse_foreign_pages(self, request: Request) -> None:
        """A page of another site, open in the operator's browser, may not speak in the operator's name.

        Browsers send an Origin with every such request; machines send none. Raises Refused.
        """
        origin = request.headers.get("origin")
        own = f"{request.url.scheme}://{request.headers.get('host', '')}"
        if origin is not None and origin != own and origin not in self.origins:
            raise Refused("requests from pages of this origin are not taken; see BEDSIDE_CORS_ORIGINS")


def desk(house: House, gate: Gate | None = None) -> Desk:
    """The desk of a house; raises SettingsError when the settings would leave it open."""
    origins = frozenset(house.settings.cors_origins.replace(",", " ").split())
    return Desk(house, gate or Gate(house.settings), origins)


def routes(house: House, gate: Gate | None = None) -> list[BaseRoute]:
    """The routes of CDS Hooks 2.0."""
    at = desk(house, gate)
    return [
        guarded(at, "/cds-services", "GET", Permission.DISCOVERY, _discover),
        guarded(at, "/cds-services/{service}", "POST", Permission.HOOK, _answer),
        guarded(at, "/cds-services/{service}/feedback", "POST", Permission.FEEDBACK, _feedback),
    ]


Handler = Callable[[Desk, Request, Principal], Awaitable[Response]]


def guarded(at: Desk, path: str, method: str, permission: Permission, handler: Handler) -> Route:
    """A route that nobody passes without the permission. Every failure becomes an OperationOutcome."""

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _with_cors(at, request, Response(status_code=204), method)
        principal = None
        try:
            principal = at.principal(request)
            authorise(principal, permission)
            at.refuse_foreign_pages(request)
            response = await handler(at, request, principal)
        except (BedsideError, HTTPException) as error:
            await refused(at.house, at.gate, request, error, principal)
            response = refusal(error)
        return _with_cors(at, request, response, method)

    return Route(path, needs(permission, endpoint, guards_itself=True), methods=[method, "OPTIONS"])


def opener(principal: Principal, permission: Permission) -> Callable[[str], None]:
    """Raises Refused when the principal may not open a person's record."""
    return lambda person: authorise(principal, permission, person)


async def _discover(at: Desk, request: Request, principal: Principal) -> Response:
    found = discovery(at.house)
    coverage = [hook.discovery for hook in coverage_hooks(at.house).values()]
    return as_json({"services": [*found["services"], *coverage]})


async def _answer(at: Desk, request: Request, principal: Principal) -> Response:
    document = await read_json(request)
    service, permit = request.path_params["service"], opener(principal, Permission.HOOK)
    if service in coverage_hooks(at.house):
        answered = await run_in_threadpool(
            answer_coverage, at.house, service, document, actor=principal.name, permit=permit
        )
        return as_json(answered)
    response, written = begin(at.house, service, document, actor=principal.name, permit=permit)
    if written is not None:
        await asyncio.wrap_future(written)
    return as_json(response)


async def _feedback(at: Desk, request: Request, principal: Principal) -> Response:
    document = await read_json(request)
    service = request.path_params["service"]
    permit = opener(principal, Permission.FEEDBACK)
    await run_in_threadpool(take_feedback, at.house, service, document, actor=principal.name, permit=permit)
    return as_json({})


async def read_body(request: Request) -> bytes:
    """The body; 413 when it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_REQUEST:
            raise HTTPException(413)
    return bytes(body)


async def read_json(request: Request) -> object:
    """The body as JSON; RequestError when it is none, 413 when it is too large."""
    body = await read_body(request)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError([Problem("Request", "is no JSON")]) from error


def as_json(value: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(value), status, media_type=JSON)


def refusal(error: Exception) -> Response:
    """The failure as a FHIR OperationOutcome: what is wrong and where, never a value."""
    status = status_of(error)
    problems = error.problems if isinstance(error, RequestError) else ()
    issues = [outcome_issue(_CODES.get(status, "invalid"), problem) for problem in problems] or [
        _plain(status, error)
    ]
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": issues})
    return Response(body, status, headers=headers, media_type=JSON)


def _plain(status: int, error: Exception) -> dict[str, Any]:
    said = {
        401: str(error),
        403: str(error),
        404: "there is no service at this address (see /cds-services)",
        405: "this address does not take that kind of request",
        413: "the request is larger than is read here",
        503: "the answer could not be recorded, so it is not given",
    }
    text = said.get(status, "the request failed; nothing was changed")
    return {"severity": "error", "code": _CODES.get(status, "exception"), "diagnostics": text}


def _with_cors(at: Desk, request: Request, response: Response, method: str) -> Response:
    origin = request.headers.get("origin", "")
    if origin in at.origins:
        response.headers["access-control-allow-origin"] = origin
        response.headers["vary"] = "Origin"
        if request.method == "OPTIONS":
            response.headers["access-control-allow-methods"] = method
            response.headers["access-control-allow-headers"] = "Authorization, Content-Type"
            response.headers["access-control-max-age"] = PREFLIGHT_SECONDS
    return response
