"""Signatures between sites: an ES384 token over the digest of what is sent, for one receiver, now, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import jwt

from bedside.errors import Refused
from bedside.service.access import Access, TrustedEhr
from bedside.service.sites import ALGORITHM, PeerSite, Sites
from bedside.service.verify_jwt import SeenOnce, verify

LIFE_SECONDS = 120
LEEWAY_SECONDS = 60


def issuer(name: str) -> str:
    """How a site is named in a token."""
    return f"site:{name}"


def sign(sites: Sites, body: bytes, to: str, place: str, now: datetime, answers: str = "") -> tuple[str, str]:
    """A token over some bytes for another site at a place (`/sites/inbox`), and its number. answers: the
    number of the request that the bytes answer."""
    number = str(uuid4())
    claims: dict[str, Any] = {
        "iss": issuer(sites.name),
        "aud": f"{issuer(to)}{place}",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + LIFE_SECONDS,
        "jti": number,
        "digest": hashlib.sha256(body).hexdigest(),
        **({"answers": answers} if answers else {}),
    }
    return jwt.encode(claims, sites.key, ALGORITHM, headers={"kid": sites.kid}), number


def signed_by(
    sites: Sites, token: str, body: bytes, place: str, now: datetime, seen: SeenOnce, answers: str = ""
) -> tuple[PeerSite, str]:
    """The site that signed these bytes for us, and the token's number. Raises `Refused`, which says which
    check failed and nothing of the token."""
    access = Access(
        {
            issuer(peer.name): TrustedEhr(peer.name, issuer(peer.name), peer.keys)
            for peer in sites.peers.values()
        },
        longest_seconds=LIFE_SECONDS,
        leeway_seconds=LEEWAY_SECONDS,
    )
    signer = verify(token, access, f"{issuer(sites.name)}{place}", now, seen)
    claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    if claims.get("digest") != hashlib.sha256(body).hexdigest():
        raise Refused("the signature is of something else")
    if claims.get("answers", "") != answers:
        raise Refused("the answer is to another request")
    return sites.peers[signer.name], str(claims["jti"])
