"""Where other sites knock: one place takes their messages, one hands out what waits for them.

A caller is known by the signature over the request and by nothing else, also on this machine; every answer is
signed for the one who asked. No other place of this server accepts a site's signature.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import Refused, RequestError, SettingsError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import Permission
from bedside.service.authorise import NotIdentified, Principal, authorise
from bedside.service.house import House
from bedside.service.sign_site import sign, signed_by
from bedside.service.site_post import SIGNATURE
from bedside.service.site_rounds import INBOX, OUTBOX, answer_inbox, answer_outbox, problems_in
from bedside.service.sites import PeerSite, Sites, has_sites, sites_of
from bedside.service.verify_jwt import SeenOnce
from bedside.web.guard import needs

Answering = Callable[[House, Sites, PeerSite, bytes], tuple[int, dict[str, Any]]]


def site_desk(house: House) -> list[Route]:
    """The routes for other sites; none where no sites file is set."""
    if not has_sites(house):
        return []
    sites_of(house)  # a wrong file is told at the start
    seen = SeenOnce()
    return [
        Route("/sites/inbox", _endpoint(house, seen, INBOX), methods=["POST"]),
        Route("/sites/outbox", _endpoint(house, seen, OUTBOX), methods=["POST"]),
    ]


def _hand_out(house: House, sites: Sites, peer: PeerSite, body: bytes) -> tuple[int, dict[str, Any]]:
    """What waits for a site; that it was handed out is on record before it leaves."""
    status, said = answer_outbox(house, peer, body)
    names = [one["envelope"]["message"] for one in said.get("messages", ())]
    if names:
        shown = {"page": Permission.SITE_MESSAGE.value, "messages": names}
        house.audit.append([NewEvent(EventKind.ACCESSED, f"site:{peer.name}", house.clock(), None, shown)])
    return status, said


_ANSWERS: dict[str, Answering] = {INBOX: answer_inbox, OUTBOX: _hand_out}


def _endpoint(house: House, seen: SeenOnce, place: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return await run_in_threadpool(answer, house, seen, place, token, body)

    return needs(Permission.SITE_MESSAGE, endpoint, guards_itself=True)


def answer(house: House, seen: SeenOnce, place: str, token: str, body: bytes) -> Response:
    """What a request of another site is answered with; raises NotIdentified before anything is read of it."""
    try:
        sites = sites_of(house)
        peer, number = signed_by(sites, token, body, place, house.clock(), seen)
    except (Refused, SettingsError) as error:
        raise NotIdentified(str(error)) from error
    authorise(Principal(f"site:{peer.name}", frozenset({Permission.SITE_MESSAGE})), Permission.SITE_MESSAGE)
    try:
        status, said = _ANSWERS[place](house, sites, peer, body)
    except RequestError as error:
        status, said = error.status, {"refused": problems_in(error)}
    content = orjson.dumps(said)
    signature, _ = sign(sites, content, peer.name, f"{place}#answer", house.clock(), number)
    return Response(content, status, {SIGNATURE: signature}, "application/json")
