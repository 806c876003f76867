"""The access file of a site: which EHRs are trusted to sign CDS Hooks requests, and which tokens open
what.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import SettingsError

HASH_LENGTH = 64


class Permission(Enum):
    """Everything that can be asked of a house. What is not granted is refused."""

    DISCOVERY = "discovery"
    HOOK = "hook"
    FEEDBACK = "feedback"
    ORDER_SET = "order-set"
    PEOPLE = "people"
    CHART = "chart"
    PRESCRIBE = "prescribe"
    REPORT = "report"
    TASKS = "tasks"
    KNOWLEDGE = "knowledge"
    GENOME = "genome"
    COHORT = "cohort"
    REANALYSIS = "reanalysis"
    DISCLOSURE = "disclosure"
    CONSENT = "consent"
    FHIR = "fhir"
    AUDIT = "audit"


HOOK_PERMISSIONS = frozenset(
    {Permission.DISCOVERY, Permission.HOOK, Permission.FEEDBACK, Permission.ORDER_SET}
)
"""What a trusted EHR may do unless the access file grants less."""


@dataclass(frozen=True, slots=True)
class TrustedEhr:
    """An EHR that signs its requests. keys: its public keys by key id. jku: where it says they are, if it
    says so.
    """

    name: str
    issuer: str
    keys: Mapping[str, Mapping[str, Any]]
    jku: str = ""
    permissions: frozenset[Permission] = HOOK_PERMISSIONS


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Somebody with a bearer token, of which only the sha256 is kept. people: the only records they may
    open, if any
    are named.
    """

    name: str
    token_sha256: str
    permissions: frozenset[Permission]
    people: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may connect. longest_seconds: the longest life of a signed request; leeway for clocks that
    differ.
    """

    ehrs: Mapping[str, TrustedEhr] = field(default_factory=dict)
    tokens: Mapping[str, TokenHolder] = field(default_factory=dict)
    longest_seconds: int = 300
    leeway_seconds: int = 30


def read_access(path: Path) -> Access:
    """The access file; raises SettingsError naming what is wrong, never a token."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"access file cannot be read: {error}") from error
    try:
        ehrs = [_ehr(entry, path.parent) for entry in document.get("ehr", [])]
        tokens = [_holder(entry) for entry in document.get("token", [])]
        longest = int(document.get("longest_seconds", 300))
        leeway = int(document.get("leeway_seconds", 30))
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"access file: {error} is missing or wrong") from error
    if not ehrs and not tokens:
        raise SettingsError("access file grants nobody anything: add [[ehr]] or [[token]]")
    if not (0 < longest <= 3600 and 0 <= leeway <= 120):
        raise SettingsError("access file: longest_seconds is 1 to 3600, leeway_seconds 0 to 120")
    return Access(
        {ehr.issuer: ehr for ehr in ehrs}, {one.token_sha256: one for one in tokens}, longest, leeway
    )


def _ehr(entry: Mapping[str, Any], folder: Path) -> TrustedEhr:
    if "jwks" in entry:
        keys = entry["jwks"]["keys"]
    else:
        keys = json.loads((folder / entry["jwks_file"]).read_text(encoding="utf-8"))["keys"]
    if not keys or any("d" in key or key.get("kty") not in ("EC", "RSA") for key in keys):
        raise ValueError(f"keys of {entry['name']}: public EC or RSA keys only, at least one")
    return TrustedEhr(
        entry["name"],
        entry["issuer"],
        {key["kid"]: key for key in keys},
        entry.get("jku", ""),
        _permissions(entry, HOOK_PERMISSIONS),
    )


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


def token_digest(token: str) -> str:
    """How a bearer token is written in the access file."""
    return hashlib.sha256(token.encode()).hexdigest()
