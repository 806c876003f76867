"""Reads a backup: everything is compared with the manifest before anything is put in place.

A restored house is the one that was backed up: the same events under the same hashes, the same documents and
genomes. It is put only where nothing is; the ledger comes last, so that a restore that was cut off is no
house, and the next run goes on with it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bedside.errors import InputError, Problem, StoreError, Tampered
from bedside.store.backup_folder import (
    HEADER,
    MANIFEST,
    BackupManifest,
    Entry,
    content_of,
    failing,
    flush_folder,
    manifest_of,
    measured,
    read_header,
    write_flushed,
)
from bedside.store.ledger_copy import fill
from bedside.store.sealed_file import DataKey, Secret, unwrapped
from bedside.store.sql_ledger import SqlLedger

MOST_TOLD = 20
MARK = ".restoring"
"""The note of a restore that has not ended, with the digest of its backup."""


@dataclass(frozen=True, slots=True)
class Backup:
    """An opened backup: where, what it says it holds, the sha256 of its manifest, and the key."""

    folder: Path
    manifest: BackupManifest
    digest: str
    key: DataKey | None

    def read(self, entry: Entry) -> Iterator[bytes]:
        """The content of one file."""
        return content_of(self.folder, entry, self.key)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a house is put: its folders (None where a part is not wanted)."""

    documents: Path
    lake: Path
    knowledge: Path | None = None
    access: Path | None = None


def open_backup(folder: Path, secret: Secret | None) -> Backup:
    """The backup in a folder. Raises `InputError` for what is none, `WrongKey`, or `Tampered`."""
    if not folder.is_dir():
        raise InputError.one(folder.name, "is no folder of a backup", remedy="check the path")
    header = read_header(folder)
    if not header.manifest:
        raise InputError.one(folder.name, "was never finished; it is no backup")
    if header.key is not None and secret is None:
        raise InputError.one(folder.name, "is sealed", remedy="give its key file or passphrase")
    key = None if header.key is None or secret is None else unwrapped(dict(header.key), secret)
    with failing("read"):
        try:
            stored = (folder / MANIFEST).read_bytes()
        except FileNotFoundError as error:
            raise InputError.one(MANIFEST, "is missing from the backup") from error
        digest = hashlib.sha256(stored).hexdigest()
        if digest != header.manifest:
            raise Tampered(f"{MANIFEST} is not the one that {HEADER} names: damaged, or of another backup")
        if key is not None:
            with (folder / MANIFEST).open("rb") as file:
                stored = b"".join(key.opened(MANIFEST, file))
    return Backup(folder, manifest_of(stored), digest, key)


def check_whole(backup: Backup, progress: Callable[[str, int, int], None] | None = None) -> None:
    """Read every file again. Raises `InputError` naming what is missing, cut, changed or mixed in."""
    files = backup.manifest.files
    problems = []
    for number, entry in enumerate(files, 1):
        if progress is not None:
            progress("checked", number, len(files))
        reason = _wrong(backup, entry)
        if reason:
            problems.append(Problem(entry.path, reason))
    named = {entry.stored for entry in files} | {HEADER, MANIFEST}
    here = (path for path in backup.folder.rglob("*") if not path.is_dir())
    strange = sorted({str(path.relative_to(backup.folder)) for path in here} - named)
    problems += [Problem(name, "is not of this backup; two were mixed") for name in strange]
    if problems:
        more = [Problem(backup.folder.name, f"and {len(problems) - MOST_TOLD} more")] * (
            len(problems) > MOST_TOLD
        )
        raise InputError([*problems[:MOST_TOLD], *more])


def _wrong(backup: Backup, entry: Entry) -> str:
    place = backup.folder / entry.stored
    if place.is_symlink() or not place.is_file():
        return "is missing"
    try:
        digest, size = measured(backup.read(entry))
    except Tampered as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if size != entry.size:
        return f"has {size} bytes where {entry.size} were written: cut off or changed"
    return "" if digest == entry.sha256 else "is not what was written"


def put_files(
    backup: Backup, places: Places, progress: Callable[[str, int, int], None] | None = None
) -> None:
    """Put everything but the ledger in place: the lake's manifest last. What is there already stays."""
    roots = {
        "documents": places.documents,
        "lake": places.lake,
        "knowledge": places.knowledge,
        "access": places.access,
    }
    files = [entry for entry in backup.manifest.files if not entry.path.startswith("ledger/")]
    files.sort(key=lambda entry: entry.path == "lake/manifest.json")
    with failing("restored"):
        touched = set()
        for number, entry in enumerate(files, 1):
            if progress is not None:
                progress("restored", number, len(files))
            part, _, name = entry.path.partition("/")
            root = roots[part]
            if root is None:
                continue
            target = root / name
            if target.is_file() and measured(_bytes(target)) == (entry.sha256, entry.size):
                continue
            write_flushed(target, backup.read(entry))
            touched |= {target.parent, root}
        for folder in sorted(touched):
            flush_folder(folder)


def _bytes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def put_ledger(backup: Backup, ledger: SqlLedger) -> None:
    """Put the events and their content into an empty ledger, in one transaction."""
    entries = backup.manifest.of("ledger")
    events = [entry for entry in entries if entry.path.startswith("ledger/events-")]
    contents = [entry for entry in entries if entry.path.startswith("ledger/contents-")]
    fill(ledger, _rows(backup, events), _rows(backup, contents), backup.manifest.checkpoint)


def _rows(backup: Backup, entries: Sequence[Entry]) -> Iterator[list[Any]]:
    for entry in sorted(entries, key=lambda one: one.path):
        content = gzip.decompress(b"".join(backup.read(entry)))
        yield [tuple(orjson.loads(line)) for line in content.splitlines()]


def begin(backup: Backup, places: Places) -> None:
    """Mark that a restore of this backup is under way. Raises `StoreError` where something else is."""
    for root in (places.documents, places.lake, places.knowledge, places.access):
        if root is None:
            continue
        mark = root / MARK
        with failing("restored"):
            if root.exists() and any(root.iterdir()):
                if not mark.is_file() or mark.read_text(encoding="ascii") != backup.digest:
                    raise StoreError(f"the folder {root.name} is not empty; a backup is put where nothing is")
            else:
                root.mkdir(parents=True, exist_ok=True)
                write_flushed(mark, [backup.digest.encode()])


def end(places: Places) -> None:
    """The restore is whole: take the marks away, and folders that stayed empty."""
    with failing("restored"):
        for root in (places.documents, places.lake, places.knowledge, places.access):
            if root is not None:
                (root / MARK).unlink(missing_ok=True)
                if root.is_dir() and not any(root.iterdir()):
                    os.rmdir(root)
