"""Lines for people about the knowledge at hand: what there is, what is wrong with it, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.catalogue import (
    PACK_ROOT,
    PackInfo,
    find_release,
    label,
    load_folder,
    open_pack,
    release_folders,
)
from bedside.knowledge.diff import Change, diff
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.provenance import parse_rule_file
from bedside.knowledge.source import parse_source

CLINVAR = "clinvar"
"""The kind of release that has its own comparison: millions of records in columns."""


def list_lines(root: Path | None = None) -> tuple[str, ...]:
    """Every release and rule file: name, date, licence, owner, review state, when it is due, and digest."""
    folder = root or PACK_ROOT
    described = sorted(path.parent for path in folder.rglob("source.toml"))
    lines = [line for release in described for line in _release_lines(open_pack(release).info)]
    for path in sorted(folder.rglob("*.toml")):
        if path.parent not in described:
            lines.extend(_rule_file_lines(path, path.relative_to(folder).parts[0]))
    return tuple(lines)


def _release_lines(info: PackInfo) -> Iterator[str]:
    source = info.source
    yield f"{info.release}  {source.kind}  {source.licence}"
    yield f"    {source.title}"
    yield f"    owner: {source.owner}"
    yield f"    review: {source.review_state}; due {source.review_due}"
    yield f"    evidence: {source.evidence_level.value}; {source.approval}"


def _rule_file_lines(path: Path, kind: str) -> Iterator[str]:
    header = parse_rule_file(label(path), path.read_bytes(), kind).provenance
    yield f"{header.name}@{header.retrieved}#{header.sha256[:12]}  {header.kind}  {header.licence}"
    yield f"    {header.title}"
    yield f"    owner: {header.owner}"
    yield f"    review: {header.review_state}; due {header.review_due}"
    yield f"    evidence: {header.evidence_level.value}; {header.approval}"


def folder_named(name: str, root: Path | None = None) -> Path:
    """The folder of a release given as `name@date`, `name` (the newest), or a folder.

    Looked for under `root`, a site's own packs, and among those shipped. Raises `PackError`.
    """
    folder = Path(name)
    if "@" not in name and (folder / "source.toml").is_file():
        return folder
    source, _, date = name.partition("@")
    date = date.partition("#")[0]
    places = (None,) if root is None else (None, root)
    found = [
        (at.name, place, at)
        for place, where in enumerate(places)
        for at in release_folders(where)
        if at.parent.name == source and date in ("", at.name)
    ]
    return max(found)[2] if found else find_release(source, date or None, root)


def load_named(name: str, root: Path | None = None) -> PgxPack:
    """A release given as `name@date`, `name` (the newest), or a folder."""
    return load_folder(folder_named(name, root))


def kind_of_both(before: str, after: str, root: Path | None = None) -> str:
    """The kind of two releases to compare; raises `PackError` when they are of different kinds."""
    kinds = [_kind_of(folder_named(name, root)) for name in (before, after)]
    if kinds[0] != kinds[1]:
        raise PackError.one(f"{before}, {after}", f"are of different kinds: {kinds[0]} and {kinds[1]}")
    return kinds[0]


def _kind_of(folder: Path) -> str:
    problems: list[Problem] = []
    source = parse_source(label(folder / "source.toml"), (folder / "source.toml").read_bytes(), problems)
    if source is None:
        raise PackError(problems)
    return source.kind


def diff_lines(before: str, after: str, root: Path | None = None) -> tuple[str, ...]:
    """What changed between two releases, in plain words; one line says so when nothing did."""
    if kind_of_both(before, after, root) == CLINVAR:
        from bedside.knowledge.clinvar.tell import clinvar_diff_lines

        return clinvar_diff_lines(folder_named(before, root), folder_named(after, root))
    old, new = load_named(before, root), load_named(after, root)
    return (f"{old.release} → {new.release}", *change_lines(diff(old, new)))


def diff_table(before: str, after: str, root: Path | None = None) -> tuple[str, ...]:
    """The same changes as tab-separated lines with a header."""
    if kind_of_both(before, after, root) == CLINVAR:
        from bedside.knowledge.clinvar.tell import clinvar_diff_table

        return clinvar_diff_table(folder_named(before, root), folder_named(after, root))
    changes = diff(load_named(before, root), load_named(after, root))
    rows = (
        (change.kind.value, change.gene, change.drug, change.subject, change.before, change.after)
        for change in changes
    )
    return ("kind\tgene\tdrug\tsubject\tbefore\tafter", *("\t".join(row) for row in rows))


def change_lines(changes: Iterable[Change]) -> tuple[str, ...]:
    """One line a change, under a line that counts each kind."""
    by_kind: dict[str, list[Change]] = {}
    for change in changes:
        by_kind.setdefault(change.kind.value, []).append(change)
    if not by_kind:
        return ("nothing changed",)
    lines = []
    for kind, found in by_kind.items():
        lines.append(f"{kind}: {len(found)}")
        lines.extend(f"    {change_words(change)}" for change in found)
    return tuple(lines)


def change_words(change: Change) -> str:
    """`CYP2D6 *10: 0.25 → 0.5`."""
    about = " ".join(part for part in (change.gene, change.drug) if part and part not in change.subject)
    name = f"{about} {change.subject}".strip()
    if change.before and change.after:
        return f"{name}: {change.before} → {change.after}"
    fact = change.before or change.after
    return f"{name}: {fact}" if fact else name
