"""An ACK means that it is on disk: a listener killed at any moment has everything it acknowledged."""

from __future__ import annotations

import base64
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.service.drafts import list_drafts
from bedside.service.house import open_house
from bedside.service.owed_drafts import make_owed, owed
from bedside.settings import Settings
from bedside.store.documents import Documents
from bedside.store.open_ledger import open_ledger
from tests.made_up_reports import Says, report

LISTENER = Path(__file__).with_name("mllp_listener.py")
ORU = "\r".join(
    (
        r"MSH|^~\&|LIS|LAB|EHR|H|20260301||ORU^R01^ORU_R01|{number}|P|2.5.1",
        "PID|1||M1^^^HOSP^MR||{family}^Ada||19800101|F",
        "OBR|1||{number}|81247-9^Panel^LN||||||||||||||||||20260301|||F",
        "OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:2621^CYP2C19^HGNC||||||F",
        "OBX|2|ST|84413-4^Genotype^LN|1a|*1/*2||||||F",
        "",
    )
)


def send_until_killed(port: int, name: str, acknowledged: list[str]) -> None:
    """Send messages one by one, every fifth about nobody known; note each that was acknowledged."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            for number in range(1_000_000):
                control = f"{name}-{number}"
                family = "Nobody" if number % 5 == 4 else "Osei"
                client.sendall(b"\x0b" + ORU.format(number=control, family=family).encode() + b"\x1c\r")
                heard = b""
                while not heard.endswith(b"\x1c\r"):
                    piece = client.recv(4096)
                    if not piece:
                        return
                    heard += piece
                if f"MSA|AA|{control}|".encode() in heard:
                    acknowledged.append(control)
    except OSError:
        return


def started(folder: Path, name: str) -> tuple[subprocess.Popen[bytes], int]:
    """A listener that listens, and its port."""
    port_file = folder / f"port-{name}"
    process = subprocess.Popen([sys.executable, str(LISTENER), str(folder / "ledger.db"), str(port_file)])
    until = time.monotonic() + 120
    while not port_file.exists() or not port_file.read_text().endswith("\n"):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    return process, int(port_file.read_text())


def one_round(folder: Path, number: int, choice: random.Random) -> list[str]:
    """Start a listener, send from two connections, kill it; what it acknowledged."""
    process, port = started(folder, str(number))
    until = time.monotonic() + 120
    acknowledged: list[str] = []
    senders = [
        threading.Thread(target=send_until_killed, args=(port, f"m{number}-{each}", acknowledged))
        for each in range(2)
    ]
    for sender in senders:
        sender.start()
    while not acknowledged:
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(choice.uniform(0.0, 0.5))
    process.send_signal(signal.SIGKILL)
    process.wait()
    for sender in senders:
        sender.join()
    return acknowledged


def survives(folder: Path, rounds: int, seed: int) -> int:
    """Kill a listener again and again on one store; how many messages were acknowledged, all of them kept."""
    choice, said = random.Random(seed), list[str]()
    for number in range(rounds):
        said += one_round(folder, number, choice)
        ledger, documents = open_ledger(str(folder / "ledger.db")), Documents(folder / "documents")
        ledger.verify()
        kept = {}
        for event in ledger.events(kinds=(EventKind.MESSAGE_RECEIVED, EventKind.MESSAGE_QUARANTINED)):
            kept[event.payload["control_id"]] = event
        assert set(said) <= set(kept)
        results = {one.result for one in ledger.results("p1")}
        for control, event in kept.items():
            assert f"|{control}|".encode() in documents.get(event.payload["document"])
            if event.kind is EventKind.MESSAGE_RECEIVED:
                assert event.payload["result"] in results
        ledger.close()
    return len(said)


def test_what_was_acknowledged_is_on_disk_when_the_listener_is_killed(tmp_path):
    assert survives(tmp_path, rounds=2, seed=4) >= 2


@pytest.mark.slow
def test_what_was_acknowledged_is_on_disk_after_many_kills(tmp_path):
    assert survives(tmp_path, rounds=60, seed=int(time.time())) >= 60


def test_a_draft_that_was_owed_when_the_listener_was_killed_is_made_afterwards(tmp_path):
    process, port = started(tmp_path, "once")
    coded = base64.b64encode(report("classic", Says())).decode()
    sent = ORU.format(number="pdf", family="Osei") + f"OBX|3|ED|R^Report^L||^application^pdf^Base64^{coded}\r"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"\x0b" + sent.encode() + b"\x1c\r")
        assert b"MSA|AA|pdf|stored" in client.recv(4096)
        process.send_signal(signal.SIGKILL)
    process.wait()
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    assert len(owed(house)) == 1
    make_owed(house)
    assert [line.person for line in list_drafts(house)] == ["p1"]
    house.close()
