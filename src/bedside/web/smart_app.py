"""SMART App Launch: where an app asks, where somebody allows it, and where it is opened from a chart."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bedside.errors import InputError
from bedside.service.access import Permission
from bedside.service.app_launch import AUTHORIZE, Redirected, allow, ask, launch_app
from bedside.service.launches import Pending
from bedside.service.people import Search, find_people
from bedside.service.principal import Principal
from bedside.service.show_chart import header
from bedside.service.token_refused import TokenRefused
from bedside.web.errors import problems_told
from bedside.web.guard import needs, public
from bedside.web.headers import content_security_policy
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

OVER = "This request of an app is over. Open the app again."


def smart_app_pages(site: Site, fhir: Iterable[BaseRoute]) -> list[Route]:
    """The routes; fhir: those whose types of resource scopes may name."""
    kinds = kinds_of(fhir)

    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params if request.method == "GET" else await request.form(max_files=0))
        texts = {name: value for name, value in asked.items() if isinstance(value, str)}
        return await run_in_threadpool(_ask, site, texts, kinds)

    why = "keeps what an app asks for and shows nothing; who allows it must be signed in"
    return [
        Route(AUTHORIZE, public(why, authorize), methods=["GET", "POST"]),
        Route(
            "/auth/approve/{pending}",
            needs(Permission.FHIR, posted(site, _approve)),
            methods=["GET", "POST"],
        ),
        Route(
            "/people/{record_id}/apps",
            needs(Permission.FHIR, posted(site, _apps)),
            methods=["GET", "POST"],
        ),
    ]


def kinds_of(fhir: Iterable[BaseRoute]) -> frozenset[str]:
    """The types of resource that routes serve."""
    labels = [route.name for route in fhir if isinstance(route, Route)]
    return frozenset(label.partition(".")[0] for label in labels if label[:1].isupper() and "." in label)


def _ask(site: Site, asked: dict[str, str], kinds: frozenset[str]) -> Response:
    try:
        pending = ask(site.house, site.gate, asked, kinds)
    except Redirected as error:
        told = {"error": error.code, "error_description": str(error), "state": error.state}
        return _back(error.redirect, told)
    except TokenRefused as error:
        raise HTTPException(400) from error
    return RedirectResponse(f"/auth/approve/{pending}", 303)


def _back(redirect: str, told: dict[str, str]) -> Response:
    joined = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{joined}{urlencode(told)}", 303)


def _approve(site: Site, request: Request, form: FormData) -> Response:
    principal = site.principal(request)
    secret, now = request.path_params["pending"], site.house.clock()
    asked = site.gate.launches.pending.peek(secret, now)
    if asked is None:
        raise HTTPException(404)
    answer, problem = said(form, "answer"), ""
    if answer == "deny":
        site.gate.launches.pending.take(secret, now)
        return _back(asked.redirect, {"error": "access_denied", "state": asked.state})
    if answer == "allow":
        try:
            code = allow(site.house, site.gate, asked, principal, _chosen(site, form))
        except InputError as error:
            problem = problems_told(error)
        else:
            site.gate.launches.pending.take(secret, now)
            return _back(asked.redirect, {"code": code, "state": asked.state})
    return _page(site, request, form, asked, principal, problem)


def _chosen(site: Site, form: FormData) -> str | None:
    ids = site.ids()
    return None if ids is None else ids.person(said(form, "person", 400))


def _page(
    site: Site, request: Request, form: FormData, asked: Pending, principal: Principal, problem: str
) -> Response:
    person, found, ids = None, None, site.ids()
    if asked.person is not None and ids is not None:
        known = site.house.ledger.person(asked.person)
        site.authorise(request, Permission.FHIR, asked.person)
        person = header(known, asked.person, ids.of(asked.person))
    elif asked.wants_person:
        site.authorise(request, Permission.PEOPLE)
        search = Search(said(form, "text"))
        found = find_people(site.house, site.rules, ids, search, principal.people)
    response = site.send(
        request,
        "approve.html",
        status=422 if problem else 200,
        app=asked.client.name,
        scopes=asked.scope.split(),
        back=urlsplit(asked.redirect).netloc,
        person=person,
        found=found,
        problem=problem,
        here_at=request.url.path,
    )
    return _may_go_to(site, response, [asked.redirect])


def _may_go_to(site: Site, response: Response, addresses: Iterable[str]) -> Response:
    """The page, whose form may lead to these addresses as well as to this site."""
    origins = sorted({f"{urlsplit(one).scheme}://{urlsplit(one).netloc}" for one in addresses})
    policy = content_security_policy(site.house.settings)
    own = "form-action 'self'"
    response.headers["content-security-policy"] = policy.replace(own, " ".join([own, *origins]))
    return response


def _apps(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.FHIR, person)
    apps = {one.issuer: one for one in site.gate.access.clients.values() if one.launch_url}
    if request.method == "POST":
        client = apps.get(said(form, "app", 200))
        if client is None:
            raise HTTPException(404)
        launch = launch_app(site.house, site.gate, client, principal, person)
        return _back(client.launch_url, {"iss": site.gate.address("/fhir"), "launch": launch})
    about = header(site.house.ledger.person(person), person, request.path_params["record_id"])
    response = site.send(request, "apps.html", person=about, apps=apps)
    return _may_go_to(site, response, [one.launch_url for one in apps.values()])
