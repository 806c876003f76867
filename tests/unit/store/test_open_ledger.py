"""From what somebody writes to a ledger, and from a file to a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import InputError, SettingsError
from bedside.store.ledger import Checkpoint, read_checkpoint
from bedside.store.open_ledger import ledger_path, open_ledger


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///here/ledger.db", "here/ledger.db"),
        ("sqlite:////srv/bedside/ledger.db", "/srv/bedside/ledger.db"),
        ("ledger.db", "ledger.db"),
        ("/srv/ledger.db", "/srv/ledger.db"),
    ],
)
def test_a_path_is_relative_or_absolute_as_it_is_written(url, path):
    assert ledger_path(url) == Path(path)


@pytest.mark.parametrize(
    "url", ["", "sqlite:///", "sqlite:ledger.db", "mysql://host/name", "http://host/ledger.db"]
)
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(SettingsError, match="the store must be"):
        open_ledger(url)


def test_a_folder_that_is_not_there_is_made(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path}/deep/down/ledger.db")
    assert ledger.checkpoint() == Checkpoint(0, "0" * 64)
    ledger.close()
    assert (tmp_path / "deep" / "down" / "ledger.db").is_file()


def test_a_checkpoint_is_kept_in_a_file_as_it_is_printed(tmp_path):
    kept, file = Checkpoint(7, "ab" * 32), tmp_path / "checkpoint"
    file.write_text(f"{kept}\n")
    assert read_checkpoint(file) == kept


@pytest.mark.parametrize("text", ["", "7", "seven:" + "a" * 64, "7:" + "A" * 64, "7:" + "a" * 63])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, text):
    file = tmp_path / "checkpoint"
    file.write_text(text)
    with pytest.raises(InputError, match="is no checkpoint"):
        read_checkpoint(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_checkpoint(tmp_path / "absent")
