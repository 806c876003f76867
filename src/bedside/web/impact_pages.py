"""What a release would mean before it is adopted, its progress as a stream of events, and its adoption."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bedside.errors import InputError, Refused
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.impact import Stage, Work, Workshop, by_kind, waiting_releases
from bedside.service.people import name_of
from bedside.service.reanalyse import SOURCE, Accepted
from bedside.service.reanalyse_groups import Group
from bedside.service.reanalysis_view import adoptions
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import Endpoint, posted
from bedside.web.session import said
from bedside.web.site import Site

SHOWN_NAMES, SHOWN_GROUPS, SHOWN_RECORDS = 10, 200, 100
_PAUSE, _LONGEST = 0.2, 1800.0


def impact_pages(site: Site) -> list[Route]:
    """The routes of the impact preview; the work of a served house is kept beside it."""
    desk = _Desk(site)
    return [
        Route("/impact", needs(Permission.REANALYSIS, desk.posted(desk.begin)), methods=["GET", "POST"]),
        Route("/impact/{work}", needs(Permission.REANALYSIS, desk.show)),
        Route("/impact/{work}/events", needs(Permission.REANALYSIS, desk.events)),
        Route("/impact/{work}/stop", needs(Permission.REANALYSIS, desk.posted(desk.stop)), methods=["POST"]),
        Route(
            "/impact/{work}/adopt", needs(Permission.REANALYSIS, desk.posted(desk.adopt)), methods=["POST"]
        ),
    ]


class _Desk:
    """The pages over one workshop."""

    def __init__(self, site: Site) -> None:
        self.site, self.workshop = site, Workshop(site.house)

    def posted(self, answer: Callable[[Request, FormData], Response]) -> Endpoint:
        """An endpoint that reads its form first."""

        return posted(self.site, lambda _, request, form: answer(request, form))

    def _everybody(self, request: Request) -> Principal:
        """Who asks; a release concerns everybody, so that a caller limited to some records is refused."""
        principal = self.site.authorise(request, Permission.REANALYSIS)
        if principal.people is not None:
            raise Refused("a release concerns everybody, and this caller may open some records only")
        return principal

    def _work(self, request: Request) -> Work:
        work = self.workshop.find(request.path_params["work"])
        if work is None:
            raise HTTPException(404)
        return work

    def begin(self, request: Request, form: FormData) -> Response:
        """Choose a release; begin to look at it."""
        principal, problem = self._everybody(request), ""
        if request.method == "POST":
            try:
                work = self.workshop.preview(said(form, "release"), principal.name)
            except InputError as error:
                problem = problems_told(error)
            else:
                return RedirectResponse(f"/impact/{work.id}", 303)
        house = self.site.house
        return self.site.send(
            request,
            "impact.html",
            here="/reanalysis",
            status=422 if problem else 200,
            problem=problem,
            waiting=waiting_releases(house),
            in_force=house.ledger.release(SOURCE) or "",
            adoptions=adoptions(house),
        )

    def show(self, request: Request) -> Response:
        """How far the work is, or what came of it."""
        self._everybody(request)
        return self._page(request, self._work(request))

    def _page(self, request: Request, work: Work, problem: str = "") -> Response:
        ended = work.stage is not Stage.RUNNING
        groups = () if work.done is None else work.done.groups
        telling = [group for group in groups if group.action != "none"]
        return self.site.send(
            request,
            "impact_work.html",
            here="/reanalysis",
            status=422 if problem else 200,
            work=work,
            ended=ended,
            problem=problem,
            telling=telling[:SHOWN_GROUPS],
            quiet=[group for group in groups if group.action == "none"][:SHOWN_GROUPS],
            counts={} if work.done is None else by_kind(work.done),
            names=self._names(telling[:SHOWN_GROUPS]),
            shown_names=SHOWN_NAMES,
            shown_records=SHOWN_RECORDS,
        )

    def _names(self, groups: list[Group]) -> dict[str, tuple[str, str]]:
        """The record id and name of the first people of each group."""
        ids, ledger = self.site.ids(), self.site.house.ledger
        if ids is None:
            return {}
        found = {}
        for group in groups:
            for person in group.people[:SHOWN_NAMES]:
                known = ledger.person(person)
                found[person] = (ids.of(person), (name_of(known) if known else "") or person)
        return found

    async def events(self, request: Request) -> Response:
        """The steps as a stream of events, then its end."""
        await run_in_threadpool(self._everybody, request)
        work = self._work(request)
        return StreamingResponse(_told(work), media_type="text/event-stream")

    def stop(self, request: Request, form: FormData) -> Response:
        """Say stop. A look ends at its next step; an adoption ends whole."""
        self._everybody(request)
        work = self._work(request)
        work.stop.set()
        work.ended.wait(2.0)
        return RedirectResponse(f"/impact/{work.id}", 303)

    def adopt(self, request: Request, form: FormData) -> Response:
        """Adopt what was looked at, when it is said by whom and why."""
        principal, work = self._everybody(request), self._work(request)
        by, reason = said(form, "by"), said(form, "reason", 400)
        lacking = [what for what, given in (("who decides", by), ("why", reason)) if not given]
        if not said(form, "sure"):
            lacking.append("that the rows were looked at")
        if work.stage is not Stage.DONE or work.adopts:
            lacking.append("a finished look at this release")
        if lacking:
            return self._page(request, work, f"Not adopted. Still missing: {'; '.join(lacking)}.")
        try:
            begun = self.workshop.adopt(work.release, principal.name, Accepted(by, reason))
        except InputError as error:
            return self._page(request, work, problems_told(error))
        return RedirectResponse(f"/impact/{begun.id}", 303)


async def _told(work: Work) -> AsyncIterator[str]:
    """Each step once, as server-sent events; the steps that the page holds already are left out."""
    told, waited = 0, 0.0
    while True:
        ended = work.stage is not Stage.RUNNING
        for step in work.steps[told:]:
            yield f"event: step\ndata: {step}\n\n"
        told = len(work.steps)
        if ended or waited > _LONGEST:
            yield f"event: end\ndata: {work.stage.value}\n\n"
            return
        await asyncio.sleep(_PAUSE)
        waited += _PAUSE
