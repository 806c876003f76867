"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.service.access import Permission
from bedside.service.scopes import Act, Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, what was granted to them, and the only records they may open (None: no such limit).

    scopes: of the token of a SMART client (None: no such token). act: what the request does, where it is one
    of FHIR; without it no scope opens anything.
    """

    name: str
    permissions: frozenset[Permission]
    people: frozenset[str] | None = None
    scopes: tuple[Scope, ...] | None = None
    act: Act | None = None
