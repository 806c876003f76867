"""The pages that act: pick a drug and see its cards, accept or override them, the trace, order sets."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import RequestError
from bedside.service.access import Permission
from bedside.service.close_task import Ending, close_task
from bedside.service.order_sets import filter_for, order_sets
from bedside.service.prescribe import (
    HOOKS,
    Order,
    Prescription,
    accept,
    drug_names,
    find_drug,
    hook_named,
    new_order,
    override,
    prescribe,
)
from bedside.service.trace import trace
from bedside.web.guard import needs
from bedside.web.pages import chart_of
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

_DOSE = re.compile(r"\d{1,6}(\.\d{1,4})?")
_ORDER_ID = re.compile(r"[0-9a-f-]{36}")
UNITS = ("mg", "g", "ug", "mL", "mg/kg")
NOT_RECOGNISED = "No single drug of this name is known here. Check the spelling, or pick one from the list."
NOT_A_DOSE = "The dose must be a number, such as 75 or 0.5."


def prescribe_pages(site: Site) -> list[Route]:
    """The routes of the pages that act."""
    return [
        Route(
            "/people/{record_id}/prescribe",
            needs(Permission.CHART, posted(site, _prescribe)),
            methods=["GET", "POST"],
        ),
        Route(
            "/people/{record_id}/feedback",
            needs(Permission.PRESCRIBE, posted(site, _feedback)),
            methods=["POST"],
        ),
        Route(
            "/people/{record_id}/order-sets",
            needs(Permission.CHART, posted(site, _order_sets)),
            methods=["GET", "POST"],
        ),
        Route("/people/{record_id}/trace/{trace_id}", needs(Permission.CHART, _trace(site))),
        Route("/people/{record_id}/tasks", needs(Permission.TASKS, posted(site, _close)), methods=["POST"]),
    ]


def _prescribe(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    if request.method == "GET":
        return _page(site, request, None)
    actor = site.authorise(request, Permission.PRESCRIBE, person).name
    typed, dose, hook = said(form, "drug"), said(form, "dose").replace(",", "."), _hook(form)
    drug = find_drug(site.rules, typed)
    if drug is None or (dose and not _DOSE.fullmatch(dose)):
        problem = NOT_RECOGNISED if drug is None else NOT_A_DOSE
        return _page(site, request, None, typed=typed, dose=dose, hook=hook, problem=problem)
    order = new_order(drug, dose, _unit(form))
    return _page(site, request, prescribe(site.house, person, order, hook, actor))


def _feedback(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.PRESCRIBE, person).name
    order, hook = _order(site, form), _hook(form)
    card = said(form, "card")
    if said(form, "outcome") == "accepted":
        order, label = accept(site.house, person, card, said(form, "suggestion"), order, actor)
        told = f"Accepted: {label}. The draft order is now {order.words}."
    else:
        comment = said(form, "comment", 400)
        words = override(site.house, person, card, said(form, "reason"), comment, actor)
        told = f"Kept {order.words}. Reason recorded: {words[:1].lower()}{words[1:]}."
    given = prescribe(site.house, person, order, hook, actor)
    return _page(site, request, given, recorded=told)


def _close(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.TASKS, person).name
    try:
        ending = Ending(said(form, "ending"))
    except ValueError:
        raise RequestError.one("ending", "is none of the ways a task ends") from None
    close_task(site.house, person, said(form, "task"), ending, said(form, "reason", 400), actor=actor)
    return RedirectResponse("/tasks", status_code=303)


def _page(
    site: Site,
    request: Request,
    given: Prescription | None,
    *,
    typed: str = "",
    dose: str = "",
    hook: str = HOOKS[0],
    problem: str = "",
    recorded: str = "",
) -> HTMLResponse:
    return site.send(
        request,
        "prescribe.html",
        status=422 if problem else 200,
        chart=chart_of(site, request),
        drugs=drug_names(site.rules),
        units=UNITS,
        hooks=tuple(hook_named(site.rules, name) for name in HOOKS),
        hook=given.hook.hook if given else hook,
        order=given.order if given else None,
        cards=given.cards if given else (),
        silences=given.silences if given else (),
        trace_id=given.trace_id if given else "",
        typed=typed,
        dose=given.order.dose if given else dose,
        problem=problem,
        recorded=recorded,
    )


def _trace(site: Site) -> Callable[[Request], Response]:
    def traced(request: Request) -> Response:
        chart = chart_of(site, request)
        found = trace(site.house, site.person(request), request.path_params["trace_id"])
        return site.send(request, "trace.html", chart=chart, trace=found)

    return traced


def _order_sets(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    chart = chart_of(site, request)
    chosen, shown = said(form, "order_set"), None
    if chosen:
        actor = site.authorise(request, Permission.PRESCRIBE, person).name
        restore = {token for token in form.getlist("restored") if isinstance(token, str)}
        restore = (restore | {said(form, "undo")}) - {"", said(form, "apply")}
        shown = filter_for(site.house, person, chosen, restore, actor)
    return site.send(
        request, "order_sets.html", chart=chart, order_sets=order_sets(site.house), chosen=chosen, shown=shown
    )


def _hook(form: FormData) -> str:
    chosen = said(form, "moment")
    return chosen if chosen in HOOKS else HOOKS[0]


def _unit(form: FormData) -> str:
    chosen = said(form, "unit")
    return chosen if chosen in UNITS else UNITS[0]


def _order(site: Site, form: FormData) -> Order:
    """The draft order the form carries; 400 when it is none."""
    drug, order_id, dose = find_drug(site.rules, said(form, "drug")), said(form, "order"), said(form, "dose")
    if drug is None or not _ORDER_ID.fullmatch(order_id) or (dose and not _DOSE.fullmatch(dose)):
        raise HTTPException(400)
    return Order(order_id, drug.name, drug.rxnorm, dose, _unit(form) if dose else "")
