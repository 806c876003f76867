"""Finds releases of knowledge, verifies every byte against its digest, and loads them.

A release is a folder `sources/<name>/<date>/` with a `source.toml`. One read of the bytes serves both the
digest and the reader, so nothing is loaded that was not verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.citation import Release
from bedside.genome.observation import digest
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.read_pgx import read_pgx
from bedside.knowledge.source import Source, parse_source

PACK_ROOT = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class PackInfo:
    """A release as the catalogue lists it: its description, its content's digest, and its folder."""

    source: Source
    sha256: str
    folder: Path

    @property
    def release(self) -> Release:
        """Name, date and content digest: what every answer names."""
        return Release(self.source.name, self.source.date, self.sha256)


@dataclass(frozen=True, slots=True)
class VerifiedPack:
    """A release whose files were read once and equal their digests."""

    info: PackInfo
    files: Mapping[str, bytes]


def release_folders(root: Path | None = None) -> tuple[Path, ...]:
    """Every folder under `root` that describes itself as a release, by name and date."""
    found = (path.parent for path in ((root or PACK_ROOT) / "sources").glob("*/*/source.toml"))
    return tuple(sorted(found, key=lambda folder: (folder.parent.name, folder.name)))


def open_pack(folder: Path) -> VerifiedPack:
    """Reads a release and verifies it; raises PackError with every problem found."""
    problems: list[Problem] = []
    pack = read_folder(folder, problems)
    if pack is None or problems:
        raise PackError(problems)
    return pack


def read_folder(folder: Path, problems: list[Problem]) -> VerifiedPack | None:
    """The files of a release; what is missing or differs from its digest is added to `problems`."""
    description = folder / "source.toml"
    where = label(description)
    if not description.is_file():
        problems.append(Problem(label(folder), "no source.toml in this folder"))
        return None
    content = description.read_bytes()
    source = parse_source(where, content, problems)
    if source is None:
        return None
    if (source.name, source.date) != (folder.parent.name, folder.name):
        problems.append(
            Problem(
                where,
                f"says it is {source.name}/{source.date} but stands in {folder.parent.name}/{folder.name}",
            )
        )
    files: dict[str, bytes] = {}
    for table in source.tables:
        path = folder / table.file
        if not path.is_file():
            problems.append(Problem(where, f"lists {table.file}, which is not there"))
            continue
        files[table.file] = path.read_bytes()
        if digest(files[table.file]) != table.sha256:
            problems.append(
                Problem(
                    label(path),
                    "does not equal its digest in source.toml",
                    remedy="if the edit is meant: python -m bedside.knowledge.write FOLDER",
                )
            )
    return VerifiedPack(PackInfo(source, digest(content), folder), files)


def label(path: Path) -> str:
    """How messages name a pack's file: `cpic/2025-11-05/alleles.tsv`."""
    return "/".join(path.parts[-3:])


def find_release(name: str, date: str | None = None, root: Path | None = None) -> Path:
    """The folder of a release; without a date, the newest."""
    dates = {folder.name: folder for folder in release_folders(root) if folder.parent.name == name}
    if not dates:
        known = sorted({folder.parent.name for folder in release_folders(root)})
        raise PackError.one(name, f"no such source; known: {', '.join(known) or 'none'}")
    if date is None:
        return dates[max(dates)]
    if date not in dates:
        raise PackError.one(f"{name}@{date}", f"no such release; known: {', '.join(sorted(dates))}")
    return dates[date]


def load_pgx(
    source: str = "cpic",
    date: str | None = None,
    root: Path | None = None,
    *,
    guidance_from: tuple[str, ...] = (),
) -> PgxPack:
    """A pharmacogenomic release, verified and read; without a date, the newest.

    guidance_from: further sources whose newest guidance is added after the release's own (`("dpwg",)`). Each
    row keeps its own source and licence. Raises PackError with every problem at once.
    """
    pack = load_folder(find_release(source, date, root))
    for name in guidance_from:
        pack = with_guidance(pack, load_folder(find_release(name, None, root)))
    return pack


def load_folder(folder: Path) -> PgxPack:
    """The pharmacogenomic release in this folder."""
    verified = open_pack(folder)
    problems: list[Problem] = []
    pack = read_pgx(verified.info.source, verified.info.release, verified.files, problems)
    if problems:
        raise PackError(problems)
    return pack


def with_guidance(pack: PgxPack, other: PgxPack) -> PgxPack:
    """`pack` with the guidance of another source after its own; genes, alleles and phenotypes stay the
    pack's.
    """
    guidance = dict(pack.guidance)
    for drug, rows in other.guidance.items():
        guidance[drug] = guidance.get(drug, ()) + rows
    return replace(
        pack,
        drugs=dict(sorted({**other.drugs, **pack.drugs}.items())),
        guidance=dict(sorted(guidance.items())),
        guidelines={**pack.guidelines, **other.guidelines},
        guidance_releases=(*pack.guidance_releases, *other.guidance_releases),
    )


def releases(root: Path | None = None) -> tuple[PackInfo, ...]:
    """Every release under `root`, by name and date; raises PackError if one cannot be verified."""
    return tuple(open_pack(folder).info for folder in release_folders(root))
