"""How each laboratory does; what a launch still lacks, and how far people come, clinic by clinic."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError
from bedside.knowledge.launch import load_checklists
from bedside.service.access import Permission
from bedside.service.authorise import LOCAL_OPERATOR
from bedside.service.laboratories import document
from bedside.service.launch import adoption, attest, stands
from bedside.service.pathway_funnel import document as funnel_document
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site


def laboratory_pages(site: Site) -> list[Route]:
    """The routes of laboratories and launches."""
    look = Permission.PROGRAMME
    return [
        Route("/laboratories", needs(Permission.MEASURES, posted(site, _laboratories)), methods=["GET"]),
        Route("/launches", needs(look, posted(site, _every)), methods=["GET"]),
        Route("/launches/{checklist}", needs(look, posted(site, _one)), methods=["GET", "POST"]),
    ]


def _laboratories(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.MEASURES)
    return site.send(request, "laboratories.html", here="/programme", laboratories=document(site.house))


def _every(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.PROGRAMME)
    held = load_checklists(site.house.settings.knowledge_folder).values()
    return site.send(
        request, "launches.html", here="/programme", lists=[(one, stands(site.house, one)) for one in held]
    )


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal, problem = site.authorise(request, Permission.PROGRAMME), ""
    held = load_checklists(site.house.settings.knowledge_folder)
    checklist = held.get(request.path_params["checklist"])
    if checklist is None:
        raise HTTPException(404)
    if request.method == "POST":
        who = principal.name if principal != LOCAL_OPERATOR else said(form, "by") or principal.name
        try:
            attest(
                site.house, checklist, said(form, "item"), said(form, "word"), said(form, "note", 400),
                actor=who,
            )  # fmt: skip
            return RedirectResponse(f"/launches/{checklist.name}", status_code=303)
        except InputError as error:
            problem = "; ".join(f"{one.source}: {one.reason}" for one in error.problems)
    taken = adoption(site.house, checklist, principal.people)
    return site.send(
        request,
        "launch.html",
        here="/programme",
        status=400 if problem else 200,
        problem=problem,
        checklist=checklist,
        ready=stands(site.house, checklist),
        groups=funnel_document(taken.report)["funnel"][1:],
        people=int(taken.report.states.on_it.sum()),
        barriers=taken.barriers,
        reasons=taken.report.pathway.reasons,
        unnamed=principal == LOCAL_OPERATOR,
    )
