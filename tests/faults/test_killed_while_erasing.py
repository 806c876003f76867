"""Killed at any step of storing or erasing a genome: nothing acknowledged is lost, and nobody erased comes
back."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from bedside.genome.consent import Purpose
from bedside.genome.presence import Present
from bedside.service.consented_lake import consented
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_folder, lake_of, open_house
from bedside.settings import Settings

ERASER = Path(__file__).with_name("eraser.py")
spec = importlib.util.spec_from_file_location("eraser", ERASER)
assert spec is not None
assert spec.loader is not None
eraser = importlib.util.module_from_spec(spec)
spec.loader.exec_module(eraser)


def killed(folder: Path, action: str, step: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ERASER), f"sqlite:///{folder}/ledger.db", action, step],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if step == "never" else eraser.DIED), done.stderr


def opened(folder: Path) -> House:
    return open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))


def answers(house: House) -> dict[str, bool]:
    lens = consented(house, lake_of(house), Purpose.CARE)
    return {person: isinstance(one, Present) for person, one in lens.presence_of(eraser.VARIANT).items()}


@pytest.mark.parametrize(
    ("step", "there"),
    [
        ("before-ledger", False),
        ("after-ledger", True),
        ("before-admission", True),
        ("after-admission", True),
    ],
)
def test_a_genome_is_there_if_and_only_if_the_ledger_says_so(tmp_path: Path, step: str, there: bool) -> None:
    killed(tmp_path, "store", step)
    house = opened(tmp_path)
    try:
        assert answers(house) == ({eraser.PERSON: True} if there else {})
        assert house.ledger.count_genome_runs() == len(lake_of(house).runs()) == int(there)
    finally:
        house.close()


STEPS = [
    f"{moment}-{name}"
    for name in ("ledger", "tombstone", "bytes", "questions", "proof")
    for moment in ("before", "after")
]


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_is_finished_or_was_never_begun(tmp_path: Path, step: str) -> None:
    house = opened(tmp_path)
    try:
        eraser.store(house)
        eraser.store(house, "ben", 31)
        (run,) = lake_of(house).runs(eraser.PERSON)
    finally:
        house.close()
    killed(tmp_path, "erase", step)
    house = opened(tmp_path)
    try:
        begun = step != "before-ledger"
        assert answers(house) == ({"ben": True} if begun else {eraser.PERSON: True, "ben": True})
        proof = erase_stored_genome(house, eraser.PERSON, "asked for it")
        assert (proof.runs, proof.event) == ((run.run,), 3)
        assert run.evidence in proof.gone
        assert answers(house) == {"ben": True}
        assert erase_stored_genome(house, eraser.PERSON, "asked again") == proof
        left = b"".join(p.read_bytes() for p in lake_folder(house.settings).rglob("*") if p.is_file())
        assert eraser.PERSON.encode() not in left
        house.ledger.verify()
    finally:
        house.close()
