"""What an ordered test may cost the person: the estimate, why it is a range, and the plan's terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.act.orders import HeldOrder
from bedside.errors import InputError, Problem, RequestError
from bedside.genome.cost import Amount, PlanTerms, exactly
from bedside.genome.event import EventKind
from bedside.genome.programme import programmes_from
from bedside.knowledge.cost_policy import load_assistance, load_unit_costs
from bedside.service.access import Permission
from bedside.service.cost_estimate import (
    estimate_cost,
    estimate_words,
    estimates_of,
    needs_help,
    worked_out,
)
from bedside.service.page_keys import page_key
from bedside.service.show_chart import header
from bedside.service.stored_answers import orders_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

FIELDS = (
    ("deductible_left", "Deductible still to pay this year"),
    ("coinsurance", "Share of the rest, in percent"),
    ("copay", "Fixed sum a test (copay)"),
    ("maximum_left", "Left of the year's maximum"),
)
"""The terms of a plan as a form asks for them; a blank is not known, a plan that has none says 0."""


def cost_pages(site: Site) -> list[Route]:
    """The route; it stands before that of an order's files, whose address is alike."""
    return [
        Route(
            "/people/{record_id}/orders/{order}/cost",
            needs(Permission.COVERAGE, posted(site, _page)),
            methods=["GET", "POST"],
        )
    ]


def _page(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.COVERAGE, person)
    held = _order(site, request, person)
    problem = ""
    if request.method == "POST":
        try:
            terms = _terms(site, form, person)
            estimate_cost(site.house, person, held.order.order, terms, by=principal.name)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(request.url.path, 303)
    root = site.house.settings.knowledge_folder
    costs, policy = load_unit_costs(root), load_assistance(root)
    earlier = estimates_of(site.house, person, held.order.order)
    fresh = worked_out(site.house, person, held.order.order, held.order.test, None, costs)
    shown = earlier[-1].estimate if earlier else fresh
    return site.send(
        request,
        "order_cost.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        order=held.order,
        key=request.path_params["order"],
        shown=shown,
        words=estimate_words(shown),
        earlier=earlier,
        outdated=bool(earlier) and earlier[-1].estimate.answer is not fresh.answer,
        price=costs.tests.get(held.order.test),
        fields=FIELDS,
        given={name: said(form, name, 20) for name, _ in FIELDS},
        policy=policy,
        help_due=bool(earlier) and needs_help(shown, policy),
        prices_state=costs.provenance.review_state,
        problem=problem,
    )


def _order(site: Site, request: Request, person: str) -> HeldOrder:
    for number, held in orders_of(site.house, person).items():
        if page_key(number) == request.path_params["order"]:
            return held
    raise HTTPException(404)


def _terms(site: Site, form: FormData, person: str) -> PlanTerms:
    """The terms of the form. Raises `RequestError` with every field that is no amount."""
    problems: list[Problem] = []
    read: dict[str, Amount | None] = {}
    for name, label in FIELDS:
        text = said(form, name, 20).replace(",", "").strip()
        read[name] = None
        if not text:
            continue
        try:
            value = float(text)
            read[name] = exactly(value / 100 if name == "coinsurance" else value)
        except ValueError:
            problems.append(Problem(label, f"{label.lower()} is no amount", remedy="digits, or left blank"))
    share = read["coinsurance"]
    if share is not None and share.high > 1:
        problems.append(Problem("share", "the share is above 100 percent"))
    if problems:
        raise RequestError(problems)
    events = site.house.ledger.events(person=person, kinds=(EventKind.PROGRAMME_RECORDED,))
    programme = programmes_from(events).get(person)
    currency = load_unit_costs(site.house.settings.knowledge_folder).currency
    base = PlanTerms(
        "" if programme is None else programme.payer,
        currency,
        None,
        None,
        None,
        None,
        "entered on the page",
        _today(site),
    )
    return replace(
        base,
        deductible_left=read["deductible_left"],
        coinsurance=read["coinsurance"],
        copay=read["copay"],
        maximum_left=read["maximum_left"],
    )


def _today(site: Site) -> date:
    return site.house.clock().date()
