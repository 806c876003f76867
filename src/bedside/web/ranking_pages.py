"""Those nobody has diagnosed: the inbox of what changed, and one person's workbench."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.genome.consent import Purpose
from bedside.service.access import Permission
from bedside.service.consented_lake import asked
from bedside.service.people import name_of
from bedside.service.ranking_held import held_ranking
from bedside.service.show_chart import header
from bedside.service.workbench import SHOWN, UnsolvedLine, unsolved_lines, workbench
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.site import Site


@dataclass(frozen=True, slots=True)
class Listed:
    """An unsolved person as the inbox names them."""

    record_id: str
    name: str
    line: UnsolvedLine


def ranking_pages(site: Site) -> list[Route]:
    """The routes of the workbench and of the inbox of the unsolved."""
    look = Permission.FEATURES
    return [
        Route("/unsolved", needs(look, posted(site, _inbox)), methods=["GET"]),
        Route("/people/{record_id}/ranking", needs(look, posted(site, _bench)), methods=["GET"]),
    ]


def _inbox(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.FEATURES)
    ids = site.ids()
    listed = []
    for line in unsolved_lines(site.house, principal.people) if ids is not None else ():
        person = site.house.ledger.person(line.person)
        if person is not None and ids is not None:
            listed.append(Listed(ids.of(line.person), name_of(person), line))
    return site.send(
        request,
        "unsolved.html",
        here="/worklist",
        people=listed,
        may_pathways=Permission.PATHWAYS in principal.permissions,
    )


def _bench(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.FEATURES, person)
    may_genome = Permission.GENOME in principal.permissions
    refused = asked(site.house, Purpose.CARE, principal_people=principal.people).refused(person)
    return site.send(
        request,
        "ranking.html",
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        bench=workbench(site.house, person),
        may_genome=may_genome,
        refused=refused,
        ranking=held_ranking(site.house, person, SHOWN) if may_genome and refused is None else None,
    )
