"""What a route says of who may pass, and that a route which says nothing is not served.

    Route("/people/{record_id}/genome", needs(Permission.GENOME, endpoint))
    Route("/healthz", public("says only whether the ledger can be read", endpoint))

`guarded` and `fhir_route` say it for the routes of machines, whose guard answers in their own format. A page
is guarded here, before its form is read: the permission it names, and the record that its address names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from inspect import ismethod
from typing import Any, TypeVar, cast

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bedside.errors import BedsideError
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.web.site import Site

E = TypeVar("E", bound=Callable[..., Any])


class Unguarded(BedsideError):
    """A route does not say who may pass."""


def needs(permission: Permission, endpoint: E, *, guards_itself: bool = False) -> E:
    """The endpoint, which nobody passes without the permission. guards_itself: it asks for it on its own, as
    the routes of machines do."""
    return _marked(endpoint, permission=permission, guards_itself=guards_itself)


def public(reason: str, endpoint: E) -> E:
    """The endpoint, open to everybody for this reason."""
    if not reason:
        raise ValueError("what is open to everybody has a reason")
    return _marked(endpoint, public=reason)


def _marked(endpoint: E, **marks: object) -> E:
    held: Any = partial(endpoint) if ismethod(endpoint) else endpoint
    for name, value in marks.items():
        setattr(held, name, value)
    return cast(E, held)


def permission_of(route: BaseRoute) -> Permission | None:
    """The permission that a route names."""
    found = getattr(getattr(route, "endpoint", None), "permission", None)
    return found if isinstance(found, Permission) else None


def reason_of(route: BaseRoute) -> str:
    """Why a route is open to everybody, "" when it is not."""
    inside = route.app if isinstance(route, Mount) else getattr(route, "endpoint", None)
    return str(getattr(inside, "public", ""))


def unguarded(routes: Iterable[BaseRoute]) -> list[str]:
    """The addresses of the routes that do not say who may pass."""
    return [
        str(getattr(route, "path", route))
        for route in routes
        if permission_of(route) is None and not reason_of(route)
    ]


def guard(site: Site, routes: list[BaseRoute]) -> list[BaseRoute]:
    """The routes, each page behind its guard. Raises `Unguarded` when one does not say who may pass."""
    open_doors = unguarded(routes)
    if open_doors:
        raise Unguarded(
            f"no permission stands at {', '.join(open_doors)}: write needs(Permission.…, endpoint), "
            "or public(reason, endpoint)"
        )
    for route in routes:
        permission = permission_of(route)
        if isinstance(route, Route) and permission is not None and not _guards_itself(route):
            route.app = _Guarded(route.app, site, permission)
    return routes


def _guards_itself(route: Route) -> bool:
    return bool(getattr(route.endpoint, "guards_itself", False))


class _Guarded:
    """A page behind its permission."""

    def __init__(self, app: ASGIApp, site: Site, permission: Permission) -> None:
        self.app, self.site, self.permission = app, site, permission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is granted; raises NotIdentified or Refused."""
        principal = self.site.principal(Request(scope))
        record, ids = scope["path_params"].get("record_id"), self.site.ids()
        person = None if record is None or ids is None else ids.person(record)
        authorise(principal, self.permission, person)
        await self.app(scope, receive, send)
