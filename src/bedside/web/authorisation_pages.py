"""Asking a payer: one authorisation with its form, its answers and what to do; everybody's as a worklist."""

from __future__ import annotations

from datetime import date

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bedside.act.authorisation import Authorisation
from bedside.errors import InputError, NotFound, Refused, RequestError, StoreError
from bedside.genome.authorisation import Channel, DenialClass, Purpose, Verdict
from bedside.genome.order import Order
from bedside.service.access import Permission
from bedside.service.ask_coverage import pack_of
from bedside.service.authorisation_form import answer_form, form_of
from bedside.service.authorisation_view import line_of, worklist_of
from bedside.service.authorisations import (
    authorisation_of,
    plan_of_authorisation,
    policy_of,
    tasks_of,
)
from bedside.service.draft_authorisation import SaidByPayer, Wish, draft, record_word, settle
from bedside.service.follow_orders import order_view
from bedside.service.necessity_letters import necessity_letter
from bedside.service.send_authorisation import Sending, inquire, send, take_back
from bedside.service.show_chart import header
from bedside.web.authorisation_print import letter_alone
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

FACT = "fact-"
_ORDER = "/people/{record_id}/orders/{order}/authorisation"


def authorisation_pages(site: Site) -> list[Route]:
    """The routes of authorisation; before those of orders, whose last part may be anything."""
    may = Permission.AUTHORISATION
    return [
        Route("/authorisations", needs(may, posted(site, _worklist)), methods=["GET"]),
        Route(_ORDER, needs(may, posted(site, _one)), methods=["GET", "POST"]),
        Route(f"{_ORDER}/letter", needs(may, posted(site, _letter)), methods=["GET"]),
    ]


def _worklist(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.AUTHORISATION)
    over = request.query_params.get("over", "") == "yes"
    lines = worklist_of(site.house, site.ids(), principal.people, over=over)
    policy = policy_of(site.house)
    return site.send(
        request,
        "authorisations.html",
        here="/programme",
        lines=lines,
        over=over,
        review=policy.work.provenance.review_state,
        told=site.made_up(),
    )


def _order(site: Site, request: Request, person: str) -> Order:
    ids = site.ids()
    if ids is None:
        raise HTTPException(404)
    try:
        return order_view(site.house, ids, person, request.path_params["order"]).line.held.order
    except NotFound:
        raise HTTPException(404) from None


def _one(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.AUTHORISATION, person).name
    order, problem = _order(site, request, person), ""
    if request.method == "POST":
        try:
            _act(site, person, order.order, form, actor)
        except InputError as error:
            problem = problems_told(error)
        except (Refused, StoreError) as error:
            problem = str(error)
        else:
            return RedirectResponse(request.url.path, 303)
    held = authorisation_of(site.house, person, order.order)
    asked = form_of(site.house, person, order.order, payer="" if held is None else held.payer, actor=actor)
    return site.send(
        request,
        "authorisation.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        key=request.path_params["order"],
        order=order,
        held=held,
        plan=None if held is None else plan_of_authorisation(held),
        line=None if held is None else line_of(site.house, held),
        tasks=() if held is None else tasks_of(site.house, held),
        asked=asked,
        plans=pack_of(site.house).plans.values(),
        payers=site.house.settings.payer_urls,
        verdicts=list(Verdict),
        denials=policy_of(site.house).answers.denials,
        ways=[one for one in Channel if one is not Channel.FHIR],
        problem=problem,
    )


def _act(site: Site, person: str, order: str, form: FormData, actor: str) -> None:
    """What a form asked for."""
    house, what = site.house, said(form, "act")
    held = authorisation_of(house, person, order)
    if what == "begin":
        why = said(form, "why", 400)
        wish = Wish(said(form, "payer"), said(form, "member", 80), bool(said(form, "expedited")), why)
        draft(house, person, order, wish, actor=actor)
        return
    if what == "answer":
        named = {name.removeprefix(FACT): said(form, name, 400) for name in form if name.startswith(FACT)}
        answer_form(house, person, order, named, by=actor, payer="" if held is None else held.payer)
        return
    if held is None:
        raise RequestError.one("authorisation", "none was begun for this order")
    if what in ("send", "more", "appeal"):
        _send(site, held, form, actor)
    elif what == "inquire":
        inquire(house, held, said(form, "url", 400), actor=actor)
    elif what == "record":
        record_word(house, held, _word(form), actor=actor)
    elif what == "settle":
        settle(house, held, said(form, "message", 200), said(form, "reference", 200), actor=actor)
    elif what == "cancel":
        take_back(house, held, said(form, "why", 400), said(form, "url", 400), actor=actor)
    else:
        raise RequestError.one("act", "nothing was chosen")


def _send(site: Site, held: Authorisation, form: FormData, actor: str) -> None:
    what = said(form, "act")
    purpose = {"send": Purpose.FIRST, "more": Purpose.MORE, "appeal": Purpose.APPEAL}[what]
    to = said(form, "to", 400)
    ways = {one.value: one for one in Channel if one is not Channel.FHIR}
    letter = necessity_letter(site.house, held, appeal=True).text if purpose is Purpose.APPEAL else ""
    sending = Sending(
        purpose,
        "" if to in ways else to,
        ways.get(to, Channel.FHIR),
        note=said(form, "note", 400),
        letter=letter,
    )
    if not to:
        raise RequestError.one("to", "nobody was chosen", remedy="say how it goes to the payer")
    send(site.house, held, sending, actor=actor)


def _word(form: FormData) -> SaidByPayer:
    """What a payer said to a person, from the form. Raises `RequestError`."""
    try:
        until, units, denial = said(form, "until"), said(form, "units"), said(form, "denial")
        text = said(form, "text", 400)
        return SaidByPayer(
            verdict=Verdict(said(form, "verdict")),
            channel=Channel(said(form, "way")),
            reference=said(form, "reference", 200),
            number=said(form, "number", 80),
            valid_until=date.fromisoformat(until) if until else None,
            units=int(units) if units else None,
            denial=DenialClass(denial) if denial else None,
            text=text,
            asked=(text,) if text else (),
        )
    except ValueError as error:
        raise RequestError.one("answer", "is not whole", remedy="look at each field again") from error


def _letter(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    site.authorise(request, Permission.AUTHORISATION, person)
    held = authorisation_of(site.house, person, _order(site, request, person).order)
    if held is None:
        raise HTTPException(404)
    letter = necessity_letter(site.house, held, appeal=held.refusal is not None)
    return HTMLResponse(letter_alone(letter, site=True))
