"""One request to a payer's FHIR server: only to an address that the site named, over TLS, within 15 seconds.

The host's name is resolved once, every address it has is looked at, and the connection goes to that address
and no other, so that a name cannot lead into the house. An address on this machine is reached only where the
site named that address itself. Nothing is followed, and nothing larger than a megabyte is read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bedside.errors import Refused
from bedside.settings import is_loopback

SECONDS = 15.0
LARGEST = 1024 * 1024
_PIECE = 1 << 16
SUBMIT, INQUIRE, PACKAGE = "Claim/$submit", "Claim/$inquire", "Questionnaire/$questionnaire-package"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """There was none. left: whether the request may have reached the payer all the same."""

    reason: str
    left: bool


def allowed(url: str, named: Sequence[str]) -> str:
    """The address as the site named it; raises `Refused` for any other. named: base addresses; a plain one
    only on this machine."""
    wanted = url.rstrip("/")
    if wanted not in {one.rstrip("/") for one in named}:
        raise Refused("this payer's address is not among those that BEDSIDE_PAYERS names")
    parts = urlsplit(wanted)
    plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not plain and parts.scheme != "https":
        raise Refused("a payer is reached over https, or on this machine")
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise Refused("a payer's address is https://host[:port]/path and nothing more")
    return wanted


def ask_payer(
    base: str,
    operation: str,
    body: bytes,
    named: Sequence[str],
    *,
    key: str = "",
    seconds: float = SECONDS,
    ca_file: Path | None = None,
) -> Reply | NoReply:
    """POST a bundle to an operation. key: the number under which a retry is the same request. Raises
    `Refused`."""
    parts = urlsplit(allowed(base, named))
    host = parts.hostname or ""
    until = time.monotonic() + min(seconds, SECONDS)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        pinned = _resolve(host, port)
        connection = _Pinned(host, port, pinned, parts.scheme == "https", until, ca_file)
        connection.connect()
    except Refused:
        raise
    except (OSError, UnicodeError) as error:
        return NoReply(_words(error), left=False)
    try:
        return _exchange(connection, f"{parts.path}/{operation}", body, key, until)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return NoReply(_words(error), left=True)
    finally:
        connection.close()


def _resolve(host: str, port: int) -> str:
    """The one address that is used; refused when any address of the name is inside some network."""
    found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    for address in found:
        inside = not ipaddress.ip_address(address.partition("%")[0]).is_global
        if inside and not (is_loopback(host) and is_loopback(address)):
            raise Refused("this payer's name leads into a private network")
    if not found:
        raise OSError("the name has no address")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, under the name that the certificate must have."""

    def __init__(
        self, host: str, port: int, address: str, secure: bool, until: float, ca_file: Path | None
    ) -> None:
        super().__init__(host, port)
        self.address, self.secure, self.until, self.ca_file = address, secure, until, ca_file

    def connect(self) -> None:
        """Connect, within what is left of the time."""
        self.sock = socket.create_connection((self.address, self.port), _left(self.until))
        if self.secure:
            context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _exchange(connection: _Pinned, path: str, body: bytes, key: str, until: float) -> Reply | NoReply:
    headers = {
        "content-type": "application/fhir+json",
        "accept": "application/fhir+json",
        "connection": "close",
    }
    if key:
        headers["idempotency-key"] = key
    _hurry(connection, until)
    connection.request("POST", path, body, headers)
    _hurry(connection, until)
    response = connection.getresponse()
    answer = b""
    while piece := _read(connection, response, until):
        answer += piece
        if len(answer) > LARGEST:
            return NoReply("its answer is larger than is taken", left=True)
    if response.length:
        return NoReply("its answer broke off", left=True)
    return Reply(response.status, answer)


def _read(connection: _Pinned, response: http.client.HTTPResponse, until: float) -> bytes:
    _hurry(connection, until)
    return response.read1(_PIECE)


def _hurry(connection: _Pinned, until: float) -> None:
    """Each step has only what is left of the whole time, so that a drip of bytes does not make it longer."""
    left = _left(until)
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _words(error: Exception) -> str:
    """What failed, without an address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at its address"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected | ConnectionError):
        return "the connection broke off"
    return f"it cannot be reached: {type(error).__name__}"
