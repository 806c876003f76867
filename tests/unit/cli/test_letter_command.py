"""`bedside letter`: a draft that says so, its release, its taking back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.cli import main
from bedside.service.house import open_house
from bedside.settings import Settings
from tests.made_up_letters import PERSON, UNCERTAIN, ada, receive, reported


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, str]:
    url = f"sqlite:///{tmp_path}/ledger.db"
    house = ada(open_house(Settings(store_url=url)))
    result = receive(house, reported(UNCERTAIN))
    house.close()
    return url, result


def test_a_letter_from_draft_to_release_to_the_end(
    store: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    url, result = store
    command = ["letter", PERSON, "--result", result, "--store", url]
    assert main([*command, "--facts"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("[AWAITS REVIEW\nDRAFT.")
    assert "\ngene\tBRCA1\tBRCA1\tcontent " in told
    assert main([*command, "--release"]) == 1
    assert "which clinician" in capsys.readouterr().err
    assert main([*command, "--release", "--by", "dr.lee"]) == 0
    assert capsys.readouterr().out.startswith("[Version 1, released ")
    assert main([*command, "--language", "es", "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert '<html lang="es">' in page
    assert "BORRADOR" in page
    assert main([*command, "--withdraw", "wrong clinic", "--by", "dr.lee"]) == 0
    assert capsys.readouterr().out == "taken back: uncertain, en, version 1\n"
    assert main([*command, "--withdraw", "again", "--by", "dr.lee"]) == 1
    assert main([*command, "--class", "drugs"]) == 1
    assert "one of uncertain" in capsys.readouterr().err
