"""Studies: every protocol, whether it was registered and run, and what came of it; one study in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import Refused
from bedside.service.access import Permission
from bedside.service.study_checklist import interval_text
from bedside.service.study_list import StudyLine, studies
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.site import Site
from bedside.web.study_drawing import forest


def study_pages(site: Site) -> list[Route]:
    """The routes of studies."""
    return [
        Route("/studies", needs(Permission.STUDIES, posted(site, _every)), methods=["GET"]),
        Route("/studies/{study}", needs(Permission.STUDIES, posted(site, _one)), methods=["GET"]),
    ]


def _every(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.STUDIES)
    return site.send(
        request,
        "studies.html",
        here="/programme",
        studies=studies(site.house),
        may_read=principal.people is None,
    )


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.STUDIES)
    if principal.people is not None:
        raise Refused("a study is about everybody who allows it; some records cannot be shown alone")
    name = request.path_params["study"]
    found = next((one for one in studies(site.house) if one.name == name), None)
    if found is None:
        raise HTTPException(404)
    result = _result(site, found)
    return site.send(
        request,
        "study.html",
        here="/programme",
        study=found,
        result=result,
        told=interval_text,
        rows=None if result is None else figures(result["answer"]),
        drawn=None if result is None else forest(result["answer"]),
    )


def figures(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every figure beside the main one, in the order in which a report has them."""
    beside = [answer["naive"]] if answer["naive"] else []
    beside += [*answer["sensitivity"], *answer["other_outcomes"]]
    return beside


def _result(site: Site, study: StudyLine) -> Mapping[str, Any] | None:
    if study.last is None:
        return None
    held: Mapping[str, Any] = orjson.loads(site.house.documents.get(study.last.result))
    return held
