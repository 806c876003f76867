"""The pages that show: people, one person's chart and report, knowledge, tasks, about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bedside.service import shelf
from bedside.service.access import Permission
from bedside.service.chart import Chart, Delivery
from bedside.service.people import Search, find_people, open_tasks
from bedside.service.show_chart import show_chart
from bedside.web import report
from bedside.web.guard import needs, public
from bedside.web.render import STATIC
from bedside.web.session import read_form, said
from bedside.web.site import Site
from bedside.web.vendored import vendored
from bedside.web.words import MEANINGS, day, iso_day


def pages(site: Site) -> list[Route]:
    """The routes of the pages that show."""
    return [
        Route("/", needs(Permission.PEOPLE, _people(site)), methods=["GET", "POST"]),
        Route("/people/{record_id}", needs(Permission.CHART, _chart(site))),
        Route("/people/{record_id}/report", needs(Permission.REPORT, _report(site))),
        Route("/tasks", needs(Permission.TASKS, _tasks(site))),
        Route("/knowledge", needs(Permission.KNOWLEDGE, _knowledge(site))),
        Route("/about", public("what this is and how it looks; of nobody", _about(site))),
    ]


def _people(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def people(request: Request) -> Response:
        search = Search()
        if request.method == "POST":
            search = _search(await read_form(request, site.house.settings))
        return await run_in_threadpool(_show_people, site, request, search)

    return people


def _show_people(site: Site, request: Request, search: Search) -> HTMLResponse:
    principal = site.authorise(request, Permission.PEOPLE)
    page = find_people(site.house, site.rules, site.ids(), search, principal.people)
    return site.send(request, "people.html", here="/", page=page, status=422 if page.problem else 200)


def _search(form: FormData) -> Search:
    number = said(form, "page")
    page = int(number) if number.isdigit() else 1
    return Search(said(form, "text"), said(form, "gene"), said(form, "phenotype"), said(form, "drug"), page)


def chart_of(site: Site, request: Request, permission: Permission = Permission.CHART) -> Chart:
    """The chart the address names, on the day it names; 404 when there is none."""
    person = site.person(request)
    site.authorise(request, permission, person)
    said = request.query_params.get("as_of", "")
    try:
        as_of = date.fromisoformat(said) if said else None
    except ValueError:
        raise HTTPException(400) from None
    chart = show_chart(site.house, site.rules, person, request.path_params["record_id"], as_of)
    if chart is None:
        raise HTTPException(404)
    return chart


def _chart(site: Site) -> Callable[[Request], Response]:
    def chart(request: Request) -> Response:
        return site.send(request, "chart.html", chart=chart_of(site, request))

    return chart


def _report(site: Site) -> Callable[[Request], Response]:
    def printed(request: Request) -> Response:
        chart = chart_of(site, request, Permission.REPORT)
        person = chart.person
        facts = (
            ("Number", person.identifier),
            *((("Born", iso_day(person.born)),) if person.born else ()),
            ("Sex", person.sex),
            *((("As known on", day(chart.as_of)),) if chart.as_of else ()),
        )
        sources = tuple(source_line(delivery) for delivery in chart.deliveries if not delivery.withdrawn)
        subject = report.ReportSubject(person.name or person.identifier, facts, chart.genes, sources)
        today = site.house.clock().date()
        return HTMLResponse(
            report.document(site.rules.pgx, (subject,), made_on=today, made_up=site.made_up())
        )

    return printed


def source_line(delivery: Delivery) -> str:
    """Where facts came from, in one sentence of the report."""
    return (
        f"{delivery.laboratory}: {delivery.method}, received {day(delivery.received)}, "
        f"{delivery.positions_tested} positions looked at, {delivery.not_tested} not looked at, "
        f"{delivery.not_callable} not called. Document sha256 {delivery.document}."
    )


def _tasks(site: Site) -> Callable[[Request], Response]:
    def tasks(request: Request) -> Response:
        principal = site.authorise(request, Permission.TASKS)
        lines, total = open_tasks(site.house, site.ids(), principal.people)
        return site.send(request, "tasks.html", here="/tasks", tasks=lines, total=total)

    return tasks


def _knowledge(site: Site) -> Callable[[Request], Response]:
    def knowledge(request: Request) -> Response:
        site.authorise(request, Permission.KNOWLEDGE)
        return site.send(
            request,
            "knowledge.html",
            here="/knowledge",
            facts=shelf.facts(site.house),
            rules=shelf.rules(site.house),
        )

    return knowledge


def _about(site: Site) -> Callable[[Request], Response]:
    files = vendored(STATIC)

    def about(request: Request) -> Response:
        return site.send(request, "about.html", here="/about", looks=MEANINGS, vendored=files)

    return about
