"""Bedside as an app that an EHR opens: the EHR says who signed in and whose chart is open; that chart opens
here and no other.

Only EHRs of the access file are asked, at their own hosts. Nothing that a browser brings is believed: it can
only say which EHR, and bring back the state that this session was given.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt

from bedside.errors import Refused
from bedside.exchange.ehr_http import EhrUnavailable, get_json, may_ask
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Identifier
from bedside.service.access import LaunchingEhr, Permission
from bedside.service.app_launch import challenge_of
from bedside.service.authorise import Gate
from bedside.service.give_token import ASSERTION
from bedside.service.house import House
from bedside.service.launches import Departure
from bedside.service.principal import Principal

CALLBACK = "/launch/callback"
DEPARTED_SECONDS = 600
ID_TOKEN_ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
STANDALONE = "launch/patient"
_CLAIMS = ("iss", "sub", "aud", "exp", "nonce")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who came from an EHR: the token of their session, how long it lives, and whose chart."""

    token: str
    person: str


class NobodyHere(Refused):
    """The patient of the EHR has no record here, or more than one."""


def depart(house: House, gate: Gate, iss: str, launch: str, session: str) -> str:
    """The address at the EHR where somebody signs in. launch: as the EHR gave it, "" when it did not open us.

    Raises `Refused` for an EHR that is not in the access file, `EhrUnavailable`.
    """
    ehr = gate.access.launchers.get(iss.rstrip("/"))
    if ehr is None:
        raise Refused("this EHR is not one that this site is opened from")
    told = get_json(f"{ehr.iss}/.well-known/smart-configuration", ehr.hosts)
    authorize, token_url = str(told.get("authorization_endpoint", "")), str(told.get("token_endpoint", ""))
    if not may_ask(authorize, ehr.hosts) or not may_ask(token_url, ehr.hosts):
        raise EhrUnavailable("the EHR names an address that the access file does not")
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    leaving = Departure(ehr, verifier, nonce, token_url, session)
    state = gate.launches.departures.put(leaving, house.clock(), DEPARTED_SECONDS)
    opened = ("launch", launch) if launch else None
    asked = [
        ("response_type", "code"),
        ("client_id", ehr.client_id),
        ("redirect_uri", gate.address(CALLBACK)),
        ("scope", f"{'launch' if launch else STANDALONE} {ehr.scope}"),
        ("state", state),
        ("aud", ehr.iss),
        ("nonce", nonce),
        ("code_challenge", challenge_of(verifier)),
        ("code_challenge_method", "S256"),
        *([opened] if opened else []),
    ]
    return f"{authorize}{'&' if urlsplit(authorize).query else '?'}{urlencode(asked)}"


def arrive(house: House, gate: Gate, state: str, code: str, session: str) -> Arrival:
    """Whoever comes back from the EHR, let into the one chart; on disk before this returns.

    Raises `Refused` when the state is not this session's, `NobodyHere`, `EhrUnavailable`.
    """
    now = house.clock()
    left = gate.launches.departures.take(state, now)
    if left is None or not secrets.compare_digest(left.session, session):
        raise Refused("this launch was not begun in this window, was used, or is over")
    if not code:
        raise Refused("the EHR did not let anybody in")
    given = _token(gate, left, code, now)
    patient = given.get("patient")
    if not isinstance(patient, str) or not patient:
        raise EhrUnavailable("the EHR named no patient")
    who = _who(left, given, now)
    person = _person(house, left.ehr, patient, str(given.get("access_token", "")))
    ehr = left.ehr
    granted = ehr.permissions - {Permission.BREAK_GLASS}
    principal = Principal(f"{who} at {ehr.name}", granted, frozenset({person}))
    seen = {"page": "launch", "asked": "opened from an EHR"}
    house.audit.append([NewEvent(EventKind.ACCESSED, principal.name, now, person, seen)])
    return Arrival(gate.grants.issue(principal, now, ehr.minutes * 60), person)


def _token(gate: Gate, left: Departure, code: str, now: datetime) -> Mapping[str, Any]:
    ehr = left.ehr
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": gate.address(CALLBACK),
        "client_id": ehr.client_id,
        "code_verifier": left.verifier,
    }
    if ehr.key:
        form |= {"client_assertion_type": ASSERTION, "client_assertion": _assertion(left, now)}
    return get_json(left.token_url, ehr.hosts, form=form)


def _assertion(left: Departure, now: datetime) -> str:
    """What proves that it is us."""
    ehr = left.ehr
    claims = {
        "iss": ehr.client_id,
        "sub": ehr.client_id,
        "aud": left.token_url,
        "exp": int((now + timedelta(minutes=4)).timestamp()),
        "jti": secrets.token_urlsafe(16),
    }
    key = jwt.PyJWK(dict(ehr.key), "ES384" if ehr.key["kty"] == "EC" else "RS384")
    return jwt.encode(claims, key.key, key.algorithm_name, headers={"kid": str(ehr.key.get("kid", ""))})


def _who(left: Departure, given: Mapping[str, Any], now: datetime) -> str:
    """Who signed in at the EHR: what its signed id token says. Raises `EhrUnavailable` without one."""
    ehr, text = left.ehr, given.get("id_token")
    if not isinstance(text, str):
        raise EhrUnavailable("the EHR did not say who signed in")
    try:
        header = jwt.get_unverified_header(text)
        key = ehr.keys[str(header.get("kid", ""))]
        if header.get("alg") not in ID_TOKEN_ALGORITHMS:
            raise EhrUnavailable("the EHR's id token is signed in a way that is not taken")
        claims = jwt.decode(
            text,
            jwt.PyJWK(dict(key), header["alg"]).key,
            algorithms=[header["alg"]],
            audience=ehr.client_id,
            issuer=ehr.issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "nonce"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
        over = float(claims["exp"]) + 60 < now.timestamp()
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise EhrUnavailable(f"the EHR's id token is not valid: {type(error).__name__}") from error
    if over or not secrets.compare_digest(str(claims["nonce"]), left.nonce):
        raise EhrUnavailable("the EHR's id token is over, or not for this launch")
    return str(claims.get("fhirUser") or claims["sub"])[:200]


def _person(house: House, ehr: LaunchingEhr, patient: str, token: str) -> str:
    """Whose record it is: by the EHR's own id where it is registered, else by what the Patient resource says;
    every number must lead to the same person. Raises `NobodyHere`."""
    own = house.ledger.find_person(Identifier(ehr.patient_system, patient))
    if own is not None:
        return own
    resource = get_json(f"{ehr.iss}/Patient/{quote(patient, safe='')}", ehr.hosts, token=token)
    listed = resource.get("identifier", [])
    numbers = [
        Identifier(one["system"], one["value"])
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str)
    ]
    found = {house.ledger.find_person(one) for one in numbers} - {None}
    if resource.get("id") != patient or len(found) != 1:
        raise NobodyHere("the patient who is open in the EHR has no record here, or not only one")
    return str(found.pop())
