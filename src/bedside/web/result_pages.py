"""Results newly in until somebody has read them, one result from end to end, and messages whose person is not
sure.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.act.inbox import How, Standing
from bedside.errors import NotFound, Refused, RequestError
from bedside.service import quarantine
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.drafts import list_drafts
from bedside.service.people import name_of
from bedside.service.quarantine_view import decided, quarantine_view
from bedside.service.record_ids import RecordIds
from bedside.service.reference_caveats import face_of
from bedside.service.result_view import WORDS, result_view, source_bytes, source_view
from bedside.service.results_inbox import InboxAsked, acknowledge, results_inbox
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site


def result_pages(site: Site) -> list[Route]:
    """The routes of results and of quarantine."""
    return [
        Route("/results", needs(Permission.RESULTS, posted(site, _inbox)), methods=["GET", "POST"]),
        Route(
            "/people/{record_id}/results/{result}",
            needs(Permission.RESULTS, posted(site, _result)),
            methods=["GET", "POST"],
        ),
        Route("/people/{record_id}/results/{result}/source", needs(Permission.RESULTS, _source(site))),
        Route("/people/{record_id}/results/{result}/document", needs(Permission.RESULTS, _document(site))),
        Route("/quarantine", needs(Permission.QUARANTINE, _waiting(site))),
        Route(
            "/quarantine/{number}",
            needs(Permission.QUARANTINE, posted(site, _compare)),
            methods=["GET", "POST"],
        ),
    ]


def _inbox(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.RESULTS)
    asked = InboxAsked(said(form, "whose"), said(form, "standing"), bool(said(form, "ended")))
    page = results_inbox(site.house, site.ids(), asked, principal.people)
    may, waits = principal.permissions, None
    if Permission.QUARANTINE in may and principal.people is None:
        waits = len(quarantine.waiting(site.house))
    drafts = list_drafts(site.house, principal.people) if Permission.CONFIRM in may else ()
    names = {one.draft: _whose(site, one.person) for one in drafts}
    return site.send(
        request, "results.html", here="/results", page=page, quarantined=waits, drafts=drafts, names=names
    )


def _whose(site: Site, person: str) -> str:
    known = site.house.ledger.person(person) if person else None
    return "" if known is None else name_of(known)


def _result(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.RESULTS, person)
    ids, key, problem = _ids(site), request.path_params["result"], ""
    try:
        view = result_view(site.house, ids, person, key)
        if request.method == "POST":
            try:
                _end(site, person, view.item.item, form, principal.name)
            except NotFound:
                raise
            except RequestError as error:
                problem = problems_told(error)
            else:
                return RedirectResponse(_back(request, form), 303)
    except NotFound:
        raise HTTPException(404) from None
    return site.send(
        request,
        "result.html",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        view=view,
        face=face_of(site.house, person),
        words=WORDS,
        problem=problem,
        may_orders=Permission.ORDERS in principal.permissions,
        may_genome=Permission.GENOME in principal.permissions,
    )


def _end(site: Site, person: str, item: str, form: FormData, actor: str) -> None:
    try:
        standing, how = Standing(said(form, "standing")), How(said(form, "how"))
    except ValueError:
        raise RequestError.one("how", "nothing was chosen", remedy="say how it ends") from None
    acknowledge(site.house, person, item, standing, how, said(form, "why", 400), actor=actor)


def _back(request: Request, form: FormData) -> str:
    """To the inbox where one came from there, else to the result."""
    return "/results" if said(form, "from") == "inbox" else request.url.path


def _source(site: Site) -> Callable[[Request], Response]:
    def source(request: Request) -> Response:
        person = site.person(request)
        site.authorise(request, Permission.RESULTS, person)
        try:
            view = source_view(site.house, person, request.path_params["result"])
        except NotFound:
            raise HTTPException(404) from None
        about = header(site.house.ledger.person(person), person, request.path_params["record_id"])
        return site.send(request, "source.html", person=about, view=view, key=request.path_params["result"])

    return source


def _document(site: Site) -> Callable[[Request], Response]:
    def document(request: Request) -> Response:
        person = site.person(request)
        site.authorise(request, Permission.RESULTS, person)
        key = request.path_params["result"]
        try:
            content, media = source_bytes(site.house, person, key)
        except NotFound:
            raise HTTPException(404) from None
        headers = {"content-disposition": f'attachment; filename="message-{key}"'}
        return Response(content, media_type=media, headers=headers)

    return document


def _waiting(site: Site) -> Callable[[Request], Response]:
    def waiting(request: Request) -> Response:
        _everybody(site.authorise(request, Permission.QUARANTINE))
        return site.send(
            request,
            "quarantine.html",
            here="/quarantine",
            waiting=quarantine.waiting(site.house),
            decided=decided(site.house),
        )

    return waiting


def _everybody(principal: Principal) -> None:
    """Whose a message is cannot be decided by somebody who may open some records only."""
    if principal.people is not None:
        raise Refused("a message in quarantine may concern any record")


def _compare(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.QUARANTINE)
    _everybody(principal)
    number, problem = request.path_params["number"], ""
    try:
        if said(form, "act"):
            try:
                return _decide(site, number, form, principal.name)
            except RequestError as error:
                problem = problems_told(error)
        view = quarantine_view(site.house, number, said(form, "also"))
    except NotFound:
        raise HTTPException(404) from None
    for one in view.candidates:
        site.authorise(request, Permission.QUARANTINE, one.person)
    ids = _ids(site) if view.candidates else None
    return site.send(
        request,
        "quarantined.html",
        here="/quarantine",
        status=422 if problem else 200,
        view=view,
        ids={one.person: ids.of(one.person) for one in view.candidates} if ids else {},
        also=said(form, "also"),
        chosen=said(form, "record", 400),
        why=said(form, "why", 400),
        problem=problem,
        may_chart=Permission.CHART in principal.permissions,
    )


def _decide(site: Site, number: str, form: FormData, actor: str) -> Response:
    why = said(form, "why", 400)
    if said(form, "act") == "dismiss":
        quarantine.dismiss(site.house, number, by=actor, why=why)
        return RedirectResponse("/quarantine", 303)
    person = _ids(site).person(said(form, "record", 400))
    if person is None:
        raise RequestError.one("record", "no record was chosen", remedy="choose whose message it is")
    quarantine.give_to(site.house, number, person, by=actor, why=why)
    return RedirectResponse("/quarantine", 303)


def _ids(site: Site) -> RecordIds:
    ids = site.ids()
    if ids is None:
        raise HTTPException(404)
    return ids
