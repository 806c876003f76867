"""What programmes cost and bring, models with their doubt, dossiers, and the gates of evidence."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound
from bedside.knowledge.dossier import load_dossiers
from bedside.knowledge.economic_model_file import load_models
from bedside.knowledge.readiness import AnsweredFrom, ReadinessChecklist, load_readiness
from bedside.knowledge.reporting_checklist import load_reporting_checklist
from bedside.learn.economics.analysis import Analysis, analyse
from bedside.service import dossier as dossiers
from bedside.service import economics, readiness
from bedside.service.access import Permission
from bedside.service.measured_inputs import with_measured
from bedside.service.programme_value import document as account
from bedside.service.programme_value import programme_values
from bedside.service.write_offs import Part, report
from bedside.web.economics_drawing import acceptability_drawn, tornado_drawn
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

DRAWS, SEED = 4000, 1


def economics_pages(site: Site) -> list[Route]:
    """The routes."""
    look = Permission.ECONOMICS
    return [
        Route("/economics", needs(look, posted(site, _every)), methods=["GET"]),
        Route("/economics/{model}", needs(look, posted(site, _model)), methods=["GET"]),
        Route("/dossiers", needs(look, posted(site, _dossiers)), methods=["GET"]),
        Route("/dossiers/{dossier}", needs(look, posted(site, _dossier)), methods=["GET"]),
        Route("/readiness/{checklist}", needs(look, posted(site, _gate)), methods=["GET"]),
        Route(
            "/readiness/{checklist}/attest",
            needs(Permission.PROGRAMME_SIGN, posted(site, _attest)),
            methods=["POST"],
        ),
    ]


def _root(site: Site) -> Path | None:
    return site.house.settings.knowledge_folder


def _today(site: Site) -> date:
    return site.house.clock().date()


@lru_cache(maxsize=64)
def _worked_out(root: Path | None, name: str, digest: str) -> Analysis:
    """The analysis of a model file; the digest makes a changed file a new one."""
    return analyse(load_models(root)[name], DRAWS, SEED)


def _analysis(site: Site, name: str) -> Analysis:
    held = load_models(_root(site))
    if name not in held:
        raise HTTPException(404)
    if any(one.distribution.events for one in held[name].inputs):
        return analyse(with_measured(held[name], site.house), DRAWS, SEED)
    return _worked_out(_root(site), name, held[name].provenance.sha256)


def _every(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ECONOMICS)
    models = [_analysis(site, name) for name in load_models(_root(site))]
    bills = [one for one in report(site.house, principal.people) if one.by != "year"]
    return site.send(
        request,
        "economics.html",
        here="/programme",
        accounts=[account(one) for one in programme_values(site.house, principal.people)],
        models=[(one.model, economics.answer(one)) for one in models],
        bills=bills,
        parts_of_bills=tuple(Part),
        told=site.made_up(),
    )


def _model(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.ECONOMICS)
    found = _analysis(site, request.path_params["model"])
    drawn = [tornado_drawn(found, name) for name in found.differences]
    return site.send(
        request,
        "economics_model.html",
        here="/programme",
        model=found.model,
        report=economics.document(found, load_reporting_checklist(_root(site))),
        tornados=[one for one in drawn if one is not None],
        curves=acceptability_drawn(found),
    )


def _dossiers(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.ECONOMICS)
    root, today = _root(site), _today(site)
    names = load_dossiers(root)
    gates = []
    for one in load_readiness(root).values():
        found = readiness.gate(one, site.house, root, today)
        gates.append((one, found.answer.value, readiness.sentence(found)))
    return site.send(
        request,
        "dossiers.html",
        here="/programme",
        dossiers=[dossiers.document(one, root, today) for one in names.values()],
        gates=gates,
    )


def _dossier(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.ECONOMICS)
    try:
        held = dossiers.dossier_named(request.path_params["dossier"], _root(site))
    except NotFound:
        raise HTTPException(404) from None
    shown = dossiers.document(held, _root(site), _today(site))
    trials = [(one, dossiers.trial_words(one)) for one in shown["trials"]]
    return site.send(request, "dossier.html", here="/programme", shown=shown, trials=trials)


def _checklist(site: Site, request: Request) -> ReadinessChecklist:
    try:
        return readiness.checklist_named(request.path_params["checklist"], _root(site))
    except NotFound:
        raise HTTPException(404) from None


def _gate(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ECONOMICS)
    return _gate_page(site, request, Permission.PROGRAMME_SIGN in principal.permissions, "")


def _gate_page(site: Site, request: Request, may_sign: bool, problem: str) -> Response:
    checklist, today = _checklist(site, request), _today(site)
    found = readiness.gate(checklist, site.house, _root(site), today)
    shown: dict[str, Any] = readiness.document(checklist, found, today)
    return site.send(
        request,
        "readiness.html",
        here="/programme",
        status=422 if problem else 200,
        shown=shown,
        attested=AnsweredFrom.ATTESTED.value,
        may_sign=may_sign,
        problem=problem,
        longest=readiness.LONGEST,
    )


def _attest(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PROGRAMME_SIGN)
    checklist = _checklist(site, request)
    try:
        readiness.attest(
            site.house,
            checklist,
            said(form, "item", 80),
            met=said(form, "answer") == "met",
            evidence=said(form, "evidence", readiness.LONGEST),
            by=principal.name,
        )
    except InputError as error:
        return _gate_page(site, request, True, problems_told(error))
    return RedirectResponse(f"/readiness/{checklist.provenance.name}", 303)
