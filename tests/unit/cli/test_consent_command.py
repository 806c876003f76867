"""`bedside consent`: what a person reads and scripts rely on."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import pytest

from bedside.commands.consent import consent
from bedside.commands.opening import opened
from bedside.errors import InputError, RequestError
from bedside.genome.person import Person
from bedside.service.register_person import register_person
from bedside.settings import Settings


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/ledger.db"
    house = opened(Settings(store_url=url))
    register_person(house, Person("p-1", birth_date=date(1961, 4, 2)))
    house.close()
    return url


def run(store: str, *words: str) -> int:
    parser = argparse.ArgumentParser()
    consent(parser)
    arguments = parser.parse_args([*words, "--store", store])
    return int(arguments.run(arguments))


def layers(text: str) -> dict[str, list[str]]:
    """The rows by layer, without the time."""
    header, *rows = [line.split("\t") for line in text.splitlines()]
    assert header == ["scope", "decision", "reason", "by", "since", "uses"]
    return {scope: [*cells[:3], cells[4]] for scope, *cells in rows}


UNASKED = ["not-asked", "not-asked", "", ""]
BY_ORDERING = ["given", "by-ordering-the-test", "", ""]


def test_somebody_never_asked_has_care_only(store, capsys):
    assert run(store, "p-1") == 0
    assert layers(capsys.readouterr().out) == {
        "clinical": BY_ORDERING,
        **dict.fromkeys(("research", "recontact", "family", "commercial"), UNASKED),
    }


def test_giving_and_withdrawing_show_what_holds_now(store, capsys):
    run(store, "p-1", "--give", "research", "--give", "family", "--uses", "DUO:0000006")
    assert layers(capsys.readouterr().out)["research"] == ["given", "", "self", "DUO:0000006"]
    run(store, "p-1", "--withdraw", "research")
    shown = layers(capsys.readouterr().out)
    assert (shown["research"], shown["family"][0]) == (["withdrawn", "withdrawn", "self", ""], "given")
    run(store, "p-1", "--withdraw", "all")
    assert {row[0] for row in layers(capsys.readouterr().out).values()} == {"withdrawn"}


def test_a_past_day_shows_what_held_then(store, capsys):
    run(store, "p-1", "--give", "research")
    capsys.readouterr()
    run(store, "p-1", "--as-of", "2020-01-01")
    assert layers(capsys.readouterr().out)["research"] == UNASKED


def test_what_was_signed_is_kept(store, tmp_path, capsys):
    (tmp_path / "signed.txt").write_text("I agree", encoding="utf-8")
    run(store, "p-1", "--give", "research", "--document", "signed.txt")
    with pytest.raises(InputError, match=r"missing\.txt: cannot be read"):
        run(store, "p-1", "--give", "research", "--document", "missing.txt")


def test_json_says_the_same(store, capsys):
    run(store, "p-1", "--format", "json")
    said = json.loads(capsys.readouterr().out)
    assert (said["person"], said["layers"][0]) == (
        "p-1",
        {
            "scope": "clinical",
            "decision": "given",
            "reason": "by-ordering-the-test",
            "by": "",
            "since": "",
            "uses": "",
        },
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["p-1", "--give", "research", "--withdraw", "all"], "cannot be given and withdrawn at once"),
        (["p-1", "--as-of", "2026-01-01", "--give", "research"], "nothing can be changed there"),
        (["p-1", "--uses", "DUO:0000006"], "belong to --give or --withdraw"),
        (["p-1", "--give", "research", "--by", "guardian"], "speaks for themself"),
        (["p-1", "--as-of", "yesterday"], "is no day"),
        (["p-2"], "nobody of that id"),
        (["p-1", "--erase", "asked for it"], "no genome of this person was ever stored"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(store, capsys, words, says):
    with pytest.raises((InputError, RequestError), match=says):
        run(store, *words)
    run(store, "p-1")
    assert layers(capsys.readouterr().out)["research"] == UNASKED
