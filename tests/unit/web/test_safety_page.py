"""The page of safety says what needs somebody, and shows no key and nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bedside.service.back_up import back_up
from bedside.service.house import House
from bedside.service.keep_checkpoint import keep_checkpoint
from bedside.service.safety_view import safety_view
from bedside.store.signing_key import make_signing_key
from bedside.web.app import create_app
from tests.made_up_record import open_record
from tests.unit.web.conftest import Pages


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_record(tmp_path)
    make_signing_key(tmp_path / "sign", "2026-10-01")
    (tmp_path / "sign").chmod(0o600)
    yield replace(opened, settings=replace(opened.settings, checkpoint_key_file=str(tmp_path / "sign")))
    opened.close()


def page(house: House) -> str:
    answer = Pages(create_app(house), house).get("/safety")
    assert answer.status_code == 200
    return answer.text


def test_a_house_that_was_never_backed_up_says_so_first(house: House) -> None:
    text = page(house)
    assert "2 things need somebody" in text
    assert "No backup was made yet." in text
    assert "No checkpoint was kept elsewhere yet." in text
    assert "not encrypted by Bedside" in text


def test_after_a_backup_and_a_checkpoint_nothing_needs_anybody_until_they_are_old(
    house: House, tmp_path: Path
) -> None:
    made = back_up(house, tmp_path / "b", actor="night")
    keep_checkpoint(house, tmp_path / "log", tmp_path / "sign", actor="night")
    text = page(house)
    assert "Nothing needs anybody" in text
    assert made.digest[:12] in text
    now = house.clock()
    old = replace(house, clock=lambda: now + timedelta(hours=27))
    assert safety_view(old).attention == (
        "The last backup was made 27 hours ago.",
        "The last checkpoint was kept elsewhere 27 hours ago.",
    )


def test_it_names_keys_and_shows_none_and_names_nobody(house: House, tmp_path: Path) -> None:
    (tmp_path / "sign").chmod(0o644)
    text = page(house)
    assert "Other accounts of this machine may read the key of the checkpoint." in text
    assert (tmp_path / "sign").read_text().splitlines()[1] not in text
    assert not [word for word in ("Holm", "Okafor", "100-23", "made-up-1") if word in text]
    assert "of 73 groups" in text
