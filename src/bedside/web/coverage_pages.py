"""Whether an order is covered, and why; the policies at hand with who has still to check them."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import NotFound, RequestError
from bedside.service.access import Permission
from bedside.service.ask_coverage import pack_of
from bedside.service.coverage_list import rows
from bedside.service.coverage_view import coverage_view, stated_on_page
from bedside.service.follow_orders import order_view
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

FACT = "fact-"
"""How the fields begin that state a fact."""


def coverage_pages(site: Site) -> list[Route]:
    """The routes of coverage; before those of orders, whose last part may be anything."""
    return [
        Route("/coverage", needs(Permission.COVERAGE, posted(site, _policies)), methods=["GET"]),
        Route(
            "/people/{record_id}/orders/{order}/coverage",
            needs(Permission.COVERAGE, posted(site, _order)),
            methods=["GET", "POST"],
        ),
    ]


def _policies(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.COVERAGE)
    pack = pack_of(site.house)
    return site.send(
        request,
        "coverage_policies.html",
        here="/programme",
        rows=list(rows(pack)),
        pack=pack,
        today=site.house.clock().date(),
    )


def _order(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.COVERAGE, person).name
    ids = site.ids()
    if ids is None:
        raise HTTPException(404)
    try:
        held = order_view(site.house, ids, person, request.path_params["order"]).line.held
    except NotFound:
        raise HTTPException(404) from None
    problem = ""
    if request.method == "POST":
        try:
            stated = stated_on_page(site.house, _stated(form), actor)
        except RequestError as error:
            problem = problems_told(error)
        else:
            coverage_view(site.house, person, held.order.order, actor=actor, form=stated)
            return RedirectResponse(request.url.path, 303)
    return site.send(
        request,
        "coverage.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        key=request.path_params["order"],
        order=held.order,
        view=coverage_view(site.house, person, held.order.order, actor=actor),
        facts=pack_of(site.house).facts,
        problem=problem,
    )


def _stated(form: FormData) -> dict[str, object]:
    """What was filled in; a field that was left empty says nothing."""
    named = [name for name in form if name.startswith(FACT)]
    return {name.removeprefix(FACT): said(form, name, 400) for name in named}
