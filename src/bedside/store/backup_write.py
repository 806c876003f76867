"""Writes a backup: beside its place, verified by reading it again, and then named. Whole or not at all.

The ledger is read at one moment while others write; documents and genomes are durable before an event names
them, so those copied afterwards hold everything that moment names. Killed in between, the next run takes what
is there already and whole.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from bedside import __version__
from bedside.errors import InputError, StoreError, Tampered
from bedside.store.backup_folder import (
    HEADER,
    MANIFEST,
    BackupManifest,
    Entry,
    Header,
    chunks_of,
    content_of,
    failing,
    flush_folder,
    header_bytes,
    manifest_bytes,
    measured,
    read_header,
    stored_name,
    write_flushed,
)
from bedside.store.backup_read import check_whole, open_backup
from bedside.store.lake.copying import LakeFiles, files_of, merges_wait, writers_wait
from bedside.store.ledger_copy import LedgerRows, rows_of
from bedside.store.sealed_file import COST, DataKey, Secret, new_data_key, unwrapped
from bedside.store.sql_ledger import SqlLedger

Progress = Callable[[str, int, int], None]
"""Called with what is copied, how many files are done, and of how many."""

_DOCUMENT = re.compile(r"[0-9a-f]{62}")


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: the ledger, its folders (None where there is none), and single further files by
    name. said: what is written in the manifest beside it."""

    ledger: SqlLedger
    documents: Path
    lake: Path | None = None
    knowledge: Path | None = None
    access: Mapping[str, Path] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made. digest: sha256 of its manifest. copied, kept: files written now, and files that
    were there or in an earlier backup."""

    manifest: BackupManifest
    digest: str
    copied: int
    kept: int


def quiet(what: str, done: int, of: int) -> None:
    """No progress is shown."""


def write_backup(
    source: Source,
    target: Path,
    *,
    made_at: str,
    by: str,
    secret: Secret | None = None,
    since: Path | None = None,
    progress: Progress = quiet,
    cost: int = COST,
) -> Made:
    """A backup in a new folder. since: an earlier backup on the same disk, whose files are linked where they
    are the same. Raises `InputError`, `StoreError`, `Tampered`."""
    if target.exists():
        raise InputError.one(target.name, "is there already", remedy="name a new folder for each backup")
    making = target.with_name(f".{target.name}.making")
    with failing("written"), _alone(making):
        key, header = _key(making, secret, since, cost)
        writer = _Writer(making, key, _earlier(since, secret), progress)
        manifest = writer.everything(source, made_at, by)
        content = manifest_bytes(manifest)
        stored = content if key is None else b"".join(key.sealed(MANIFEST, [content]))
        write_flushed(making / MANIFEST, [stored])
        writer.clear(manifest)
        digest = hashlib.sha256(stored).hexdigest()
        write_flushed(making / HEADER, [header_bytes(Header(digest, header.key, __version__))])
        check_whole(open_backup(making, secret), progress)
        for folder in sorted({path.parent for path in making.rglob("*")}):
            flush_folder(folder)
        os.replace(making, target)
        flush_folder(target.parent)
    return Made(manifest, digest, writer.copied, writer.kept)


@contextmanager
def _alone(making: Path) -> Iterator[None]:
    """Hold the folder that is made; another process that makes the same backup is refused."""
    making.parent.mkdir(parents=True, exist_ok=True)
    making.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(making, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreError("another process is making this backup") from error
    finally:
        os.close(handle)


def _key(making: Path, secret: Secret | None, since: Path | None, cost: int) -> tuple[DataKey | None, Header]:
    """The data key of this backup: of the one that was cut off, of the earlier one, or a new one."""
    if secret is None:
        if (making / HEADER).exists() and read_header(making).key is not None:
            raise StoreError("a sealed backup was cut off here; give its key, or delete the .making folder")
        return None, Header()
    for before in (making, since):
        if before is not None and (before / HEADER).exists():
            held = read_header(before)
            if held.key is not None:
                key = unwrapped(dict(held.key), secret)
                header = Header(key=held.key)
                break
    else:
        key = new_data_key()
        header = Header(key=key.wrapped(secret, cost))
    write_flushed(making / HEADER, [header_bytes(header)])
    return key, header


def _earlier(since: Path | None, secret: Secret | None) -> dict[str, Path]:
    """Where an earlier backup has a file, by logical path and digest."""
    if since is None:
        return {}
    held = open_backup(since, secret)
    return {
        f"{entry.path}:{entry.sha256}:{entry.stored}": since / entry.stored for entry in held.manifest.files
    }


@dataclass(slots=True)
class _Writer:
    folder: Path
    key: DataKey | None
    earlier: Mapping[str, Path]
    progress: Progress
    copied: int = 0
    kept: int = 0

    def everything(self, source: Source, made_at: str, by: str) -> BackupManifest:
        """Copy it all; what the manifest says then."""
        lake = source.lake if source.lake is not None and source.lake.is_dir() else None
        with merges_wait(lake), ExitStack() as reading:
            with writers_wait(lake):
                rows = reading.enter_context(rows_of(source.ledger))
                files = LakeFiles(self.folder, {}, b"") if lake is None else files_of(lake)
            entries, contents = self._ledger(rows)
            reading.close()
            entries += self._folder("documents", source.documents, _documents(source.documents))
            entries += self._lake(files)
        if source.knowledge is not None:
            entries += self._folder("knowledge", source.knowledge, _every(source.knowledge))
        for name, path in source.access.items():
            entries.append(self._file(f"access/{name}", path))
        said = {"bedside": __version__, "python": platform.python_version(), **source.versions}
        store = source.ledger.dialect.name
        return BackupManifest(made_at, by, rows.head, contents, store, said, tuple(entries))

    def _ledger(self, rows: LedgerRows) -> tuple[list[Entry], int]:
        found, contents, done = [], 0, 0
        for number, events in enumerate(rows.events(), 1):
            done += len(events)
            self.progress("events", done, rows.head.sequence)
            found.append(self._lines(f"ledger/events-{number:06d}.jsonl.gz", events))
        if done != rows.head.sequence:
            raise Tampered(f"the ledger ends at event {done} where {rows.head.sequence} were")
        for number, some in enumerate(rows.contents(), 1):
            contents += len(some)
            found.append(self._lines(f"ledger/contents-{number:06d}.jsonl.gz", some))
        return found, contents

    def _lines(self, path: str, rows: Iterable[tuple[object, ...]]) -> Entry:
        content = gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows), 3, mtime=0)
        return self._put(path, hashlib.sha256(content).hexdigest(), len(content), lambda: iter((content,)))

    def _folder(self, part: str, folder: Path, names: list[str]) -> list[Entry]:
        entries = []
        for number, name in enumerate(names, 1):
            self.progress(part, number, len(names))
            entries.append(self._file(f"{part}/{name}", folder / name))
        return entries

    def _lake(self, files: LakeFiles) -> list[Entry]:
        entries = []
        for number, (name, digest) in enumerate(sorted(files.files.items()), 1):
            self.progress("genomes", number, len(files.files))
            entry = self._file(f"lake/{name}", files.folder / name)
            if digest and entry.sha256 != digest:
                raise Tampered(f"lake/{name} is not what its digest says")
            entries.append(entry)
        if files.manifest:
            content = files.manifest
            digest = hashlib.sha256(content).hexdigest()
            entries.append(self._put("lake/manifest.json", digest, len(content), lambda: iter((content,))))
        return entries

    def _file(self, path: str, source: Path) -> Entry:
        digest, size = measured(chunks_of(source))
        if path.startswith("documents/") and digest != path.removeprefix("documents/").replace("/", ""):
            raise Tampered(f"document {path[10:].replace('/', '')[:12]} is not what its digest says")
        return self._put(path, digest, size, lambda: chunks_of(source))

    def _put(self, path: str, digest: str, size: int, chunks: Callable[[], Iterator[bytes]]) -> Entry:
        entry = Entry(path, digest, size, stored_name(path, digest, self.key))
        place = self.folder / entry.stored
        if place.exists() and self._is(entry):
            self.kept += 1
            return entry
        before = self.earlier.get(f"{path}:{digest}:{entry.stored}")
        if before is not None and self._linked(before, place) and self._is(entry):
            self.kept += 1
            return entry
        write_flushed(place, chunks() if self.key is None else self.key.sealed(path, chunks()))
        self.copied += 1
        return entry

    def _is(self, entry: Entry) -> bool:
        """Whether the stored file has the content; one that a kill cut is not taken."""
        try:
            return measured(content_of(self.folder, entry, self.key)) == (entry.sha256, entry.size)
        except Tampered:
            return False

    def _linked(self, before: Path, place: Path) -> bool:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        try:
            os.link(before, place)
        except OSError:
            shutil.copyfile(before, place)
        return True

    def clear(self, manifest: BackupManifest) -> None:
        """Delete what an earlier run that was cut off left and this one does not name."""
        named = {entry.stored for entry in manifest.files} | {HEADER, MANIFEST}
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_file() and str(path.relative_to(self.folder)) not in named:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def _documents(folder: Path) -> list[str]:
    """Every document, by its place; those that are still arriving are named by no event."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.glob("??/*") if _DOCUMENT.fullmatch(path.name))
    return sorted(f"{path.parent.name}/{path.name}" for path in found)


def _every(folder: Path) -> list[str]:
    """Every file of a site's own knowledge."""
    if not folder.is_dir():
        return []
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
