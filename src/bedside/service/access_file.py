"""Reads the access file of a site, the only place where anybody is granted anything."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bedside.errors import InputError, SettingsError
from bedside.service.access import (
    HASH_LENGTH,
    HOOK_PERMISSIONS,
    SMART_PERMISSIONS,
    Access,
    Permission,
    SmartClient,
    TokenHolder,
    TrustedEhr,
)
from bedside.service.scopes import parse_scope


def read_access(path: Path) -> Access:
    """The access file; raises SettingsError naming what is wrong, never a token."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"access file cannot be read: {error}") from error
    try:
        ehrs = [_ehr(entry, path.parent) for entry in document.get("ehr", [])]
        tokens = [_holder(entry) for entry in document.get("token", [])]
        clients = [_client(entry, path.parent) for entry in document.get("client", [])]
        longest = int(document.get("longest_seconds", 300))
        leeway = int(document.get("leeway_seconds", 30))
    except (KeyError, TypeError, ValueError, OSError, InputError) as error:
        raise SettingsError(f"access file: {error} is missing or wrong") from error
    if not ehrs and not tokens and not clients:
        raise SettingsError("access file grants nobody anything: add [[ehr]], [[token]] or [[client]]")
    if len({one.issuer for one in clients}) != len(clients):
        raise SettingsError("access file: two clients have one client_id")
    if not (0 < longest <= 3600 and 0 <= leeway <= 120):
        raise SettingsError("access file: longest_seconds is 1 to 3600, leeway_seconds 0 to 120")
    return Access(
        {ehr.issuer: ehr for ehr in ehrs},
        {one.token_sha256: one for one in tokens},
        longest,
        leeway,
        {client.issuer: client for client in clients},
    )


def _ehr(entry: Mapping[str, Any], folder: Path) -> TrustedEhr:
    return TrustedEhr(
        entry["name"],
        entry["issuer"],
        _keys(entry, folder),
        entry.get("jku", ""),
        _permissions(entry, HOOK_PERMISSIONS),
    )


def _keys(entry: Mapping[str, Any], folder: Path) -> dict[str, Mapping[str, Any]]:
    if "jwks" in entry:
        keys = entry["jwks"]["keys"]
    else:
        keys = json.loads((folder / entry["jwks_file"]).read_text(encoding="utf-8"))["keys"]
    if not keys or any("d" in key or key.get("kty") not in ("EC", "RSA") for key in keys):
        raise ValueError(f"keys of {entry['name']}: public EC or RSA keys only, at least one")
    return {key["kid"]: key for key in keys}


def _client(entry: Mapping[str, Any], folder: Path) -> SmartClient:
    name = entry["name"]
    keyed = "jwks" in entry or "jwks_file" in entry
    redirects = tuple(map(str, entry.get("redirect_uris", ())))
    if not keyed and not redirects:
        raise ValueError(f"client {name}: it needs jwks or jwks_file, or redirect_uris as a public app;")
    if not all(map(_is_redirect, redirects)):
        raise ValueError(f"redirect_uris of {name}: https addresses without a fragment;")
    launch_url = str(entry.get("launch_url", ""))
    if launch_url and not (_is_redirect(launch_url) and redirects):
        raise ValueError(f"launch_url of {name}: an https address, beside redirect_uris;")
    scopes = tuple(parse_scope(one, f"scopes of {name}") for one in entry["scopes"])
    if not scopes:
        raise ValueError(f"scopes of {name}")
    return SmartClient(
        str(entry["client_id"]),
        name,
        _keys(entry, folder) if keyed else {},
        scopes,
        _permissions(entry, SMART_PERMISSIONS),
        entry.get("jku", ""),
        redirects,
        launch_url,
    )


def _is_redirect(address: str) -> bool:
    """Whether a code may be sent there: over TLS, or to this machine itself."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or local) and "#" not in address


def _holder(entry: Mapping[str, Any]) -> TokenHolder:
    held = str(entry["token_sha256"]).lower()
    if len(held) != HASH_LENGTH or set(held) - set("0123456789abcdef"):
        raise ValueError(f"token_sha256 of {entry['name']}: 64 hexadecimal digits")
    people = entry.get("people")
    return TokenHolder(
        entry["name"],
        held,
        _permissions(entry, frozenset()),
        None if people is None else frozenset(map(str, people)),
    )


def _permissions(entry: Mapping[str, Any], default: frozenset[Permission]) -> frozenset[Permission]:
    if "permissions" not in entry:
        return default
    return frozenset(Permission(name) for name in entry["permissions"])
