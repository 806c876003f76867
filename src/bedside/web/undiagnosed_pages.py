"""Whose chart to look at: the last round of the worklist, and the word of whoever looked."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.service.access import Permission
from bedside.service.undiagnosed_decide import decide
from bedside.service.undiagnosed_view import last_round
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

STANDING = {
    "diagnosed": "a diagnosis is known",
    "tested": "an exome or genome is stored",
    "declined": "declined",
    "under-care": "under the care of the undiagnosed pathway",
    "not-now": "somebody decided not now",
    "died": "died",
}
"""Why somebody is left out, in words."""


def undiagnosed_pages(site: Site) -> list[Route]:
    """The routes of the worklist of perhaps undiagnosed people."""
    look = Permission.UNDIAGNOSED
    return [
        Route("/undiagnosed", needs(look, posted(site, _list)), methods=["GET"]),
        Route("/people/{record_id}/undiagnosed", needs(look, posted(site, _decide)), methods=["POST"]),
    ]


def _list(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.UNDIAGNOSED)
    return site.send(
        request,
        "undiagnosed.html",
        here="/worklist",
        view=last_round(site.house, site.ids(), principal.people),
        standing=STANDING,
        may_chart=Permission.CHART in principal.permissions,
        may_pathways=Permission.PATHWAYS in principal.permissions,
    )


def _decide(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.UNDIAGNOSED, person).name
    decide(site.house, person, said(form, "decision"), said(form, "reason"), actor=actor)
    return RedirectResponse("/undiagnosed", status_code=303)
