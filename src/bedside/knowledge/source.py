"""`source.toml`: what a release says about itself. A pack that does not say it is not loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bedside.errors import Problem
from bedside.knowledge.approval import Approval, EvidenceLevel, read_approval, read_level

REQUIRED = (
    "kind", "name", "date", "title", "owner", "licence", "url",
    "version", "retrieved", "review_state", "review_due", "made_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One file of a release: where its facts came from, when they were retrieved, and its digest."""

    file: str
    sha256: str
    retrieved: str
    origin: str


@dataclass(frozen=True, slots=True)
class Source:
    """A release's own description.

    kind: which reader understands it (`pgx`). licence: SPDX identifier of the facts. review_state: who has
    and who has not checked it; shown wherever the facts are. review_due: the date by which the owner looks
    at it again. guideline_url: where a guideline's page is, with `{id}` in it.
    """

    kind: str
    name: str
    date: str
    title: str
    owner: str
    licence: str
    url: str
    version: str
    retrieved: str
    review_state: str
    review_due: str
    made_by: str
    evidence_level: EvidenceLevel
    approval: Approval
    guideline_url: str = ""
    attribution: str = ""
    tables: tuple[SourceTable, ...] = ()
    legend: Mapping[str, str] = field(default_factory=dict)


def parse_source(
    where: str, content: bytes, problems: list[Problem], today: date | None = None
) -> Source | None:
    """The description in `content`, or None with every reason added to `problems`.

    today: the day against which an approval is held; the machine's own when not given.
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(where, f"not TOML: {error}"))
        return None
    before = len(problems)
    for name in REQUIRED:
        if not str(document.get(name, "")).strip():
            problems.append(Problem(where, f"{name} is missing", remedy=f'add {name} = "…"'))
    for name in ("date", "review_due"):
        _check_date(where, name, document.get(name), problems)
    level = read_level(where, document, problems)
    retrieved = _day(document.get("retrieved"))
    approval = read_approval(where, document, retrieved, today or date.today(), problems)
    tables = tuple(_tables(where, document.get("tables", {}), problems))
    if len(problems) > before or level is None or approval is None:
        return None
    return Source(
        **{name: str(document[name]) for name in REQUIRED},
        evidence_level=level,
        approval=approval,
        guideline_url=str(document.get("guideline_url", "")),
        attribution=str(document.get("attribution", "")),
        tables=tables,
        legend={str(key): str(value) for key, value in document.get("legend", {}).items()},
    )


def _check_date(where: str, name: str, value: object, problems: list[Problem]) -> None:
    """A day, or for a release only known to the month, `2024-05`."""
    text = "" if value is None else str(value)
    if text and not _is_date(f"{text}-01" if name == "date" and len(text) == len("2024-05") else text):
        problems.append(Problem(where, f"{name} must be a date such as 2025-11-05, not {text!r}"))


def _day(value: object) -> date | None:
    """A day, the first of a month that stands alone (`2024-05`), or None."""
    text = "" if value is None else str(value)
    text = f"{text}-01" if len(text) == len("2024-05") else text
    return date.fromisoformat(text) if _is_date(text) else None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _tables(where: str, tables: Mapping[str, Any], problems: list[Problem]) -> list[SourceTable]:
    found = []
    for name, entry in tables.items():
        missing = [key for key in ("file", "sha256", "retrieved", "origin") if not str(entry.get(key, ""))]
        if missing:
            problems.append(Problem(where, f"table {name} does not say its {', '.join(missing)}"))
            continue
        found.append(SourceTable(entry["file"], entry["sha256"], str(entry["retrieved"]), entry["origin"]))
    if not found:
        problems.append(Problem(where, "no [tables.…] with file, sha256, retrieved and origin"))
    return found
