"""Who stands for what: all content with its owner, review, evidence and approval; playbooks with who does
what; the log of decisions."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError
from bedside.knowledge.playbook import read_playbook, shipped_playbooks
from bedside.learn.content_standing import Fault, counted
from bedside.service.access import Permission
from bedside.service.content import content_held
from bedside.service.decisions import Decision, decide, decisions
from bedside.service.playbooks import listed
from bedside.service.specialties import specialty_coverage
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.site import Site

HERE = "/programme"


def governance_pages(site: Site) -> list[Route]:
    """The routes."""
    see, sign = Permission.PROGRAMME, Permission.PROGRAMME_SIGN
    return [
        Route("/programme/content", needs(see, posted(site, _content)), methods=["GET"]),
        Route("/programme/playbooks", needs(see, posted(site, _playbooks)), methods=["GET"]),
        Route("/programme/decisions", needs(see, posted(site, _decisions)), methods=["GET"]),
        Route("/programme/decide", needs(sign, posted(site, _decide)), methods=["GET", "POST"]),
    ]


def _content(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.PROGRAMME)
    held = content_held(site.house.settings.knowledge_folder, site.house.clock().date())
    asked = request.query_params.get("fault", "")
    fault = next((one for one in Fault if one.name.lower() == asked), None)
    return site.send(
        request,
        "content_held.html",
        here=HERE,
        counts=counted(held),
        orphan=Fault.ORPHAN,
        fault=fault,
        total=len(held),
        held=[one for one in held if fault is None or fault in one.faults],
    )


def _playbooks(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.PROGRAMME)
    offered = {one.name: one for one in map(read_playbook, shipped_playbooks())}
    return site.send(
        request,
        "playbooks.html",
        here=HERE,
        listed=listed(site.house.settings.knowledge_folder),
        offered=offered,
        coverage=specialty_coverage(tuple(offered.values())),
    )


def _decisions(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.PROGRAMME)
    return _log(site, request)


def _log(
    site: Site, request: Request, problems: tuple[str, ...] = (), given: dict[str, str] | None = None
) -> Response:
    principal = site.principal(request)
    return site.send(
        request,
        "decisions.html",
        here=HERE,
        decisions=decisions(site.house),
        may=Permission.PROGRAMME_SIGN in principal.permissions,
        problems=problems,
        given=given,
    )


def _decide(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PROGRAMME_SIGN)
    if request.method == "GET":
        return _log(site, request, (), {})
    given = {
        name: str(form.get(name, "")).strip() for name in ("what", "why", "role", "about", "more", "evidence")
    }
    made = Decision(
        what=given["what"],
        why=given["why"],
        who=principal.name,
        role=given["role"],
        alternatives=_lines(given["more"]),
        evidence=_lines(given["evidence"]),
        about=given["about"],
    )
    try:
        decide(site.house, made, principal.name)
    except InputError as error:
        return _log(site, request, tuple(one.reason for one in error.problems), given)
    return RedirectResponse("/programme/decisions", status_code=303)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
