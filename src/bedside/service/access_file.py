"""Reads the access file of a site, the only place where anybody is granted anything."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bedside.errors import InputError, SettingsError
from bedside.exchange.ehr_http import may_ask
from bedside.knowledge.roles import load_roles
from bedside.service.access import (
    HASH_LENGTH,
    HOOK_PERMISSIONS,
    SMART_PERMISSIONS,
    Access,
    LaunchingEhr,
    Permission,
    SmartClient,
    TokenHolder,
    TrustedEhr,
)
from bedside.service.scopes import parse_scope


@dataclass(frozen=True, slots=True)
class _At:
    """Where the file lies, and the roles that it may name."""

    folder: Path
    roles: Mapping[str, frozenset[Permission]]

    def permissions(self, entry: Mapping[str, Any], default: frozenset[Permission]) -> frozenset[Permission]:
        """What an entry is granted by name and by its roles; the default when it says neither."""
        if not {"permissions", "roles"} & set(entry):
            return default
        named = frozenset(Permission(name) for name in entry.get("permissions", ()))
        return named.union(*(self.roles[role] for role in entry.get("roles", ())))


def read_access(path: Path, packs: Path | None = None) -> Access:
    """The access file; raises SettingsError naming what is wrong, never a token. packs: the site's own."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"access file cannot be read: {error}") from error
    try:
        at = _At(path.parent, _roles(document, packs))
        ehrs = [_ehr(entry, at) for entry in document.get("ehr", [])]
        tokens = [_holder(entry, at) for entry in document.get("token", [])]
        clients = [_client(entry, at) for entry in document.get("client", [])]
        launchers = [_launcher(entry, at) for entry in document.get("launch_from", [])]
        longest = int(document.get("longest_seconds", 300))
        leeway = int(document.get("leeway_seconds", 30))
        minutes = int(document.get("emergency_minutes", 60))
        days = int(document.get("emergency_review_days", 3))
    except (KeyError, TypeError, ValueError, OSError, InputError) as error:
        raise SettingsError(f"access file: {error} is missing or wrong") from error
    if not (ehrs or tokens or clients or launchers):
        kinds = "[[ehr]], [[token]], [[client]] or [[launch_from]]"
        raise SettingsError(f"access file grants nobody anything: add {kinds}")
    if len({one.issuer for one in clients}) != len(clients):
        raise SettingsError("access file: two clients have one client_id")
    if not (0 < longest <= 3600 and 0 <= leeway <= 120):
        raise SettingsError("access file: longest_seconds is 1 to 3600, leeway_seconds 0 to 120")
    if not (1 <= minutes <= 720 and 1 <= days <= 30):
        raise SettingsError("access file: emergency_minutes is 1 to 720, emergency_review_days 1 to 30")
    broken = [one.name for one in tokens if Permission.BREAK_GLASS in one.permissions]
    if len(set(broken)) != len(broken):
        raise SettingsError(
            "access file: two holders of break-glass have one name, so nobody could say who did"
        )
    return Access(
        {ehr.issuer: ehr for ehr in ehrs},
        {one.token_sha256: one for one in tokens},
        longest,
        leeway,
        {client.issuer: client for client in clients},
        {ehr.iss: ehr for ehr in launchers},
        minutes,
        days,
    )


def _roles(document: Mapping[str, Any], packs: Path | None) -> dict[str, frozenset[Permission]]:
    """The roles of the packs and of the file, whose own word wins."""
    named = {name: list(words) for name, words in load_roles(packs).items()}
    named |= {entry["name"]: entry["permissions"] for entry in document.get("role", [])}
    return {name: frozenset(Permission(word) for word in words) for name, words in named.items()}


def _launcher(entry: Mapping[str, Any], at: _At) -> LaunchingEhr:
    name, iss = entry["name"], str(entry["iss"]).rstrip("/")
    hosts = frozenset([urlsplit(iss).netloc, *map(str, entry.get("hosts", ()))])
    minutes = int(entry.get("minutes", 60))
    if not may_ask(iss, hosts):
        raise ValueError(f"iss of {name}: an https address;")
    if not 1 <= minutes <= 720:
        raise ValueError(f"minutes of {name}: 1 to 720;")
    key = json.loads((at.folder / entry["key_file"]).read_text("utf-8")) if "key_file" in entry else {}
    return LaunchingEhr(
        name,
        iss,
        str(entry["client_id"]),
        str(entry.get("issuer", iss)),
        _keys(entry, at),
        hosts,
        str(entry.get("patient_system", iss)),
        at.permissions(entry, frozenset()),
        str(entry.get("scope", "openid fhirUser patient/Patient.r")),
        key,
        minutes,
    )


def _ehr(entry: Mapping[str, Any], at: _At) -> TrustedEhr:
    return TrustedEhr(
        entry["name"],
        entry["issuer"],
        _keys(entry, at),
        entry.get("jku", ""),
        at.permissions(entry, HOOK_PERMISSIONS),
    )


def _keys(entry: Mapping[str, Any], at: _At) -> dict[str, Mapping[str, Any]]:
    if "jwks" in entry:
        keys = entry["jwks"]["keys"]
    else:
        keys = json.loads((at.folder / entry["jwks_file"]).read_text(encoding="utf-8"))["keys"]
    if not keys or any("d" in key or key.get("kty") not in ("EC", "RSA") for key in keys):
        raise ValueError(f"keys of {entry['name']}: public EC or RSA keys only, at least one")
    return {key["kid"]: key for key in keys}


def _client(entry: Mapping[str, Any], at: _At) -> SmartClient:
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
        _keys(entry, at) if keyed else {},
        scopes,
        at.permissions(entry, SMART_PERMISSIONS),
        entry.get("jku", ""),
        redirects,
        launch_url,
    )


def _is_redirect(address: str) -> bool:
    """Whether a code may be sent there: over TLS, or to this machine itself."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or local) and "#" not in address


def _holder(entry: Mapping[str, Any], at: _At) -> TokenHolder:
    held = str(entry["token_sha256"]).lower()
    if len(held) != HASH_LENGTH or set(held) - set("0123456789abcdef"):
        raise ValueError(f"token_sha256 of {entry['name']}: 64 hexadecimal digits")
    people = entry.get("people")
    return TokenHolder(
        entry["name"],
        held,
        at.permissions(entry, frozenset()),
        None if people is None else frozenset(map(str, people)),
    )
