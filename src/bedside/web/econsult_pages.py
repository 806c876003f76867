"""eConsults at the asking site: write a question, see what leaves, send it, follow it, close it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, RequestError
from bedside.genome.consult import Closing, Urgency
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.service.access import Permission
from bedside.service.answer_econsult import close, say
from bedside.service.ask_econsult import (
    Wish,
    ask,
    draft,
    draft_named,
    drafts,
    give_information,
    throw_away,
)
from bedside.service.consult_steps import Held, Writer, consult_named
from bedside.service.econsult_packet import offered
from bedside.service.econsult_view import lines, note_looked, shown
from bedside.service.show_chart import header
from bedside.service.sites import has_sites, sites_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

LONGEST = 4000


def econsult_pages(site: Site) -> list[Route]:
    """The routes of asking another site; none where no sites file is set."""
    if not has_sites(site.house):
        return []
    both = ["GET", "POST"]
    return [
        Route("/econsults", needs(Permission.CONSULT, posted(site, _asked)), methods=["GET"]),
        Route("/people/{record_id}/econsults", needs(Permission.CONSULT, posted(site, _ask)), methods=both),
        Route(
            "/people/{record_id}/econsults/{consult}",
            needs(Permission.CONSULT, posted(site, _one)),
            methods=both,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form of a question; shown again when something is wrong with it."""

    to: str = ""
    text: str = ""
    reason: str = ""
    urgency: str = Urgency.ROUTINE.value
    days: str = ""
    identified: str = ""
    rows: frozenset[str] = field(default_factory=frozenset)


def writer_of(form: FormData, account: str) -> Writer:
    """Who a form says takes the step, beside the account they are signed in with."""
    return Writer(said(form, "by") or account, said(form, "role"), account)


def chosen_rows(form: FormData) -> frozenset[str]:
    """The rows of the record that were ticked."""
    return frozenset(row for row in form.getlist("row") if isinstance(row, str))


def _asked(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.CONSULT)
    found = lines(site.house, sites_of(site.house), ours=True, over=True, ids=site.ids())
    if principal.people is not None:
        found = tuple(line for line in found if line.person in principal.people)
    return site.send(
        request,
        "econsults.html",
        here="/econsults",
        queue=False,
        lines=found,
        may_answer=Permission.CONSULT_ANSWER in principal.permissions,
        may_sites=Permission.SITES in principal.permissions,
        role="",
        review_state=load_econsult_policy(site.house.settings.knowledge_folder).provenance.review_state,
    )


def _ask(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    account = site.authorise(request, Permission.CONSULT, person).name
    typed, problem, record = Typed(), "", request.path_params["record_id"]
    if request.method == "POST":
        typed = Typed(
            said(form, "to"),
            said(form, "text", LONGEST),
            said(form, "reason", LONGEST),
            said(form, "urgency"),
            said(form, "days"),
            said(form, "identified", LONGEST),
            chosen_rows(form),
        )
        try:
            written = draft(site.house, sites_of(site.house), person, _wish(typed), actor=account)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/people/{record}/econsults/{written.consult}", 303)
    sites = sites_of(site.house)
    return site.send(
        request,
        "econsult_ask.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, record),
        sites=[peer for peer in sites.peers.values() if peer.answers],
        sections=offered(site.house, person),
        lines=lines(site.house, sites, ours=True, over=True, ids=site.ids(), person=person),
        drafts=drafts(site.house, person),
        typed=typed,
        urgencies=load_econsult_policy(site.house.settings.knowledge_folder).due_in_working_days,
        problem=problem,
    )


def _wish(typed: Typed) -> Wish:
    if typed.days and not typed.days.isdigit():
        raise RequestError.one("days", "the working days are no whole number")
    try:
        urgency = Urgency(typed.urgency)
    except ValueError:
        raise RequestError.one("urgency", "nothing was chosen for how soon") from None
    days = int(typed.days[:6]) if typed.days else None
    return Wish(typed.to, typed.text, typed.reason, urgency, days, typed.rows, typed.identified)


def _one(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    account = site.authorise(request, Permission.CONSULT, person).name
    consult, problem = request.path_params["consult"], ""
    if request.method == "POST":
        try:
            onward = _act(site, person, consult, form, account)
        except InputError as error:
            problem = problems_told(error)
        else:
            record = request.path_params["record_id"]
            return RedirectResponse(f"/people/{record}/econsults" + (f"/{consult}" if onward else ""), 303)
    try:
        return _show(site, request, person, consult, problem, account)
    except NotFound:
        raise HTTPException(404) from None


def _act(site: Site, person: str, consult: str, form: FormData, account: str) -> bool:
    """One step of the asking site; whether there is more to see of it afterwards."""
    sites, writer, text = sites_of(site.house), writer_of(form, account), said(form, "text", LONGEST)
    act = said(form, "act")
    if act == "send":
        ask(site.house, sites, person, consult, said(form, "digest"), writer)
    elif act == "throw-away":
        throw_away(site.house, person, consult, actor=account)
        return False
    else:
        held = consult_named(site.house, sites, consult, person)
        _follow(site, held, act, form, text, writer)
    return True


def _follow(site: Site, held: Held, act: str, form: FormData, text: str, writer: Writer) -> None:
    sites, consult = sites_of(site.house), held.consult.consult
    if act == "give":
        give_information(site.house, sites, held, text, chosen_rows(form), writer)
    elif act == "withdraw":
        say(site.house, sites, consult, "withdraw", text, writer)
    elif act in ("acted", "declined"):
        closing = Closing.ACTED if act == "acted" else Closing.DECLINED
        close(site.house, sites, consult, closing, text, writer)
    else:
        raise RequestError.one("act", "nothing was chosen", remedy="say what is to be done")


def _show(site: Site, request: Request, person: str, consult: str, problem: str, account: str) -> Response:
    sites = sites_of(site.house)
    about = header(site.house.ledger.person(person), person, request.path_params["record_id"])
    status = 422 if problem else 200
    try:
        written = draft_named(site.house, person, consult)
    except NotFound:
        written = None
    if written is not None:
        return site.send(
            request,
            "econsult_draft.html",
            status=status,
            person=about,
            draft=written,
            to=sites.peers[written.to].title if written.to in sites.peers else written.to,
            account=account,
            problem=problem,
        )
    held = consult_named(site.house, sites, consult, person)
    note_looked(site.house, held, account)
    question = held.consult.question
    wanted = question is not None and held.consult.wanted is not None
    identified = question is not None and question.packet.identified
    return site.send(
        request,
        "econsult.html",
        status=status,
        person=about,
        view=replace(shown(site.house, sites, held), record_id=about.record_id),
        sections=offered(site.house, person, identified=identified) if wanted else (),
        account=account,
        may_sign=False,
        problem=problem,
    )
