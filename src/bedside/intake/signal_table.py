"""Reads a table of signals: one line for each thing that happened to a person on a care pathway.

Columns, by name in the first line: `person`, `at`, `signal`; and, where there is more to say, `known_at`,
`case`, `source`, `id`, `retracts`, `attributes` (`key=value`, separated by `;`). Times are ISO 8601 with
their zone.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.signal import Signal

NEEDED = ("person", "at", "signal")
KNOWN = (*NEEDED, "known_at", "case", "source", "id", "retracts", "attributes")


def read_signal_table(path: Path, known: Collection[str]) -> Mapping[str, tuple[Signal, ...]]:
    """The signals of each person, in the order of the lines. known: the names of signals that may occur.
    Raises IntakeError with every problem of the file; then nothing of it is used."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise IntakeError.one(path.name, f"cannot be read: {reason}") from error
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = rows.fieldnames or []
    problems = [Problem(path.name, f"has no column {name}", 1) for name in NEEDED if name not in columns]
    problems += [
        Problem(path.name, f"has an unknown column {name!r}", 1) for name in columns if name not in KNOWN
    ]
    found: dict[str, list[Signal]] = {}
    for row in () if problems else rows:
        try:
            person, signal = _signal(row, rows.line_num, known)
        except ValueError as error:
            problems.append(Problem(path.name, str(error), rows.line_num))
        else:
            found.setdefault(person, []).append(signal)
    if problems:
        raise IntakeError(problems)
    return {person: tuple(signals) for person, signals in found.items()}


def _signal(row: Mapping[str | None, str | None], line: int, known: Collection[str]) -> tuple[str, Signal]:
    if None in row or None in row.values():
        raise ValueError("has another number of fields than the first line")
    said = {str(key): str(value).strip() for key, value in row.items()}
    if not said["person"]:
        raise ValueError("names no person")
    name = said["signal"]
    if name not in known and not said.get("retracts"):
        raise ValueError("is no signal that the house can hear; `bedside pathway list --signals` lists them")
    at = _time(said["at"], "at")
    known_at = _time(said["known_at"], "known_at") if said.get("known_at") else at
    made = Signal(
        name,
        at,
        known_at,
        said.get("id") or f"line-{line}",
        said.get("source", ""),
        said.get("case", ""),
        _attributes(said.get("attributes", "")),
        said.get("retracts", ""),
    )
    return said["person"], made


def _time(text: str, column: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} is no time such as 2026-01-05T15:00:00+00:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"{column} says no zone, as in 2026-01-05T15:00:00+00:00")
    return moment.astimezone(UTC)


def _attributes(text: str) -> Mapping[str, str]:
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, sign, value = part.partition("=")
        if not sign or not key.strip():
            raise ValueError("attributes are written key=value, separated by ;")
        found[key.strip()] = value.strip()
    return found
