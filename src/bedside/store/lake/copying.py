"""The files of the lake as they are at one moment, so that a copy of them is a lake again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bedside.store.lake.files import by_digest
from bedside.store.lake.manifest import NAME, load, lock

_KINDS = ("evidence", "regions")


@dataclass(frozen=True, slots=True)
class LakeFiles:
    """One generation, held still: nothing it needs is deleted before `still` ends. files: the path in the
    lake's folder and the sha256 the lake itself knows of it ("" where it knows none). manifest: its bytes."""

    folder: Path
    files: Mapping[str, str]
    manifest: bytes


@contextmanager
def writers_wait(folder: Path | None) -> Iterator[None]:
    """Keep runs from being admitted for a moment, so that ledger and lake can be seen together."""
    if folder is None or not folder.is_dir():
        yield
        return
    with lock(folder, "write"):
        yield


@contextmanager
def merges_wait(folder: Path | None) -> Iterator[None]:
    """Keep files from being merged or purged away while they are copied. Genomes can be stored meanwhile."""
    if folder is None or not folder.is_dir():
        yield
        return
    with lock(folder, "merge"):
        yield


def files_of(folder: Path) -> LakeFiles:
    """The newest generation's files, and the files of every run that is durable (also of runs not admitted
    yet: the ledger knows them). The caller holds both locks for this moment, the merges' while copying."""
    manifest = folder / NAME
    if not manifest.exists():
        return LakeFiles(folder, {}, b"")
    held = load(folder)
    files = {part.path: part.sha256 for part in held.parts}
    for kind in _KINDS:
        for path in sorted((folder / kind).rglob("*.parquet")) if (folder / kind).is_dir() else ():
            digest = path.parent.name + path.stem
            if len(digest) == 64 and by_digest(folder / kind, digest) == path:
                files[f"{kind}/{path.parent.name}/{path.name}"] = digest
    for path in sorted((folder / "erasures").glob("*.json")) if (folder / "erasures").is_dir() else ():
        files[f"erasures/{path.name}"] = ""
    for doomed in held.doomed:
        files.pop(doomed, None)
    return LakeFiles(folder, files, manifest.read_bytes())
