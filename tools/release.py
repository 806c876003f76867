"""Writes a release folder: tables in a fixed order of columns and rows, so that the same input gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedside.genome.observation import digest
from bedside.knowledge.read_pgx import COLUMNS


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the release to write: its bytes, when its facts were retrieved, and from what."""

    file: str
    content: bytes
    retrieved: str
    origin: str


def table(name: str, rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table in the columns its reader expects."""
    columns = COLUMNS[name]
    lines = ["\t".join(columns)]
    for row in rows:
        cells = [row.get(column, "") for column in columns]
        if any("\t" in cell or "\n" in cell for cell in cells):
            raise SystemExit(f"{name}: a cell holds a tab or a line end: {cells}")
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()


def yes(flag: object) -> str:
    """How a table writes a flag."""
    return "yes" if flag else ""


def write_release(
    folder: Path,
    description: Mapping[str, str | Mapping[str, str]],
    legend: Mapping[str, str],
    parts: Sequence[Part],
) -> None:
    """The folder with its tables and a source.toml that names their digests."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {_value(value)}" for key, value in description.items()]
    lines += ["", "[legend]"] + [f"{quoted(key)} = {quoted(value)}" for key, value in legend.items()]
    for part in parts:
        (folder / part.file).write_bytes(part.content)
        name = part.file.partition(".")[0]
        lines += [
            "",
            f"[tables.{name}]",
            f"file = {quoted(part.file)}",
            f"retrieved = {quoted(part.retrieved)}",
        ]
        lines += [f"origin = {quoted(part.origin)}", f'sha256 = "{digest(part.content)}"']
    (folder / "source.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _value(value: str | Mapping[str, str]) -> str:
    """A string, or an inline table of strings."""
    if isinstance(value, str):
        return quoted(value)
    return "{ " + ", ".join(f"{key} = {quoted(one)}" for key, one in value.items()) + " }"


def quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
