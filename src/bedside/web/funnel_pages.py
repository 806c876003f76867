"""The funnel of a pathway: how many got past each step, where the others were lost and why, the time to the
goal with competing ends, and which step would gain most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import Refused
from bedside.knowledge.care_pathway import CarePathway
from bedside.learn.funnel import furthest, way
from bedside.learn.signal_columns import EPOCH
from bedside.service.access import Permission
from bedside.service.pathway_case import kept_from
from bedside.service.pathway_funnel import FunnelReport, document
from bedside.service.people import name_of
from bedside.service.record_cohort import GROUPS, RecordCohort, record_cohort, record_report
from bedside.web.funnel_drawing import curve, stages_drawn
from bedside.web.guard import needs
from bedside.web.pathway_pages import moment_of, pathway_named, rules_of_pathways
from bedside.web.posted import posted
from bedside.web.site import Site

MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class PersonThere:
    """Somebody who came as far as a step and no further. since: when they ended there, None on the way."""

    record_id: str
    name: str
    reason: str
    ended: datetime | None


def funnel_pages(site: Site) -> list[Route]:
    """The routes of the funnel."""
    return [
        Route("/funnel", needs(Permission.FUNNEL, posted(site, _every)), methods=["GET"]),
        Route("/funnel/{pathway}", needs(Permission.FUNNEL, posted(site, _one)), methods=["GET"]),
        Route("/funnel/{pathway}/{step}", needs(Permission.PATHWAYS, posted(site, _there)), methods=["GET"]),
    ]


def _pathway(site: Site, request: Request) -> CarePathway:
    found = pathway_named(site, request.path_params["pathway"])
    if found is None:
        raise HTTPException(404)
    return found


def _every(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.FUNNEL)
    at = moment_of(site)
    held = rules_of_pathways(site).held.by_name.values()
    counted = [(one, len(record_cohort(site.house, one, at, principal.people).rows)) for one in held]
    return site.send(request, "funnels.html", here="/worklist", counted=counted, at=at, told=site.made_up())


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.FUNNEL)
    pathway, by = _pathway(site, request), request.query_params.get("by", "")
    if by not in ("", *GROUPS):
        raise HTTPException(404)
    report, cohort = record_report(site.house, pathway, moment_of(site), by, principal.people)
    return site.send(
        request,
        "funnel.html",
        here="/worklist",
        pathway=pathway,
        by=by,
        groups=GROUPS,
        report=document(report),
        drawn=stages_drawn(report.by_group[0].stages),
        curve=curve(report.states) if cohort.rows else None,
        cases=int(report.states.on_it.sum()),
        reasons=pathway.reasons,
        may_see=Permission.PATHWAYS in principal.permissions
        and pathway.name not in kept_from(rules_of_pathways(site), principal.permissions),
        told=site.made_up(),
        at=report.now,
    )


def _there(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.PATHWAYS)
    pathway, step = _pathway(site, request), request.path_params["step"]
    steps = way(pathway)
    if step not in steps:
        raise HTTPException(404)
    if pathway.name in kept_from(rules_of_pathways(site), principal.permissions):
        raise Refused("who is on this pathway is not granted to this caller")
    report, cohort = record_report(site.house, pathway, moment_of(site), "", principal.people)
    rows = np.flatnonzero(furthest(report.states) == steps.index(step))
    people = [_person(site, report, cohort, int(row)) for row in rows[:MOST_PEOPLE]]
    return site.send(
        request,
        "funnel_people.html",
        here="/worklist",
        pathway=pathway,
        step=pathway.steps[step],
        people=sorted(people, key=lambda one: (one.ended is not None, one.reason, one.name)),
        total=len(rows),
    )


def _person(site: Site, report: FunnelReport, cohort: RecordCohort, row: int) -> PersonThere:
    person = cohort.rows[row][0]
    held, ids, states = site.house.ledger.person(person), site.ids(), report.states
    code = int(states.end[row])
    reason = "" if code < 0 else report.pathway.reasons[states.reasons[code]].title
    ended = None if code < 0 else EPOCH + timedelta(microseconds=int(states.ended[row]))
    name = ("" if held is None else name_of(held)) or person
    return PersonThere("" if ids is None else ids.of(person), name, reason, ended)
