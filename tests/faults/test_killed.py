"""A kill -9 at any moment loses nothing acknowledged and leaves nothing half-written."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.store.documents import Documents
from bedside.store.open_ledger import open_ledger

WRITER = Path(__file__).with_name("writer.py")


def killed_at_random(store: Path, number: int, choice: random.Random) -> list[tuple[str, str]]:
    """Two writers on one store, killed at a random moment; what they said was on disk."""
    writers = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(store), f"w{number}-{each}"], stdout=subprocess.PIPE
        )
        for each in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    time.sleep(choice.uniform(0.0, 0.25))
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
    said = []
    for writer in writers:
        assert writer.stdout is not None
        lines = writer.stdout.read().decode().splitlines(keepends=True)
        said += [tuple(line.split()) for line in lines if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()
    return said


def survives(folder: Path, seconds: float, seed: int) -> int:
    """Kill writers again and again on one store, and check it after each; how many rounds there were."""
    store, choice = folder / "ledger.db", random.Random(seed)
    acknowledged: list[tuple[str, str]] = []
    until, rounds, checkpoint = time.monotonic() + seconds, 0, None
    while time.monotonic() < until:
        acknowledged += killed_at_random(store, rounds, choice)
        rounds += 1
        ledger = open_ledger(str(store))
        ledger.verify(checkpoint)
        checkpoint = ledger.checkpoint()
        kept = {event.payload["result"] for event in ledger.events(kinds=[EventKind.RESULT_ACCEPTED])}
        meant = {event.payload["result"] for event in ledger.events(kinds=[EventKind.MEANINGS_DERIVED])}
        results = list(ledger.all_results())
        assert ledger.calls({digest for result in results for digest in result.calls.values()})
        ledger.content(
            {digest for result in results for digests in result.observations.values() for digest in digests}
        )
        documents = Documents(folder / "documents")
        assert {result for _, result in acknowledged} <= kept
        assert kept == meant == {result.result for result in results if result.calls}
        for result in results:
            assert documents.get(result.documents[0]).startswith(b"##fileformat=VCF")
        ledger.close()
    return rounds


def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path):
    assert survives(tmp_path, seconds=12, seed=1) >= 5


@pytest.mark.slow
def test_what_was_acknowledged_survives_many_kills(tmp_path):
    assert survives(tmp_path, seconds=300, seed=int(time.time())) >= 100
