"""The worked examples of care pathways: what happened, and what must follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.signal import Signal
from bedside.knowledge.care_pathways import KIND
from bedside.knowledge.provenance import RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class PathwayExample:
    """One example. ended: the coded reason, "" while somebody must act; open: the steps open at `at`; fired:
    the guards that fired by then."""

    pathway: str
    says: str
    signals: tuple[Signal, ...]
    at: datetime
    ended: str
    open: frozenset[str]
    fired: frozenset[str]
    owners: Mapping[str, str]


def pathway_examples(root: Path | None = None) -> tuple[PathwayExample, ...]:
    """Every example of every care pathway in force; raises PackError with every problem. Of a pathway that a
    site's own file replaces, only the examples of that file count."""
    found: list[PathwayExample] = []
    problems: list[Problem] = []
    in_force = {
        str(file.document["pathway"]): file for file in rule_files(KIND, root) if "pathway" in file.document
    }
    for file in in_force.values():
        try:
            found += _of_file(file)
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return tuple(found)


def _of_file(file: RuleFile) -> Iterator[PathwayExample]:
    for entry in file.document.get("example", ()):
        try:
            yield _example(str(file.document["pathway"]), entry)
        except (KeyError, TypeError, ValueError) as error:
            raise file.fail(f"not an example: {error} ({entry.get('says', '?')})") from error


def _example(pathway: str, entry: Mapping[str, Any]) -> PathwayExample:
    start: datetime = entry["start"]
    return PathwayExample(
        pathway,
        str(entry["says"]),
        tuple(_signal(text, start, number) for number, text in enumerate(entry["signals"])),
        (start + timedelta(days=float(entry["at"]))).astimezone(UTC),
        str(entry["ended"]),
        frozenset(entry["open"]),
        frozenset(entry["fired"]),
        dict(entry.get("owners", {})),
    )


def _signal(text: str, start: datetime, number: int) -> Signal:
    day, name, *rest = text.split()
    said = dict(word.split("=", 1) for word in rest)
    at = (start + timedelta(days=float(day))).astimezone(UTC)
    return Signal(name, at, at, str(number), "example", said.pop("case", ""), said, said.pop("retracts", ""))
