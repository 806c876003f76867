"""The programme: one page that leads to everything about running it, each with what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.service.access import Permission
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.site import Site


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the programme: where it is, its name, what it answers, and who may open it."""

    address: str
    name: str
    answers: str
    permission: Permission


PLACES = (
    Place("/programme/executive", "On one page", "the programme in six panels", Permission.PROGRAMME),
    Place("/programme/maturity", "Maturity", "how far it is, and from what", Permission.PROGRAMME),
    Place("/programme/report", "Board report", "one or two pages to print", Permission.PROGRAMME),
    Place(
        "/programme/content",
        "Content",
        "who owns what, what is overdue, who approved it",
        Permission.PROGRAMME,
    ),
    Place("/programme/playbooks", "Playbooks", "what is installed, and who does what", Permission.PROGRAMME),
    Place("/programme/decisions", "Decisions", "what was decided, why and by whom", Permission.PROGRAMME),
    Place(
        "/coverage",
        "Coverage policies",
        "whose policies, until when, and who has still to check them",
        Permission.COVERAGE,
    ),
    Place(
        "/authorisations",
        "Authorisations",
        "whose move it is with each payer, and by when",
        Permission.AUTHORISATION,
    ),
    Place("/funnel", "Funnels", "where people are lost on each care pathway, and why", Permission.FUNNEL),
    Place(
        "/measures",
        "Measures",
        "how long things take, what came of them, what harm it may do",
        Permission.MEASURES,
    ),
    Place("/equity", "Equity", "who gets less than everybody else, and where", Permission.EQUITY),
    Place("/capacity", "Capacity", "what waits for counsellors; what each site gets", Permission.EQUITY),
    Place(
        "/economics",
        "Economics",
        "what each programme costs and brings, models with their doubt, bills",
        Permission.ECONOMICS,
    ),
    Place("/dossiers", "Evidence", "dossiers, and whether the evidence is ready", Permission.ECONOMICS),
    Place("/laboratories", "Laboratories", "how long, how often taken back", Permission.MEASURES),
    Place("/launches", "Launches", "what a launch still lacks; its uptake", Permission.PROGRAMME),
    Place("/alerts", "Alerts", "what alerts did, and which rules to look at", Permission.ALERTS),
    Place("/cycles", "Cycles", "what was changed, and what came of it", Permission.ALERTS),
    Place("/safety", "Safety", "backups, checkpoints, keys, retention, what is tested", Permission.SAFETY),
    Place("/studies", "Studies", "what was asked, what came of it, what was refused", Permission.STUDIES),
    Place("/cohort", "Cohort", "who carries what, who was tested, how often", Permission.COHORT),
)
"""Every page of the programme, in the order in which they are read."""


def programme_pages(site: Site) -> list[Route]:
    """The route of the page."""
    return [Route("/programme", needs(Permission.PROGRAMME, posted(site, _page)), methods=["GET"])]


def _page(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PROGRAMME)
    places = [one for one in PLACES if one.permission in principal.permissions]
    return site.send(request, "programme.html", here="/programme", places=places)
