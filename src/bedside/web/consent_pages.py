"""The page on which what a person allows is changed, with who spoke."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.genome.consent import Decision, Giver, Said, Scope
from bedside.service.access import Permission
from bedside.service.genome_view import consent_view
from bedside.service.record_consent import record_decisions
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.session import read_form, said
from bedside.web.site import Site


def consent_pages(site: Site) -> list[Route]:
    """The route of the consent page."""

    async def consent(request: Request) -> Response:
        form = None
        if request.method == "POST":
            form = await read_form(request, site.house.settings)
        return await run_in_threadpool(_consent, site, request, form)

    endpoint: Callable[[Request], Awaitable[Response]] = consent
    return [
        Route("/people/{record_id}/consent", needs(Permission.CONSENT, endpoint), methods=["GET", "POST"])
    ]


def _consent(site: Site, request: Request, form: FormData | None) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.CONSENT, person)
    problem, chosen = "", frozenset[str]()
    if form is not None:
        chosen = frozenset(one for one in form.getlist("scope") if isinstance(one, str))
        try:
            decisions, how = _said(form, chosen)
            record_decisions(site.house, person, decisions, how, actor=principal.name)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/people/{request.path_params['record_id']}/consent", 303)
    view = consent_view(site.house, person, request.path_params["record_id"])
    if view is None:
        raise HTTPException(404)
    return site.send(
        request,
        "consent.html",
        status=422 if problem else 200,
        view=view,
        problem=problem,
        chosen=chosen,
        uses="" if form is None else said(form, "uses", 400),
        may_genome=Permission.GENOME in principal.permissions,
        may_disclose=Permission.DISCLOSURE in principal.permissions,
    )


def _said(form: FormData, chosen: frozenset[str]) -> tuple[dict[Scope, Decision], Said]:
    """What the form says; raises `RequestError` for a choice that was not made."""
    try:
        decision, by = Decision(said(form, "decision")), Giver(said(form, "by"))
        scopes = [Scope(one) for one in sorted(chosen)]
    except ValueError:
        raise RequestError.one(
            "form", "not everything was chosen", remedy="say for what, whether it is allowed, and who spoke"
        ) from None
    uses = tuple(sorted({word for word in said(form, "uses", 400).replace(",", " ").split() if word}))
    return dict.fromkeys(scopes, decision), Said(decision, None, by, uses)
