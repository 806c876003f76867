"""SMART App Launch: an app asks, somebody signed in allows it, for one person where it asks for one.

Everything here lives in memory: a request for ten minutes, a launch for five, a code for one; each once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace

from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import Permission, SmartClient
from bedside.service.authorise import Gate, authorise
from bedside.service.house import House
from bedside.service.launches import LAUNCH, LAUNCH_PATIENT, Allowed, Launch, Pending
from bedside.service.principal import Principal
from bedside.service.scopes import Context, ScopeError, grant
from bedside.service.token_refused import TokenRefused

AUTHORIZE = "/auth/authorize"
PENDING_SECONDS, LAUNCH_SECONDS, CODE_SECONDS = 600, 300, 60
APP_SECONDS = 3600
LONGEST = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Redirected(TokenRefused):
    """A refusal that is told to the app at its own address."""

    def __init__(self, code: str, why: str, redirect: str, state: str) -> None:
        self.redirect, self.state = redirect, state
        super().__init__(code, why)


def ask(house: House, gate: Gate, asked: Mapping[str, str], kinds: frozenset[str]) -> str:
    """Take an app's request; the secret under which it waits. Raises `TokenRefused` where the app or its
    address is not known, `Redirected` for everything else."""
    client = gate.access.clients.get(asked.get("client_id", ""))
    redirect = asked.get("redirect_uri", "")
    if client is None or redirect not in client.redirects:
        raise TokenRefused("invalid_request", "this app, or where it returns to, is not registered")
    state = asked.get("state", "")
    try:
        pending = _read(house, gate, client, asked, kinds)
    except ScopeError as error:
        why = "; ".join(str(one) for one in error.problems)
        raise Redirected("invalid_scope", why, redirect, state) from error
    except TokenRefused as error:
        raise Redirected(error.code, str(error), redirect, state) from error
    return gate.launches.pending.put(pending, house.clock(), PENDING_SECONDS)


def _read(
    house: House, gate: Gate, client: SmartClient, asked: Mapping[str, str], kinds: frozenset[str]
) -> Pending:
    if any(len(value) > LONGEST for value in asked.values()):
        raise TokenRefused("invalid_request", "a parameter is too long")
    if asked.get("response_type") != "code":
        raise TokenRefused("unsupported_response_type", "response_type is code")
    if not asked.get("state"):
        raise TokenRefused("invalid_request", "state is needed")
    if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
        asked.get("code_challenge", "")
    ):
        raise TokenRefused("invalid_request", "PKCE with code_challenge_method S256 is needed")
    if asked.get("aud", "").rstrip("/") != gate.address("/fhir"):
        raise TokenRefused("invalid_request", "aud is the address of this FHIR server")
    words = asked.get("scope", "").split()
    context = tuple(one for one in (LAUNCH, LAUNCH_PATIENT) if one in words)
    resources = [one for one in words if one not in context]
    allowed = frozenset({Context.PATIENT, Context.USER})
    scopes = grant(resources, client.scopes, allowed, kinds)
    pending = Pending(client, asked["redirect_uri"], asked["state"], asked["code_challenge"], scopes, context)
    if LAUNCH not in context:
        if asked.get("launch"):
            raise TokenRefused("invalid_scope", "a launch needs the scope launch")
        return pending
    launch = gate.launches.launches.take(asked.get("launch", ""), house.clock())
    if launch is None or launch.client != client.issuer:
        raise TokenRefused("invalid_request", "this launch is not known, was used, or is over")
    return replace(pending, person=launch.person)


def allow(house: House, gate: Gate, asked: Pending, user: Principal, person: str | None) -> str:
    """The code for an app that somebody allows; that they did is on disk before this returns. Raises
    `Refused` when they may not give it, `RequestError` when a person must be chosen."""
    chosen = asked.person or person
    if asked.wants_person and chosen is None:
        raise RequestError.one("person", "is needed", remedy="choose the person that the app is about")
    about = chosen if asked.wants_person else None
    authorise(user, Permission.FHIR, about)
    people = user.people if about is None else frozenset({about})
    principal = Principal(
        f"{user.name} with {asked.client.name}",
        asked.client.permissions & user.permissions,
        people,
        asked.scopes,
    )
    now, seen = house.clock(), {"page": "app", "asked": asked.scope, "client": asked.client.name}
    house.audit.append([NewEvent(EventKind.ACCESSED, user.name, now, about, seen)])
    return gate.launches.codes.put(Allowed(asked, principal), now, CODE_SECONDS)


def launch_app(house: House, gate: Gate, client: SmartClient, user: Principal, person: str) -> str:
    """The launch of an app from a person's chart; on disk before this returns."""
    authorise(user, Permission.FHIR, person)
    now, seen = house.clock(), {"page": "app", "asked": "launch", "client": client.name}
    house.audit.append([NewEvent(EventKind.ACCESSED, user.name, now, person, seen)])
    return gate.launches.launches.put(Launch(client.issuer, person, user.name), now, LAUNCH_SECONDS)


def redeem(house: House, gate: Gate, form: Mapping[str, str], client: SmartClient) -> tuple[str, Allowed]:
    """The token that a code gives, once; raises `TokenRefused`. A code that comes again ends its token."""
    now, code = house.clock(), form.get("code", "")
    earlier = gate.launches.spent.take(code, now)
    if earlier is not None:
        gate.grants.end(earlier, now)
    allowed = gate.launches.codes.take(code, now)
    if allowed is None or allowed.asked.client.issuer != client.issuer:
        raise TokenRefused("invalid_grant", "the code is not known, was used, or is over")
    if form.get("redirect_uri") != allowed.asked.redirect:
        raise TokenRefused("invalid_grant", "redirect_uri differs from the one the code was given for")
    verifier = form.get("code_verifier", "")
    if not _VERIFIER.fullmatch(verifier) or not _proves(verifier, allowed.asked.challenge):
        raise TokenRefused("invalid_grant", "code_verifier does not fit")
    people = allowed.principal.people
    person = next(iter(people)) if allowed.asked.wants_person and people else None
    seen = {"page": "token", "asked": allowed.asked.scope}
    house.audit.append([NewEvent(EventKind.ACCESSED, allowed.principal.name, now, person, seen)])
    token = gate.grants.issue(allowed.principal, now, APP_SECONDS)
    gate.launches.spent.put(token, now, APP_SECONDS, code)
    return token, allowed


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _proves(verifier: str, challenge: str) -> bool:
    return hmac.compare_digest(challenge_of(verifier), challenge)
