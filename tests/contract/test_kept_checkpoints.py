"""Checkpoints that lie elsewhere show what the chain alone does not: a cut tail, a ledger written anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.errors import InputError, SettingsError, Tampered
from bedside.genome.event import EventKind, NewEvent
from bedside.service.back_up import back_up, into_folder, restore
from bedside.service.house import House, open_house
from bedside.service.keep_checkpoint import erased_since, keep_checkpoint, keep_when_due, verify_against
from bedside.settings import Settings
from bedside.store.chain import GENESIS, link
from bedside.store.readings import COLUMNS
from bedside.store.signing_key import (
    make_signing_key,
    public_file,
    read_public_keys,
    read_signing_key,
    rotate_signing_key,
)
from tests.contract.conftest import HandClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Another place, with a signing key and an empty log."""
    (tmp_path / "elsewhere").mkdir()
    make_signing_key(tmp_path / "elsewhere" / "key", "2026-03-01")
    return tmp_path / "elsewhere"


@pytest.fixture
def house(tmp_path: Path, folder: Path) -> Iterator[House]:
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}",
        checkpoint_log=str(folder),
        checkpoint_key_file=str(folder / "key"),
    )
    opened = open_house(settings, clock=HandClock())
    yield opened
    opened.close()


def note(house: House, count: int) -> None:
    house.ledger.append(
        [NewEvent(EventKind.ACCESSED, "clerk", NOON, "p", {"n": number}) for number in range(count)]
    )


def kept_twice(house: House, folder: Path) -> None:
    """Ten events, a checkpoint (event 11 says so), ten more, another (event 22)."""
    for _ in range(2):
        note(house, 10)
        keep_checkpoint(house, folder, folder / "key", actor="night")


def by_hand(house: House, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change the file past every rule of the program."""
    connection = sqlite3.connect(house.settings.store_url.removeprefix("sqlite:///"))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    change(connection)
    connection.commit()
    connection.close()


def made_anew(connection: sqlite3.Connection, sequence: int) -> None:
    """Change an event and compute every hash after it again, as somebody would who knows how."""
    connection.execute("UPDATE event SET payload = '{\"n\":77}' WHERE sequence = ?", (sequence,))
    before = GENESIS
    for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM event ORDER BY sequence").fetchall():
        before = link(before, row)
        connection.execute("UPDATE event SET hash = ? WHERE sequence = ?", (before, row[0]))


def test_a_ledger_that_passes_through_every_kept_checkpoint_is_whole(house: House, folder: Path) -> None:
    kept_twice(house, folder)
    note(house, 5)
    kept = verify_against(house, folder)
    assert [(one.line, one.checkpoint.sequence) for one in kept] == [(1, 10), (2, 21)]
    told = [event.payload for event in house.ledger.events(kinds=[EventKind.CHECKPOINT_KEPT])]
    assert [(one["checkpoint"], one["where"]) for one in told] == [
        (str(one.checkpoint), "bedside-checkpoints.jsonl") for one in kept
    ]


def test_an_edit_is_named_by_the_chain(house: House, folder: Path) -> None:
    kept_twice(house, folder)
    by_hand(house, lambda c: c.execute("UPDATE event SET payload = '{}' WHERE sequence = 7"))
    with pytest.raises(Tampered, match="event 7 does not fit"):
        verify_against(house, folder)


def test_a_chain_made_anew_fits_itself_and_not_what_was_kept(house: House, folder: Path) -> None:
    kept_twice(house, folder)
    by_hand(house, lambda c: made_anew(c, 15))
    assert house.ledger.verify() == 22
    with pytest.raises(Tampered, match=r"an event from 11 to 21 is not the one .* was made anew"):
        verify_against(house, folder)


def test_a_cut_tail_that_the_chain_misses_is_found(house: House, folder: Path) -> None:
    kept_twice(house, folder)
    by_hand(house, lambda c: c.execute("DELETE FROM event WHERE sequence > 20"))
    assert house.ledger.verify() == 20
    with pytest.raises(Tampered, match=r"tail was cut: it ends at event 20, .* taken at 21"):
        verify_against(house, folder)


def log_of(folder: Path) -> Path:
    return folder / "bedside-checkpoints.jsonl"


def rewritten(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = log_of(folder).read_text().splitlines(keepends=True)
    log_of(folder).write_text("".join(change(lines)))


def forged(line: str, **changed: object) -> str:
    return json.dumps({**json.loads(line), **changed}) + "\n"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda ls: [forged(ls[0], hash="0" * 64), ls[1]], "1: is forged or changed"),
        (lambda ls: [ls[0], forged(ls[1], sequence=3)], "2: is forged or changed"),
        (lambda ls: [ls[0], forged(ls[1], key="f" * 16)], "2: is signed by a key that is not known"),
        (lambda ls: [ls[1]], "1: does not follow the line before it"),
        (lambda ls: [ls[1], ls[0]], "does not follow the line before it"),
        (lambda ls: [ls[0], "nonsense\n"], "2: is no checkpoint"),
        (lambda ls: [], "holds no checkpoint"),
    ],
)
def test_a_forged_moved_or_missing_line_is_named(
    house: House, folder: Path, change: Callable[[list[str]], list[str]], told: str
) -> None:
    kept_twice(house, folder)
    rewritten(folder, change)
    with pytest.raises(InputError, match=told):
        verify_against(house, folder)


def test_a_log_whose_own_tail_was_cut_is_found_by_the_ledger(house: House, folder: Path) -> None:
    kept_twice(house, folder)
    rewritten(folder, lambda lines: lines[:1])
    with pytest.raises(Tampered, match="the log's tail was cut: it has 1 lines, event 22 kept line 2"):
        verify_against(house, folder)


def test_somebody_elses_key_signs_nothing_that_counts(house: House, folder: Path) -> None:
    make_signing_key(folder / "mine", "2026-03-01")
    note(house, 1)
    keep_checkpoint(house, folder, folder / "mine", actor="intruder")
    with pytest.raises(InputError, match="not known"):
        verify_against(house, folder)


def test_after_a_rotation_the_old_checkpoints_still_verify_and_the_old_key_is_gone(
    house: House, folder: Path
) -> None:
    old = read_signing_key(folder / "key").private_bytes_raw()
    note(house, 3)
    keep_checkpoint(house, folder, folder / "key", actor="night")
    before, after = rotate_signing_key(folder / "key", "2026-04-01")
    note(house, 3)
    keep_checkpoint(house, folder, folder / "key", actor="night")
    assert [one.key for one in verify_against(house, folder)] == [before, after]
    assert set(read_public_keys(public_file(folder / "key"))) == {before, after}
    assert read_signing_key(folder / "key").private_bytes_raw() != old
    with pytest.raises(SettingsError, match="is there already"):
        make_signing_key(folder / "key", "2026-04-01")
    (folder / "old.public").write_text(public_file(folder / "key").read_text().splitlines()[0])
    with pytest.raises(InputError, match="2: is signed by a key that is not known"):
        verify_against(house, folder, folder / "old.public")


def test_a_server_keeps_a_checkpoint_when_one_is_due_and_something_happened(
    house: House, folder: Path
) -> None:
    clock = house.clock
    assert isinstance(clock, HandClock)
    note(house, 1)
    assert keep_when_due(house, clock()) is not None
    assert keep_when_due(house, clock()) is None
    clock.now += timedelta(minutes=61)
    assert keep_when_due(house, clock()) is None
    note(house, 1)
    assert keep_when_due(house, clock()) is not None
    clock.now += timedelta(minutes=59)
    note(house, 1)
    assert keep_when_due(house, clock()) is None
    assert len(verify_against(house, folder)) == 2


def test_a_restored_house_is_told_which_erasures_it_lacks(house: House, folder: Path, tmp_path: Path) -> None:
    note(house, 2)
    keep_checkpoint(house, folder, folder / "key", actor="night")
    back_up(house, tmp_path / "b", actor="night")
    payload = {"reason": "asked", "runs": []}
    house.ledger.append([NewEvent(EventKind.GENOME_ERASED, "clerk", NOON, "p", payload)])
    keep_checkpoint(house, folder, folder / "key", actor="night")
    restore(tmp_path / "b", into_folder(Settings(), tmp_path / "again"))
    again = open_house(into_folder(Settings(checkpoint_key_file=str(folder / "key")), tmp_path / "again"))
    assert erased_since(again, verify_against(house, folder)) == 1
    with pytest.raises(Tampered, match=r"tail was cut.*1 erasures .* must be done again"):
        verify_against(again, folder)
    again.close()
