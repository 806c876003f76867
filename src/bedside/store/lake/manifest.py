"""The manifest: which files one generation of the lake consists of. Replaced atomically, never edited.

format, generation, ledger_sequence
merged    runs 0 … merged - 1 are in `parts`; newer ones are in `fresh` (level 0)
people    how many person numbers were ever given out
parts     the files of levels 1 and base: kind, level, path, sha256, size, rows, first and last run
fresh     runs not merged yet, each with what a question needs to know of it
erased    numbers of runs that no answer may count; `purged` of them have no bytes any more
before    paths of the parts before the last merge, kept for readers that pinned it
doomed    paths that hold what was purged and are still to be deleted
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bedside.errors import StoreError, Tampered
from bedside.store.lake.files import ARRIVING, arriving, failing, remove, settle

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a level. kind: carriers, packed, own, alleles or runs. level: `base` or the first-level
    batch's name. chromosome: 0 for all."""

    kind: str
    level: str
    path: str
    sha256: str
    size: int
    rows: int
    first_run: int
    last_run: int
    chromosome: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lake knows of a run beyond `Run`: its number, its person's number, the list of stretches it
    shares, and how many copies of X its rows show (`x_rows` rows, single copies from `x_first` to `x_last`).
    """

    number: int
    person_number: int
    run: str
    person: str
    result: str
    assay: str
    evidence: str
    regions: str
    records: int
    confirmed: bool
    looked: str
    x_rows: int = 0
    x_first: int = 0
    x_last: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation, as read from its file."""

    generation: int = 0
    ledger_sequence: int = 0
    merged: int = 0
    people: int = 0
    parts: tuple[Part, ...] = ()
    fresh: tuple[Entry, ...] = ()
    erased: frozenset[int] = frozenset()
    purged: frozenset[int] = frozenset()
    before: tuple[str, ...] = ()
    doomed: tuple[str, ...] = ()

    @property
    def next_number(self) -> int:
        """The number the next run gets."""
        return self.merged + len(self.fresh)

    def of(self, kind: str) -> tuple[Part, ...]:
        """The parts of a kind, base first, then batches by run."""
        return tuple(part for part in self.parts if part.kind == kind)


def load(folder: Path) -> Manifest:
    """The newest generation; an empty lake when nothing was ever admitted."""
    path = folder / NAME
    if not path.exists():
        return Manifest()
    with failing("read"):
        content = path.read_bytes()
    try:
        said = orjson.loads(content)
        if said.pop("format") != FORMAT:
            raise StoreError("the lake's manifest was written by another version; use that one to read it")
        return _manifest(said)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Tampered("the lake's manifest is not readable; restore it from a copy, or rebuild") from error


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest. On disk, and visible to every reader, when this returns."""
    content = orjson.dumps({"format": FORMAT} | _plain(manifest))
    with failing("written"), arriving(folder) as temporary:
        temporary.write_bytes(content)
        settle(temporary, folder / NAME)


@contextmanager
def lock(folder: Path, name: str) -> Iterator[None]:
    """Wait for and hold one of the lake's two locks: `write` (short) or `merge` (compaction, purge)."""
    with failing("locked"):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete files of levels that neither this generation nor the one before needs, and what killed writers
    left half written. The caller holds both locks."""
    needed = {part.path for part in manifest.parts} | set(manifest.before)
    found = (path for root in _LEVELS if (folder / root).is_dir() for path in (folder / root).rglob("*"))
    paths = [str(path.relative_to(folder)) for path in found if path.is_file()]
    remove(folder, [path for path in paths if path not in needed])
    for left in (*(folder / "arriving").glob("*"), *folder.glob(f"{ARRIVING}*")):
        left.unlink(missing_ok=True)


_LEVELS = ("carriers", "common", "alleles", "own", "runs")


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in ((name, getattr(manifest, name)) for name in Manifest.__slots__)
    }


def _manifest(said: dict[str, Any]) -> Manifest:
    return Manifest(
        **said
        | {
            "parts": tuple(Part(**part) for part in said["parts"]),
            "fresh": tuple(Entry(**entry) for entry in said["fresh"]),
            "erased": frozenset(said["erased"]),
            "purged": frozenset(said["purged"]),
            "before": tuple(said["before"]),
            "doomed": tuple(said["doomed"]),
        }
    )
