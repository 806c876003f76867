"""The tables of OMOP CDM 5.4 as exported: columns, types, what must be there, what refers to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import parse_table

KIND = "omop"
_HEAD = ("table", "column", "type", "required", "key", "refers")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind: integer, numeric, date, timestamp, text. longest: characters, None for no limit. key:
    of its table. refers: the table whose key it holds, "" for none exported."""

    name: str
    kind: str
    longest: int | None
    required: bool
    key: bool
    refers: str


@dataclass(frozen=True, slots=True)
class CommonDataModel:
    """The whole pack. vocabularies: from the URI of a terminology to Athena's name of it."""

    provenance: Provenance
    version: str
    tables: Mapping[str, tuple[Column, ...]]
    vocabularies: Mapping[str, str]
    examples: tuple[Mapping[str, Any], ...]


def load_omop(root: Path | None = None) -> CommonDataModel:
    """The shipped pack, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_omop(chosen)


def read_omop(file: RuleFile) -> CommonDataModel:
    """The pack in a rule file with its table of columns; raises PackError with every problem."""
    document = file.document
    if file.folder is None:
        raise file.fail("has no folder with its table of columns")
    try:
        name = str(document["columns"])
        content = (file.folder / name).read_bytes()
        version, names = str(document["version"]), dict(document["vocabularies"])
    except (KeyError, TypeError, OSError) as error:
        raise file.fail(f"not a common data model: {error}") from error
    problems: list[Problem] = []
    tables: dict[str, tuple[Column, ...]] = {}
    for row in parse_table(name, content, _HEAD, problems):
        kind, _, rest = row["type"].partition("(")
        longest = int(rest[:-1]) if rest else None
        kind = "text" if kind == "varchar" else kind
        if kind not in ("integer", "numeric", "date", "timestamp", "text"):
            problems.append(row.problem(f"has the unknown type {row['type']!r}"))
            continue
        column = Column(
            row["column"], kind, longest, row["required"] == "yes", row["key"] == "yes", row["refers"]
        )
        tables[row["table"]] = (*tables.get(row["table"], ()), column)
    if problems:
        raise PackError(problems)
    return CommonDataModel(file.provenance, version, tables, names, tuple(document.get("example", ())))
