"""Every route × nobody, each permission, each role, scopes, right and foreign person: from the route table.

A route that says nothing of who may pass stops the server, so that none can be missing here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route

from bedside.genome.event import EventKind
from bedside.knowledge.roles import load_roles
from bedside.service.access import Access, Permission, TokenHolder, token_digest
from bedside.service.authorise import Gate
from bedside.service.fhir_record import FhirIds
from bedside.service.house import House
from bedside.service.principal import Principal
from bedside.service.record_ids import record_ids
from bedside.service.scopes import parse_scope
from bedside.web.app import create_app
from bedside.web.guard import Unguarded, guard, permission_of, reason_of, unguarded
from tests.made_up_record import AMARA, INGRID, NOW, open_record

EVERY = frozenset(Permission)
FHIR = ("/fhir", "/subject-operations", "/population-operations")
LIMITED = "limited to Ingrid"
AMARAS = ("Okafor", "100-24")
PUBLIC = {
    "/about", "/sign-in", "/sign-out", "/healthz", "/static", "/auth/token", "/auth/authorize",
    "/launch", "/launch/standalone", "/launch/callback",
    "/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration",
}  # fmt: skip
"""What is open to everybody. A route that joins them is looked at by a person, who writes it here."""


@dataclass
class Served:
    """The application, its routes, and tokens of everybody the matrix asks as."""

    house: House
    gate: Gate
    app: Any
    smart: dict[str, str] = field(default_factory=dict)

    @property
    def routes(self) -> list[Route]:
        """Every route that needs a permission."""
        return [one for one in self.app.routes if isinstance(one, Route) and not reason_of(one)]


def holders() -> Iterator[TokenHolder]:
    """Somebody of each permission alone, of each role, without each permission, of all; limited to one."""
    for one in Permission:
        yield TokenHolder(f"only {one.value}", "", frozenset({one}))
        yield TokenHolder(f"without {one.value}", "", EVERY - {one})
    for name, words in load_roles().items():
        yield TokenHolder(f"role {name}", "", frozenset(map(Permission, words)))
    yield TokenHolder("all", "", EVERY)
    yield TokenHolder(LIMITED, "", EVERY - {Permission.BREAK_GLASS}, frozenset({INGRID}))


def serve(folder: Path) -> Served:
    """The made-up record with an access file in which everybody's token is their name."""
    house = open_record(folder)
    tokens = {token_digest(one.name): one for one in holders()}
    gate = Gate(house.settings, Access(tokens=tokens))
    return Served(house, gate, create_app(house, gate))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = serve(tmp_path_factory.mktemp("matrix"))
    yield made
    made.house.close()


@dataclass(frozen=True)
class Ask:
    """One request of the matrix."""

    route: Route
    method: str
    who: str
    address: str
    more: dict[str, Any] = field(default_factory=dict)
    csrf: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.route.path} as {self.who or 'nobody'}"


def answers(served: Served, asks: Sequence[Ask]) -> list[httpx.Response]:
    """The answer to each, from one browser that has a session and its form token."""

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(served.app, raise_app_exceptions=False)
        several = asyncio.Semaphore(48)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            shown = (await client.get("/about")).text + (await client.get("/sign-in")).text
            token = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown)
            assert token

            async def one(ask: Ask) -> httpx.Response:
                more = dict(ask.more)
                if ask.csrf:
                    more["data"] = {"csrf": token[1], **more.get("data", {})}
                headers = {"authorization": f"Bearer {ask.who}"} if ask.who else {}
                headers |= more.pop("headers", {})
                async with several:
                    return await client.request(ask.method, ask.address, headers=headers, **more)

            return list(await asyncio.gather(*map(one, asks)))

    return asyncio.run(go())


def methods(route: Route, every: bool = False) -> list[str]:
    """The methods of a route; one of those that only say why nothing is taken, unless every one is asked."""
    found = sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
    return found if every or route.name not in ("refused", "unknown") else found[:1]


def is_alias(route: Route) -> bool:
    """Whether an operation is also served under a shorter address, by the same code."""
    return route.name.startswith("$find-") and route.path.count("/") > 2


def is_page(route: Route) -> bool:
    return not getattr(route.endpoint, "guards_itself", False)


def filled(served: Served, route: BaseRoute, person: str) -> str:
    """The address of a route about a person."""
    records = record_ids(served.house.ledger)
    assert records is not None
    path, ids = str(getattr(route, "path", "")), FhirIds(records)
    own = ids.patient(person) if path.startswith("/fhir/Patient/") else ids.resource(person, "x")
    known = {"record_id": records.of(person), "id": own, "service": "bedside-pgx-patient-view"}
    known |= {"number:int": "1", "rest:path": "nothing", "version": "1"}
    return re.sub(r"{([^}]+)}", lambda name: known.get(name[1], "unknown"), path)


def asked_of(
    served: Served, who: Iterable[str], routes: Iterable[Route] | None = None, every: bool = False
) -> list[Ask]:
    """Every route, about Ingrid."""
    return [
        Ask(route, method, one, filled(served, route, INGRID), csrf=is_page(route) and method == "POST")
        for route in (routes if routes is not None else served.routes)
        for method in methods(route, every)
        for one in who
    ]


def wrong(asks: Sequence[Ask], found: Sequence[httpx.Response], fine: Any) -> list[str]:
    """The requests that were answered otherwise than they should be."""
    return [
        f"{ask}: {answer.status_code}"
        for ask, answer in zip(asks, found, strict=True)
        if not fine(ask, answer.status_code)
    ]


def test_every_route_says_who_may_pass_and_what_is_open_is_written_here(served: Served) -> None:
    assert unguarded(served.app.routes) == []
    assert {str(getattr(one, "path", "")) for one in served.app.routes if reason_of(one)} == PUBLIC
    assert len(served.routes) > 100


@pytest.mark.parametrize("bare", [Route("/new", lambda _: PlainTextResponse("x")), Mount("/new", routes=[])])
def test_a_route_that_says_nothing_stops_the_server(
    served: Served, bare: BaseRoute, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unguarded([*served.app.routes, bare]) == ["/new"]
    monkeypatch.setattr("bedside.web.app.cohort_pages", lambda site: [bare])
    with pytest.raises(Unguarded, match="/new"):
        create_app(served.house, served.gate)


def test_guarding_is_not_only_said(served: Served) -> None:
    """A page that never asks is refused all the same: the guard stands before it."""

    def forgets(request: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    from bedside.web.guard import needs
    from bedside.web.site import Site

    route = Route("/people/{record_id}/new", needs(Permission.GENOME, forgets))
    guard(Site(served.house, served.gate), [route])
    made = Served(served.house, served.gate, create_app(served.house, served.gate))
    made.app.router.routes.insert(0, route)
    foreign = filled(made, route, AMARA)
    asks = [
        *(Ask(route, "GET", who, filled(made, route, INGRID)) for who in ("", "only chart", "only genome")),
        *(Ask(route, "GET", who, foreign) for who in (LIMITED, "all")),
    ]
    assert [one.status_code for one in answers(made, asks)] == [401, 403, 200, 403, 200]


def test_nobody_and_a_made_up_token_pass_no_route(served: Served) -> None:
    asks = asked_of(served, ["", "made-up"], every=True)
    assert wrong(asks, answers(served, asks), lambda _, status: status == 401) == []


def test_every_permission_but_the_one_that_is_needed_opens_no_route(served: Served) -> None:
    asks = [
        ask
        for route in served.routes
        for ask in asked_of(served, [f"without {needed(route).value}"], [route], every=True)
    ]
    assert wrong(asks, answers(served, asks), lambda _, status: status == 403) == []


def needed(route: Route) -> Permission:
    found = permission_of(route)
    assert found is not None
    return found


FURTHER = {"/auth/approve/{pending}"}
"""Pages that need a second permission for what they show."""


def test_the_permission_that_is_needed_opens_its_route(served: Served) -> None:
    asks = [
        ask
        for route in served.routes
        if "GET" in methods(route) and route.path not in FURTHER and route.name != "refused"
        for ask in asked_of(served, [f"only {needed(route).value}"], [route])
        if ask.method == "GET"
    ]
    assert wrong(asks, answers(served, asks), lambda _, status: status not in (401, 403)) == []


def test_a_role_passes_the_routes_of_its_permissions_only(served: Served) -> None:
    roles = {f"role {name}": frozenset(map(Permission, words)) for name, words in load_roles().items()}
    routes = [route for route in served.routes if not is_alias(route)]
    asks = [ask for ask in asked_of(served, roles, routes) if needed(ask.route) not in roles[ask.who]]
    assert wrong(asks, answers(served, asks), lambda _, status: status == 403) == []


def test_a_smart_token_passes_what_its_scopes_cover_and_no_page(served: Served) -> None:
    """Everything is granted to the client, so that only scopes and acts decide."""
    held = {
        "patient/Observation.rs": (
            r"Observation\.(read|search|vread|history|history-type)|\$find-.*",
            INGRID,
        ),
        "patient/Task.s": (r"Task\.(search|history-type)", INGRID),
        "system/Condition.cu": (r"Condition\.(create|update)", None),
        "system/Patient.d": (r"(?!)", None),
    }
    for text, (pattern, person) in held.items():
        people = None if person is None else frozenset({person})
        principal = Principal("app", EVERY, people, (parse_scope(text),))
        token = served.gate.grants.issue(principal, NOW)
        asks = [ask for ask in asked_of(served, [token]) if not is_alias(ask.route)]

        def fine(ask: Ask, status: int, pattern: str = pattern) -> bool:
            name = ask.route.name if ask.route.path.startswith(FHIR) else "page"
            covered = name in ("metadata", "unknown") or re.fullmatch(pattern, name) is not None
            return (status not in (401, 403)) if covered else status == 403

        assert wrong(asks, answers(served, asks), fine) == [], text


def carriers(served: Served, route: Route, method: str, whose: str) -> Iterator[dict[str, Any]]:
    """The ways in which a request to this route can name somebody besides its path."""
    records = record_ids(served.house.ledger)
    assert records is not None
    patient, name = FhirIds(records).patient(whose), route.name
    if is_page(route):
        if method == "POST":
            yield {"data": {"patient": whose, "person": records.of(whose), "number": whose, "reason": "x"}}
        return
    if not route.path.startswith(FHIR):
        yield _json(_hook(whose))
        yield _json({"patientId": whose, "person": whose, "orderSet": "after-pci"})
    for said in (whose, f"Patient/{patient}"):
        if name.startswith("$find-") and route.path.count("/") == 2:
            more = {"subject": said, "ranges": "NC_000001.11:1-2", "genes": "CYP2C19"}
            for given in ({"subject": said}, {n: more[n] for n in ("subject", "ranges")}):
                yield {"params": given} if method == "GET" else {"data": given}
            if method == "POST":
                parameters = [{"name": "subject", "valueString": said}]
                yield _json({"resourceType": "Parameters", "parameter": parameters})
        elif name.endswith(".search"):
            for key in ("patient", "subject"):
                yield {"params": {key: said}} if method == "GET" else {"data": {key: said}}
        elif name.startswith("$export") or name.endswith("$export"):
            prefer = {"prefer": "respond-async"}
            yield {"params": {"patient": said, "_type": "Patient"}, "headers": prefer}
        elif method in ("POST", "PUT"):
            resource = {"resourceType": "Condition", "subject": {"reference": said}}
            yield _json(resource)
            entries = [{"resource": resource, "request": {"method": "POST", "url": "Condition"}}]
            entries.append({"request": {"method": "GET", "url": f"Patient/{patient}"}})
            for kind in ("transaction", "batch"):
                yield _json({"resourceType": "Bundle", "type": kind, "entry": entries})


def _hook(whose: str) -> dict[str, Any]:
    context = {"userId": "Practitioner/1", "patientId": whose}
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context,
    }


def _json(body: object) -> dict[str, Any]:
    return {"content": json.dumps(body), "headers": {"content-type": "application/fhir+json"}}


def test_who_may_open_one_record_reaches_no_other_through_path_query_form_body_or_hook(
    served: Served,
) -> None:
    app = served.gate.grants.issue(
        Principal("app", EVERY, frozenset({INGRID}), (parse_scope("patient/*.cruds"),)), NOW
    )
    before = served.house.ledger.checkpoint().sequence
    asks = []
    for who in (LIMITED, app):
        for route in served.routes:
            if who == app and is_page(route):
                continue
            for method in methods(route):
                own, foreign = (filled(served, route, one) for one in (INGRID, AMARA))
                csrf = is_page(route) and method == "POST"
                asks.append(Ask(route, method, who, foreign, csrf=csrf))
                asks += [
                    Ask(route, method, who, own, more, csrf and "content" not in more)
                    for more in carriers(served, route, method, AMARA)
                ]
    found = answers(served, asks)
    told = [
        f"{ask}: {answer.status_code} {ask.more}"
        for ask, answer in zip(asks, found, strict=True)
        if any(word in answer.text for word in AMARAS)
    ]
    assert told == []
    passed = [
        str(ask)
        for ask, answer in zip(asks, found, strict=True)
        if not ask.more and ask.address != filled(served, ask.route, INGRID) and answer.status_code < 400
    ]
    assert passed == []
    written = [
        (one.kind.value, one.actor)
        for one in served.house.ledger.events(after=before)
        if one.person == AMARA and one.kind is not EventKind.ACCESS_REFUSED
    ]
    assert written == []
    known = served.house.ledger.person(AMARA)
    assert known is not None
    assert known.family == "Okafor"


def test_the_same_requests_about_the_own_record_are_answered(served: Served) -> None:
    """So that the test above can fail: what is refused of Amara is given of Ingrid."""
    paths = ("/people/{record_id}", "/people/{record_id}/genome", "/fhir/AuditEvent")
    asks = [
        Ask(route, "GET", LIMITED, filled(served, route, INGRID), {"params": {"patient": INGRID}})
        for route in served.routes
        if route.path in paths and "GET" in methods(route)
    ]
    found = answers(served, asks)
    assert [one.status_code for one in found] == [200] * 3
    found.sort(key=lambda one: one.headers["content-type"], reverse=True)
    assert all("Holm" in one.text for one in found[:2])


UNRECORDED = {Permission.DISCOVERY}
"""What says nothing of anybody is not recorded."""


def test_no_route_answers_when_the_access_cannot_be_recorded(tmp_path: Path) -> None:
    made = serve(tmp_path)
    before = made.house.ledger.checkpoint().sequence
    made.house.audit.close()
    asks = []
    for ask in asked_of(made, ["all"]):
        if needed(ask.route) in UNRECORDED or is_alias(ask.route):
            continue
        asks.append(ask)
        extra = list(carriers(made, ask.route, ask.method, INGRID))
        asks += [
            Ask(ask.route, ask.method, ask.who, ask.address, more, ask.csrf and "content" not in more)
            for more in extra
        ]
    found = answers(made, asks)
    assert wrong(asks, found, lambda _, status: status >= 400) == []
    shown = {"/", "/people/{record_id}", "/tasks", "/knowledge", "/people/{record_id}/genome", "/cohort"}
    shown |= {"/fhir/Observation", "/fhir/AuditEvent", "/fhir/$find-subject-variants"}
    shown |= {"/emergency/reviews", "/people/{record_id}/apps"}
    unavailable = {
        ask.route.path for ask, answer in zip(asks, found, strict=True) if answer.status_code == 503
    }
    assert shown <= unavailable
    assert made.house.ledger.checkpoint().sequence == before
    made.house.close()
