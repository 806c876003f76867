"""A copy for the wards is dated on its face, sealed or says what protects it, and paper comes back once."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.commands.downtime import _write
from bedside.errors import InputError
from bedside.genome.event import EventKind
from bedside.genome.person import ItemStatus
from bedside.service.house import House
from bedside.service.late_entry import enter_late
from bedside.store.sealed_file import make_key_file
from tests.faults.test_store_fails import error_of, in_another_process
from tests.made_up_record import AMARA, INGRID, NOW, TOMAS, open_record


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_record(tmp_path)
    yield opened
    opened.close()


def run(house: House, *words: str) -> int:
    return main(["downtime", *words, "--store", house.settings.store_url])


def pages(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


PLAIN = ("--by", "night nurse", "--protected-by", "the encrypted disk of ward 3")


def test_a_packet_says_what_to_do_how_old_it_is_and_that_nothing_can_be_changed(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(house, "make", str(tmp_path / "copy"), *PLAIN) == 0
    assert capsys.readouterr().out.split("\t")[1] == "2 people"
    made = pages(tmp_path / "copy")
    assert len(made) == 3
    text = next(page for name, page in made.items() if "Holm" in page and name != "index.html")
    for words in (
        "As of ",
        "Good until ",
        "24 hours later",
        "cannot be changed",
        "Review clopidogrel",
        "CYP2C19",
    ):
        assert words in text
    assert re.search(r"<strong>Not tested</strong> \(not the same as normal\)", text)
    assert "awaiting" in text
    assert "encrypted disk of ward 3" in made["index.html"]
    assert not re.search(r"<script|https?://(?!www\.w3)|url\(", "".join(made.values()))
    assert all(re.fullmatch(r"index\.html|[A-Za-z0-9_-]+\.html", name) for name in made)
    assert not any(one in " ".join(made) for one in (INGRID, "Holm", "100-23"))


def test_whoever_is_in_a_copy_finds_it_among_who_looked(house: House, tmp_path: Path) -> None:
    before = house.ledger.checkpoint().sequence
    assert run(house, "make", str(tmp_path / "copy"), "--person", AMARA, *PLAIN) == 0
    (seen,) = house.ledger.events(after=before)
    assert (seen.kind, seen.person, seen.actor) == (EventKind.ACCESSED, AMARA, "night nurse")
    assert seen.payload["page"] == "downtime packet"


def test_a_sealed_copy_says_nothing_and_opens_without_a_server(house: House, tmp_path: Path) -> None:
    make_key_file(tmp_path / "key")
    make_key_file(tmp_path / "other")
    key = ["--key-file", str(tmp_path / "key")]
    assert run(house, "make", str(tmp_path / "copy"), "--by", "n", *key) == 0
    content = b"".join(path.read_bytes() for path in (tmp_path / "copy").iterdir())
    assert not any(word.encode() in content for word in ("Holm", "Ingrid", "clopidogrel", "100-23"))
    opened = ["downtime", "open", str(tmp_path / "copy"), str(tmp_path / "open")]
    assert main([*opened, "--key-file", str(tmp_path / "other")]) == 1
    assert not (tmp_path / "open").exists()
    assert main([*opened, *key]) == 0
    assert "Holm" in pages(tmp_path / "open")["index.html"]
    assert main([*opened, *key]) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "n"), "is sealed"),
        ((*PLAIN, "--person", "nobody-known"), "number 1 is not in the record"),
        ((*PLAIN, "--site", "Ward 9"), "nobody is counted to this site"),
    ],
)
def test_what_does_not_fit_makes_no_copy(
    house: House, tmp_path: Path, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(house, "make", str(tmp_path / "copy"), *words) == 1
    err = capsys.readouterr().err
    assert told in err
    assert "nobody-known" not in err
    assert not (tmp_path / "copy").exists()


def test_a_full_disk_makes_no_half_copy_and_an_earlier_one_can_still_be_read(
    house: House, tmp_path: Path
) -> None:
    assert run(house, "make", str(tmp_path / "before"), *PLAIN) == 0

    def full() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        return error_of(lambda: _write(tmp_path / "copy", {"index.html": "x" * 5000}))

    assert in_another_process(full) == "StoreError: the copy could not be written: File too large"
    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / ".copy.making").exists()
    assert "Holm" in pages(tmp_path / "before")["index.html"]


HEADER = "person\tat\twhat\tcode\ttext\tby\n"
THEN = NOW - timedelta(hours=9)


def table(folder: Path, *rows: str) -> Path:
    (folder / "paper.tsv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return folder / "paper.tsv"


def test_paper_is_entered_with_its_own_time_once_and_says_that_it_was_paper(
    house: House, tmp_path: Path
) -> None:
    at = THEN.isoformat()
    paper = table(
        tmp_path,
        f"{INGRID}\t{at}\tmedicine-ended\t32968\tclopidogrel\tDr Night",
        f"{INGRID}\t{at}\ttask-done\ttask-1\tchanged to prasugrel\tDr Night",
        f"{TOMAS}\t{at}\tmedicine-started\t1000000\tparacetamol\tnurse",
    )
    assert enter_late(house, paper, actor="ward clerk") == 3
    assert enter_late(house, paper, actor="ward clerk") == 0
    entered = [event for event in house.ledger.events() if "late" in event.payload]
    assert {(event.valid_at, event.known_at >= NOW) for event in entered} == {(THEN, True)}
    assert {event.payload["late"]["by"] for event in entered} == {"Dr Night", "nurse"}
    taken = {one.drug.code: one.status for one in house.ledger.medications(INGRID)}
    assert taken["32968"] is ItemStatus.ENDED
    assert house.ledger.tasks(INGRID) == ()
    assert [one.drug.code for one in house.ledger.medications(TOMAS)] == sorted(
        one.drug.code for one in house.ledger.medications(TOMAS)
    )


def test_every_wrong_row_is_told_by_line_and_nothing_is_entered(house: House, tmp_path: Path) -> None:
    at, soon = THEN.isoformat(), (datetime.now(UTC) + timedelta(days=9000)).isoformat()
    paper = table(
        tmp_path,
        f"{INGRID}\t{at}\tmedicine-ended\t32968\tclopidogrel\tDr Night",
        f"nobody-known\t{at}\tmedicine-ended\t32968\tclopidogrel\tDr Night",
        f"{INGRID}\t2026-01-01\tmedicine-ended\t32968\tx\tDr Night",
        f"{INGRID}\t{soon}\tmedicine-ended\tclopidogrel\tx\t",
        f"{AMARA}\t{at}\ttask-done\ttask-1\tx\tDr Night",
        f"{AMARA}\t{at}\tslept\t\tx\tDr Night",
    )
    before = house.ledger.checkpoint()
    with pytest.raises(InputError) as error:
        enter_late(house, paper, actor="ward clerk")
    assert [str(one).split(": ")[0] for one in error.value.problems] == [
        f"paper.tsv:{line}" for line in (3, 4, 5, 5, 5, 6, 7)
    ]
    assert "nobody-known" not in str(error.value)
    assert house.ledger.checkpoint() == before
