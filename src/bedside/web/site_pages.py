"""How it stands with the other sites: what waits, what was refused and why, send again, give up."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.service.access import Permission
from bedside.service.site_messages import drop, send_again
from bedside.service.site_standing import standing_of
from bedside.service.sites import has_sites, sites_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site


def site_pages(site: Site) -> list[Route]:
    """The routes; none where no sites file is set."""
    if not has_sites(site.house):
        return []
    return [Route("/sites", needs(Permission.SITES, posted(site, _sites)), methods=["GET", "POST"])]


def _sites(site: Site, request: Request, form: FormData) -> Response:
    account, problem = site.authorise(request, Permission.SITES).name, ""
    if request.method == "POST":
        try:
            _act(site, form, account)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse("/sites", 303)
    sites = sites_of(site.house)
    return site.send(
        request,
        "sites.html",
        here="/econsults",
        status=422 if problem else 200,
        name=sites.title,
        standings=standing_of(site.house, sites),
        problem=problem,
    )


def _act(site: Site, form: FormData, account: str) -> None:
    message = said(form, "message")
    if said(form, "act") == "again":
        send_again(site.house, message, actor=account)
    elif said(form, "act") == "drop":
        drop(site.house, message, said(form, "reason", 400), actor=account)
    else:
        raise RequestError.one("act", "nothing was chosen")
