"""Signing in with an access token, where an access file asks for one. On this machine alone nobody signs
in.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.service.authorise import Caller, NotIdentified
from bedside.service.note_refusal import note_refusal
from bedside.web.guard import public
from bedside.web.session import access_cookie, cookie_attributes, read_form, said
from bedside.web.site import Site

LONGEST_TOKEN = 500
_PAGE = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
UNKNOWN = "This token is not known here. Check that it was copied whole."


def sign_in_pages(site: Site) -> list[Route]:
    """The routes of signing in and out."""

    async def sign_in(request: Request) -> Response:
        if request.method == "GET":
            return site.send(
                request, "sign_in.html", problem="", next=_own(request.query_params.get("next", ""))
            )
        form = await read_form(request, site.house.settings)
        token, then = said(form, "token", LONGEST_TOKEN), _own(said(form, "next", 500))
        caller = Caller(f"Bearer {token}", request.headers.get("host", ""), request.scope["path"])
        try:
            site.gate.admit(caller, site.house.clock())
        except NotIdentified:
            gate, house = site.gate, site.house
            await run_in_threadpool(note_refusal, house, gate.refusals, status=401, route="/sign-in")
            return site.send(request, "sign_in.html", status=401, problem=UNKNOWN, next=then)
        return _with_token(site, token, then)

    async def sign_out(request: Request) -> Response:
        await read_form(request, site.house.settings)
        return _with_token(site, "")

    return [
        Route("/sign-in", public("here one says who one is", sign_in), methods=["GET", "POST"]),
        Route("/sign-out", public("ends the session of whoever asks", sign_out), methods=["POST"]),
    ]


def _own(path: str) -> str:
    """A page of this site to go to after signing in; the first one for anything else."""
    return path if _PAGE.fullmatch(path) else "/"


def _with_token(site: Site, token: str, then: str = "/") -> Response:
    response = RedirectResponse(then, 303)
    keep_token(site, response, token)
    return response


def keep_token(site: Site, response: Response, token: str) -> None:
    """Give the browser the token of somebody who is signed in; "" takes it back."""
    ends = "" if token else "; Max-Age=0"
    settings = site.house.settings
    value = f"{access_cookie(settings)}={token}; {cookie_attributes(settings)}{ends}"
    response.headers.append("set-cookie", value)
