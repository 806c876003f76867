"""The sites file: who this site is, which other sites it works with, and the keys they sign with.

Every site is a whole Bedside of its own. What travels between two of them is named here; nothing else does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from bedside.errors import Problem, RequestError, SettingsError
from bedside.service.house import House
from bedside.settings import is_loopback, variable

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
ALGORITHM = "ES384"


@dataclass(frozen=True, slots=True)
class PeerSite:
    """Another site. url: where it is reached, "" when it comes to us. asks: it may ask us; answers: we may
    ask it; releases: knowledge releases are taken from it. ca_file: the authority its certificate is of."""

    name: str
    title: str
    keys: Mapping[str, Mapping[str, Any]]
    url: str = ""
    asks: bool = False
    answers: bool = False
    releases: bool = False
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Sites:
    """This site and the others. every_seconds: how often a site with an address is asked for what waits."""

    name: str
    title: str
    key: ec.EllipticCurvePrivateKey
    peers: Mapping[str, PeerSite] = field(default_factory=dict)
    every_seconds: int = 15

    @property
    def kid(self) -> str:
        """The id of this site's key."""
        return str(public_jwk(self.key)["kid"])


def sites_of(house: House) -> Sites:
    """The sites of a house; raises `SettingsError` where no sites file is set or it is wrong."""
    name = house.settings.sites_file
    if not name:
        raise SettingsError(
            f"this site works with no other: {variable('sites_file')} names no file (docs/sites.md)"
        )
    path = Path(name)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise SettingsError(f"sites file cannot be read: {error.strerror}") from error
    return _read(path, stamp)


def has_sites(house: House) -> bool:
    """Whether a sites file is set."""
    return bool(house.settings.sites_file)


def peer_of(sites: Sites, name: str) -> PeerSite:
    """The other site of this name; raises `RequestError`."""
    peer = sites.peers.get(name)
    if peer is None:
        known = ", ".join(sites.peers) or "none"
        raise RequestError.one("site", "the sites file names no such site", remedy=f"known: {known}")
    return peer


@lru_cache(maxsize=8)
def _read(path: Path, stamp: int) -> Sites:
    return read_sites(path)


def read_sites(path: Path) -> Sites:
    """The sites file; raises `SettingsError` naming what is wrong, never a key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"sites file cannot be read: {error}") from error
    try:
        name = _named(document["name"])
        key = read_key(path.parent / document.get("key_file", "site.key.pem"))
        peers = [_peer(entry, path.parent) for entry in document.get("site", [])]
        every = int(document.get("every_seconds", 15))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise SettingsError(f"sites file: {error} is missing or wrong") from error
    names = [peer.name for peer in peers]
    if len(set(names)) < len(names) or name in names:
        raise SettingsError("sites file: every site has one name, and no other site has this one's")
    if not 1 <= every <= 3600:
        raise SettingsError("sites file: every_seconds is 1 to 3600")
    return Sites(name, str(document.get("title", name)), key, {peer.name: peer for peer in peers}, every)


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name {name!r} (small letters, digits and hyphens)")
    return name


def _peer(entry: Mapping[str, Any], folder: Path) -> PeerSite:
    name = _named(entry["name"])
    if "jwks" in entry:
        keys = entry["jwks"]["keys"]
    else:
        keys = json.loads((folder / entry["jwks_file"]).read_text(encoding="utf-8"))["keys"]
    if not keys or any("d" in key or key.get("crv") != "P-384" or not key.get("kid") for key in keys):
        raise ValueError(f"keys of {name}: public P-384 keys with a kid, at least one;")
    return PeerSite(
        name,
        str(entry.get("title", name)),
        {key["kid"]: key for key in keys},
        _address(str(entry.get("url", "")), name),
        _flag(entry, "asks"),
        _flag(entry, "answers"),
        _flag(entry, "releases"),
        folder / entry["ca_file"] if "ca_file" in entry else None,
    )


def _flag(entry: Mapping[str, Any], name: str) -> bool:
    value = entry.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} of {entry['name']}: true or false;")
    return value


def _address(url: str, name: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    plain_here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not parts.hostname or parts.username or parts.query or not (parts.scheme == "https" or plain_here):
        raise ValueError(f"url of {name}: https, or http on this machine only;")
    return url.rstrip("/")


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """This site's private key; ValueError when it is none, OSError when it cannot be read."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp384r1":
        raise ValueError(f"{path.name}: a private key on P-384")
    return key


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public half, as another site's file names it; its `kid` is the digest of the key."""
    jwk: dict[str, Any] = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    shown = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return {**shown, "kid": hashlib.sha256(text.encode()).hexdigest()[:16], "alg": ALGORITHM, "use": "sig"}


def make_key(path: Path) -> dict[str, Any]:
    """Make this site's key, readable by its owner only, and answer the public half. An existing key is never
    replaced: raises `RequestError`."""
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RequestError(
            [Problem(path.name, "is there already", remedy="`bedside site key` shows its public half")]
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    return public_jwk(key)
