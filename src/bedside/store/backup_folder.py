"""The form of a backup: a folder with a header, a manifest that names every file by digest, and the files.

    backup.json        in clear: what this is, of which version, the sha256 of the manifest, the wrapped key
    manifest           every file by logical path, size and sha256; the ledger's checkpoint; versions
    ledger/…           events and content as gzipped lines of JSON
    documents/ab/cd…   lake/…   knowledge/…   access/…

Sealed, the manifest and every file are AES-256-GCM and files have names that say nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bedside.errors import InputError, StoreError
from bedside.store.ledger import Checkpoint
from bedside.store.sealed_file import DataKey

HEADER, MANIFEST = "backup.json", "manifest"
FORMAT = 1
KIND = "bedside-backup"
PARTS = ("ledger", "documents", "lake", "knowledge", "access")
CHUNK = 1 << 20
_PATH = re.compile(r"(?:ledger|documents|lake|knowledge|access)(?:/(?!\.{1,2}(?:/|$))[^/\x00\\]+)+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its logical path, the sha256 and size of its content, and the name it is stored under."""

    path: str
    sha256: str
    size: int
    stored: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """Everything a backup holds. lake: the lake's own manifest is among the files and put in place last."""

    made_at: str
    by: str
    checkpoint: Checkpoint
    contents: int
    store: str
    versions: Mapping[str, str]
    files: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)

    def of(self, part: str) -> tuple[Entry, ...]:
        """The files of a part."""
        return tuple(entry for entry in self.files if entry.path.startswith(f"{part}/"))


@dataclass(frozen=True, slots=True)
class Header:
    """What anybody may read of a backup. manifest: sha256 of the manifest as stored; "" while it is made.
    key: the wrapped data key, None when nothing is sealed."""

    manifest: str = ""
    key: Mapping[str, Any] | None = None
    made_with: str = ""
    format: int = FORMAT
    kind: str = KIND
    more: Mapping[str, Any] = field(default_factory=dict)


def header_bytes(header: Header) -> bytes:
    """The header as written."""
    return orjson.dumps(asdict(header), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def read_header(folder: Path) -> Header:
    """The header of a backup; raises `InputError` naming the file for what is none or is newer."""
    path = folder / HEADER
    try:
        said = orjson.loads(path.read_bytes())
        header = Header(**said)
    except FileNotFoundError as error:
        raise InputError.one(
            folder.name, f"holds no {HEADER}: it is no backup, or one that was never finished"
        ) from error
    except (OSError, orjson.JSONDecodeError, TypeError) as error:
        raise InputError.one(HEADER, "is damaged or of another program; nothing was read") from error
    if header.kind != KIND or not isinstance(header.format, int):
        raise InputError.one(HEADER, "is no backup of Bedside")
    if header.format > FORMAT:
        reason = f"is a backup of format {header.format}, this program reads {FORMAT}"
        raise InputError.one(HEADER, reason, remedy="update Bedside")
    return header


def manifest_bytes(manifest: BackupManifest) -> bytes:
    """The manifest as it is before it is sealed."""
    return orjson.dumps(asdict(manifest), option=orjson.OPT_SORT_KEYS)


def manifest_of(content: bytes) -> BackupManifest:
    """The manifest in its bytes; raises `InputError`."""
    try:
        said = orjson.loads(content)
        files = tuple(Entry(**one) for one in said.pop("files"))
        checkpoint = Checkpoint(**said.pop("checkpoint"))
        manifest = BackupManifest(checkpoint=checkpoint, files=files, **said)
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError.one(MANIFEST, "is damaged") from error
    wrong = [
        one.path for one in files if not _PATH.fullmatch(one.path) or not _PATH_STORED.fullmatch(one.stored)
    ]
    if wrong or len({one.path for one in files}) != len(files):
        raise InputError.one(MANIFEST, "names a file that cannot be in a backup")
    return manifest


_PATH_STORED = re.compile(rf"{_PATH.pattern}|sealed/[0-9a-f]{{2}}/[0-9a-f]{{62}}")


def stored_name(path: str, sha256: str, key: DataKey | None) -> str:
    """Where a file of this path and content lies in the backup."""
    if key is None:
        return path
    hidden = key.hidden(f"{path}:{sha256}")
    return f"sealed/{hidden[:2]}/{hidden[2:]}"


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, a piece at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def content_of(folder: Path, entry: Entry, key: DataKey | None) -> Iterator[bytes]:
    """A file's content, opened when it was sealed."""
    if key is None:
        yield from chunks_of(folder / entry.stored)
        return
    with (folder / entry.stored).open("rb") as file:
        yield from key.opened(entry.path, file)


def measured(chunks: Iterable[bytes]) -> tuple[str, int]:
    """The sha256 and the size of some bytes."""
    seen, size = hashlib.sha256(), 0
    for chunk in chunks:
        seen.update(chunk)
        size += len(chunk)
    return seen.hexdigest(), size


def write_flushed(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name, flush it, and name it: there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:60]}.part")
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make the names in a folder last over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def failing(verb: str, what: str = "backup") -> Iterator[None]:
    """What the operating system refuses becomes a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the {what} could not be {verb}: {error.strerror or type(error).__name__}"
        ) from error
