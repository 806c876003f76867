"""The web application: pages for people, CDS Hooks for machines, one set of headers over both."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bedside.errors import BedsideError
from bedside.service.authorise import Gate
from bedside.service.house import House
from bedside.web import cds_hooks, order_set
from bedside.web.alert_pages import alert_pages
from bedside.web.authorisation_pages import authorisation_pages
from bedside.web.board_pages import board_pages
from bedside.web.board_queue import board_queue
from bedside.web.cohort_pages import cohort_pages
from bedside.web.consent_pages import consent_pages
from bedside.web.cost_pages import cost_pages
from bedside.web.coverage_pages import coverage_pages
from bedside.web.cross_origin import CrossOrigin
from bedside.web.disclosure_pages import disclosure_pages
from bedside.web.draft_pages import draft_pages
from bedside.web.economics_pages import economics_pages
from bedside.web.econsult_pages import econsult_pages
from bedside.web.econsult_queue import econsult_queue
from bedside.web.emergency_pages import emergency_pages
from bedside.web.equity_pages import equity_pages
from bedside.web.errors import explain
from bedside.web.executive_pages import executive_pages
from bedside.web.feature_pages import feature_pages
from bedside.web.fhir_routes import FOLDERS, fhir_routes
from bedside.web.funnel_pages import funnel_pages
from bedside.web.genome_pages import genome_pages
from bedside.web.governance_pages import governance_pages
from bedside.web.guard import guard, public
from bedside.web.headers import SecurityHeaders, SizeLimit, dress
from bedside.web.impact_pages import impact_pages
from bedside.web.laboratory_pages import laboratory_pages
from bedside.web.launch_pages import launch_pages
from bedside.web.letter_pages import letter_pages
from bedside.web.measure_pages import measure_pages
from bedside.web.nicu_pages import nicu_pages
from bedside.web.openapi import openapi_routes
from bedside.web.order_pages import order_pages
from bedside.web.pages import pages
from bedside.web.pathway_pages import pathway_pages
from bedside.web.prescribe_pages import prescribe_pages
from bedside.web.programme_pages import programme_pages
from bedside.web.ranking_pages import ranking_pages
from bedside.web.reanalysis_pages import reanalysis_pages
from bedside.web.refusals import refused
from bedside.web.render import STATIC
from bedside.web.result_pages import result_pages
from bedside.web.safety_pages import safety_pages
from bedside.web.sign_in import sign_in_pages
from bedside.web.site import Site
from bedside.web.site_desk import site_desk
from bedside.web.site_pages import site_pages
from bedside.web.smart import smart_routes
from bedside.web.smart_app import smart_app_pages
from bedside.web.study_pages import study_pages
from bedside.web.undiagnosed_pages import undiagnosed_pages

MACHINES = (
    *("/cds-services", "/order-set-filter", *FOLDERS, "/auth/token", "/.well-known"),
    *("/sites/inbox", "/sites/outbox"),
)
"""Addresses whose callers read an OperationOutcome and not a page."""

PROGRAMME = (
    funnel_pages,
    measure_pages,
    equity_pages,
    economics_pages,
    programme_pages,
    safety_pages,
    governance_pages,
    executive_pages,
    alert_pages,
    study_pages,
    laboratory_pages,
)
"""The pages of running the programme; a new one stands here."""

_log = logging.getLogger("bedside.web")


def create_app(house: House, gate: Gate | None = None) -> Starlette:
    """Everything that is served, over one opened house. gate: who may come in, as the settings say without
    it.
    """
    gate = gate or Gate(house.settings)
    site = Site(house, gate)
    fhir = fhir_routes(house, gate)
    routes: list[BaseRoute] = [
        *pages(site),
        *prescribe_pages(site),
        *cost_pages(site),
        *coverage_pages(site),
        *authorisation_pages(site),
        *order_pages(site),
        *result_pages(site),
        *genome_pages(site),
        *consent_pages(site),
        *cohort_pages(site),
        *reanalysis_pages(site),
        *ranking_pages(site),
        *impact_pages(site),
        *letter_pages(site),
        *disclosure_pages(site),
        *draft_pages(site),
        *board_queue(site),
        *board_pages(site),
        *econsult_pages(site),
        *econsult_queue(site),
        *pathway_pages(site),
        *nicu_pages(site),
        *feature_pages(site),
        *undiagnosed_pages(site),
        *(route for pages_of in PROGRAMME for route in pages_of(site)),
        *site_pages(site),
        *sign_in_pages(site),
        *emergency_pages(site),
        *launch_pages(site),
        *cds_hooks.routes(house, gate),
        *order_set.routes(house, gate),
        *smart_routes(house, gate, fhir),
        *smart_app_pages(site, fhir),
        *fhir,
        *site_desk(house),
        Route("/healthz", public("says only whether the ledger can be read", _healthz(house))),
        Mount("/static", public("style and script of the pages; of nobody", StaticFiles(directory=STATIC))),
    ]
    routes += openapi_routes(cds_hooks.desk(house, gate), routes)
    failed = _failed(site)
    return Starlette(
        routes=guard(site, routes),
        middleware=[
            Middleware(SecurityHeaders, settings=house.settings),
            Middleware(CrossOrigin, settings=house.settings),
            Middleware(SizeLimit),
        ],
        exception_handlers={HTTPException: failed, BedsideError: failed, Exception: failed},
    )


def _failed(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The page, or for machines the OperationOutcome, that says what went wrong. The log gets the kind of
    failure and the route, never a value.
    """

    async def failed(request: Request, error: Exception) -> Response:
        status, title, told = explain(error)
        await refused(site.house, site.gate, request, error)
        if status >= 500:
            route = request.scope.get("route")
            _log.error("%s at %s", type(error).__name__, getattr(route, "path", "an unknown address"))
        if request.scope["path"].startswith(MACHINES):
            return dress(cds_hooks.refusal(error), site.house.settings)
        page = await run_in_threadpool(
            site.send,
            request,
            "error.html",
            status=status,
            title=title,
            emergency=status == 403,
            explanation=told,
            sign_in=f"/sign-in?next={quote(request.scope['path'])}" if status == 401 else "",
        )
        return dress(page, site.house.settings)

    return failed


def _healthz(house: House) -> Callable[[Request], Response]:
    def healthz(request: Request) -> Response:
        """Whether the ledger can be read; `StoreError` otherwise becomes 503."""
        house.ledger.checkpoint()
        return PlainTextResponse("ok\n")

    return healthz
