"""The token endpoint: a program asks for itself (Backend Services), or an app brings its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import SmartClient
from bedside.service.app_launch import APP_SECONDS, redeem
from bedside.service.authorise import Gate, NotIdentified
from bedside.service.grants import ACCESS_SECONDS
from bedside.service.house import House
from bedside.service.principal import Principal
from bedside.service.scopes import Context, ScopeError, grant
from bedside.service.token_refused import TokenRefused

ASKED_AT = "/auth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Given:
    """A token, how long it lives, its scopes, and the person it is about, if it is about one."""

    token: str
    seconds: int
    scope: str
    person: str | None = None


def give_token(house: House, gate: Gate, form: Mapping[str, str], kinds: frozenset[str]) -> Given:
    """A token; that it was given is on disk before this returns.

    kinds: the types of resource served here. Raises `TokenRefused`, `AuditUnavailable`.
    """
    match form.get("grant_type"):
        case "client_credentials":
            return _for_itself(house, gate, form, kinds)
        case "authorization_code":
            return _for_a_code(house, gate, form)
    raise TokenRefused("unsupported_grant_type", "grant_type is client_credentials or authorization_code")


def _for_itself(house: House, gate: Gate, form: Mapping[str, str], kinds: frozenset[str]) -> Given:
    now = house.clock()
    client = _proved(house, gate, form)
    try:
        system = frozenset({Context.SYSTEM})
        scopes = grant(form.get("scope", "").split(), client.scopes, system, kinds)
    except ScopeError as error:
        raise TokenRefused("invalid_scope", "; ".join(str(one) for one in error.problems)) from error
    said = " ".join(map(str, scopes))
    seen = {"page": "token", "asked": said}
    house.audit.append([NewEvent(EventKind.ACCESSED, client.name, now, None, seen)])
    principal = Principal(client.name, client.permissions, scopes=scopes)
    return Given(gate.grants.issue(principal, now), ACCESS_SECONDS, said)


def _for_a_code(house: House, gate: Gate, form: Mapping[str, str]) -> Given:
    named = gate.access.clients.get(form.get("client_id", ""))
    public = named is not None and not named.keys
    client = named if public and named is not None else _proved(house, gate, form)
    token, allowed = redeem(house, gate, form, client)
    people = allowed.principal.people
    person = next(iter(people)) if allowed.asked.wants_person and people else None
    return Given(token, APP_SECONDS, allowed.asked.scope, person)


def _proved(house: House, gate: Gate, form: Mapping[str, str]) -> SmartClient:
    """The client that signed the assertion; raises `TokenRefused`."""
    if form.get("client_assertion_type") != ASSERTION:
        raise TokenRefused("invalid_client", f"client_assertion_type is {ASSERTION}")
    try:
        return gate.client(form.get("client_assertion", ""), ASKED_AT, house.clock())
    except NotIdentified as error:
        raise TokenRefused("invalid_client", str(error)) from error
