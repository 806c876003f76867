"""The inbox of the reanalysis: what changed for whom, taken in hand and ended through the task."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import RequestError
from bedside.service.access import Permission
from bedside.service.close_task import Ending, close_task
from bedside.service.reanalysis_view import MOST_CHANGES, Filter, inbox
from bedside.service.take_task import take_task
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

TAKE, BACK = "take", "back"


def reanalysis_pages(site: Site) -> list[Route]:
    """The routes of the inbox."""
    return [
        Route("/reanalysis", needs(Permission.REANALYSIS, posted(site, _inbox)), methods=["GET", "POST"]),
        Route(
            "/people/{record_id}/reanalysis",
            needs(Permission.REANALYSIS, posted(site, _act)),
            methods=["POST"],
        ),
    ]


def _inbox(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.REANALYSIS)
    asked = Filter(
        said(form, "channel"),
        said(form, "owner"),
        said(form, "gene"),
        bool(said(form, "late")),
        bool(said(form, "ended")),
    )
    found = inbox(site.house, site.ids(), asked, principal.people)
    return site.send(
        request,
        "reanalysis.html",
        here="/reanalysis",
        inbox=found,
        most=MOST_CHANGES,
        who=principal.name,
        may_impact=principal.people is None,
        may_disclose=Permission.DISCLOSURE in principal.permissions,
    )


def _act(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.REANALYSIS, person).name
    task, chosen = said(form, "task"), said(form, "act")
    if chosen in (TAKE, BACK):
        take_task(site.house, person, task, actor=actor, back=chosen == BACK)
    else:
        try:
            ending = Ending(chosen)
        except ValueError:
            raise RequestError.one("act", "is nothing that can be done with a task") from None
        reason = said(form, "reason", 400)
        if not reason:
            raise RequestError.one("reason", "a change is not ended without saying why")
        close_task(site.house, person, task, ending, reason, actor=actor)
    return RedirectResponse("/reanalysis", status_code=303)
