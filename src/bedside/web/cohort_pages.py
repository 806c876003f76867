"""The cohort explorer: who carries what, who was tested, and how many are left out and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.genome.consent import Purpose
from bedside.genome.region import Region
from bedside.genome.variant import Variant, parse_variant
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.cohort_view import PURPOSES, CohortAnswer, CohortQuestion, explore, laboratories
from bedside.web.errors import problems_told
from bedside.web.genome_pages import regions_asked
from bedside.web.genome_words import OUTCOMES
from bedside.web.guard import needs
from bedside.web.session import read_form, said
from bedside.web.site import Site

_VARIANT = re.compile(r"(chr)?([0-9]{1,2}|[XYM]|MT)-[0-9]+-[ACGTN]+-[ACGTN]+", re.IGNORECASE)
FINDINGS = ("report", "review", "hold")


@dataclass(frozen=True, slots=True)
class Explored:
    """A question and what came of it."""

    question: CohortQuestion
    answer: CohortAnswer | None = None
    problem: str = ""


def cohort_pages(site: Site) -> list[Route]:
    """The route of the cohort explorer."""

    async def cohort(request: Request) -> Response:
        form = None
        if request.method == "POST":
            form = await read_form(request, site.house.settings)
        return await run_in_threadpool(_cohort, site, request, form)

    return [Route("/cohort", needs(Permission.COHORT, cohort), methods=["GET", "POST"])]


def _cohort(site: Site, request: Request, form: FormData | None) -> Response:
    principal = site.authorise(request, Permission.COHORT)
    explored = Explored(CohortQuestion())
    if form is not None:
        explored = _explored(site, _question(form), principal)
    return site.send(
        request,
        "cohort.html",
        here="/cohort",
        status=422 if explored.problem else 200,
        question=explored.question,
        answer=explored.answer,
        problem=explored.problem,
        purposes=PURPOSES,
        laboratories=laboratories(site.house),
        findings={name: OUTCOMES[name][0] for name in FINDINGS},
    )


def _question(form: FormData) -> CohortQuestion:
    purpose, finding = said(form, "purpose"), said(form, "finding")
    chosen = next((one for one in PURPOSES if one.value == purpose), Purpose.SCREENING)
    return CohortQuestion(
        said(form, "asked"), finding if finding in FINDINGS else "", chosen, said(form, "laboratory")
    )


def _explored(site: Site, question: CohortQuestion, principal: Principal) -> Explored:
    try:
        place = _place(site, question)
        may_name = Permission.GENOME in principal.permissions
        answer = explore(site.house, site.ids(), question, place, principal.people, may_name=may_name)
        return Explored(question, answer)
    except InputError as error:
        return Explored(question, problem=problems_told(error))


def _place(site: Site, question: CohortQuestion) -> Sequence[Region] | Variant:
    """What the typed words name; raises `InputError`."""
    if _VARIANT.fullmatch(question.typed):
        try:
            return parse_variant(question.typed)
        except ValueError as error:
            raise RequestError.one("variant", str(error)) from None
    if question.finding and not question.typed:
        return ()
    return regions_asked(question.typed, site)
