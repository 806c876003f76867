"""A person's features: what notes and codes suggest, decided term by term by somebody with a name."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound, RequestError
from bedside.genome.features import Decision, Standing
from bedside.knowledge.hpo import Term
from bedside.service.access import Permission
from bedside.service.features import (
    LONGEST_NOTE,
    code_maps,
    decide,
    features_of,
    reader_of,
    search_terms,
    suggest_from_note,
    suggest_from_record,
)
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

NOTED = {"": "", "new": "Suggested terms were added.", "none": "Nothing new was found."}


@dataclass(frozen=True, slots=True)
class Told:
    """What the page answers to a form: a problem, and what was searched and found."""

    problem: str = ""
    asked: str = ""
    found: tuple[Term, ...] = ()


def feature_pages(site: Site) -> list[Route]:
    """The route of a person's features."""
    endpoint = needs(Permission.FEATURES, posted(site, _features))
    return [Route("/people/{record_id}/phenotype", endpoint, methods=["GET", "POST"])]


def _features(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.FEATURES, person)
    if request.method != "POST":
        return _show(site, request, person, Told())
    if said(form, "act") == "search":
        asked = said(form, "asked")
        found = search_terms(site.house, asked)
        problem = "" if found else "No term of HPO has such a name."
        return _show(site, request, person, Told(problem, asked, found), 200)
    site.authorise(request, Permission.FEATURE_CONFIRM, person)
    try:
        noted = _act(site, person, form, principal.name)
    except (InputError, NotFound) as error:
        told = problems_told(error) if isinstance(error, InputError) else "That is not there."
        return _show(site, request, person, Told(told), 422)
    return RedirectResponse(f"/people/{request.path_params['record_id']}/phenotype{noted}", 303)


def _act(site: Site, person: str, form: FormData, by: str) -> str:
    """Write down what a form says; raises InputError for what does not fit."""
    act, house = said(form, "act"), site.house
    if act == "note":
        text = said(form, "note", LONGEST_NOTE + 1)
        new = suggest_from_note(house, person, text, source="a note given on this page", by=by)
        return "?noted=new" if new else "?noted=none"
    if act == "codes":
        return "?noted=new" if suggest_from_record(house, person, by=by) else "?noted=none"
    if act == "decide":
        try:
            decision = Decision(said(form, "decision"))
        except ValueError:
            raise RequestError.one("decision", "nothing was chosen", remedy="say what holds") from None
        decide(house, person, said(form, "term"), decision, by=by)
        return ""
    raise RequestError.one("act", "nothing was chosen", remedy="use one of the buttons")


def _show(site: Site, request: Request, person: str, told: Told, status: int = 0) -> Response:
    known = site.house.ledger.person(person)
    if known is None:
        raise HTTPException(404)
    principal = site.authorise(request, Permission.FEATURES, person)
    held = features_of(site.house, person)
    index, maps = reader_of(site.house), code_maps(site.house.settings.knowledge_folder)
    return site.send(
        request,
        "features.html",
        status=status or (422 if told.problem else 200),
        person=header(known, person, request.path_params["record_id"]),
        there=_decided(held, Decision.CONFIRMED),
        not_there=_decided(held, Decision.EXCLUDED),
        rejected=_decided(held, Decision.REJECTED),
        waiting=[one for one in held if one.open and one.suggestions],
        told=told,
        noted=NOTED.get(request.query_params.get("noted", ""), ""),
        may_confirm=Permission.FEATURE_CONFIRM in principal.permissions,
        hpo=index.hpo.version,
        review_state=index.words.provenance.review_state,
        sources=maps.sources,
        missing=maps.missing,
        longest=LONGEST_NOTE,
    )


def _decided(held: tuple[Standing, ...], decision: Decision) -> list[Standing]:
    return [one for one in held if one.decision is decision]
