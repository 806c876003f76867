"""Every piece of content a site's programme rests on: who owns it here, when it is looked at again, what it
rests on, who approved it, and which playbook uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bedside.knowledge.approvals import load_matrix
from bedside.knowledge.catalogue import open_pack
from bedside.knowledge.directory import load_directory
from bedside.knowledge.provenance import DATA, Provenance, rule_files
from bedside.knowledge.source import Source
from bedside.learn.content_standing import Content, Fault, Held, hold
from bedside.service.playbooks import used_by

COLUMNS = (
    "sort", "kind", "name", "owner", "answers", "standing", "review_due", "overdue_days", "evidence",
    "approval", "digest", "playbooks", "faults",
)  # fmt: skip

BY_LANGUAGE = frozenset({"letters", "patient_letters"})
"""Kinds whose files have the same name in each language."""


def contents(root: Path | None) -> Iterator[Content]:
    """Every rule file in force, and every release. A site's own file stands in place of a shipped one."""
    roots = [DATA] if root is None else [DATA, root]
    kinds = {path.name for base in roots if base.is_dir() for path in base.iterdir() if path.is_dir()}
    for kind in sorted(kind for kind in kinds if kind != "sources" and not kind.startswith(".")):
        held: dict[tuple[str, str], Content] = {}
        for file in rule_files(kind, root):
            if _is_rule(file.folder):
                folder = file.folder.name if file.folder is not None and kind in BY_LANGUAGE else ""
                language = str(file.document.get("language", folder))
                made = _of_rule(file.provenance, language)
                held[made.key] = made
        yield from held.values()
    for base in roots:
        for path in sorted(base.rglob("source.toml")):
            info = open_pack(path.parent).info
            yield _of_release(info.source, info.sha256)


def _is_rule(folder: Path | None) -> bool:
    return folder is None or not (folder / "source.toml").is_file()


def _of_rule(header: Provenance, language: str) -> Content:
    name = f"{language}/{header.name}" if language else header.name
    return Content(
        header.kind, name, header.title, header.owner, header.evidence_level, header.approval,
        header.review_due, header.sha256,
    )  # fmt: skip


def _of_release(source: Source, sha256: str) -> Content:
    return Content(
        source.kind, f"{source.name}@{source.date}", source.title, source.owner, source.evidence_level,
        source.approval, date.fromisoformat(source.review_due), sha256,
    )  # fmt: skip


def content_held(root: Path | None, today: date) -> tuple[Held, ...]:
    """Every piece of content with its standing on a day; those with most faults first."""
    found = hold(contents(root), load_directory(root), load_matrix(root), used_by(root), today)
    return tuple(
        sorted(found, key=lambda one: (one.sort.value, -len(one.faults), one.content.kind, one.content.name))
    )


def ownerless(root: Path | None, today: date) -> tuple[Held, ...]:
    """Content that nobody here answers for."""
    return tuple(one for one in content_held(root, today) if Fault.ORPHAN in one.faults)


def row(one: Held) -> Mapping[str, Any]:
    """One line of the list, in the order of COLUMNS."""
    held = one.content
    return dict(
        zip(
            COLUMNS,
            (
                one.sort.value, held.kind, held.name, held.owner, one.answers, one.standing.value,
                held.review_due.isoformat(), one.overdue_days, held.evidence.value, str(held.approval),
                held.digest[:12], list(one.playbooks), [fault.value for fault in one.faults],
            ),
            strict=True,
        )
    )  # fmt: skip
