"""What lies beside the record goes when it is due, and never a thing the record names or somebody holds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.errors import PackError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.retention import Kind, Verdict, holds_true, load_retention, read_retention
from bedside.service.apply_retention import apply_retention, things
from bedside.service.back_up import back_up
from bedside.service.bulk_files import Asked, State, keep_state, new_export
from bedside.service.house import House, open_house
from bedside.settings import Settings

PACK = (DATA / "retention" / "retention.toml").read_bytes()
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}", backups=str(tmp_path / "backups"))
    opened = open_house(settings, clock=lambda: NOW)
    yield opened
    opened.close()


def aged(path: Path, days: float) -> Path:
    stamp = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def document(house: House, text: str, days: float, *, named: bool = False) -> Path:
    digest = house.documents.put(text.encode())
    if named:
        house.ledger.append([NewEvent(EventKind.ACCESSED, "x", NOW, "p", {"document": digest})])
    return aged(house.documents.path(digest), days)


@pytest.mark.parametrize("number", range(len(load_retention().examples)))
def test_every_example_of_the_policy_comes_out(number: int) -> None:
    policy = load_retention()
    assert holds_true(policy, policy.examples[number])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"days = 400", b"days = 0", "days is 1 or more"),
        (b'what = "orphans"', b'what = "events"', "events"),
        (b'expect = "due"', b'expect = "kept"', "comes out otherwise"),
        (b'[[rule]]\nwhat = "temporary"', b'[[other]]\nwhat = "temporary"', "no rule for temporary"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(old: bytes, new: bytes, told: str) -> None:
    changed = PACK.replace(old, new, 1)
    assert changed != PACK
    with pytest.raises(PackError, match=told):
        read_retention(parse_rule_file("own/retention.toml", changed, "retention"))


def test_a_document_that_no_event_names_goes_and_one_that_is_named_never(house: House) -> None:
    orphan, young = document(house, "cut off", 31), document(house, "arriving now", 1)
    record = document(house, "a laboratory's report", 5000, named=True)
    before = house.ledger.checkpoint()
    assert [(one.path, one.verdict) for one in things(house) if one.verdict is Verdict.DUE] == [
        (orphan, Verdict.DUE)
    ]
    assert orphan.exists()
    gone = apply_retention(house, actor="privacy")
    assert [one.path for one in gone] == [orphan]
    assert (orphan.exists(), young.exists(), record.exists()) == (False, True, True)
    (event,) = house.ledger.events(kinds=[EventKind.RETENTION_APPLIED])
    assert event.payload["removed"] == {"exports": 0, "backups": 0, "orphans": 1, "temporary": 0}
    (proof,) = [one for one in house.ledger.events(kinds=[EventKind.ACCESSED]) if "proof" in one.payload]
    asked = json.loads(house.documents.get(proof.payload["document"]))["asked_again"]
    assert [one["answer"] for one in asked] == ["no"]
    assert house.ledger.verify(before) == before.sequence + 2
    assert apply_retention(house, actor="privacy") == ()


def test_a_document_that_a_named_list_names_is_no_orphan(house: House) -> None:
    inner = document(house, "a page of a list", 90)
    document(house, '{"pages": ["' + inner.parent.name + inner.name + '"]}', 90, named=True)
    assert things(house) == ()


def test_old_backups_go_but_not_the_newest_seven_nor_what_is_held(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backups").mkdir()
    for number in range(10):
        back_up(house, tmp_path / "backups" / f"b{number}", actor="night")
        aged(tmp_path / "backups" / f"b{number}" / "backup.json", 500 - number)
    (tmp_path / "backups" / "damaged").mkdir()
    (tmp_path / "backups" / "damaged" / "backup.json").write_text("{")
    (tmp_path / "backups" / "not-ours").mkdir()
    policy = load_retention()
    found = {one.name: one.verdict for one in things(house, policy) if one.what is Kind.BACKUPS}
    assert found == {
        **{f"b{number}": Verdict.DUE if number < 3 else Verdict.KEPT for number in range(10)},
        "damaged": Verdict.UNKNOWN,
    }
    own = PACK + b'\n[[hold]]\nwhat = "backups"\nname = "b1"\nwhy = "a case"\n'
    held = read_retention(parse_rule_file("own/retention.toml", own, "retention"))
    monkeypatch.setattr("bedside.service.apply_retention.load_retention", lambda root: held)
    assert sorted(one.name for one in apply_retention(house, actor="privacy")) == ["b0", "b2"]
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == [
        "b1", *(f"b{number}" for number in range(3, 10)), "damaged", "not-ours"
    ]  # fmt: skip


def test_an_export_goes_a_day_after_it_ended_and_what_is_half_written_after_two(house: House) -> None:
    asked = Asked("app", "u", NOW - timedelta(days=3), ("Patient",))
    over, running = new_export(house, asked, ["p"]), new_export(house, replace(asked, started=NOW), ["p"])
    keep_state(over, State(1, 1, (), NOW - timedelta(days=2)))
    house.documents.put(b"x")
    half = aged(_written(house.documents.folder / "ab" / ".arriving-x"), 3)
    fresh = _written(house.documents.folder / "ab" / ".arriving-y")
    aged(fresh, 0.5)
    gone = apply_retention(house, actor="privacy")
    assert {one.path for one in gone} == {over, half}
    assert (running.exists(), fresh.exists()) == (True, True)


def _written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    return path


def test_the_command_deletes_nothing_until_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    digest = house.documents.put(b"nobody's")
    path = house.documents.path(digest)
    stamp = (datetime.now(UTC) - timedelta(days=40)).timestamp()
    os.utime(path, (stamp, stamp))
    house.close()
    store = ["--store", f"sqlite:///{tmp_path / 'ledger.db'}"]
    assert main(["retention", *store]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("\t")[:4] == ["due", "orphans", digest, "40"]
    assert path.exists()
    assert main(["retention", "--apply", *store]) == 0
    assert capsys.readouterr().out.splitlines()[0].split("\t")[:3] == ["deleted", "orphans", digest]
    assert not path.exists()
