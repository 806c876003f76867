"""Equity: which groups get less than everybody else, and where that cannot be told."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import Refused
from bedside.knowledge.equity import load_gap_policy
from bedside.learn.people_groups import GROUPS
from bedside.service.access import Permission
from bedside.service.capacity import WEEKS, queues, reaches
from bedside.service.equity import equity_report, sentence
from bedside.web.guard import needs
from bedside.web.pathway_pages import moment_of
from bedside.web.posted import posted
from bedside.web.site import Site


def equity_pages(site: Site) -> list[Route]:
    """The routes of the pages."""
    return [
        Route("/equity", needs(Permission.EQUITY, posted(site, _page)), methods=["GET"]),
        Route("/capacity", needs(Permission.EQUITY, posted(site, _capacity)), methods=["GET"]),
    ]


def _capacity(site: Site, request: Request, form: FormData) -> Response:
    """Whether counsellors keep up, and what each site gets. It counts everybody, and so is not for those who
    may open some records only."""
    principal = site.authorise(request, Permission.EQUITY)
    if principal.people is not None:
        raise Refused("this counts everybody, and the caller may open some records only")
    at = moment_of(site)
    return site.send(
        request,
        "capacity.html",
        here="/programme",
        queues=queues(site.house, at),
        reaches=reaches(site.house, at),
        weeks=WEEKS,
        policy=load_gap_policy(site.house.settings.knowledge_folder).provenance,
        at=at,
        told=site.made_up(),
    )


def _page(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.EQUITY)
    by = request.query_params.get("by", "")
    if by not in ("", *GROUPS):
        raise HTTPException(404)
    report = equity_report(
        site.house,
        moment_of(site),
        by=(by,) if by else GROUPS,
        people=principal.people,
        as_known_then=not site.made_up(),
    )
    return site.send(
        request,
        "equity.html",
        here="/programme",
        report=report,
        by=by,
        groups=GROUPS,
        gaps=[(one, sentence(one)) for one in report.gaps],
        told=site.made_up(),
    )
