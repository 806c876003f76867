"""An encrypted store says nothing to who has no key, and a change of key survives a kill at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("sqlcipher3", reason="the extra `encryption` is not installed")

from bedside.errors import SettingsError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.back_up import back_up, restore
from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.store.open_ledger import open_ledger
from bedside.store.sealed_file import WrongKey, make_key_file
from bedside.store.sqlcipher_ledger import rotate_store_key
from bedside.store.store_key import StoreKey, coming_file, read_store_key

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROTATOR = Path(__file__).with_name("key_rotator.py")
CANARY = "Canarysdottir"


def named(number: int = 1) -> NewEvent:
    return NewEvent(
        EventKind.PERSON_REGISTERED, "clerk", NOON, f"p-{number}", {"family": CANARY, "given": "Åsa"}
    )


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key_file(tmp_path / "store.key")
    return tmp_path / "store.key"


def url(tmp_path: Path) -> str:
    return f"sqlite+sqlcipher:///{tmp_path / 'ledger.db'}"


def raw(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tmp_path.glob("ledger.db*")}


def test_neither_the_file_nor_its_log_holds_a_readable_word(tmp_path: Path, key: Path) -> None:
    ledger = open_ledger(url(tmp_path), key=read_store_key(key))
    ledger.append([named(number) for number in range(200)])
    files = raw(tmp_path)
    assert {"ledger.db", "ledger.db-wal"} <= set(files)
    assert len(files["ledger.db-wal"]) > 100_000
    for content in files.values():
        for word in (CANARY, "Åsa", "person-registered", "SQLite format 3", "CREATE TABLE"):
            assert word.encode() not in content
    plain = open_ledger(f"sqlite:///{tmp_path / 'plain.db'}")
    plain.append([named()])
    assert any(CANARY.encode() in path.read_bytes() for path in tmp_path.glob("plain.db*"))
    plain.close()
    ledger.close()


def test_a_wrong_key_no_key_and_a_key_that_is_none_are_refused_in_a_sentence(
    tmp_path: Path, key: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    open_ledger(url(tmp_path), key=read_store_key(key)).close()
    before = raw(tmp_path)
    with pytest.raises(WrongKey, match="cannot be opened: another key"):
        open_ledger(url(tmp_path), key=StoreKey("0" * 64))
    with pytest.raises(SettingsError, match="needs its key"):
        open_ledger(url(tmp_path))
    with pytest.raises(SettingsError, match="64 hexadecimal digits") as error:
        StoreKey("not a key, but a secret")
    assert "secret" not in str(error.value)
    with pytest.raises(StoreError, match="not a database"):
        open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert raw(tmp_path) == before
    assert key.read_text().strip() not in repr(read_store_key(key))
    assert key.read_text().strip() not in repr(Settings(store_key=key.read_text().strip()))
    assert capfd.readouterr().err == ""


def test_a_plain_store_becomes_an_encrypted_one_by_backup_and_restore(tmp_path: Path, key: Path) -> None:
    plain = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'plain' / 'ledger.db'}"))
    plain.ledger.append([named()])
    made = back_up(plain, tmp_path / "b", actor="move")
    plain.close()
    settings = Settings(store_url=url(tmp_path), store_key_file=str(key))
    restore(tmp_path / "b", settings)
    assert not any(CANARY.encode() in content for content in raw(tmp_path).values())
    house = open_house(settings)
    assert house.ledger.checkpoint() == made.manifest.checkpoint
    house.close()


def test_after_a_rotation_only_the_new_key_opens_the_store(tmp_path: Path, key: Path) -> None:
    old = read_store_key(key)
    ledger = open_ledger(url(tmp_path), key=old)
    ledger.append([named()])
    head = ledger.checkpoint()
    with pytest.raises(StoreError, match="stop the server first"):
        rotate_store_key(tmp_path / "ledger.db", key)
    assert not coming_file(key).exists()
    ledger.close()
    rotate_store_key(tmp_path / "ledger.db", key)
    with pytest.raises(WrongKey):
        open_ledger(url(tmp_path), key=old)
    again = open_ledger(url(tmp_path), key=read_store_key(key))
    assert (again.verify(head), coming_file(key).exists()) == (1, False)
    assert key.stat().st_mode & 0o077 == 0
    again.close()


def test_a_change_of_key_survives_a_kill_at_any_moment(tmp_path: Path, key: Path) -> None:
    ledger = open_ledger(url(tmp_path), key=read_store_key(key))
    ledger.append([NewEvent(EventKind.ACCESSED, "c", NOON, "p", {"t": "x" * 2000}) for _ in range(2000)])
    head = ledger.checkpoint()
    ledger.close()
    choice, keys = random.Random(5), set()
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, str(ROTATOR), str(tmp_path / "ledger.db"), str(key)],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(choice.uniform(0.0, 0.35))
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        again = open_ledger(url(tmp_path), key=read_store_key(key))
        assert again.verify(head) == 2000
        again.close()
        keys.add(key.read_text())
    assert len(keys) > 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://db.example.org/bedside", "does not demand TLS"),
        ("postgresql://u:hunter2secret@db.example.org/bedside?sslmode=prefer", "does not demand TLS"),
        ("postgresql:///bedside?host=db.example.org", "does not demand TLS"),
    ],
)
def test_a_server_elsewhere_is_not_spoken_to_in_clear(address: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        open_ledger(address)
    assert "hunter2secret" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://127.0.0.1:1/x?connect_timeout=1",
        "postgresql://localhost:1/x",
        "postgresql:///x?host=/nowhere",
        "postgresql://db.example.org:1/x?sslmode=verify-full",
    ],
)
def test_a_server_here_or_by_tls_may_be_spoken_to(address: str) -> None:
    from bedside.store.postgresql_ledger import demand_tls

    demand_tls(address)
