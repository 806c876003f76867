"""The one place where it is decided who may do what. Nothing is allowed that is not granted here.

A server bound to loopback without an access file serves its local operator: whoever sits at the machine.
With an access
file, and always off loopback, every caller must show a token: an EHR its signed one, anybody else a bearer
token.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bedside.errors import Refused, SettingsError
from bedside.service.access import Access, Permission, SmartClient, token_digest
from bedside.service.access_file import read_access
from bedside.service.grants import Grants
from bedside.service.launches import Launches
from bedside.service.note_refusal import Quota
from bedside.service.principal import Principal as Principal
from bedside.service.scopes import allows
from bedside.service.verify_jwt import SeenOnce, verify, verify_client
from bedside.settings import Settings, is_loopback

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/?#@\[\]\\]+))(?::[0-9]{1,5})?")


class NotIdentified(Refused):
    """The caller did not show who they are, or not believably (HTTP 401)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request shows of its sender: the Authorization header, the Host header, and the path it asks
    for (as the server routed it, never as the Host header may have it).
    """

    authorization: str
    host: str
    path: str


LOCAL_OPERATOR = Principal("local-operator", frozenset(Permission))


def authorise(principal: Principal, permission: Permission, person: str | None = None) -> None:
    """Returns when the principal was granted this, for this person; raises Refused otherwise.

    The token of a SMART client opens an act of FHIR that its scopes cover, and nothing else.
    """
    if permission not in principal.permissions:
        raise Refused(f"{permission.value} is not granted to this caller")
    if principal.scopes is not None:
        if principal.act is None:
            raise Refused("the token of a SMART client does not open this address")
        if not allows(principal.scopes, principal.act):
            raise Refused("the token's scopes do not cover this")
    if person is not None and principal.people is not None and person not in principal.people:
        raise Refused("this caller may not open this record")


class Gate:
    """Tells callers apart. One for each served house."""

    def __init__(self, settings: Settings, access: Access | None = None) -> None:
        if access is None and settings.access_file:
            access = read_access(Path(settings.access_file), settings.knowledge_folder)
        if access is None and not settings.loopback:
            raise SettingsError(
                "the server would be reachable from other machines and nobody's access is configured; "
                "set BEDSIDE_ACCESS_FILE, or bind to 127.0.0.1"
            )
        if access is not None and access.signs_for_an_address and not settings.public_url:
            raise SettingsError(
                "BEDSIDE_PUBLIC_URL is needed: signed requests must name the address they are for"
            )
        self._access = access
        self._seen = SeenOnce()
        self.grants, self.launches, self.refusals = Grants(), Launches(), Quota()
        self._public = settings.public_url.rstrip("/")

    def admit(self, caller: Caller, now: datetime) -> Principal:
        """Who the caller is; raises NotIdentified."""
        if self._access is None:
            if not _is_local(caller.host):
                raise NotIdentified("the server answers its own machine only, under its own name")
            return LOCAL_OPERATOR
        scheme, _, token = caller.authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotIdentified("a bearer token is needed")
        held = token_digest(token)
        for known, holder in self._access.tokens.items():
            if hmac.compare_digest(known, held):
                return Principal(holder.name, holder.permissions, holder.people)
        granted = self.grants.find(token, now)
        if granted is not None:
            return granted
        if token.count(".") != 2:
            raise NotIdentified("the bearer token is not known")
        try:
            ehr = verify(token, self._access, f"{self._public}{caller.path}", now, self._seen)
        except Refused as refused:
            raise NotIdentified(str(refused)) from refused
        return Principal(ehr.name, ehr.permissions)

    @property
    def access(self) -> Access:
        """Who may connect; nobody is named where no access file is set."""
        return self._access or Access()

    def address(self, path: str) -> str:
        """The address of one of our own paths, as tokens must name it."""
        return f"{self._public}{path}"

    def client(self, assertion: str, path: str, now: datetime) -> SmartClient:
        """The SMART client that signed an assertion for this path; raises NotIdentified."""
        try:
            return verify_client(assertion, self.access, self.address(path), now, self._seen)
        except Refused as refused:
            raise NotIdentified(str(refused)) from refused


def _is_local(host: str) -> bool:
    """Whether a Host header names this machine; a foreign name on loopback is a rebinding attack, and
    anything but a name or address with a port is no name at all.
    """
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    return is_loopback((found[1] or found[2]).lower())
