"""Measures: every figure with its interval, owner and version; one measure with its months, its groups and,
for those who may see them, the people and events behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.knowledge.measure import State
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.people_groups import GROUPS
from bedside.service.access import Permission
from bedside.service.measure_people import Behind, behind, state_words
from bedside.service.measure_table import measure_document
from bedside.service.measure_trend import Months, months, windows
from bedside.service.measures import MeasureReport, Window, measure_report
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds
from bedside.web.guard import needs
from bedside.web.pathway_pages import moment_of
from bedside.web.posted import posted
from bedside.web.site import Site

MOST_PEOPLE = 200
STATES = {state.name.lower(): state for state in State}


@dataclass(frozen=True, slots=True)
class PersonBehind:
    """One that is counted, as the page shows it. record_id: "" where the event names nobody."""

    record_id: str
    name: str
    held: Behind
    state: str


def measure_pages(site: Site) -> list[Route]:
    """The routes of measures."""
    return [
        Route("/measures", needs(Permission.MEASURES, posted(site, _every)), methods=["GET"]),
        Route("/measures/{measure}", needs(Permission.MEASURES, posted(site, _one)), methods=["GET"]),
    ]


def _report(
    site: Site, request: Request, at: datetime, people: frozenset[str] | None, names: tuple[str, ...] = ()
) -> tuple[MeasureReport, str]:
    """The report of the stretch of time that is asked for, and its name."""
    asked = request.query_params.get("window", "")
    offered = windows(at)
    if asked not in offered:
        raise HTTPException(404)
    chosen: Window = offered[asked]
    report = measure_report(
        site.house, at, names=names, window=chosen, people=people, as_known_then=not site.made_up()
    )
    return report, asked


def _every(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.MEASURES)
    at = moment_of(site)
    report, window = _report(site, request, at, principal.people)
    shown = [(measure_document(report, tile), months(report, tile, 3)) for tile in report.tiles.values()]
    return site.send(
        request,
        "measures.html",
        here="/programme",
        shown=shown,
        window=window,
        windows=list(windows(at)),
        at=at,
        told=site.made_up(),
    )


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.MEASURES)
    name, by = request.path_params["measure"], request.query_params.get("by", "")
    state = request.query_params.get("state", "")
    at = moment_of(site)
    report, window = _report(site, request, at, principal.people, (name,))
    tile = report.tiles.get(name)
    if tile is None or by not in ("", *GROUPS) or state not in ("", *STATES):
        raise HTTPException(404)
    small = load_small_numbers(site.house.settings.knowledge_folder)
    may_see = Permission.PEOPLE in principal.permissions
    wanted = STATES.get(state)
    total = 0 if tile.units is None else (len(tile.units) if wanted is None else tile.units.count(wanted))
    trend: tuple[Months, ...] = months(report, tile, 12)
    return site.send(
        request,
        "measure.html",
        here="/programme",
        held=measure_document(report, tile, by, small),
        least=small.least,
        tile=tile,
        by=by,
        groups=GROUPS,
        window=window,
        windows=list(windows(at)),
        trend=trend,
        state=state,
        states={one: state_words(tile, held) for one, held in STATES.items()},
        may_see=may_see,
        total=total,
        people=_people(site, report, name, wanted) if may_see else [],
        at=at,
        told=site.made_up(),
    )


def _people(site: Site, report: MeasureReport, name: str, state: State | None) -> list[PersonBehind]:
    tile, ids = report.tiles[name], site.ids()
    found: list[PersonBehind] = []
    for held in behind(report, tile, state):
        if len(found) >= MOST_PEOPLE:
            break
        found.append(_person(site, ids, held, state_words(tile, held.state)))
    return found


def _person(site: Site, ids: RecordIds | None, held: Behind, state: str) -> PersonBehind:
    if not held.person:
        return PersonBehind("", "nobody named", held, state)
    known = site.house.ledger.person(held.person)
    record = "" if ids is None or known is None else ids.of(held.person)
    return PersonBehind(record, ("" if known is None else name_of(known)) or held.person, held, state)
