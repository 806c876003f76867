"""The programme on one page, how far it is, and the report its board gets."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bedside.service.access import Permission
from bedside.service.executive import executive_view
from bedside.service.house import House
from bedside.service.maturity import assess
from bedside.service.programme_facts import Fact
from bedside.web.guard import needs
from bedside.web.pathway_pages import moment_of
from bedside.web.posted import posted
from bedside.web.programme_pages import PLACES
from bedside.web.render import STATIC, render
from bedside.web.site import Site

HERE = "/programme"
ELSEWHERE = {
    "/knowledge": Permission.KNOWLEDGE,
    "/reanalysis": Permission.REANALYSIS,
    "/tasks": Permission.TASKS,
    "/programme": Permission.PROGRAMME,
}


def executive_pages(site: Site) -> list[Route]:
    """The routes."""
    see = Permission.PROGRAMME
    return [
        Route("/programme/executive", needs(see, posted(site, _executive)), methods=["GET"]),
        Route("/programme/maturity", needs(see, posted(site, _maturity)), methods=["GET"]),
        Route("/programme/report", needs(see, posted(site, _report)), methods=["GET"]),
    ]


def interval(fact: Fact) -> str:
    """The 95 % interval as it is read; "" for none."""
    if fact.low is None and fact.high is None:
        return ""
    if fact.unit == "share" or (not fact.unit and fact.value is not None):
        return " to ".join("?" if end is None else f"{100 * end:.0f} %" for end in (fact.low, fact.high))
    low = "not reached" if fact.low is None else f"{fact.low:,.1f}"
    high = "not reached" if fact.high is None else f"{fact.high:,.1f}"
    return f"{low} to {high}"


def _executive(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PROGRAMME)
    told = site.made_up()
    view = executive_view(site.house, moment_of(site), people=principal.people, as_known_then=not told)
    return site.send(
        request,
        "executive.html",
        here=HERE,
        view=view,
        interval=interval,
        told=told,
        may=lambda address: _may(address, principal.permissions),
    )


def _may(address: str, permissions: frozenset[Permission]) -> bool:
    """Whether the page a figure leads to may be opened by who asks."""
    needed = {one.address: one.permission for one in PLACES} | ELSEWHERE
    path = address.partition("?")[0]
    found = [start for start in needed if path == start or path.startswith(f"{start}/")]
    return bool(found) and needed[max(found, key=len)] in permissions


def _maturity(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.PROGRAMME)
    pack, domains = assess(site.house, moment_of(site), as_known_then=not site.made_up())
    return site.send(
        request,
        "maturity.html",
        here=HERE,
        pack=pack.provenance,
        levels=pack.levels,
        domains=domains,
        known=sum(one.known for one in domains),
        all=len(pack.indicators),
    )


def _report(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PROGRAMME)
    told = site.made_up()
    page = report_page(
        site.house, moment_of(site), people=principal.people, as_known_then=not told, made_up=told, site=True
    )
    return HTMLResponse(page)


def report_page(
    house: House,
    at: datetime,
    *,
    people: frozenset[str] | None = None,
    as_known_then: bool = True,
    made_up: bool = False,
    site: bool = False,
) -> str:
    """The board's report as HTML. site: it is served, so the stylesheet is linked."""
    css = "" if site else (STATIC / "board.css").read_text(encoding="utf-8")
    pack, domains = assess(house, at, as_known_then=as_known_then)
    return render(
        "board_programme.html",
        style=Markup(css),  # noqa: S704  the project's own stylesheet
        made_up=made_up,
        view=executive_view(house, at, people=people, as_known_then=as_known_then),
        interval=interval,
        domains=domains,
        levels=pack.levels,
    )
