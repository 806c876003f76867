"""Puts a refused request on record, whichever format its answer has."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from bedside.errors import Refused
from bedside.service.authorise import Caller, Gate, NotIdentified
from bedside.service.house import House
from bedside.service.note_refusal import NOBODY, note_refusal
from bedside.service.principal import Principal
from bedside.service.record_ids import record_ids
from bedside.web.errors import status_of
from bedside.web.session import access_cookie


async def refused(
    house: House, gate: Gate, request: Request, error: Exception, principal: Principal | None = None
) -> None:
    """Write down a refusal: one of a caller who is known, or one that showed something that is not. Whoever
    shows nothing has not tried anything yet."""
    if not isinstance(error, Refused):
        return
    shown = request.headers.get("authorization") or request.cookies.get(access_cookie(house.settings))
    if isinstance(error, NotIdentified) and not shown:
        return
    await run_in_threadpool(_note, house, gate, request, status_of(error), principal)


def _note(house: House, gate: Gate, request: Request, status: int, principal: Principal | None) -> None:
    route = getattr(request.scope.get("route"), "path", "an unknown address")
    actor = principal.name if principal is not None else _named(house, gate, request)
    record, ids = request.path_params.get("record_id"), record_ids(house.ledger)
    person = ids.person(record) if ids is not None and isinstance(record, str) else None
    note_refusal(house, gate.refusals, status=status, route=route, actor=actor, person=person)


def _named(house: House, gate: Gate, request: Request) -> str:
    """Who asks, where a token of the access file or of a sign-in says so."""
    cookie = request.cookies.get(access_cookie(house.settings), "")
    authorization = request.headers.get("authorization") or (f"Bearer {cookie}" if cookie else "")
    caller = Caller(authorization, request.headers.get("host", ""), request.scope["path"])
    try:
        return gate.admit(caller, house.clock()).name
    except Refused:
        return NOBODY
