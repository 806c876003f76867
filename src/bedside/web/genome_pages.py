"""The page of a person's stored genome: what is there, what the panels say, and a question about a gene."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.genome.region import Region
from bedside.knowledge.gene_regions import load_gene_regions
from bedside.service.access import Permission
from bedside.service.ask_genome import RegionAnswer, ask_regions
from bedside.service.consented_lake import NotPermitted
from bedside.service.genome_view import genome_view
from bedside.service.name_variants import regions_of
from bedside.service.reference_caveats import face_of
from bedside.web.errors import problems_told
from bedside.web.genome_words import refusal
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

_REGION = re.compile(r"(chr)?([0-9]{1,2}|[XYM]|MT):", re.IGNORECASE)
_BETWEEN = re.compile(r"[;\s]+|,(?=\D)")
MOST_LINES = 500
_NOTHING = "write a gene's symbol, or a place"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of the genome, and what came of it: an answer, or why there is none."""

    asked: str = ""
    answer: RegionAnswer | None = None
    problem: str = ""
    status: int = 200


def genome_pages(site: Site) -> list[Route]:
    """The route of the genome page."""
    return [
        Route(
            "/people/{record_id}/genome",
            needs(Permission.GENOME, posted(site, _show)),
            methods=["GET", "POST"],
        )
    ]


def _show(site: Site, request: Request, form: FormData) -> HTMLResponse:
    person = site.person(request)
    principal = site.authorise(request, Permission.GENOME, person)
    view = genome_view(site.house, person, request.path_params["record_id"])
    if view is None:
        raise HTTPException(404)
    question = Question()
    if request.method == "POST":
        question = _ask(site, person, said(form, "asked"), principal.people)
    return site.send(
        request,
        "genome.html",
        status=question.status,
        view=view,
        face=face_of(site.house, person),
        question=question,
        most=MOST_LINES,
        may_consent=Permission.CONSENT in principal.permissions,
        may_disclose=Permission.DISCLOSURE in principal.permissions,
    )


def _ask(site: Site, person: str, asked: str, only: frozenset[str] | None) -> Question:
    try:
        regions = regions_asked(asked, site)
        return Question(asked, ask_regions(site.house, person, regions, principal_people=only))
    except NotPermitted as refused:
        told = f"This genome was not read: {refusal(refused.why.refusal)}."
        return Question(asked, problem=told, status=403)
    except InputError as error:
        return Question(asked, problem=problems_told(error), status=422)


def regions_asked(asked: str, site: Site) -> tuple[Region, ...]:
    """The regions that a gene's symbol or a place such as `chr13:32315086-32400268` names; several with
    commas. Raises `InputError`."""
    words = [word for word in _BETWEEN.split(asked) if word]
    if not words:
        raise RequestError.one("gene or region", "nothing was asked", remedy=_NOTHING)
    root = site.house.settings.knowledge_folder
    known = load_gene_regions(root).regions
    genes = [word if word in known else word.upper() for word in words if not _REGION.match(word)]
    return regions_of(genes, [word for word in words if _REGION.match(word)], root)
