"""Who is stuck, how long, whose move: the worklist, its board, the outreach queue, and one person's cases."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.act.pathway_choices import ABOUT_THE_PERSON, Choice
from bedside.demo.people import TODAY
from bedside.errors import InputError, NotFound, RequestError
from bedside.knowledge.care_pathway import CarePathway
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.pathway_board import MOST_LINES, board_lines, columns, loads, to_reach
from bedside.service.pathway_case import CaseView, cases_shown, kept_from
from bedside.service.pathway_rules import PathwayRules, pathway_rules
from bedside.service.pathway_signals import record_signal, retract_signal
from bedside.service.pathway_worklist import ATTEMPT, BARRIER, REMOVED, worklist
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

PAGES_OF_DRAFTS = frozenset({"order", "prescribe", "findings", "nicu", "board"})
REACHED = ("contacted", ATTEMPT, "appointment-made", "appointment-kept", "appointment-missed", "letter-sent")
LONGEST = 400


def pathway_pages(site: Site) -> list[Route]:
    """The routes of the worklist and of one person's pathways."""
    look, one = Permission.PATHWAYS, "/people/{record_id}/pathways"
    return [
        Route("/worklist", needs(look, posted(site, _worklist)), methods=["GET"]),
        Route("/worklist/outreach", needs(look, posted(site, _outreach)), methods=["GET"]),
        Route(one, needs(look, posted(site, _person)), methods=["GET", "POST"]),
    ]


def rules_of_pathways(site: Site) -> PathwayRules:
    """The pathways of the served house."""
    return pathway_rules(site.house.settings.knowledge_folder)


def moment_of(site: Site) -> datetime:
    """The moment a page speaks of: now; in the demonstration the day on which its story is told."""
    now = site.house.clock()
    return min(now, datetime.combine(TODAY, time(12), UTC)) if site.made_up() else now


def pathway_named(site: Site, name: str) -> CarePathway | None:
    """The pathway of a name; None for no name. 404 where there is none of it."""
    if not name:
        return None
    found = rules_of_pathways(site).held.by_name.get(name)
    if found is None:
        raise HTTPException(404)
    return found


def _asked(request: Request, name: str) -> str:
    return request.query_params.get(name, "").strip()[:120]


def _worklist(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PATHWAYS)
    role, place = _asked(request, "role"), _asked(request, "site")
    pathway, board = pathway_named(site, _asked(request, "pathway")), _asked(request, "view") == "board"
    rules, at, house = rules_of_pathways(site), moment_of(site), site.house
    name = "" if pathway is None else pathway.name
    hidden = kept_from(rules, principal.permissions)
    found = worklist(house, at, role=role, pathway=name, site=place, only=principal.people, without=hidden)
    late = _asked(request, "late") == "yes"
    items = [one for one in found.items if one.move.overdue or not late]
    if board and pathway is None and items:
        pathway = rules.held.by_name[items[0].move.pathway]
    made = columns(house, site.ids(), found, pathway, rules.words) if board and pathway else ((), ())
    return site.send(
        request,
        "worklist.html",
        here="/worklist",
        found=found,
        lines=() if board else board_lines(house, site.ids(), found, items[:MOST_LINES], rules.words),
        total=len(items),
        overdue=sum(one.move.overdue for one in items),
        people=len({one.move.person for one in items if one.move.overdue}),
        longest=max((found.at - one.move.due for one in items if one.move.overdue), default=None),
        loads=loads(found, items),
        columns=made[0],
        empty=made[1],
        board=board,
        role=role,
        place=place,
        late=late,
        pathway=pathway,
        pathways=[one for one in rules.held.by_name.values() if one.name not in hidden],
        reach=len(to_reach(found.items)),
        may_count=Permission.FUNNEL in principal.permissions,
        may_look=Permission.UNDIAGNOSED in principal.permissions,
        may_features=Permission.FEATURES in principal.permissions,
        told=site.made_up(),
    )


def _outreach(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PATHWAYS)
    rules, at, place = rules_of_pathways(site), moment_of(site), _asked(request, "site")
    hidden = kept_from(rules, principal.permissions)
    found = worklist(site.house, at, site=place, only=principal.people, without=hidden)
    items = to_reach(found.items)
    return site.send(
        request,
        "outreach.html",
        here="/worklist",
        found=found,
        lines=board_lines(site.house, site.ids(), found, items[:MOST_LINES], rules.words),
        total=len(items),
        missed=sum(one.missed is not None for one in items),
        place=place,
        review_state=rules.words.provenance.review_state,
        told=site.made_up(),
    )


def _person(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    if request.method == "POST":
        return _note(site, request, person, form)
    principal = site.authorise(request, Permission.PATHWAYS, person)
    return _show(site, request, person, principal)


def _note(site: Site, request: Request, person: str, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PATHWAY_NOTE, person)
    try:
        _act(site, person, form, principal)
    except (InputError, NotFound) as error:
        told = (
            problems_told(error) if isinstance(error, InputError) else "What was to be changed is not there."
        )
        return _show(site, request, person, principal, problem=told)
    return RedirectResponse(f"/people/{request.path_params['record_id']}/pathways", 303)


def _act(site: Site, person: str, form: FormData, principal: Principal) -> None:
    """Write down what a form says; raises `InputError` for what does not fit."""
    act, code, account = said(form, "act"), said(form, "code"), principal.name
    views = _views(site, person, principal)
    words = rules_of_pathways(site).words
    if act == "retract":
        named = said(form, "signal", LONGEST)
        if not any(one.by_hand and one.signal.signal_id == named for view in views for one in view.said):
            raise RequestError.one("signal", "is none that can be taken back here")
        retract_signal(site.house, person, named, by=account, why=said(form, "why", LONGEST))
    elif act in (BARRIER, REMOVED):
        if code not in words.barriers:
            raise RequestError.one("code", "nothing was chosen", remedy="say what stands in the way")
        _write(site, person, Choice("", act, (("barrier", code),), ""), form, account, "")
    elif act == "reach":
        _reach(site, person, form, account, code)
    elif act == "choose":
        view = _case(views, said(form, "case"))
        choice = view.choices.get(said(form, "choice", LONGEST))
        if choice is None:
            raise RequestError.one("choice", "nothing was chosen that fits where this person stands")
        _write(site, person, choice, form, account, view.state.case)
    else:
        raise RequestError.one("act", "nothing was chosen", remedy="say what happened")


def _reach(site: Site, person: str, form: FormData, account: str, code: str) -> None:
    rules, happened = rules_of_pathways(site), said(form, "happened")
    if happened not in REACHED or (code and code not in rules.words.channels):
        raise RequestError.one("happened", "nothing was chosen", remedy="say what happened, and how")
    carries = "channel" in rules.signals[happened].attributes and code
    _write(site, person, Choice("", happened, (("channel", code),) if carries else (), ""), form, account, "")


def _write(site: Site, person: str, choice: Choice, form: FormData, account: str, case: str) -> None:
    record_signal(
        site.house,
        person,
        choice.signal,
        by=account,
        at=_when(site, said(form, "when"), said(form, "zone")),
        attributes=dict(choice.attributes),
        case="" if choice.signal in ABOUT_THE_PERSON else case,
        signal_id=f"page-{said(form, 'form')}" if said(form, "form") else "",
    )


def _when(site: Site, text: str, zone: str) -> datetime:
    """The moment typed, in the time of the calendar that the form names; the page's own without any."""
    calendars = rules_of_pathways(site).held.calendars
    if not text:
        return moment_of(site)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise RequestError.one("when", "is no day and time", remedy="such as 2026-02-26T09:00") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=calendars[zone].zone if zone in calendars else UTC)
    return found.astimezone(UTC)


def _views(site: Site, person: str, principal: Principal) -> tuple[CaseView, ...]:
    hidden = kept_from(rules_of_pathways(site), principal.permissions)
    return cases_shown(site.house, person, moment_of(site), hidden)


def _case(views: tuple[CaseView, ...], key: str) -> CaseView:
    for view in views:
        if view.key == key:
            return view
    raise RequestError.one("case", "is no case of this person")


def _show(site: Site, request: Request, person: str, principal: Principal, problem: str = "") -> Response:
    rules, at, record = rules_of_pathways(site), moment_of(site), request.path_params["record_id"]
    return site.send(
        request,
        "pathways.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, record),
        views=_views(site, person, principal),
        words=rules.words,
        signals=rules.signals,
        reached=REACHED,
        pages=PAGES_OF_DRAFTS,
        at=at,
        form=secrets.token_hex(12),
        may_note=Permission.PATHWAY_NOTE in principal.permissions,
        problem=problem,
        told=site.made_up(),
    )
