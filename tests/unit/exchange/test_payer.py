"""The way to a payer: only where the site says, never into the house, within its time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bedside.errors import Refused
from bedside.exchange.payer import LARGEST, SUBMIT, NoReply, Reply, allowed, ask_payer

AWAY = "https://payer.example/fhir"


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does what it is told with one connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            # What came and was not read makes a closed connection break off, whatever was answered.
            said = b""
            while not said.endswith(b"{}") and (piece := connection.recv(65536)):
                said += piece
            try:
                answer(connection)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/fhir"
    server.close()
    thread.join(5.0)


def head(length: int, status: str = "200 OK", more: str = "") -> bytes:
    """The head of an HTTP answer."""
    return f"HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}\r\n".encode()


def asked(url: str, seconds: float = 2.0) -> Reply | NoReply:
    """A request to it."""
    return ask_payer(url, SUBMIT, b"{}", [url], seconds=seconds)


@pytest.mark.parametrize(
    "inside",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.5", "100.64.0.1", "::1", "fd00::1", "0.0.0.0"],
)
def test_a_name_that_leads_into_the_house_is_refused_also_beside_an_address_outside(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", inside)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))
    with pytest.raises(Refused, match="private network"):
        ask_payer(AWAY, SUBMIT, b"{}", [AWAY])


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: next(answers))
    seen = []

    def connect(place: tuple[str, int], *_: object) -> socket.socket:
        seen.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    assert ask_payer(AWAY, SUBMIT, b"{}", [AWAY]) == NoReply("nothing listens at its address", left=False)
    assert seen == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "url",
    [
        "http://payer.example/fhir",
        "https://user@payer.example/fhir",
        "https://payer.example/fhir?x=1",
        "ftp://payer.example/fhir",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_https_is_refused_although_it_is_named(url: str) -> None:
    with pytest.raises(Refused):
        allowed(url, [url])


def test_an_address_that_is_not_named_is_refused() -> None:
    with pytest.raises(Refused, match="BEDSIDE_PAYERS"):
        allowed("https://payer.example/other", [AWAY])
    assert allowed(f"{AWAY}/", [AWAY]) == AWAY


def test_a_drip_of_bytes_does_not_make_the_time_longer() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(head(1000))
        for _ in range(40):
            connection.sendall(b" ")
            time.sleep(0.05)

    with listening(drip) as url:
        began = time.monotonic()
        assert asked(url, seconds=0.5) == NoReply("it did not answer in time", left=True)
        assert time.monotonic() - began < 1.5


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with listening(lambda one: one.sendall(head(0, "302 Found", "location: http://127.0.0.1:1/\r\n"))) as url:
        assert asked(url) == Reply(302, b"")


def test_what_breaks_off_or_is_too_large_is_no_answer() -> None:
    with listening(lambda one: one.sendall(head(10) + b"half")) as url:
        assert asked(url) == NoReply("its answer broke off", left=True)
    with listening(lambda one: one.sendall(head(LARGEST + 9) + b" " * (LARGEST + 9))) as url:
        assert asked(url) == NoReply("its answer is larger than is taken", left=True)
    with listening(lambda one: one.close()) as url:
        assert asked(url) == NoReply("the connection broke off", left=True)


def test_where_nothing_listens_nothing_has_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/fhir"
    assert asked(url) == NoReply("nothing listens at its address", left=False)
