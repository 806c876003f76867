"""Lets pages of the origins that the settings name ask FHIR and the token endpoint from a browser.

The origin is named, never `*`, and no cookie goes along: such a page shows a bearer token or nothing. Whoever
asks is still admitted and authorised by the route; this only tells a browser that the answer may be read.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bedside.settings import Settings

FOLDERS = ("/fhir/", "/auth/token", "/.well-known/smart-configuration")
METHODS = "GET, POST, PUT, PATCH, DELETE"
ASKED_WITH = (
    "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since"
)
TOLD = "Location, Content-Location, ETag, Last-Modified, Retry-After, X-Progress"
SECONDS = "600"


class CrossOrigin:
    """Answers the questions that a browser asks ahead, and says on each answer which origin may read it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.origins = frozenset(settings.cors_origins.replace(",", " ").split()) - {"*", "null"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; say whether a page may read the answer."""
        if scope["type"] != "http" or not self.origins or not scope["path"].startswith(FOLDERS):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        listed = origin in self.origins
        if listed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _ahead(origin)(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if listed:
                    answer["access-control-allow-origin"] = origin
                    answer["access-control-expose-headers"] = TOLD
            await send(message)

        await self.app(scope, receive, told)


def _ahead(origin: str) -> Response:
    """The answer to a question asked ahead. It says nothing of the record, so that nobody is identified."""
    return Response(
        status_code=204,
        headers={
            "access-control-allow-origin": origin,
            "access-control-allow-methods": METHODS,
            "access-control-allow-headers": ASKED_WITH,
            "access-control-max-age": SECONDS,
            "vary": "Origin",
        },
    )
