"""SMART Backend Services: a registered program asks for itself with what it signed; it gets a short token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.errors import BedsideError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.authorise import Gate, NotIdentified
from bedside.service.grants import ACCESS_SECONDS
from bedside.service.house import House
from bedside.service.principal import Principal
from bedside.service.scopes import Context, ScopeError, grant

ASKED_AT = "/auth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenRefused(BedsideError):
    """No token is given. code: the word of OAuth for it; the message says why, and nothing of the request."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Given:
    """A token, how long it lives, and its scopes."""

    token: str
    seconds: int
    scope: str


def give_token(house: House, gate: Gate, form: Mapping[str, str], kinds: frozenset[str]) -> Given:
    """A token for a program's own use; that it was given is on disk before this returns.

    kinds: the types of resource served here. Raises `TokenRefused`, `AuditUnavailable`.
    """
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type is client_credentials")
    if form.get("client_assertion_type") != ASSERTION:
        raise TokenRefused("invalid_client", f"client_assertion_type is {ASSERTION}")
    now = house.clock()
    try:
        client = gate.client(form.get("client_assertion", ""), ASKED_AT, now)
    except NotIdentified as error:
        raise TokenRefused("invalid_client", str(error)) from error
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
