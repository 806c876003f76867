"""What every answer carries to keep a browser strict, and how large a request may be."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bedside.settings import Settings

FORM_LIMIT = 64 * 1024
SERVICE_LIMIT = 8 * 1024 * 1024
_SERVICES = ("/cds-services", "/order-set-filter", "/sites/inbox", "/sites/outbox")
_TOO_LARGE = b"The request is larger than this address accepts."


def content_security_policy(settings: Settings) -> str:
    """Own files only, nothing inline, no plug-ins; framed by the EHRs that the settings name and nobody
    else.
    """
    ancestors = settings.frame_ancestors.replace(",", " ").split() or ["'none'"]
    return (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {' '.join(ancestors)}"
    )


def fixed_headers(settings: Settings) -> dict[str, str]:
    """What every answer carries, whatever it is."""
    return {
        "content-security-policy": content_security_policy(settings),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def dress(response: Response, settings: Settings) -> Response:
    """The headers on an answer that is made outside the middleware, which is where the last failure is
    caught.
    """
    for name, value in {**fixed_headers(settings), "cache-control": "no-store"}.items():
        response.headers.setdefault(name, value)
    return response


class SecurityHeaders:
    """Adds the headers. Everything but the vendored static files is never stored by a browser or a proxy."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.fixed = fixed_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; dress the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cache = "public, max-age=3600" if scope["path"].startswith("/static/") else "no-store"

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.fixed.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", cache)
            await send(message)

        await self.app(scope, receive, dressed)


class TooLarge(Exception):
    """The body went over the limit while it was read."""


class SizeLimit:
    """Refuses a request body over the limit with 413, whether or not it announced its length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it comes in."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = SERVICE_LIMIT if scope["path"].startswith(_SERVICES) else FORM_LIMIT
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(send)
            return
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except TooLarge:
            if started:
                raise
            await _refuse(send)


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
