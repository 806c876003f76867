"""A test ordered from the chart, and the order followed: its specimen, its result, and taking it back."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, RequestError
from bedside.exchange.order_fhir import order_bundle
from bedside.exchange.order_hl7v2 import write_oml
from bedside.exchange.order_pdf import write_requisition
from bedside.genome.order import Order, Priority
from bedside.genome.specimen import Step
from bedside.service.access import Permission
from bedside.service.chart import PersonHeader
from bedside.service.coverage_view import CoverageView, LookAhead, coverage_view, look_ahead
from bedside.service.follow_orders import (
    OrdersAsked,
    OrderView,
    order_view,
    orders_in_progress,
    orders_of_person,
    waiting_orders,
)
from bedside.service.house import House
from bedside.service.move_specimen import label_specimen, move_specimen
from bedside.service.order_form import OrderForm, active_problems, order_form, test_choices
from bedside.service.order_test import Wish, cancel_order, order_test
from bedside.service.page_keys import page_key
from bedside.service.record_ids import RecordIds
from bedside.service.results_inbox import results_of
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

ANSWER = "answer-"
"""How the fields begin that answer a laboratory's questions."""


def order_pages(site: Site) -> list[Route]:
    """The routes of ordering and following."""
    return [
        Route("/orders", needs(Permission.ORDERS, posted(site, _worklist)), methods=["GET", "POST"]),
        Route(
            "/people/{record_id}/order",
            needs(Permission.ORDER_TEST, posted(site, _order)),
            methods=["GET", "POST"],
        ),
        Route("/people/{record_id}/orders", needs(Permission.ORDERS, _of_person(site))),
        Route(
            "/people/{record_id}/orders/{order}",
            needs(Permission.ORDERS, posted(site, _follow)),
            methods=["GET", "POST"],
        ),
        Route(
            "/people/{record_id}/orders/{order}/specimen",
            needs(Permission.SPECIMEN, posted(site, _step)),
            methods=["POST"],
        ),
        Route("/people/{record_id}/orders/{order}/{form}", needs(Permission.ORDERS, _written(site))),
    ]


def _worklist(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ORDERS)
    asked = OrdersAsked(said(form, "whose"), bool(said(form, "late")), bool(said(form, "over")))
    page = orders_in_progress(site.house, site.ids(), asked, principal.people)
    return site.send(request, "orders.html", here="/orders", page=page)


def _of_person(site: Site) -> Callable[[Request], Response]:
    def orders(request: Request) -> Response:
        person = site.person(request)
        principal = site.authorise(request, Permission.ORDERS, person)
        lines = orders_of_person(site.house, _ids(site), person)
        return site.send(
            request,
            "persons_orders.html",
            person=_header(site, request, person),
            lines=lines,
            waiting=waiting_orders(lines),
            results=results_of(site.house, _ids(site), person)
            if Permission.RESULTS in principal.permissions
            else None,
            may_order=Permission.ORDER_TEST in principal.permissions,
        )

    return orders


def _order(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.ORDER_TEST, person).name
    test, problem = said(form, "test"), ""
    if test and said(form, "go"):
        try:
            placed = order_test(site.house, person, _wish(form, test, actor))
        except RequestError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(_address(request, page_key(placed.order.order)), 303)
    shown = None
    if test:
        try:
            shown = order_form(site.house, person, test, actor)
        except NotFound:
            raise HTTPException(404) from None
    return site.send(
        request,
        "order.html",
        status=422 if problem else 200,
        person=_header(site, request, person),
        choices=() if shown else test_choices(site.house, person),
        form=shown,
        problems=active_problems(site.house, person),
        given=_given(form),
        ahead=_ahead(site, request, person, shown) if shown else None,
        once=said(form, "once") or secrets.token_urlsafe(16),
        problem=problem,
    )


def _ahead(site: Site, request: Request, person: str, shown: OrderForm) -> LookAhead | None:
    """What a payer would say of the test, for those who may see it."""
    may = site.principal(request).permissions
    if Permission.COVERAGE not in may:
        return None
    return look_ahead(
        site.house,
        person,
        shown.test.test,
        shown.choice.reasons,
        may_prescribe=Permission.PRESCRIBE in may,
    )


def _given(form: FormData) -> dict[str, str]:
    """What was typed already, to be shown again."""
    names = ("reason", "other", "priority", "despite")
    answers = [name for name in form if name.startswith(ANSWER)]
    return {name: said(form, name, 400) for name in (*names, *answers)}


def _wish(form: FormData, test: str, actor: str) -> Wish:
    given = _given(form)
    return Wish(
        test=test,
        orderer=actor,
        reason=given["other"] or given["reason"],
        answers={
            name.removeprefix(ANSWER): value
            for name, value in given.items()
            if name.startswith(ANSWER) and value
        },
        priority=Priority.URGENT if given["priority"] == Priority.URGENT.value else Priority.ROUTINE,
        despite=given["despite"],
        form=said(form, "once"),
    )


def _follow(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    wanted = Permission.ORDER_TEST if request.method == "POST" else Permission.ORDERS
    actor = site.authorise(request, wanted, person).name
    problem = ""
    if request.method == "POST":
        number = _number(site, request, person)
        try:
            cancel_order(site.house, person, number, by=actor, reason=said(form, "reason", 400))
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(_address(request), 303)
    return _page(site, request, person, problem)


def _step(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.SPECIMEN, person).name
    number = _number(site, request, person)
    try:
        step = Step(said(form, "step"))
        if step is Step.LABEL:
            label_specimen(site.house, person, number, by=actor, specimen=said(form, "tube", 40))
        else:
            specimen, why = said(form, "specimen", 80), said(form, "why", 400)
            move_specimen(site.house, person, specimen, step, by=actor, reason=why)
    except ValueError:
        raise HTTPException(400) from None
    except InputError as error:
        return _page(site, request, person, problems_told(error))
    return RedirectResponse(_address(request), 303)


def _page(site: Site, request: Request, person: str, problem: str) -> Response:
    may = site.principal(request).permissions
    return site.send(
        request,
        "order_followed.html",
        status=422 if problem else 200,
        person=_header(site, request, person),
        view=_view(site, request, person),
        problem=problem,
        may_step=Permission.SPECIMEN in may,
        may_cancel=Permission.ORDER_TEST in may,
        may_results=Permission.RESULTS in may,
        may_cost=Permission.COVERAGE in may,
        may_authorise=Permission.AUTHORISATION in may,
        coverage=_coverage(site, request, person),
    )


def _coverage(site: Site, request: Request, person: str) -> CoverageView | None:
    """Whether the order is covered, for those who may see it."""
    principal = site.principal(request)
    if Permission.COVERAGE not in principal.permissions:
        return None
    return coverage_view(site.house, person, _number(site, request, person), actor=principal.name)


def _written(site: Site) -> Callable[[Request], Response]:
    def written(request: Request) -> Response:
        person = site.person(request)
        site.authorise(request, Permission.ORDERS, person)
        if request.path_params["form"] not in FORMS:
            raise HTTPException(404)
        order = _view(site, request, person).line.held.order
        media, ending, write = FORMS[request.path_params["form"]]
        headers = {"content-disposition": f'attachment; filename="order-{page_key(order.order)}.{ending}"'}
        return Response(write(site.house, order), media_type=media, headers=headers)

    return written


def _fhir(house: House, order: Order) -> bytes:
    import orjson

    return orjson.dumps(order_bundle(order), option=orjson.OPT_INDENT_2) + b"\n"


FORMS: dict[str, tuple[str, str, Callable[[House, Order], bytes]]] = {
    "fhir": ("application/fhir+json", "json", _fhir),
    "hl7v2": ("text/plain; charset=utf-8", "hl7", lambda house, order: write_oml(order, house.clock())),
    "pdf": ("application/pdf", "pdf", lambda house, order: write_requisition(order)),
}
"""In which forms an order can be fetched: media type, ending, and what writes it."""


def _view(site: Site, request: Request, person: str) -> OrderView:
    try:
        return order_view(site.house, _ids(site), person, request.path_params["order"])
    except NotFound:
        raise HTTPException(404) from None


def _number(site: Site, request: Request, person: str) -> str:
    return _view(site, request, person).line.held.order.order


def _ids(site: Site) -> RecordIds:
    ids = site.ids()
    if ids is None:
        raise HTTPException(404)
    return ids


def _header(site: Site, request: Request, person: str) -> PersonHeader:
    return header(site.house.ledger.person(person), person, request.path_params["record_id"])


def _address(request: Request, key: str = "") -> str:
    key = key or request.path_params["order"]
    return f"/people/{request.path_params['record_id']}/orders/{key}"
