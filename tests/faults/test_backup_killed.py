"""Killed at any moment or out of space, a backup is whole or not there, and so is a restored house."""

from __future__ import annotations

import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.back_up import back_up, into_folder, restore, verify_backup
from bedside.service.house import House, open_house
from bedside.settings import Settings
from bedside.store.sealed_file import make_key_file, secret_from
from tests.faults.test_store_fails import error_of, in_another_process

BACKER = Path(__file__).with_name("backer.py")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of 3,000 events and 300 documents."""
    opened = open_house(into_folder(Settings(), tmp_path / "house"))
    opened.ledger.append(
        [
            NewEvent(EventKind.ACCESSED, "clerk", NOON, "p", {"number": n, "text": "x" * 500})
            for n in range(3000)
        ]
    )
    for number in range(300):
        opened.documents.put(f"letter {number} ".encode() * 200)
    yield opened
    opened.close()


def killed(choice: random.Random, longest: float, *words: object) -> bool:
    """Run a process and kill it at a random moment; whether it said that it was done."""
    process = subprocess.Popen(
        [sys.executable, str(BACKER), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    time.sleep(choice.uniform(0.0, longest))
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read()
    process.stdout.close()
    process.wait()
    return b"done" in said


@pytest.mark.parametrize("sealed", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_killed_backup_is_not_there_and_the_next_run_goes_on(
    house: House, tmp_path: Path, sealed: bool
) -> None:
    make_key_file(tmp_path / "key")
    key = [str(tmp_path / "key")] if sealed else []
    secret = secret_from(tmp_path / "key") if sealed else None
    choice = random.Random(7)
    for _ in range(4):
        done = killed(choice, 1.6, "make", tmp_path / "house", tmp_path / "b", *key)
        if (tmp_path / "b").exists():
            verify_backup(tmp_path / "b", secret)
            shutil.rmtree(tmp_path / "b")
        else:
            assert not done
    made = back_up(house, tmp_path / "b", actor="night", secret=secret)
    assert verify_backup(tmp_path / "b", secret).digest == made.digest
    assert not (tmp_path / ".b.making").exists()


def test_a_backup_that_was_cut_off_takes_what_is_there_and_whole(house: House, tmp_path: Path) -> None:
    making = tmp_path / ".b.making"
    back_up(house, tmp_path / "b", actor="night")
    (tmp_path / "b").rename(making)
    torn = next(path for path in sorted((making / "documents").rglob("*")) if path.is_file())
    torn.write_bytes(torn.read_bytes()[:100])
    (making / "manifest").unlink()
    made = back_up(house, tmp_path / "b", actor="night")
    assert made.kept >= 299
    assert verify_backup(tmp_path / "b", None).digest == made.digest


def test_a_killed_restore_is_no_house_and_the_next_run_goes_on(house: House, tmp_path: Path) -> None:
    made = back_up(house, tmp_path / "b", actor="night")
    choice = random.Random(8)
    for _ in range(4):
        killed(choice, 1.2, "restore", tmp_path / "b", tmp_path / "empty")
        if (tmp_path / "empty" / "ledger.db").exists():
            again = open_house(into_folder(Settings(), tmp_path / "empty"))
            assert again.ledger.verify(made.manifest.checkpoint) == 3000
            again.close()
            shutil.rmtree(tmp_path / "empty")
    if not (tmp_path / "empty" / "ledger.db").exists():
        restore(tmp_path / "b", into_folder(Settings(), tmp_path / "empty"))
        assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == ["documents", "ledger.db"]
    again = open_house(into_folder(Settings(), tmp_path / "empty"))
    assert again.ledger.checkpoint() == made.manifest.checkpoint
    assert len([path for path in again.documents.folder.glob("*/*") if path.is_file()]) == 300
    again.close()


def test_what_another_restore_left_is_not_gone_on_with(house: House, tmp_path: Path) -> None:
    back_up(house, tmp_path / "a", actor="night")
    house.documents.put(b"one more")
    back_up(house, tmp_path / "b", actor="night")
    target = tmp_path / "empty" / "documents"
    target.mkdir(parents=True)
    (target / ".restoring").write_text("0" * 64)
    with pytest.raises(StoreError, match="is not empty"):
        restore(tmp_path / "b", into_folder(Settings(), tmp_path / "empty"))


def test_a_full_disk_leaves_no_backup_and_no_house(house: House, tmp_path: Path) -> None:
    house.documents.put(b"x" * 400_000)

    def fill(size: int, task: object) -> str:
        def limited() -> str:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return error_of(task)  # type: ignore[arg-type]

        return in_another_process(limited)

    def make() -> None:
        own = open_house(into_folder(Settings(), tmp_path / "house"))
        back_up(own, tmp_path / "b", actor="night")

    assert fill(200_000, make) == "StoreError: the backup could not be written: File too large"
    assert not (tmp_path / "b").exists()
    back_up(house, tmp_path / "b", actor="night")
    told = fill(200_000, lambda: restore(tmp_path / "b", into_folder(Settings(), tmp_path / "empty")))
    assert told.startswith("StoreError: the backup could not be restored")
    assert not (tmp_path / "empty" / "ledger.db").exists()
    with pytest.raises(InputError, match="no folder"):
        verify_backup(tmp_path / "nowhere", None)
    restore(tmp_path / "b", into_folder(Settings(), tmp_path / "empty"))
