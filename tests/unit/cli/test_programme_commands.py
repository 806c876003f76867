"""`bedside playbook` and `bedside programme` as scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.cli import main
from bedside.knowledge.provenance import DATA
from tests.made_up_record import open_record


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    house = open_record(tmp_path)
    monkeypatch.setenv("BEDSIDE_STORE_URL", house.settings.store_url)
    house.close()
    made = tmp_path / "knowledge"
    made.mkdir()
    monkeypatch.setenv("BEDSIDE_KNOWLEDGE_ROOT", str(made))
    return made


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


VALUES = ("--set", "result_working_days=12", "--set", "decision_owner=oncologist")


def test_a_playbook_is_installed_changed_looked_at_upgraded_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("playbook", "install", "nsclc", *VALUES, "--by", "R. Vogel") == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "nsclc installed 1.0.0",
        "  written  pathways/nsclc.toml",
    ]
    path = root / "pathways" / "nsclc.toml"
    assert "due_in_working_days = 12" in path.read_text()
    path.write_text(path.read_text() + "# ours\n")
    assert run("playbook", "diff", "nsclc") == 0
    assert "+# ours" in capsys.readouterr().out
    assert run("playbook", "list", "--format", "json") == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert (listed["nsclc"]["installed"], listed["nsclc"]["edited"]) == ("1.0.0", ["pathways/nsclc.toml"])
    assert run("playbook", "upgrade", "nsclc", "--set", "result_working_days=14") == 1
    assert "pathways/nsclc.toml was changed here" in capsys.readouterr().err
    again = ("--set", "result_working_days=14", "--edits", "replace")
    assert run("playbook", "upgrade", "nsclc", *again) == 0
    assert "due_in_working_days = 14" in path.read_text()
    assert run("playbook", "remove", "nsclc") == 0
    assert list(root.iterdir()) == []


def test_bad_values_are_told_one_a_line_and_exit_with_1(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("playbook", "install", "nsclc", "--set", "result_working_days=1") == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert run("playbook", "install", "nothing") == 1
    assert "is no folder and no playbook that ships" in capsys.readouterr().err
    assert run("playbook", "install", "nsclc", "--set", "nonsense") == 1
    assert run("playbook", "configure", "nothing") == 1
    assert list(root.iterdir()) == []


def test_what_ships_is_checked_and_sealed_already(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("playbook", "check", "nsclc") == 0
    assert capsys.readouterr().out == "nsclc is whole: 5 files, 3 examples\n"
    assert run("playbook", "seal", str(DATA / "playbooks" / "nsclc")) == 0
    assert capsys.readouterr().out == ""


def test_content_without_an_owner_here_exits_with_1(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("programme", "content") == 0
    rows = capsys.readouterr().out.splitlines()
    assert run("programme", "content", "--faults", "--format", "json") == 1
    assert len(json.loads(capsys.readouterr().out)) <= len(rows) - 1


def test_decisions_answers_levels_and_the_report(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ("--why", "two harms", "--by", "R. Vogel", "--role", "pharmacist", "--alternative", "a note")
    assert run("programme", "decide", "Codeine interrupts", *said) == 0
    made = capsys.readouterr().out.strip()
    assert run("programme", "decisions", "--format", "json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["decision"], one["what"], one["alternatives"]) == (made, "Codeine interrupts", ["a note"])
    who = ("--by", "R. Vogel", "--role", "lead", "--evidence", "survey")
    assert run("programme", "attest", "ready", "--yes", "16", "--of", "21", *who) == 0
    assert capsys.readouterr().out == "4\n"
    assert run("programme", "attest", "ready", "--level", "5", *who) == 1
    capsys.readouterr()
    assert run("programme", "maturity", "--record", "--format", "json") == 0
    held = {row["indicator"]: row for row in json.loads(capsys.readouterr().out)}
    assert (held["ready"]["level"], held["ready"]["lowest"], held["funded"]["level"]) == (4, 3, None)
    assert run("programme", "milestones") == 0
    told = capsys.readouterr()
    assert told.out.startswith("site\tmilestone\treached")
    assert "too few sites" in told.err
    report = root.parent / "board.html"
    assert run("programme", "report", "-o", str(report)) == 0
    page = report.read_text()
    assert "Codeine interrupts" in page
    assert "<style>" in page
    assert 'href="/static' not in page
