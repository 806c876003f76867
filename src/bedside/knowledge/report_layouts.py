"""How laboratories lay out their reports: labels, columns and words, one file a layout. What a layout does
not say it takes from the generic one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.draft import FieldKind
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import TaskPolicy

KIND, GENERIC, POLICY = "report_layouts", "generic", "policy"
ORDERS = frozenset({"", "dmy", "mdy", "ymd"})
_LABELS = frozenset(kind.value for kind in FieldKind)
_TABLES = frozenset({"calls", "variants"})


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A page in letters, two spaces or more between columns, and what must be read from it."""

    page: str
    expected: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class ReportLayout:
    """One layout. recognised_by: texts that all stand on a report of this layout, none for the generic one.
    labels and columns: text as folded → what it names. meanings: for a kind, text as folded → its value."""

    provenance: Provenance
    recognised_by: tuple[str, ...]
    laboratory: str
    date_order: str
    family_first: bool | None
    labels: Mapping[str, FieldKind]
    columns: Mapping[str, Mapping[str, FieldKind]]
    headings: frozenset[str]
    meanings: Mapping[FieldKind, Mapping[str, str]]
    months: Mapping[str, int]
    negations: tuple[str, ...]
    findings: tuple[str, ...]
    examples: tuple[Example, ...]

    @property
    def name(self) -> str:
        """Its name, with the digest of its file: what a draft says it was read with."""
        return f"{self.provenance.name}#{self.provenance.sha256[:12]}"


@dataclass(frozen=True, slots=True, eq=False)
class ReportPolicy:
    """What a site asks of whoever confirms. second_reader: kinds whose correction a second person reads."""

    provenance: Provenance
    second_reader: frozenset[FieldKind]
    task: TaskPolicy


def folded(text: str) -> str:
    """A text for comparing labels: case, spaces and what ends a label do not count."""
    return " ".join(text.casefold().replace("’", "'").split()).strip(" :.#-")


@cache
def load_layouts(root: Path | None = None) -> tuple[ReportLayout, ...]:
    """Every layout, those of a site first, the generic one last; raises PackError."""
    files = {file.provenance.name: file for file in rule_files(KIND, root) if file.provenance.name != POLICY}
    if GENERIC not in files:
        raise PackError([Problem(KIND, f"{GENERIC} is not at hand")])
    base = files.pop(GENERIC)
    layouts = [_layout(file, base.document) for file in reversed(files.values())]
    return (*layouts, _layout(base, {}))


@cache
def load_report_policy(root: Path | None = None) -> ReportPolicy:
    """What a site asks of whoever confirms; raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == POLICY]
    if not found:
        raise PackError([Problem(KIND, f"{POLICY} is not at hand")])
    said = found[-1].document
    try:
        return ReportPolicy(
            found[-1].provenance,
            frozenset(FieldKind(one) for one in said["second_reader"]),
            TaskPolicy(**said["task"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise found[-1].fail(f"not a policy of reports: {error}") from error


def _layout(file: RuleFile, base: Mapping[str, Any]) -> ReportLayout:
    said = file.document
    try:
        order = said.get("date_order", "")
        if order not in ORDERS:
            raise ValueError(f"date_order {order!r} is none of dmy, mdy, ymd")
        names = said.get("name_order", "")
        if names not in ("", "family-first", "given-first"):
            raise ValueError(f"name_order {names!r} is neither family-first nor given-first")
        return ReportLayout(
            provenance=file.provenance,
            recognised_by=tuple(said.get("recognised_by", ())),
            laboratory=said.get("laboratory", ""),
            date_order=order,
            family_first=None if not names else names == "family-first",
            labels=_kinds(_joined(base.get("labels", {}), said.get("labels", {}))),
            columns={
                table: _kinds(
                    _joined(base.get("tables", {}).get(table, {}), said.get("tables", {}).get(table, {}))
                )
                for table in sorted(_TABLES)
            },
            headings=frozenset(folded(one) for one in (*base.get("headings", ()), *said.get("headings", ()))),
            meanings={
                FieldKind(kind): _values(_joined(base.get("meanings", {}).get(kind, {}), values))
                for kind, values in {**base.get("meanings", {}), **said.get("meanings", {})}.items()
            },
            months={**base.get("months", {}), **said.get("months", {})},
            negations=(*base.get("negations", ()), *said.get("negations", ())),
            findings=(*base.get("findings", ()), *said.get("findings", ())),
            examples=tuple(Example(one["page"], one["expected"]) for one in said["examples"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"not a layout of reports: {error}") from error


def _joined(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [*base.get(name, ()), *own.get(name, ())] for name in {**base, **own}}


def _kinds(named: Mapping[str, list[str]]) -> dict[str, FieldKind]:
    unknown = sorted(set(named) - _LABELS)
    if unknown:
        raise ValueError(f"no such field: {', '.join(unknown)}")
    return {folded(text): FieldKind(kind) for kind, texts in named.items() for text in texts}


def _values(named: Mapping[str, list[str]]) -> dict[str, str]:
    return {folded(text): value for value, texts in named.items() for text in (value, *texts)}
