"""Break-glass for people: opening a record in an emergency, and reviewing that it was opened."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.service.access import Permission
from bedside.service.break_glass import Verdict, break_glass, openings, review
from bedside.service.people import name_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site


def emergency_pages(site: Site) -> list[Route]:
    """The routes of break-glass."""
    opening = needs(Permission.BREAK_GLASS, posted(site, _open))
    reviewing = needs(Permission.PRIVACY, posted(site, _review))
    return [
        Route("/emergency", opening, methods=["GET", "POST"]),
        Route("/emergency/reviews", reviewing, methods=["GET", "POST"]),
    ]


def _open(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.BREAK_GLASS)
    problem, access = "", site.gate.access
    if request.method == "POST":
        try:
            person = break_glass(
                site.house, access, principal, said(form, "number"), said(form, "reason", 400)
            )
        except InputError as error:
            problem = problems_told(error)
        else:
            ids = site.ids()
            return RedirectResponse("/" if ids is None else f"/people/{ids.of(person)}", 303)
    return site.send(
        request,
        "emergency.html",
        here="/emergency",
        status=422 if problem else 200,
        problem=problem,
        minutes=access.emergency_minutes,
        every=principal.people is None,
    )


def _review(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PRIVACY)
    problem = ""
    if request.method == "POST":
        try:
            verdict = _verdict(said(form, "verdict"))
            review(site.house, principal, said(form, "task"), verdict, said(form, "note", 400))
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse("/emergency/reviews", 303)
    only = principal.people
    found = [one for one in openings(site.house) if only is None or one.person in only]
    names = {}
    for one in found:
        known = site.house.ledger.person(one.person)
        names[one.person] = (name_of(known) if known else "") or one.person
    return site.send(
        request,
        "reviews.html",
        here="/emergency/reviews",
        status=422 if problem else 200,
        problem=problem,
        openings=found,
        names=names,
        verdicts=tuple(Verdict),
    )


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise RequestError.one("verdict", "nothing was chosen", remedy="say what the review found") from None
