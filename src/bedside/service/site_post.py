"""One signed request to another site over HTTPS, and its signed answer. Whatever fails is said in words."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bedside.errors import BedsideError, Refused
from bedside.service.sign_site import sign, signed_by
from bedside.service.site_messages import MOST_BYTES
from bedside.service.sites import PeerSite, Sites
from bedside.service.verify_jwt import SeenOnce

SECONDS = 20.0
SIGNATURE = "bedside-signature"
_CLOCKS_APART = 60
_PIECE = 1 << 16


class Unreached(BedsideError):
    """The other site did not answer, or not believably; it is asked again later."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A signed answer: its HTTP status and body."""

    status: int
    body: bytes


@dataclass(slots=True)
class Caller:
    """Makes requests for one site. `stop` ends the one under way."""

    sites: Sites
    clock: Callable[[], datetime]
    seconds: float = SECONDS
    seen: SeenOnce = field(default_factory=SeenOnce)
    _under_way: http.client.HTTPConnection | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def post(self, peer: PeerSite, place: str, body: bytes) -> Reply:
        """Send a body to a place of another site; its answer, whose signature was checked. Raises
        `Unreached`."""
        if self._stopped.is_set():
            raise Unreached("this site is being stopped")
        token, number = sign(self.sites, body, peer.name, place, self.clock())
        status, headers, answer = self._send(peer, place, body, token)
        signature = headers.get(SIGNATURE, "")
        if not signature:
            raise Unreached(self._unsigned(status, headers))
        try:
            signer, _ = signed_by(
                self.sites, signature, answer, f"{place}#answer", self.clock(), self.seen, number
            )
        except Refused as refused:
            raise Unreached(f"its answer is not believed: {refused}{self._apart(headers)}") from refused
        if signer.name != peer.name:
            raise Unreached("another site answered in its place")
        return Reply(status, answer)

    def stop(self) -> None:
        """End the request under way, and make no more."""
        self._stopped.set()
        connection = self._under_way
        if connection is not None and connection.sock is not None:
            connection.sock.close()

    def _send(
        self, peer: PeerSite, place: str, body: bytes, token: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "connection": "close",
        }
        connection = _connection(peer, self.seconds)
        self._under_way = connection
        try:
            connection.request("POST", f"{urlsplit(peer.url).path}{place}", body, headers)
            response = connection.getresponse()
            answer = b""
            while piece := response.read(_PIECE):
                answer += piece
                if len(answer) > MOST_BYTES * 2:
                    raise Unreached("its answer is larger than is taken")
            if response.length:
                raise Unreached("its answer broke off")
            return response.status, response.headers, answer
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            raise Unreached(_words(error)) from error
        finally:
            self._under_way = None
            connection.close()

    def _unsigned(self, status: int, headers: http.client.HTTPMessage) -> str:
        if status == 401:
            return f"it does not accept this site's signature: give it this site's key{self._apart(headers)}"
        if status in (404, 405):
            return "nothing answers for sites at its address: check url, and that it has a sites file"
        return f"something else than the site answered (HTTP {status})"

    def _apart(self, headers: http.client.HTTPMessage) -> str:
        """How far the two clocks are apart, when that may be the reason."""
        try:
            theirs = parsedate_to_datetime(headers.get("date", ""))
            apart = round((self.clock() - theirs).total_seconds())
        except (TypeError, ValueError):
            return ""
        if abs(apart) < _CLOCKS_APART:
            return ""
        return f"; the clock here is {abs(apart)} s {'ahead of' if apart > 0 else 'behind'} its clock: set it"


def _connection(peer: PeerSite, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(peer.url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=None if peer.ca_file is None else str(peer.ca_file))
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=seconds)


def _words(error: Exception) -> str:
    """What failed, without an address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at its address"
    if isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected | ConnectionError):
        return "the connection broke off"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be reached: {error.strerror}"
    return f"it cannot be reached: {type(error).__name__}"
