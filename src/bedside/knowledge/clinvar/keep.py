"""A site's ClinVar releases on disk: `sources/clinvar/<date>/`, written whole or not at all.

`records.parquet` is sorted by key; `left_out.tsv` names every record that is not in it and why.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bedside.errors import PackError, SettingsError
from bedside.knowledge.clinvar.read_file import Asked, Reading, digest_of, read_file
from bedside.knowledge.clinvar.terms import Terms, site_terms
from bedside.settings import Settings, variable

NAME = KIND = "clinvar"
RECORDS, LEFT_OUT, DESCRIPTION = "records.parquet", "left_out.tsv", "source.toml"
ROW_GROUP = 1 << 16
_NEVER_DUE = "9999-12-31"
_UNNAMED, _LOCK, _DRAFT = "source.draft", ".lock", ".adding-"
_TEXTS = ("reference", "alternate", "genes", "review", "conditions", "consequences", "raw")


@dataclass(frozen=True, slots=True)
class Kept:
    """A release in its folder. left_out: how many records for each reason. new: not there before."""

    folder: Path
    date: str
    records: int
    left_out: Mapping[str, int]
    new: bool


def releases_root(settings: Settings) -> Path:
    """Where a site's own releases are: as set, else `knowledge/` beside the ledger's file. PostgreSQL needs
    the setting.
    """
    if settings.knowledge_folder is not None:
        return settings.knowledge_folder
    path = settings.store_url.removeprefix("sqlite+sqlcipher:///").removeprefix("sqlite:///")
    if "://" in path or path.startswith(("sqlite:", "postgres")):
        raise SettingsError(f"set {variable('knowledge_root')}: where this site's own knowledge is kept")
    return Path(path).parent / "knowledge"


def add_clinvar(path: Path, root: Path, asked: Asked, terms: Terms | None = None) -> Kept:
    """The file's release under `root`. The same file again is the release that is there.

    Raises PackError with every problem; then nothing is stored.
    """
    terms = terms or site_terms(root)
    reading = read_file(path, asked, terms)
    folder = root / "sources" / NAME / reading.date
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / DESCRIPTION).exists():
            return _again(folder, reading, terms)
        _put(folder, path.name, reading, terms)
    return _kept(folder, reading, new=True)


def _put(folder: Path, name: str, reading: Reading, terms: Terms) -> None:
    """Written beside, moved into place, and a release only when its description has its name: a folder
    without one, left by a crash, is nothing and is written anew.
    """
    shutil.rmtree(folder, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder.parent))
    try:
        _write(draft, name, reading, terms)
        draft.rename(folder)
        _sync(folder.parent)
        (folder / _UNNAMED).rename(folder / DESCRIPTION)
        _sync(folder)
    finally:
        for left in folder.parent.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)


def _again(folder: Path, reading: Reading, terms: Terms) -> Kept:
    made_of = tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8")).get("made_of", {})
    said = (reading.sha256, reading.chain_sha256, terms.sha256)
    names = ("sha256", "chain_sha256", "terms_sha256")
    differing = [name for name, now in zip(names, said, strict=True) if made_of.get(name, "") != now]
    if differing:
        what = {"sha256": "another file", "chain_sha256": "another chain file", "terms_sha256": "other terms"}
        reason = f"a release of this date is there, made of {', '.join(what[name] for name in differing)}"
        remedy = f"remove {NAME}/{folder.name} if it is wrong; answers that name it then cannot be replayed"
        raise PackError.one(f"{NAME}@{folder.name}", reason, remedy=remedy)
    return _kept(folder, reading, new=False)


def _kept(folder: Path, reading: Reading, *, new: bool) -> Kept:
    rows = reading.understood.rows
    return Kept(folder, reading.date, len(rows), _counts(reading.understood.left_out), new)


def _counts(left_out: pl.DataFrame) -> dict[str, int]:
    return dict(left_out.group_by("reason").len().sort("len", "reason", descending=[True, False]).iter_rows())


def _write(folder: Path, name: str, reading: Reading, terms: Terms) -> None:
    rows = reading.understood.rows.with_columns(pl.col(_TEXTS).cast(pl.String))
    rows.write_parquet(folder / RECORDS, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
    left = reading.understood.left_out.with_columns(pl.col("contig", "raw").cast(pl.String))
    left.write_csv(folder / LEFT_OUT, separator="\t", quote_style="never")
    text = _description(folder, name, reading, terms)
    (folder / _UNNAMED).write_text(text, encoding="utf-8")
    folder.chmod(0o755)
    for file in (RECORDS, LEFT_OUT, _UNNAMED):
        _sync(folder / file)
    _sync(folder)


def _description(folder: Path, name: str, reading: Reading, terms: Terms) -> str:
    """`source.toml`. It says nothing of the day it was added, so that the same file makes the same bytes."""
    header = {
        "kind": KIND, "name": NAME, "date": reading.date,
        "title": f"ClinVar of {reading.date}, as published ({reading.layout}, {reading.build.value})",
        "owner": "this site", "licence": "public domain", "url": "https://www.ncbi.nlm.nih.gov/clinvar/",
        "version": reading.date, "retrieved": reading.date,
        "review_state": "as ClinVar publishes it, words by the terms pack; not reviewed by this site",
        "review_due": _NEVER_DUE, "evidence_level": "observational",
        "made_by": "bedside knowledge add clinvar",
        "attribution": "ClinVar, National Library of Medicine (US)",
    }  # fmt: skip
    made_of = {
        "file": name, "sha256": reading.sha256, "layout": reading.layout, "build": reading.build.value,
        "chain_sha256": reading.chain_sha256, "terms_sha256": terms.sha256,
    }  # fmt: skip
    lines = [f"{key} = {_quoted(value)}" for key, value in header.items()]
    lines.append('approval = { state = "awaiting", role = "laboratory director" }')
    lines += ["", "[made_of]", *(f"{key} = {_quoted(value)}" for key, value in made_of.items())]
    lines += ["", "[left_out]"]
    lines += [f"{_quoted(key)} = {count}" for key, count in _counts(reading.understood.left_out).items()]
    for table, file in (("records", RECORDS), ("left_out", LEFT_OUT)):
        lines += [
            "", f"[tables.{table}]", f'file = "{file}"', f'sha256 = "{digest_of(folder / file)}"',
            f'retrieved = "{reading.date}"', f"origin = {_quoted(name)}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter.isprintable() else " " for letter in plain) + '"'


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
