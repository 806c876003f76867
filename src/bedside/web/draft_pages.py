"""The page on which a report that came as PDF is confirmed: its pages beside the fields that were read."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.genome.draft import CALL, VARIANT, Draft, Verdict
from bedside.service.access import Permission
from bedside.service.authorise import Principal, authorise
from bedside.service.draft_view import draft_view, page_picture
from bedside.service.drafts import (
    LONGEST,
    accept_others,
    add_row,
    decide,
    give_draft,
    open_draft,
    reject_draft,
)
from bedside.service.sign_draft import sign_draft
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

VERDICTS = {"accept": Verdict.ACCEPTED, "correct": Verdict.CORRECTED, "reject": Verdict.REJECTED}


def draft_pages(site: Site) -> list[Route]:
    """The routes of the page and of its pictures."""
    return [
        Route("/reports/{draft}", needs(Permission.CONFIRM, posted(site, _show)), methods=["GET", "POST"]),
        Route("/reports/{draft}/pages/{number:int}", needs(Permission.CONFIRM, _picture(site))),
    ]


def _opened(site: Site, request: Request) -> tuple[Principal, Draft]:
    """Who asks, and the draft, once both may be: a draft of nobody is for those who may open every record."""
    principal = site.principal(request)
    authorise(principal, Permission.CONFIRM)
    draft = open_draft(site.house, request.path_params["draft"], principal.people)
    site.authorise(request, Permission.CONFIRM, draft.person or None)
    return principal, draft


def _picture(site: Site) -> Callable[[Request], Response]:
    def picture(request: Request) -> Response:
        _, draft = _opened(site, request)
        number = request.path_params["number"]
        if not 1 <= number <= len(draft.sizes):
            raise HTTPException(404)
        return Response(page_picture(site.house, draft, number), media_type="image/png")

    return picture


def _show(site: Site, request: Request, form: FormData) -> Response:
    principal, draft = _opened(site, request)
    problem = ""
    if request.method == "POST":
        try:
            done = _act(site, draft, form, principal.name)
        except InputError as error:
            if isinstance(error, RequestError) and error.status == 404:
                raise
            problem = problems_told(error)
            draft = open_draft(site.house, draft.draft, principal.people)
        else:
            return RedirectResponse(done, status_code=303)
    view = draft_view(site.house, draft)
    ids = site.ids()
    record = ids.of(draft.person) if ids is not None and draft.person else ""
    return site.send(
        request,
        "report_draft.html",
        status=422 if problem else 200,
        view=view,
        problem=problem,
        record_id=record,
        may_chart=Permission.CHART in principal.permissions,
        calls_kinds=CALL,
        variant_kinds=VARIANT,
        who=principal.name,
    )


def _act(site: Site, draft: Draft, form: FormData, by: str) -> str:
    """Do what the form says; where to go then. Raises what the service raises."""
    house, name, chosen = site.house, draft.draft, said(form, "act")
    here = f"/reports/{name}"
    if chosen in VERDICTS:
        field = said(form, "field")
        value, reason = said(form, "value", LONGEST), said(form, "reason", LONGEST)
        decide(house, name, field, VERDICTS[chosen], by=by, value=value, reason=reason)
        waiting = open_draft(house, name).undecided()
        return f"{here}#f-{waiting[0].key}" if waiting else f"{here}#sign"
    if chosen == "others":
        accept_others(house, name, by=by)
        return f"{here}#sign"
    if chosen == "add":
        values = [(kind, said(form, kind.value, LONGEST)) for kind in (*CALL, *VARIANT)]
        page = said(form, "page")
        add_row(house, name, values, int(page) if page.isdigit() else 1, by=by)
        return f"{here}#sign"
    if chosen == "give":
        give_draft(house, name, said(form, "person"), said(form, "why", LONGEST), by=by)
        return here
    if chosen == "sign":
        if not said(form, "compared"):
            raise RequestError.one("report", "say that you compared it with the whole report")
        sign_draft(house, name, said(form, "seen"), by=by)
        return here
    if chosen == "reject-report":
        reject_draft(house, name, said(form, "reason", LONGEST), by=by)
        return here
    raise RequestError.one("act", "is nothing that can be done with a report")
