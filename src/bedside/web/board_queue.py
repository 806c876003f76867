"""The tumour board's queue and agendas, and a person's cases."""

from __future__ import annotations

import secrets
from datetime import date

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, Refused, RequestError
from bedside.knowledge.board_policy import load_board_policy
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.board import attend, put_on, schedule, the_board
from bedside.service.board_view import case_line, queue
from bedside.service.consult_steps import Writer
from bedside.service.show_chart import header
from bedside.service.tumours_held import tumours_of_record
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

LONGEST = 2000


def board_queue(site: Site) -> list[Route]:
    """The routes of the lists."""
    both = ["GET", "POST"]
    return [
        Route("/board", needs(Permission.BOARD, posted(site, _queue)), methods=both),
        Route("/people/{record_id}/board", needs(Permission.BOARD, posted(site, _person)), methods=both),
    ]


def writer_of(form: FormData, account: str) -> Writer:
    """Who a form says does this, beside the account they are signed in with."""
    return Writer(said(form, "by") or account, said(form, "role"), account)


def day_of(form: FormData, name: str) -> date:
    """A day of a form; raises `RequestError`."""
    try:
        return date.fromisoformat(said(form, name))
    except ValueError:
        raise RequestError.one(name, f"the {name} day is no day", remedy="such as 2026-11-26") from None


def _queue(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.BOARD)
    problem = ""
    if request.method == "POST":
        try:
            _act(site, form, principal)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse("/board", 303)
    return site.send(
        request,
        "board.html",
        here="/board",
        status=422 if problem else 200,
        queue=queue(site.house, site.ids(), principal.people),
        account=principal.name,
        today=site.house.clock().date(),
        problem=problem,
        review_state=load_board_policy(site.house.settings.knowledge_folder).provenance.review_state,
    )


def _act(site: Site, form: FormData, principal: Principal) -> None:
    writer, act = writer_of(form, principal.name), said(form, "act")
    if act == "attend":
        listed = (line.partition(",") for line in said(form, "attendees", LONGEST).splitlines())
        attend(site.house, day_of(form, "meeting"), [(name, role) for name, _, role in listed], writer)
    elif act == "schedule":
        case = the_board(site.house).cases.get(said(form, "case"))
        if case is None:
            raise HTTPException(404)
        if principal.people is not None and case.person not in principal.people:
            raise Refused("this caller may not open this record")
        place = said(form, "place") or "0"
        if not place.isdigit():
            raise RequestError.one("place", "the place is no whole number")
        schedule(site.house, case.case, day_of(form, "meeting"), int(place[:4]), writer)
    else:
        raise RequestError.one("act", "nothing was chosen", remedy="say what is to be done")


def _person(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    account = site.authorise(request, Permission.BOARD, person).name
    problem, record = "", request.path_params["record_id"]
    if request.method == "POST":
        question = said(form, "question", LONGEST)
        oncotree, whom = said(form, "oncotree"), said(form, "for_whom")
        writer = writer_of(form, account)
        try:
            case = put_on(
                site.house,
                person,
                question,
                writer,
                oncotree=oncotree,
                for_whom=whom,
                form=said(form, "once"),
            )
        except (InputError, NotFound) as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/board/{case.case}", 303)
    today = site.house.clock().date()
    cases = the_board(site.house, person).cases.values()
    return site.send(
        request,
        "board_person.html",
        here="/board",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, record),
        lines=tuple(case_line(site.house, one, site.ids(), today) for one in cases),
        samples=tumours_of_record(site.house, person),
        typed={name: said(form, name, LONGEST) for name in ("question", "oncotree", "for_whom")},
        account=account,
        once=said(form, "once") or secrets.token_urlsafe(16),
        problem=problem,
    )
