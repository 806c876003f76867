"""A store that cannot be written says so, refuses the request, and leaves what was there as it was."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedside.errors import AuditUnavailable, StoreError, Tampered
from bedside.genome.event import EventKind, NewEvent
from bedside.store import sqlite_ledger
from bedside.store.documents import Documents
from bedside.store.group_commit import GroupCommit
from bedside.store.open_ledger import open_ledger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user of the machine may enter."""
    path = Path(tempfile.mkdtemp(prefix="bedside-faults-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def accessed(size: int = 1) -> NewEvent:
    return NewEvent(EventKind.ACCESSED, "clerk", NOON, "p", {"text": "x" * size})


def in_another_process(task: Callable[[], str]) -> str:
    """What a task answers in a process of its own, so that its limits and user end with it."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(task()))
    process.start()
    sender.close()
    answer = str(receiver.recv())
    process.join()
    receiver.close()
    return answer


def error_of(task: Callable[[], object]) -> str:
    try:
        task()
    except (StoreError, AuditUnavailable) as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def test_a_full_disk_is_a_store_error_and_nothing_is_half_written(folder):
    store = folder / "ledger.db"
    ledger = open_ledger(str(store))
    ledger.append([accessed()])
    before = ledger.checkpoint()
    ledger.close()

    def fill() -> str:
        own = open_ledger(str(store))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
        return error_of(lambda: own.append([accessed(500_000) for _ in range(20)]))

    assert in_another_process(fill) in (
        "StoreError: the ledger could not be written: disk I/O error",
        "StoreError: the ledger could not be written: database or disk is full",
    )
    ledger = open_ledger(str(store))
    assert (ledger.verify(before), ledger.checkpoint()) == (1, before)
    (after,) = ledger.append([accessed()])
    assert after.sequence == 2
    ledger.close()


def test_a_full_disk_keeps_no_part_of_a_document(folder):
    documents = Documents(folder / "documents")
    kept = documents.put(b"kept")

    def fill() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        return error_of(lambda: documents.put(b"x" * 300_000))

    assert in_another_process(fill) == "StoreError: a document could not be written: File too large"
    assert [path for path in documents.folder.rglob("*") if path.is_file()] == [documents.path(kept)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root to become somebody who may not write")
def test_a_store_that_may_not_be_written_is_a_store_error(folder):
    store = folder / "ledger.db"
    ledger = open_ledger(str(store))
    ledger.append([accessed()])
    ledger.close()
    store.chmod(0o444)

    def write() -> str:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return error_of(lambda: open_ledger(str(store)).append([accessed()]))

    assert in_another_process(write) == (
        "StoreError: the ledger could not be opened: attempt to write a readonly database"
    )


def test_a_folder_that_cannot_be_made_is_a_store_error(folder):
    (folder / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="folder cannot be made"):
        open_ledger(str(folder / "file" / "ledger.db"))


def test_a_file_that_is_no_ledger_is_a_store_error_and_stays_as_it_was(folder):
    other = folder / "ledger.db"
    other.write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        open_ledger(str(other))
    assert other.read_bytes() == b"this is a letter, not a database" * 100


def test_a_ledger_of_a_newer_program_is_refused(folder):
    store = folder / "ledger.db"
    open_ledger(str(store)).close()
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreError, match="the ledger has schema 99"):
        open_ledger(str(store))


def test_while_another_holds_the_ledger_the_audit_is_unavailable_and_then_it_is_back(folder, monkeypatch):
    monkeypatch.setattr(sqlite_ledger, "BUSY_SECONDS", 0.05)
    store = folder / "ledger.db"
    ledger = open_ledger(str(store))
    audit = GroupCommit(ledger)
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AuditUnavailable, match="database is locked"):
        audit.append([accessed()])
    assert ledger.verify() == 0
    other.execute("ROLLBACK")
    other.close()
    (written,) = audit.append([accessed()])
    assert written.sequence == 1
    audit.close()
    with pytest.raises(AuditUnavailable, match="closed"):
        audit.append([accessed()])
    ledger.close()


def test_whoever_sends_an_impossible_event_fails_alone(folder):
    ledger = open_ledger(str(folder / "ledger.db"))
    audit = GroupCommit(ledger)
    card = NewEvent(EventKind.HOOK_ANSWERED, "ehr", NOON, "p", {"cards": [{"uuid": "c-1"}]})
    futures = [audit.submit([new]) for new in (accessed(), card, card, accessed(), accessed())]
    audit.close()
    failed = [future.exception() is not None for future in futures]
    assert failed == [False, False, True, False, False]
    assert ledger.verify() == 4
    ledger.close()


def test_whoever_gives_up_waiting_does_not_stop_the_others(folder):
    ledger = open_ledger(str(folder / "ledger.db"))
    audit = GroupCommit(ledger)
    other = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    first = audit.submit([accessed()])
    while not first.running():
        time.sleep(0.001)
    gone, patient = audit.submit([accessed()]), audit.submit([accessed()])
    assert gone.cancel()
    other.execute("ROLLBACK")
    other.close()
    assert [first.result(10)[0].sequence, patient.result(10)[0].sequence] == [1, 2]
    audit.close()
    ledger.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_an_unexpected_failure_requests_are_refused_and_the_next_is_written(folder, monkeypatch):
    ledger = open_ledger(str(folder / "ledger.db"))
    audit = GroupCommit(ledger)

    def fail(*_arguments):
        raise RuntimeError("a defect")

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "_append", fail)
        with pytest.raises(AuditUnavailable, match="unexpected failure"):
            audit.append([accessed()])
        assert audit._thread is not None
        audit._thread.join(10)
    (written,) = audit.append([accessed()])
    assert (written.sequence, ledger.verify()) == (1, 1)
    audit.close()
    ledger.close()


def test_a_torn_document_is_never_read_as_the_document(folder):
    documents = Documents(folder / "documents")
    name = documents.put(b"##fileformat=VCFv4.2\n" * 50)
    with documents.path(name).open("r+b") as file:
        file.truncate(100)
    with pytest.raises(Tampered, match="is not what its digest says"):
        documents.get(name)


def test_a_cut_tail_is_found_by_a_checkpoint_kept_elsewhere(folder):
    store = folder / "ledger.db"
    ledger = open_ledger(str(store))
    ledger.append([accessed(), accessed(), accessed()])
    kept = ledger.checkpoint()
    ledger.close()
    connection = sqlite3.connect(store)
    connection.execute("DROP TRIGGER event_never_goes")
    connection.execute("DELETE FROM event WHERE sequence > 1")
    connection.commit()
    connection.close()
    ledger = open_ledger(str(store))
    assert ledger.verify() == 1
    with pytest.raises(Tampered, match="ends at event 1, the checkpoint was taken at 3"):
        ledger.verify(kept)
    ledger.close()


def test_many_processes_may_open_a_new_ledger_at_once(folder):
    store = str(folder / "ledger.db")

    def write() -> str:
        return error_of(lambda: open_ledger(store).append([accessed()]))

    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    ledger = open_ledger(store)
    assert ledger.verify() == 6
    ledger.close()
