"""Verifies what a trusted EHR or a SMART client signed: ES384 or RS384, for this address, now, once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import jwt

from bedside.errors import Refused
from bedside.service.access import Access, SmartClient, TrustedEhr

ALGORITHMS = {"ES384": "EC", "RS384": "RSA"}
"""The algorithms CDS Hooks recommends, by key type. No shared secrets, no `none`."""

MOST_REMEMBERED = 100_000


class SeenOnce:
    """Identifiers of requests already served, kept until they would have expired anyway."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def first_time(self, issuer: str, identifier: str, until: float, now: float) -> bool:
        """Whether this identifier was not seen before. Refuses everything while too many are remembered."""
        with self._lock:
            if len(self._until) >= MOST_REMEMBERED:
                self._until = {key: end for key, end in self._until.items() if end > now}
            if len(self._until) >= MOST_REMEMBERED or self._until.get((issuer, identifier), 0) > now:
                return False
            self._until[(issuer, identifier)] = until
            return True


class Signer(Protocol):
    """Whoever signs: an EHR, or a SMART client. The issuer is what its tokens must name."""

    @property
    def issuer(self) -> str:
        """Its `iss`."""

    @property
    def keys(self) -> Mapping[str, Mapping[str, Any]]:
        """Its public keys by key id."""

    @property
    def jku(self) -> str:
        """Where it says that its keys are, "" when it does not."""


S = TypeVar("S", bound=Signer)


def verify(token: str, access: Access, audience: str, now: datetime, seen: SeenOnce) -> TrustedEhr:
    """The EHR that signed the token. Raises Refused, which says which check failed and nothing of the
    token.
    """
    return _verified(token, access.ehrs, access, audience, now, seen, ("iss", "aud", "exp", "iat", "jti"))[0]


def verify_client(token: str, access: Access, audience: str, now: datetime, seen: SeenOnce) -> SmartClient:
    """The SMART client that signed the assertion, which must name itself as its subject too. Raises
    Refused."""
    required = ("iss", "sub", "aud", "exp", "jti")
    client, claims = _verified(token, access.clients, access, audience, now, seen, required)
    if claims["sub"] != client.issuer:
        raise Refused("the assertion's issuer and subject differ")
    return client


def _verified(
    token: str,
    signers: Mapping[str, S],
    access: Access,
    audience: str,
    now: datetime,
    seen: SeenOnce,
    required: Sequence[str],
) -> tuple[S, Mapping[str, Any]]:
    signer, key, algorithm = _signer(token, signers)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=signer.issuer,
            options={
                "require": list(required),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise Refused(f"the request's token is not valid: {type(error).__name__}") from error
    _check_times(claims, access, now)
    until = float(claims["exp"]) + access.leeway_seconds
    if not seen.first_time(signer.issuer, str(claims["jti"]), until, now.timestamp()):
        raise Refused("the request's token was used before")
    return signer, claims


def _signer(token: str, signers: Mapping[str, S]) -> tuple[S, Any, str]:
    """Who claims to have signed, and the key kept for them; nothing of the token is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise Refused("the request's token cannot be read") from error
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise Refused(f"a request's token must be signed with {' or '.join(ALGORITHMS)}")
    signer = signers.get(str(claims.get("iss", "")))
    if signer is None:
        raise Refused("the request's issuer is not trusted")
    if "jku" in header and header["jku"] != signer.jku:
        raise Refused("the request's token names keys elsewhere than agreed")
    key = signer.keys.get(str(header.get("kid", "")))
    if key is None or key["kty"] != ALGORITHMS[algorithm]:
        raise Refused("the request's token names no key that is kept for its issuer")
    return signer, _load(key, algorithm), algorithm


def _load(key: Mapping[str, Any], algorithm: str) -> Any:
    try:
        return jwt.PyJWK(dict(key), algorithm).key
    except jwt.PyJWTError as error:
        raise Refused("the key kept for the request's issuer cannot be used") from error


def _check_times(claims: Mapping[str, Any], access: Access, now: datetime) -> None:
    try:
        expires = float(claims["exp"])
        issued = float(claims.get("iat", min(now.timestamp(), expires - 1)))
    except (TypeError, ValueError) as error:
        raise Refused("the request's token has no readable times") from error
    at = now.timestamp()
    if at > expires + access.leeway_seconds:
        raise Refused("the request's token has expired")
    if issued > at + access.leeway_seconds:
        raise Refused("the request's token is from the future")
    if not 0 < expires - issued <= access.longest_seconds:
        raise Refused(f"a request's token may live {access.longest_seconds} seconds at most")
