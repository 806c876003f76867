"""A lake whose writer is killed at any moment, or whose disk is full, loses nothing that was acknowledged."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import StoreError
from bedside.genome.presence import NotTested, Present
from bedside.store.lake import files
from bedside.store.lake.parquet_lake import ParquetLake, open_lake
from tests.conftest import ROOT
from tests.faults.lake_writer import EVERYBODYS, SHAPE, one

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
KEYS = np.array([EVERYBODYS.key])


def started(script: str, *words: str) -> subprocess.Popen[bytes]:
    """A process whose lines are read without reading ahead: `communicate` forgets what a buffer holds."""
    command = [sys.executable, str(HERE / script), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, bufsize=0, stdout=pipe, stdin=pipe, env=ENVIRONMENT)


def lines_of(process: subprocess.Popen[bytes]) -> list[list[str]]:
    """The whole lines a killed process has written, without the rest of a broken one."""
    rest, _ = process.communicate()
    return [line.decode().split() for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]


def survives(folder: Path, seconds: float, seed: int) -> tuple[int, int]:
    """Kill writers again and again while somebody reads; how many rounds, and generations read."""
    choice, rounds = random.Random(seed), 0
    admitted: set[str] = set()
    erased: set[str] = set()
    touched: set[str] = set()
    reader = started("lake_reader.py", str(folder))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        writer = started("lake_writer.py", str(folder), f"w{rounds}", str(seed + rounds))
        assert writer.stdout is not None
        first = writer.stdout.readline().decode().split()
        time.sleep(choice.uniform(0.0, 1.2))
        writer.send_signal(signal.SIGKILL)
        for what, person in [first, *lines_of(writer)]:
            {"admitted": admitted, "erased": erased, "erasing": touched}[what].add(person)
        rounds += 1
        lake = ParquetLake(folder, shape=SHAPE)
        assert lake.verify() > 0
        said = lake.presence_of(EVERYBODYS)
        assert admitted - touched <= said.keys()
        assert not erased & said.keys()
        assert {type(answer) for answer in said.values()} == {Present}
        assert set(lake.carriers(KEYS)["person"].to_pylist()) == said.keys()
        lake.close()
        assert reader.poll() is None, "the reader saw half a generation"
    read = int(reader.communicate(b"stop\n")[0])
    assert reader.returncode == 0
    lake = ParquetLake(folder, shape=SHAPE)
    lake.purge()
    lake.compact(whole=True)
    assert admitted - touched <= lake.presence_of(EVERYBODYS).keys()
    assert lake.verify() > 0
    lake.close()
    return rounds, read


def test_a_lake_survives_a_kill_at_any_moment(tmp_path):
    rounds, read = survives(tmp_path / "lake", seconds=15, seed=1)
    assert rounds >= 3
    assert read >= 3


@pytest.mark.slow
def test_a_lake_survives_many_kills(tmp_path):
    rounds, read = survives(tmp_path / "lake", seconds=300, seed=int(time.time()))
    assert rounds >= 50
    assert read >= 50


def three_people(folder: Path) -> ParquetLake:
    lake = ParquetLake(folder, shape=SHAPE)
    lake.admit([lake.store(one(number), f"p{number}", "r") for number in range(3)], 3)
    return lake


@pytest.mark.parametrize("step", ["store", "admit", "erase", "compact", "purge"])
@pytest.mark.parametrize("survived", range(4))
def test_a_full_disk_leaves_the_generation_before(tmp_path, monkeypatch, step, survived):
    lake = three_people(tmp_path / "lake")
    extra = lake.store(one(7), "p7", "r")
    if step == "purge":
        lake.compact(whole=True)
        lake.erase("p0", 4)
    before, people = lake.snapshot(), lake.presence_of(EVERYBODYS)
    writes = iter(range(100))

    def full(*ignored: object) -> None:
        if next(writes) >= survived:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        genuine(*ignored)

    genuine = files.settle
    for module in ("files", "manifest", "carriers_file", "erasure"):
        monkeypatch.setattr(f"bedside.store.lake.{module}.settle", full)
    act = {
        "store": lambda: [lake.store(one(number), f"p{number}", "r") for number in range(10, 16)],
        "admit": lambda: [lake.admit([extra], number) for number in range(5, 10)],
        "erase": lambda: [lake.erase("p0", number) for number in range(5, 10)],
        "compact": lake.compact,
        "purge": lake.purge,
    }[step]
    changes = step in ("admit", "erase") and survived
    with pytest.raises(StoreError, match="No space left"):
        act()
    monkeypatch.undo()
    again = open_lake(tmp_path / "lake")
    if not changes:
        assert (again.snapshot(), again.presence_of(EVERYBODYS)) == (before, people)
    assert again.verify() > 0
    assert list((tmp_path / "lake" / "arriving").glob("*")) == []


def test_a_file_that_may_not_grow_is_a_store_error_and_nothing_changes(tmp_path):
    """The operating system itself refuses to write."""
    lake = three_people(tmp_path / "lake")
    before = lake.snapshot()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(StoreError, match="could not be written"):
            lake.store(one(9), "p9", "r")
        with pytest.raises(StoreError, match="could not be written"):
            lake.compact()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, held)
    assert lake.snapshot() == before
    assert lake.compact().runs == 3
    assert lake.presence("p9", [EVERYBODYS]) == (NotTested(),)
