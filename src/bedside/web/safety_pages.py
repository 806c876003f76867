"""How safe the house is kept: what needs somebody, then backups, checkpoints, keys, retention, and what is
tested of a security standard."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.knowledge.security_table import State
from bedside.service.access import Permission
from bedside.service.safety_view import safety_view
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.site import Site


def safety_pages(site: Site) -> list[Route]:
    """The route of the page."""
    return [Route("/safety", needs(Permission.SAFETY, posted(site, _page)), methods=["GET"])]


def _page(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.SAFETY)
    view = safety_view(site.house)
    return site.send(
        request, "safety.html", here="/programme", view=view, states=tuple(State), told=site.made_up()
    )
