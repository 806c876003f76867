"""Loads findings panels: the shipped ones and a site's own. A panel that lacks owner, licence, source, review
or the examples of an exception is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.consent import Scope
from bedside.genome.observation import digest
from bedside.knowledge.findings_panel import (
    AgeUnknown,
    Example,
    ExampleKind,
    Mechanism,
    NamedVariant,
    NotAssessed,
    Panel,
    PanelRow,
    Policy,
)
from bedside.knowledge.findings_rows import read_blocked, read_examples, read_named, read_rows
from bedside.knowledge.provenance import RuleFile, rule_files

KIND = "findings"
TABLES = ("rows.tsv", "named.tsv", "blocklist.tsv", "examples.tsv")
_NAMING = {Mechanism.NAMED_ONLY, Mechanism.LOSS_PROTECTS}


def load_panels(root: Path | None = None) -> dict[str, Panel]:
    """Every panel by name; a site's panel of the same name replaces the shipped one. Raises PackError."""
    return {panel.name: panel for panel in map(read_panel, rule_files(KIND, root))}


def load_panel(name: str, root: Path | None = None) -> Panel:
    """One panel; PackError when there is none of that name."""
    panels = load_panels(root)
    if name not in panels:
        known = ", ".join(sorted(panels))
        raise PackError([Problem(KIND, f"no findings panel is called {name!r}", remedy=f"known: {known}")])
    return panels[name]


def read_panel(file: RuleFile) -> Panel:
    """The panel of a rule file and the tables beside it; PackError with every problem."""
    problems: list[Problem] = []
    contents = {name: _content(file, name, problems) for name in TABLES}
    labels = {name: f"{file.provenance.name}/{name}" for name in TABLES}
    rows = read_rows(labels["rows.tsv"], contents["rows.tsv"], problems)
    named = read_named(labels["named.tsv"], contents["named.tsv"], problems)
    blocked = read_blocked(labels["blocklist.tsv"], contents["blocklist.tsv"], problems)
    examples = read_examples(labels["examples.tsv"], contents["examples.tsv"], problems)
    policy = _policy(file, problems)
    version = file.document.get("version", "")
    if not isinstance(version, str) or not version:
        problems.append(Problem(file.label, "version is missing", remedy='add version = "…"'))
    problems += _whole(file.label, rows, named, examples)
    not_assessed = _not_assessed(file, problems)
    if problems or policy is None:
        raise PackError(problems)
    sha = digest(file.provenance.sha256.encode() + b"".join(contents[name] for name in TABLES))
    return Panel(file.provenance, version, policy, rows, named, blocked, examples, not_assessed, sha)


def _content(file: RuleFile, name: str, problems: list[Problem]) -> bytes:
    path = (file.folder or Path()) / name
    if file.folder is None or not path.is_file():
        problems.append(Problem(file.label, f"{name} is missing beside it"))
        return b""
    return path.read_bytes()


def _policy(file: RuleFile, problems: list[Problem]) -> Policy | None:
    entry: Mapping[str, Any] = file.document.get("policy", {})
    try:
        policy = Policy(
            report_stars=int(entry["report_stars"]),
            review_stars=int(entry["review_stars"]),
            consent=tuple(Scope(scope) for scope in entry["consent"]),
            withhold_adult_onset=bool(entry["withhold_adult_onset"]),
            majority=int(entry["majority"]),
            truncating=frozenset(entry["truncating"]),
            confirmatory=bool(entry.get("confirmatory", False)),
            age_unknown=AgeUnknown(entry.get("age_unknown", AgeUnknown.HOLD.value)),
        )
    except (KeyError, TypeError, ValueError) as error:
        problems.append(Problem(file.label, f"[policy] is incomplete or wrong: {error}"))
        return None
    if not 1 <= policy.review_stars <= policy.report_stars <= 4:
        problems.append(Problem(file.label, "stars run 1 ≤ review_stars ≤ report_stars ≤ 4"))
    if not policy.consent or not policy.truncating:
        problems.append(Problem(file.label, "[policy] names a layer of consent and the truncating terms"))
    return policy


def _not_assessed(file: RuleFile, problems: list[Problem]) -> tuple[NotAssessed, ...]:
    try:
        return tuple(NotAssessed(**entry) for entry in file.document.get("not_assessed", ()))
    except TypeError as error:
        problems.append(Problem(file.label, f"[[not_assessed]]: {error}"))
        return ()


def _whole(
    label: str, rows: tuple[PanelRow, ...], named: tuple[NamedVariant, ...], examples: tuple[Example, ...]
) -> list[Problem]:
    """What the tables must say together."""
    problems = [] if rows else [Problem(label, "the panel has no rows")]
    pairs = [(row.gene, row.disease) for row in rows]
    problems += [
        Problem(label, f"{gene}, {disease}: two rows")
        for gene, disease in sorted({pair for pair in pairs if pairs.count(pair) > 1})
    ]
    genes = {one.gene for one in named}
    problems += [
        Problem(label, f"{row.gene}: {row.mechanism.value} needs a variant in named.tsv")
        for row in rows
        if row.mechanism in _NAMING and row.gene not in genes
    ]
    problems += [
        Problem(label, f"{gene} is not in rows.tsv, but in named.tsv or examples.tsv")
        for gene in sorted((genes | {one.gene for one in examples}) - {row.gene for row in rows})
    ]
    shown = {(one.gene, one.disease, one.kind) for one in examples}
    problems += [
        Problem(label, f"{row.gene}, {row.disease}: no {kind.value} example", remedy="add it to examples.tsv")
        for row in rows
        if row.exceptional
        for kind in ExampleKind
        if (row.gene, row.disease, kind) not in shown
    ]
    return problems
