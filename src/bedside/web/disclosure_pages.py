"""Findings on their way to the people they are about: the worklist, a step, letters, and the family."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, RequestError
from bedside.genome.code import Code, System
from bedside.service.access import Permission
from bedside.service.cascade import record_relative_step
from bedside.service.cascade_letters import write_invitation
from bedside.service.disclose import record_step
from bedside.service.disclose_letters import enter_problem, write_finding_letter
from bedside.service.disclosure_view import Asked, disclosure_worklist, letter_text, persons_findings
from bedside.service.reference_caveats import face_of
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

CHANNELS = ("telephone", "letter", "portal", "visit")
SYSTEMS = {"icd10cm": System.ICD10CM, "snomed": System.SNOMED_CT}
INVITATION = "invitation"


def disclosure_pages(site: Site) -> list[Route]:
    """The routes of the return of results."""
    return [
        Route("/disclosure", needs(Permission.DISCLOSURE, posted(site, _worklist)), methods=["GET", "POST"]),
        Route(
            "/people/{record_id}/findings",
            needs(Permission.DISCLOSURE, posted(site, _findings)),
            methods=["GET", "POST"],
        ),
        Route(
            "/people/{record_id}/letters",
            needs(Permission.DISCLOSURE, posted(site, _write)),
            methods=["POST"],
        ),
        Route("/people/{record_id}/letters/{document}", needs(Permission.DISCLOSURE, _letter(site))),
    ]


def _worklist(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.DISCLOSURE)
    asked = Asked(said(form, "role"), bool(said(form, "stuck")), bool(said(form, "over")))
    found = disclosure_worklist(site.house, site.ids(), asked, principal.people)
    return site.send(request, "disclosure.html", here="/disclosure", worklist=found)


def _findings(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.DISCLOSURE, person).name
    problem = ""
    if request.method == "POST":
        try:
            _record(site, person, form, actor)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/people/{request.path_params['record_id']}/findings", 303)
    return _page(site, request, person, problem)


def _page(site: Site, request: Request, person: str, problem: str) -> Response:
    principal = site.principal(request)
    known = site.house.ledger.person(person)
    return site.send(
        request,
        "findings.html",
        status=422 if problem else 200,
        person=header(known, person, request.path_params["record_id"]),
        view=persons_findings(site.house, person),
        face=face_of(site.house, person),
        problem=problem,
        channels=CHANNELS,
        may_genome=Permission.GENOME in principal.permissions,
        may_consent=Permission.CONSENT in principal.permissions,
        today=site.house.clock().date(),
    )


def _record(site: Site, person: str, form: FormData, actor: str) -> None:
    """One step of a finding or of a relative; raises `RequestError` with what is wrong."""
    finding, relative = said(form, "finding", 200), said(form, "relative", 200)
    step, outcome = said(form, "step"), said(form, "outcome")
    if not outcome:
        raise RequestError.one("outcome", "nothing was chosen", remedy="say what came of it")
    details = {name: said(form, name) for name in ("channel", "laboratory", "note") if said(form, name)}
    if relative:
        record_relative_step(
            site.house, person, finding, relative, step, outcome, actor=actor, details=details
        )
    elif said(form, "code"):
        system = SYSTEMS.get(said(form, "system"))
        if system is None:
            raise RequestError.one("code", "a problem is coded in SNOMED CT or ICD-10-CM")
        code = Code(system, said(form, "code"), said(form, "display"))
        enter_problem(site.house, person, finding, code, actor=actor)
    else:
        record_step(site.house, person, finding, step, outcome, actor=actor, details=details)


def _write(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    actor = site.authorise(request, Permission.DISCLOSURE, person).name
    finding, relative = said(form, "finding", 200), said(form, "relative", 200)
    contact = said(form, "contact", 200)
    try:
        if relative:
            letter = write_invitation(site.house, person, finding, relative, actor=actor, contact=contact)
        else:
            name = said(form, "letter")
            letter = write_finding_letter(site.house, person, finding, name, actor=actor, contact=contact)
    except InputError as error:
        return _page(site, request, person, problems_told(error))
    return RedirectResponse(f"/people/{request.path_params['record_id']}/letters/{letter.sha256}", 303)


def _letter(site: Site) -> Callable[[Request], Response]:
    def letter(request: Request) -> Response:
        person = site.person(request)
        site.authorise(request, Permission.DISCLOSURE, person)
        try:
            written, text = letter_text(site.house, person, request.path_params["document"])
        except RequestError:
            raise HTTPException(404) from None
        known = site.house.ledger.person(person)
        about = header(known, person, request.path_params["record_id"])
        envelope, _, rest = text.partition("\n")
        subject, _, body = rest.partition("\n")
        return site.send(
            request,
            "letter.html",
            person=about,
            written=written,
            envelope=envelope,
            subject=subject,
            body=body.strip("\n"),
        )

    return letter
