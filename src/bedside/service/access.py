"""Who may connect to a site and what for: EHRs that sign their requests, holders of tokens, SMART clients.

`access_file` reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bedside.service.scopes import Scope

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
    CONFIRM = "confirm"
    FHIR = "fhir"
    FHIR_WRITE = "fhir-write"
    CONSULT = "consult"
    CONSULT_ANSWER = "consult-answer"
    CONSULT_SIGN = "consult-sign"
    SITES = "sites"
    SITE_MESSAGE = "site-message"
    AUDIT = "audit"
    ORDERS = "orders"
    ORDER_TEST = "order-test"
    SPECIMEN = "specimen"
    RESULTS = "results"
    QUARANTINE = "quarantine"
    BREAK_GLASS = "break-glass"
    PRIVACY = "privacy"
    PATHWAYS = "pathways"
    PATHWAY_NOTE = "pathway-note"
    FUNNEL = "funnel"
    UNDIAGNOSED = "undiagnosed"
    BOARD = "board"
    BOARD_SIGN = "board-sign"
    FEATURES = "features"
    FEATURE_CONFIRM = "feature-confirm"
    LETTERS = "letters"
    COVERAGE = "coverage"
    AUTHORISATION = "authorisation"
    MEASURES = "measures"
    ALERTS = "alerts"
    ALERT_APPROVE = "alert-approve"
    STUDIES = "studies"
    EQUITY = "equity"
    ECONOMICS = "economics"
    PROGRAMME = "programme"
    PROGRAMME_SIGN = "programme-sign"
    SAFETY = "safety"


HOOK_PERMISSIONS = frozenset(
    {Permission.DISCOVERY, Permission.HOOK, Permission.FEEDBACK, Permission.ORDER_SET}
)
"""What a trusted EHR may do unless the access file grants less."""

SMART_PERMISSIONS = frozenset({Permission.DISCOVERY, Permission.FHIR})
"""What the token of a SMART client may do within its scopes unless the access file says otherwise."""


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
class SmartClient:
    """A program registered for SMART. keys: its public keys by key id (none: a public app, which proves
    itself by PKCE alone). scopes: the most that its tokens may have. redirects: the exact addresses that a
    code is sent to; without one it can only ask for itself (Backend Services). launch_url: where it is opened
    from a person's chart, if it can be.
    """

    issuer: str
    name: str
    keys: Mapping[str, Mapping[str, Any]]
    scopes: tuple[Scope, ...]
    permissions: frozenset[Permission] = SMART_PERMISSIONS
    jku: str = ""
    redirects: tuple[str, ...] = ()
    launch_url: str = ""


@dataclass(frozen=True, slots=True)
class LaunchingEhr:
    """An EHR that opens Bedside. iss: its FHIR address. issuer and keys: of its id tokens. hosts: which may
    be asked. patient_system: under which its patient ids are registered here. key: our own
    private key, for a server that wants one. permissions: of whoever comes from it, for the one patient.
    """

    name: str
    iss: str
    client_id: str
    issuer: str
    keys: Mapping[str, Mapping[str, Any]]
    hosts: frozenset[str]
    patient_system: str
    permissions: frozenset[Permission]
    scope: str = "openid fhirUser patient/Patient.r"
    key: Mapping[str, Any] = field(default_factory=dict)
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Access:
    """Who may connect. longest_seconds: the longest life of a signed request; leeway for clocks that
    differ. emergency_minutes: how long a record stays open that was opened in an emergency;
    emergency_review_days: until its review is due.
    """

    ehrs: Mapping[str, TrustedEhr] = field(default_factory=dict)
    tokens: Mapping[str, TokenHolder] = field(default_factory=dict)
    longest_seconds: int = 300
    leeway_seconds: int = 30
    clients: Mapping[str, SmartClient] = field(default_factory=dict)
    launchers: Mapping[str, LaunchingEhr] = field(default_factory=dict)
    emergency_minutes: int = 60
    emergency_review_days: int = 3

    @property
    def signs_for_an_address(self) -> bool:
        """Whether anybody here signs for the address of this server, or is sent back to it."""
        return bool(self.ehrs or self.clients or self.launchers)


def token_digest(token: str) -> str:
    """How a bearer token is written in the access file."""
    return hashlib.sha256(token.encode()).hexdigest()
