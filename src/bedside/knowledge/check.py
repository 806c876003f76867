"""Whether the knowledge at hand is whole: digests, required fields, review dates, and what contradicts
itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.catalogue import PACK_ROOT, VerifiedPack, label, read_folder
from bedside.knowledge.check_genes import check_genes
from bedside.knowledge.check_guidance import check_guidance
from bedside.knowledge.provenance import parse_rule_file
from bedside.knowledge.read_pgx import read_pgx, read_tables

ACCOMPANYING = frozenset({"source.toml", "LICENSE", "LICENSE.md", "README.md", "NOTICE"})


def check(root: Path | None = None, *, today: date | None = None) -> tuple[Problem, ...]:
    """Every problem of every release and rule file under `root`; with `today`, also overdue reviews."""
    folder = root or PACK_ROOT
    problems: list[Problem] = []
    released = sorted(path.parent for path in folder.rglob("source.toml"))
    for release in released:
        problems.extend(check_release(release, today=today))
    for path in sorted(folder.rglob("*.toml")):
        if path.parent not in released:
            problems.extend(check_rule_file(path, path.relative_to(folder).parts[0], today=today))
    return tuple(problems)


def check_release(folder: Path, *, today: date | None = None) -> tuple[Problem, ...]:
    """Every problem of one release."""
    problems: list[Problem] = []
    pack = read_folder(folder, problems)
    if pack is not None:
        source = pack.info.source
        problems.extend(_unlisted(pack))
        problems.extend(_overdue(label(folder / "source.toml"), source.review_due, today))
        if source.kind == "pgx":
            problems.extend(_check_pgx(pack))
    return tuple(problems)


def check_rule_file(path: Path, kind: str, *, today: date | None = None) -> tuple[Problem, ...]:
    """Every problem of the header of one rule file; its kind is the folder it stands in."""
    where = label(path)
    try:
        header = parse_rule_file(where, path.read_bytes(), kind).provenance
    except PackError as error:
        return error.problems
    return tuple(_overdue(where, header.review_due.isoformat(), today))


def _unlisted(pack: VerifiedPack) -> Iterator[Problem]:
    listed = {table.file for table in pack.info.source.tables}
    for path in sorted(pack.info.folder.iterdir()):
        if path.name not in listed | ACCOMPANYING:
            reason = "is in the folder but source.toml does not list it, so nothing reads or verifies it"
            yield Problem(label(path), reason, remedy="list it under [tables.…] or remove it")


def _overdue(where: str, due: str, today: date | None) -> Iterator[Problem]:
    if today is not None and date.fromisoformat(due) < today:
        yield Problem(where, f"its review was due on {due}", remedy="review it and set review_due")


def _check_pgx(pack: VerifiedPack) -> Iterator[Problem]:
    problems: list[Problem] = []
    source, files = pack.info.source, pack.files
    read = read_pgx(source, pack.info.release, files, problems)
    yield from problems
    if problems:
        return
    tables = read_tables(source, files, problems)
    facts = tomllib.loads(files.get("genes.toml", b"").decode("utf-8"))
    where = f"{source.name}/{source.date}/genes.toml"
    yield from check_genes(where, read.genes, tables, source.legend, facts)
    yield from check_guidance(tables, read.genes)
