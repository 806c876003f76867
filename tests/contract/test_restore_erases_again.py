"""A genome that was erased after the backup does not come back with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind
from bedside.service import back_up as backing
from bedside.service.back_up import back_up, into_folder, restore
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_of, open_house
from bedside.service.keep_checkpoint import keep_checkpoint
from bedside.service.kept_erasures import NAME
from bedside.settings import Settings
from bedside.store.signing_key import make_signing_key
from tests.contract.conftest import HandClock
from tests.unit.service.test_erase_stored_genome import COMMON, VARIANT, store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Another place, with a signing key."""
    (tmp_path / "elsewhere").mkdir()
    make_signing_key(tmp_path / "elsewhere" / "key", "2026-03-01")
    return tmp_path / "elsewhere"


@pytest.fixture
def house(tmp_path: Path, folder: Path) -> Iterator[House]:
    """A backup was made when two people had a genome; then one of the two was erased."""
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'site' / 'ledger.db'}",
        checkpoint_log=str(folder),
        checkpoint_key_file=str(folder / "key"),
    )
    opened = open_house(settings, clock=HandClock())
    store(opened, "ada", [VARIANT, COMMON], 30)
    store(opened, "ben", [COMMON], 40)
    back_up(opened, tmp_path / "backup", actor="night")
    erase_stored_genome(opened, "ada", "asked for")
    yield opened
    opened.close()


def place(house: House, tmp_path: Path) -> Settings:
    return into_folder(house.settings, tmp_path / "again")


def left(settings: Settings) -> dict[str, int]:
    """How many runs each has in the ledger and in the lake of a restored place."""
    again = open_house(settings)
    live = {p: sum(one.erased is None for one in again.ledger.genome_runs(p)) for p in ("ada", "ben")}
    assert live == {p: len(lake_of(again).runs(p)) for p in live}
    again.close()
    return live


def test_what_was_erased_since_is_erased_again_and_nobody_else(house: House, tmp_path: Path) -> None:
    settings = place(house, tmp_path)
    assert restore(tmp_path / "backup", settings).erased_again == 1
    assert left(settings) == {"ada": 0, "ben": 1}
    again = open_house(settings)
    (event,) = again.ledger.events(kinds=[EventKind.GENOME_ERASED])
    assert (event.person, event.actor) == ("ada", "bedside restore")
    assert "done again by the restore" in event.payload["reason"]
    again.close()


def test_the_list_names_nobody(house: House, folder: Path) -> None:
    said = (folder / NAME).read_text()
    assert said.count("\n") == 1
    assert "ada" not in said


def test_a_backup_made_after_the_erasure_has_nothing_to_erase(house: House, tmp_path: Path) -> None:
    back_up(house, tmp_path / "later", actor="night")
    settings = place(house, tmp_path)
    assert restore(tmp_path / "later", settings).erased_again == 0
    assert left(settings) == {"ada": 0, "ben": 1}


@pytest.mark.parametrize("where", ["erase_stored_genome", "_settle"])
def test_cut_off_anywhere_there_is_no_house_and_the_same_command_goes_on(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    settings = place(house, tmp_path)

    def stopped(*words: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(backing, where, stopped)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "backup", settings)
    assert not Path(settings.store_url.removeprefix("sqlite:///")).exists()
    assert restore(tmp_path / "backup", settings).erased_again == 1
    assert left(settings) == {"ada": 0, "ben": 1}


def test_a_list_that_lacks_an_erasure_or_is_forged_stops_the_restore(
    house: House, folder: Path, tmp_path: Path
) -> None:
    keep_checkpoint(house, folder, folder / "key", actor="night")
    settings, held = place(house, tmp_path), (folder / NAME).read_text()
    (folder / NAME).write_text(held.replace('"runs":["', '"runs":["0'))
    with pytest.raises(InputError, match="forged or changed"):
        restore(tmp_path / "backup", settings)
    (folder / NAME).unlink()
    with pytest.raises(InputError, match=r"names 0 erasures where .* counts 1.*--erasures-by-hand"):
        restore(tmp_path / "backup", settings)
    assert not (tmp_path / "again").exists()
    assert restore(tmp_path / "backup", settings, erasures=False).erased_again is None
    assert left(settings) == {"ada": 1, "ben": 1}


@pytest.mark.parametrize("gone", ["what lies there", "the place"])
def test_a_place_that_cannot_be_looked_at_is_not_an_empty_list(
    house: House, folder: Path, tmp_path: Path, gone: str
) -> None:
    settings = place(house, tmp_path)
    keep_checkpoint(house, folder, folder / "key", actor="night")
    settings = replace(settings, checkpoint_key_file=str(tmp_path / "key"))
    for name in ("key", "key.public"):
        if (folder / name).exists():
            (folder / name).rename(tmp_path / name)
    for path in folder.iterdir():
        path.unlink()
    if gone == "the place":
        folder.rmdir()
    with pytest.raises(InputError, match=r"whether anything was erased is not known.*--erasures-by-hand"):
        restore(tmp_path / "backup", settings)
    assert not (tmp_path / "again").exists()
    if gone == "the place":
        with pytest.raises(StoreError, match="is not there"):
            erase_stored_genome(house, "ben", "asked for")


def test_a_drill_writes_nothing_on_the_list_so_that_a_cut_is_seen_afterwards(
    house: House, folder: Path, tmp_path: Path
) -> None:
    erase_stored_genome(house, "ben", "asked for")
    keep_checkpoint(house, folder, folder / "key", actor="night")
    held = (folder / NAME).read_bytes()
    assert restore(tmp_path / "backup", place(house, tmp_path)).erased_again == 2
    assert (folder / NAME).read_bytes() == held
    (folder / NAME).write_bytes(held.splitlines(keepends=True)[0])
    with pytest.raises(InputError, match=r"names 1 erasures where .* counts 2"):
        restore(tmp_path / "backup", into_folder(house.settings, tmp_path / "third"))


def test_a_site_that_keeps_nothing_elsewhere_is_told_that_nobody_looked(house: House, tmp_path: Path) -> None:
    settings = replace(place(house, tmp_path), checkpoint_log="", checkpoint_key_file="")
    assert restore(tmp_path / "backup", settings).erased_again is None


def test_what_was_erased_before_there_was_a_list_is_put_on_it_with_the_next_checkpoint(
    house: House, folder: Path, tmp_path: Path
) -> None:
    (folder / NAME).unlink()
    keep_checkpoint(house, folder, folder / "key", actor="night")
    keep_checkpoint(house, folder, folder / "key", actor="night")
    assert (folder / NAME).read_text().count("\n") == 1
    assert restore(tmp_path / "backup", place(house, tmp_path)).erased_again == 1


def test_no_erasure_is_proven_before_it_is_on_the_list(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "key").rename(folder / "gone")
    with pytest.raises(Exception, match="key"):
        erase_stored_genome(house, "ben", "asked for")
    (folder / "gone").rename(folder / "key")
    proof = erase_stored_genome(house, "ben", "asked for")
    assert (proof.person, (folder / NAME).read_text().count("\n")) == ("ben", 2)
