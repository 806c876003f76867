"""What arrived, byte for byte, named by its sha256.

A document is written to a temporary file, flushed to disk, then renamed: it is there whole or not at all. The
same bytes are kept once. Reading checks the digest.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import StoreError, Tampered
from bedside.genome.observation import digest

_CHUNK = 1 << 20
_lasting: set[Path] = set()
"""Folders of documents that this process knows to be on disk by name."""


@dataclass(frozen=True, slots=True)
class Documents:
    """A folder of documents: `ab/cdef…` for the sha256 `abcdef…`. It stands beside the ledger, on a local
    disk."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep some bytes; their sha256. On disk when this returns."""
        name = digest(content)
        with self._failing("written"):
            if not self.path(name).exists():
                self._write(name, iter((content,)))
        return name

    def put_file(self, source: Path) -> str:
        """Keep a copy of a file without holding it in memory; its sha256. On disk when this returns."""
        with self._failing("written"):
            name = digest_of_file(source)
            if not self.path(name).exists():
                self._write(name, _chunks(source))
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a document; `StoreError` when it is not kept, `Tampered` when it is not what its name
        says."""
        with self._failing("read"):
            content = self.path(name).read_bytes()
        if digest(content) != name:
            raise Tampered(f"document {name[:12]} is not what its digest says")
        return content

    def has(self, name: str) -> bool:
        """Whether a document of this digest is kept."""
        return self.path(name).exists()

    def path(self, name: str) -> Path:
        """Where a document is or would be."""
        if len(name) != 64 or set(name) - set("0123456789abcdef"):
            raise StoreError("a document is named by its sha256 in hexadecimal")
        return self.folder / name[:2] / name[2:]

    def _write(self, name: str, chunks: Iterator[bytes]) -> None:
        target = self.path(name)
        self._make(target.parent)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".arriving-")
        try:
            seen = hashlib.sha256()
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    seen.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if seen.hexdigest() != name:
                raise StoreError("a file changed while it was being read; give it again")
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _flush_folder(target.parent)

    def _make(self, parent: Path) -> None:
        """The folder of a document, its own place on disk too; flushed once a process, whoever made it."""
        if parent in _lasting and parent.exists():
            return
        parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, self.folder.parent):
            _flush_folder(folder)
        _lasting.add(parent)

    @contextmanager
    def _failing(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"a document could not be {verb}: {error.strerror}") from error


def digest_of_file(source: Path) -> str:
    """The sha256 of a file's bytes."""
    seen = hashlib.sha256()
    for chunk in _chunks(source):
        seen.update(chunk)
    return seen.hexdigest()


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _flush_folder(folder: Path) -> None:
    """Make a rename in a folder last over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
