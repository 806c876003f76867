"""The session cookie and the token that every form carries, so that no other site can send a form in
somebody's name.

The cookie is a random number and nothing else; the token is derived from it, so nothing is kept on the
server and any
number of processes agree. Inside an EHR's frame the cookie must be `Secure; SameSite=None; Partitioned`,
else a browser
does not send it; there only the token protects, so it is checked on every POST.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bedside.settings import Settings

LOCAL_COOKIE = "bedside-session"
SECURE_COOKIE = "__Host-bedside-session"
LOCAL_ACCESS = "bedside-access"
_LENGTH = 43
MOST_FIELDS = 400
"""Of one form: a page that offers every row of a chart to be ticked has many."""

_SAME_SITE = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's session: its random secret, and whether the browser has it already."""

    secret: str
    fresh: bool

    @property
    def token(self) -> str:
        """What a form of this session must carry."""
        return hmac.new(self.secret.encode(), b"bedside form", hashlib.sha256).hexdigest()


def cookie_name(settings: Settings) -> str:
    """`__Host-…` wherever the pages travel over TLS; a plain name on this machine only."""
    return LOCAL_COOKIE if _plain(settings) else SECURE_COOKIE


def access_cookie(settings: Settings) -> str:
    """The name of the cookie with the token of somebody signed in, by the same rule."""
    return LOCAL_ACCESS if _plain(settings) else f"__Host-{LOCAL_ACCESS}"


def session_of(request: Request, settings: Settings) -> Session:
    """The session the browser sent, or a new one."""
    sent = request.cookies.get(cookie_name(settings), "")
    if len(sent) == _LENGTH and sent.replace("-", "").replace("_", "").isalnum():
        return Session(sent, fresh=False)
    return Session(secrets.token_urlsafe(32), fresh=True)


def keep_session(response: Response, session: Session, settings: Settings) -> None:
    """Give a new session to the browser."""
    if not session.fresh:
        return
    value = f"{cookie_name(settings)}={session.secret}; {cookie_attributes(settings)}"
    response.headers.append("set-cookie", value)


def cookie_attributes(settings: Settings) -> str:
    """How far a cookie travels: never to scripts, over TLS wherever there is any, into a frame where one
    is named.
    """
    if _plain(settings):
        return "Path=/; HttpOnly; SameSite=Lax"
    framed = bool(settings.frame_ancestors)
    return "Path=/; HttpOnly; Secure; " + ("SameSite=None; Partitioned" if framed else "SameSite=Lax")


def said(form: FormData, name: str, longest: int = 120) -> str:
    """One text of a form, trimmed; "" when it is not there."""
    value = form.get(name, "")
    return value.strip()[:longest] if isinstance(value, str) else ""


async def read_form(request: Request, settings: Settings) -> FormData:
    """The form of a POST; 403 unless it comes from a page of this session."""
    if request.headers.get("sec-fetch-site", "same-origin") not in _SAME_SITE:
        raise HTTPException(
            403, "This form was sent from another site. Open the page again and repeat the step."
        )
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    session = session_of(request, settings)
    given = form.get("csrf")
    if session.fresh or not isinstance(given, str) or not hmac.compare_digest(given, session.token):
        raise HTTPException(
            403, "The page was open too long, or cookies are off. Open it again and repeat the step."
        )
    return form


def _plain(settings: Settings) -> bool:
    return (
        settings.loopback and not settings.frame_ancestors and not settings.public_url.startswith("https://")
    )
