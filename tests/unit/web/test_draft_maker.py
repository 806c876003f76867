"""Drafts of what messages carry are made beside the listener: nobody waits for one, and none is forgotten."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bedside.errors import StoreError
from bedside.service import attached_reports, receive_report
from bedside.service.drafts import list_drafts
from bedside.service.house import House, open_house
from bedside.service.owed_drafts import owed
from bedside.service.receive_hl7 import receive_message
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web import draft_maker
from bedside.web.draft_maker import drafting
from bedside.web.mllp import Listening, listening
from tests.unit.service.test_attached_reports import PDF, message
from tests.unit.service.test_reports import ANNA

PLAIN = message(b"no document").replace(b"|M1|", b"|M2|")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(draft_maker, "LOOK_SECONDS", 0.02)
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    register_person(opened, ANNA)
    yield opened
    opened.close()


def sent(port: int, content: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"\x0b" + content + b"\x1c\r")
        heard = b""
        while not heard.endswith(b"\x1c\r"):
            heard += client.recv(4096)
    return heard


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_slow_draft_delays_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(*given: object) -> receive_report.Drafted:
        begun.set()
        assert go_on.wait(20)
        return receive_report.receive_report(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(attached_reports, "receive_report", slow)
    with drafting(house), listening(house, Listening(port=0)) as listener:
        assert b"MSA|AA|M1|stored" in sent(listener.port, message(PDF))
        assert begun.wait(20)
        assert b"MSA|AA|M2|stored" in sent(listener.port, PLAIN)
        assert (list_drafts(house), len(owed(house))) == ((), 1)
        go_on.set()
        until(lambda: not owed(house))
    assert [line.person for line in list_drafts(house)] == ["p1"]


def test_what_was_owed_when_the_server_ended_is_made_at_the_next_start(house: House) -> None:
    receive_message(house, message(PDF))
    assert list_drafts(house) == ()
    with drafting(house):
        until(lambda: not owed(house))
    assert [line.person for line in list_drafts(house)] == ["p1"]


def test_one_that_fails_is_tried_again_and_keeps_no_other_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[str] = []
    put = house.documents.put

    def fails_once(content: bytes) -> str:
        if content.startswith(b"%PDF") and not failed:
            failed.append("once")
            raise StoreError("disk full")
        return put(content)

    receive_message(house, message(PDF))
    receive_message(house, message(PDF[:500], "A-1001").replace(b"|M1|", b"|M3|"))
    monkeypatch.setattr(type(house.documents), "put", lambda _, content: fails_once(content))
    with drafting(house):
        until(lambda: len(owed(house)) == 1)
        assert list_drafts(house) == ()
        until(lambda: not owed(house))
    assert len(list_drafts(house)) == 1
    assert "StoreError while making a draft" in caplog.text
