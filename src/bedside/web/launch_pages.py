"""Bedside opened from an EHR: where the launch comes in, and where the EHR sends people back."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import Refused
from bedside.exchange.ehr_http import EhrUnavailable
from bedside.service.come_from_ehr import CALLBACK, NobodyHere, arrive, depart
from bedside.web.guard import public
from bedside.web.session import keep_session, session_of
from bedside.web.sign_in import keep_token
from bedside.web.site import Site

WHY = "the EHR's own server decides who comes in; only EHRs of the access file are asked"
NOT_ANSWERED = "The EHR did not answer as it should, so nobody was let in. Open it again there."
NOBODY = "The patient who is open in the EHR has no record here. Nothing was opened."


def launch_pages(site: Site) -> list[Route]:
    """The routes of a launch."""
    return [
        Route("/launch", public(WHY, _told(site, _launch))),
        Route("/launch/standalone", public(WHY, _told(site, _standalone))),
        Route(CALLBACK, public(WHY, _told(site, _callback))),
    ]


def _told(site: Site, answer: Callable[[Site, Request], Response]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return answer(site, request)
        except EhrUnavailable:
            return _page(site, request, 502, "The EHR did not answer", NOT_ANSWERED)
        except NobodyHere:
            return _page(site, request, 404, "No record here", NOBODY)
        except Refused as error:
            raise HTTPException(403, f"{str(error).capitalize()}.") from error

    return endpoint


def _page(site: Site, request: Request, status: int, title: str, told: str) -> Response:
    return site.send(
        request, "error.html", status=status, title=title, explanation=told, sign_in="", emergency=False
    )


def _launch(site: Site, request: Request) -> Response:
    launch = request.query_params.get("launch", "")
    if not launch:
        raise Refused("the EHR did not say what is open")
    return _go(site, request, request.query_params.get("iss", ""), launch)


def _standalone(site: Site, request: Request) -> Response:
    known, asked = list(site.gate.access.launchers), request.query_params.get("iss", "")
    if not asked and len(known) != 1:
        return site.send(request, "launch.html", ehrs=tuple(site.gate.access.launchers.values()))
    return _go(site, request, asked or known[0], "")


def _go(site: Site, request: Request, iss: str, launch: str) -> Response:
    session = session_of(request, site.house.settings)
    address = depart(site.house, site.gate, iss, launch, session.token)
    response = RedirectResponse(address, 303)
    keep_session(response, session, site.house.settings)
    return response


def _callback(site: Site, request: Request) -> Response:
    session, asked = session_of(request, site.house.settings), request.query_params
    came = arrive(site.house, site.gate, asked.get("state", ""), asked.get("code", ""), session.token)
    ids = site.ids()
    if ids is None:
        raise HTTPException(404)
    response = RedirectResponse(f"/people/{ids.of(came.person)}", 303)
    keep_token(site, response, came.token)
    return response
