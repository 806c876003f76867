"""eConsults at the answering site: the queue by due day, a packet on one page, the opinion, the sign-off.

People of other sites are in no list of people here, so whoever may open named records only sees none of it.
"""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, Refused, RequestError
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.service.access import Permission
from bedside.service.answer_econsult import answer, say, sign
from bedside.service.authorise import Principal
from bedside.service.consult_steps import Held, consult_named
from bedside.service.econsult_view import lines, note_looked, shown
from bedside.service.sites import has_sites, sites_of
from bedside.web.econsult_pages import LONGEST, writer_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

_SAYS = ("assign", "want", "return")


def econsult_queue(site: Site) -> list[Route]:
    """The routes of answering another site; none where no sites file is set."""
    if not has_sites(site.house):
        return []
    both = ["GET", "POST"]
    return [
        Route("/econsults/queue", needs(Permission.CONSULT_ANSWER, posted(site, _queue)), methods=both),
        Route(
            "/econsults/queue/{consult}", needs(Permission.CONSULT_ANSWER, posted(site, _one)), methods=both
        ),
        Route(
            "/econsults/queue/{consult}/sign",
            needs(Permission.CONSULT_SIGN, posted(site, _sign)),
            methods=["POST"],
        ),
    ]


def _admitted(site: Site, request: Request, permission: Permission) -> Principal:
    principal = site.authorise(request, permission)
    if principal.people is not None:
        raise Refused("this caller may open named records only, and none of another site")
    return principal


def _queue(site: Site, request: Request, form: FormData) -> Response:
    principal = _admitted(site, request, Permission.CONSULT_ANSWER)
    role = said(form, "whose", 200)
    found = lines(site.house, sites_of(site.house), ours=False, over=bool(said(form, "over")))
    return site.send(
        request,
        "econsults.html",
        here="/econsults",
        queue=True,
        lines=tuple(line for line in found if role in ("", line.whose)),
        roles=sorted({line.whose for line in found if line.whose}),
        role=role,
        over=bool(said(form, "over")),
        may_answer=True,
        may_sites=Permission.SITES in principal.permissions,
        review_state=load_econsult_policy(site.house.settings.knowledge_folder).provenance.review_state,
    )


def _held(site: Site, request: Request) -> Held:
    """The eConsult that the address names, asked of this site; 404 when there is none."""
    try:
        held = consult_named(site.house, sites_of(site.house), request.path_params["consult"])
    except NotFound:
        raise HTTPException(404) from None
    if held.ours:
        raise HTTPException(404)
    return held


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal = _admitted(site, request, Permission.CONSULT_ANSWER)
    held, problem = _held(site, request), ""
    if request.method == "POST":
        try:
            _act(site, held, form, principal.name)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/econsults/queue/{held.consult.consult}", 303)
    return _show(site, request, held, principal, problem)


def _act(site: Site, held: Held, form: FormData, account: str) -> None:
    sites, consult, writer = sites_of(site.house), held.consult.consult, writer_of(form, account)
    act, text = said(form, "act"), said(form, "text", LONGEST)
    if act in _SAYS:
        say(site.house, sites, consult, act, text, writer)
    elif act == "answer":
        evidence = said(form, "evidence", LONGEST).splitlines()
        answer(site.house, sites, consult, text, evidence, writer)
    else:
        raise RequestError.one("act", "nothing was chosen", remedy="say what is to be done")


def _sign(site: Site, request: Request, form: FormData) -> Response:
    principal = _admitted(site, request, Permission.CONSULT_SIGN)
    held, sites = _held(site, request), sites_of(site.house)
    writer = writer_of(form, principal.name)
    try:
        sign(site.house, sites, held.consult.consult, said(form, "opinion"), writer)
    except InputError as error:
        return _show(site, request, held, principal, problems_told(error))
    return RedirectResponse(f"/econsults/queue/{held.consult.consult}", 303)


def _show(site: Site, request: Request, held: Held, principal: Principal, problem: str) -> Response:
    note_looked(site.house, held, principal.name)
    return site.send(
        request,
        "econsult.html",
        here="/econsults",
        status=422 if problem else 200,
        person=None,
        view=shown(site.house, sites_of(site.house), held),
        sections=(),
        account=principal.name,
        may_sign=Permission.CONSULT_SIGN in principal.permissions,
        problem=problem,
    )
