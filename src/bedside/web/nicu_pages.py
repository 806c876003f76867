"""A sick newborn with a rapid genome, on one page: the answer, the clock, what to do now, what is missing."""

from __future__ import annotations

import secrets
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, RequestError
from bedside.genome.nicu import NOTHING_CHANGES, CostKind, CostLine, Outcome, Yield
from bedside.service.access import Permission
from bedside.service.nicu import (
    LONGEST_TEXT,
    NicuView,
    hours_to_first_result,
    nicu_view,
    note_management,
    record_outcome,
)
from bedside.service.pathway_signals import record_signal
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.pathway_pages import moment_of
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

_ELIGIBLE = {"yes": "rapid-genome", "no": "none"}
_CHANGED = {"yes": True, "no": False, "": None}


def nicu_pages(site: Site) -> list[Route]:
    """The route of the page."""
    show = needs(Permission.PATHWAYS, posted(site, _page))
    return [Route("/people/{record_id}/nicu", show, methods=["GET", "POST"])]


def _page(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.PATHWAYS, person)
    problem = ""
    if request.method == "POST":
        account = site.authorise(request, Permission.PATHWAY_NOTE, person).name
        try:
            _act(site, request, person, form, account)
        except (InputError, NotFound) as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/people/{request.path_params['record_id']}/nicu", 303)
    return site.send(
        request,
        "nicu.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        view=_view(site, request, person),
        may_note=Permission.PATHWAY_NOTE in principal.permissions,
        may_genome=Permission.GENOME in principal.permissions,
        may_order=Permission.ORDER_TEST in principal.permissions,
        longest=LONGEST_TEXT,
        form=secrets.token_hex(12),
        problem=problem,
        told=site.made_up(),
    )


def _view(site: Site, request: Request, person: str) -> NicuView:
    principal = site.principal(request)
    may = Permission.GENOME in principal.permissions
    return nicu_view(site.house, person, moment_of(site), may_genome=may, people=principal.people)


def _act(site: Site, request: Request, person: str, form: FormData, account: str) -> None:
    """Write down what the form says; raises `RequestError` for what does not fit."""
    act, at, key = said(form, "act"), moment_of(site), said(form, "form")
    view = _view(site, request, person)
    if view.case is None:
        raise RequestError.one(
            "act", "this person is not on the pathway", remedy="record the admission first"
        )
    if act == "eligible":
        answer = _ELIGIBLE.get(said(form, "answer"))
        if answer is None:
            raise RequestError.one("answer", "nothing was chosen", remedy="say yes or no")
        attributes = {"for": answer}
        record_signal(
            site.house, person, "eligible", by=account, at=at, attributes=attributes, signal_id=f"nicu-{key}"
        )
    elif act == "note":
        note_management(
            site.house,
            person,
            said(form, "change"),
            said(form, "text", LONGEST_TEXT),
            by=account,
            at=at,
            key=key,
        )
    elif act == "outcome":
        found = replace(outcome_said(form), hours_to_result=hours_to_first_result(view.case))
        changed = any(one.kind != NOTHING_CHANGES for one in view.notes) if view.notes else None
        record_outcome(site.house, person, replace(found, changed=changed), by=account, at=at, key=key)
    else:
        raise RequestError.one("act", "nothing was chosen")


def outcome_said(form: FormData) -> Outcome:
    """The outcome form; an empty field was not entered. Raises `RequestError` with every field that is no
    number."""
    wrong: list[str] = []

    def number(name: str) -> float | None:
        text = said(form, name).replace(",", "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e10:
            wrong.append(name)
            return None
        return value

    whole = {name: number(name) for name in ("hospital_days", "avoided_days", "avoided_procedures")}
    costs = []
    for kind in CostKind:
        low, high = number(f"{kind.value}-low"), number(f"{kind.value}-high")
        if low is not None or high is not None:
            least = low if low is not None else high or 0.0
            most = high if high is not None else least
            if least > most:
                wrong.append(f"{kind.value}-high")
            basis = said(form, f"{kind.value}-basis", LONGEST_TEXT)
            costs.append(CostLine(kind, least, most, said(form, "currency") or "USD", basis))
    try:
        found = Yield(said(form, "found"))
    except ValueError:
        raise RequestError.one("found", "nothing was chosen", remedy="say what the genome found") from None
    if wrong:
        raise RequestError.one(", ".join(wrong), "is no usable number", remedy="write a number, 0 or more")
    days, avoided_days, procedures = (None if one is None else int(one) for one in whole.values())
    avoided = None if procedures is None else {"procedures": procedures}
    return Outcome(found, None, None, days, avoided_days, avoided, tuple(costs))
