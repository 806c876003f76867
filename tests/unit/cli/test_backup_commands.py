"""`bedside backup`, `restore`, `keys`, `audit`: what a person reads and scripts rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import open_house
from bedside.settings import Settings
from tests.two_sites import write_both

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of one event, and a signing key that the settings name."""
    url = f"sqlite:///{tmp_path}/house/ledger.db"
    house = open_house(Settings(store_url=url))
    house.ledger.append([NewEvent(EventKind.ACCESSED, "clerk", NOON, "p", {})])
    house.documents.put(b"a letter")
    house.close()
    assert main(["keys", "make", "--signing", str(tmp_path / "sign")]) == 0
    assert main(["keys", "make", str(tmp_path / "seal")]) == 0
    monkeypatch.setenv("BEDSIDE_CHECKPOINT_KEY_FILE", str(tmp_path / "sign"))
    return url


def test_a_night_of_backups_as_somebody_would_script_it(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, key = str(tmp_path / "b"), ["--key-file", str(tmp_path / "seal")]
    capsys.readouterr()
    assert main(["backup", place, *key, "--store", store]) == 0
    made = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in made[:3]] == ["made", "manifest", "checkpoint"]
    assert made[3].endswith("2 files; 2 written, 0 taken from before; read again and whole")
    assert main(["backup", place, "--verify", *key]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == made[1:3]
    assert main(["restore", place, *key, "--into", str(tmp_path / "drill")]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == made[1:3]
    assert main(["backup", place, *key, "--store", store]) == 1
    assert main(["restore", place, *key, "--store", store]) == 1
    assert main(["restore", place, "--into", str(tmp_path / "other")]) == 1
    told = capsys.readouterr().err
    said = ("is there already", "there is a record already", "is sealed")
    assert [one for one in said if one not in told] == []
    assert main(["audit", "verify", "--store", f"sqlite:///{tmp_path}/drill/ledger.db"]) == 0


def test_a_passphrase_may_come_from_the_environment_and_never_from_the_command_line(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEDSIDE_BACKUP_PASSPHRASE", "short")
    assert main(["backup", str(tmp_path / "b"), "--passphrase", "--store", store]) == 1
    assert "at least 12 characters" in capsys.readouterr().err
    monkeypatch.setenv("BEDSIDE_BACKUP_PASSPHRASE", "four words of a song")
    assert main(["backup", str(tmp_path / "b"), "--passphrase", "--store", store]) == 0
    assert "song" not in "".join(capsys.readouterr())


def test_checkpoints_are_kept_verified_and_their_key_rotated(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = str(tmp_path / "log")
    assert main(["audit", "keep", "--to", log, "--store", store]) == 0
    assert main(["keys", "rotate", "checkpoint", "--by", "it", "--store", store]) == 0
    assert main(["audit", "keep", "--to", log, "--store", store]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--kept", log, "--store", store]) == 0
    assert capsys.readouterr().out.startswith(
        "the ledger passes through all 2 kept checkpoints; the last is 3:"
    )
    Path(log).write_text(Path(log).read_text().replace('"sequence":3', '"sequence":2'))
    assert main(["audit", "verify", "--kept", log, "--store", store]) == 1
    assert "log:2: is forged or changed" in capsys.readouterr().err


def test_keys_are_listed_by_name_and_age_and_never_shown(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sign").chmod(0o644)
    capsys.readouterr()
    assert main(["keys", "list", "--store", store]) == 0
    header, row = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert header == ["key", "name", "file", "days", "note"]
    assert (row[0], row[2:]) == ("checkpoint", ["sign", "0", "other accounts may read it"])
    assert main(["keys", "make", str(tmp_path / "seal")]) == 1
    assert main(["keys", "rotate", "store", "--store", store]) == 1
    assert main(["keys", "rotate", "backup", "--store", store]) == 1
    assert "the store is not encrypted" in capsys.readouterr().err


def test_the_key_of_a_sealed_backup_is_replaced_without_touching_its_files(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, old, new = (str(tmp_path / name) for name in ("b", "seal", "seal2"))
    assert main(["keys", "make", new]) == 0
    assert main(["backup", place, "--key-file", old, "--store", store]) == 0
    rotated = ["keys", "rotate", "backup", place, "--key-file", old, "--new-key-file", new, "--store", store]
    assert main(rotated) == 0
    assert main(["backup", place, "--verify", "--key-file", new]) == 0
    assert main(["backup", place, "--verify", "--key-file", old]) == 1
    assert main(rotated) == 1
    assert "nothing was read" in capsys.readouterr().err
    house = open_house(Settings(store_url=store))
    told = [event.payload for event in house.ledger.events(kinds=[EventKind.KEY_ROTATED])]
    assert [one["key"] for one in told] == ["backup"]
    house.close()


def test_an_encrypted_store_is_encrypted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sqlcipher3", reason="the extra `encryption` is not installed")
    store = f"sqlite+sqlcipher:///{tmp_path}/ledger.db"
    assert main(["keys", "make", str(tmp_path / "store.key")]) == 0
    monkeypatch.setenv("BEDSIDE_STORE_KEY_FILE", str(tmp_path / "store.key"))
    settings = Settings(store_url=store, store_key_file=str(tmp_path / "store.key"))
    open_house(settings).close()
    before = (tmp_path / "store.key").read_text()
    assert main(["keys", "rotate", "store", "--store", store]) == 0
    assert (tmp_path / "store.key").read_text() != before
    house = open_house(settings)
    (told,) = house.ledger.events(kinds=[EventKind.KEY_ROTATED])
    assert (told.payload["key"], told.payload["from"] != told.payload["to"]) == ("store", True)
    house.close()
    assert before.strip() not in "".join(capsys.readouterr())


def test_a_sites_next_key_is_shown_first_and_adopted_when_the_others_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sites, _ = write_both(tmp_path / "sites")
    monkeypatch.setenv("BEDSIDE_SITES_FILE", str(sites))
    settings = Settings(store_url=f"sqlite:///{tmp_path}/ledger.db")
    open_house(settings).close()
    capsys.readouterr()
    assert main(["keys", "rotate", "site", "--adopt", "--store", settings.store_url]) == 1
    assert main(["keys", "rotate", "site", "--store", settings.store_url]) == 0
    shown = capsys.readouterr().out
    assert main(["keys", "rotate", "site", "--adopt", "--store", settings.store_url]) == 0
    _, before, after = capsys.readouterr().out.strip().split("\t")
    assert after in shown
    assert before not in shown
