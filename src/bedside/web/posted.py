"""One endpoint for the pages that are read and written under one address: the form first, then the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bedside.web.session import read_form
from bedside.web.site import Site

Endpoint = Callable[[Request], Awaitable[Response]]


def posted(site: Site, show: Callable[[Site, Request, FormData], Response]) -> Endpoint:
    """An endpoint that reads and checks its form before `show` answers in a thread.

    The form is empty where nothing was posted. Raises what `read_form` raises on a form that is refused.
    """

    async def endpoint(request: Request) -> Response:
        form = FormData()
        if request.method == "POST":
            form = await read_form(request, site.house.settings)
        return await run_in_threadpool(show, site, request, form)

    return endpoint
