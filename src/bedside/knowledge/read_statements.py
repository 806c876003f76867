"""Reads a list of statements with their wordings, to be checked: a table with tabs, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.knowledge.statement_lint import Statement

NEEDED = ("sid", "biomarkers", "oncotree", "therapies", "approval_date", "url", "indication")
_SHORT = {"MSI-H": "MSI", "MSI-L": "MSI", "TMB-H": "TMB"}
_ENDS = re.compile(r" |-positive|-negative|-low|-ITD|\+")


def read_statements(path: Path) -> tuple[Statement, ...]:
    """The statements of a file. `doc`, the title of the source, and `agency`, put before the name, may be
    there.
    Raises IntakeError with every problem."""
    problems: list[Problem] = []
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
            reader = csv.DictReader(file, delimiter="\t")
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise IntakeError.one(path.name, f"has no column {', '.join(missing)}", line=1)
            found = tuple(_statements(path.name, reader, problems))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise IntakeError.one(path.name, f"cannot be read: {type(error).__name__}") from error
    if problems:
        raise IntakeError(problems)
    return found


def _statements(
    source: str, rows: Iterable[dict[str, str | None]], problems: list[Problem]
) -> Iterator[Statement]:
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        cells = {name: (row.get(name) or "").strip() for name in (*NEEDED, "doc", "agency")}
        name = f"{cells['agency']}:{cells['sid']}" if cells["agency"] else cells["sid"]
        lacking = [one for one in ("sid", "oncotree", "therapies", "indication") if not cells[one]]
        if lacking:
            problems.append(Problem(source, f"says no {', '.join(lacking)}", number))
        elif name in seen:
            problems.append(Problem(source, f"{name} stands twice", number))
        else:
            seen.add(name)
            drugs = tuple(cells["therapies"].split(" + "))
            yield Statement(
                name, genes_named(cells["biomarkers"]), cells["oncotree"], drugs, cells["approval_date"][:4],
                cells["url"], cells["indication"], cells["doc"],
            )  # fmt: skip


def genes_named(text: str) -> tuple[str, ...]:
    """The genes and markers of `EGFR exon 19 deletion & Wild type ALK`, `EML4::ALK`, `MSI-H`."""
    found: list[str] = []
    for part in text.replace("Wild type ", "").split(" & "):
        if part.startswith("t("):
            part = part[2:].split(";")[0]
        if "::" in part:
            found += [gene for gene in part.split(" ")[0].split("::") if gene != "v"]
            continue
        name = _ENDS.split(part)[0]
        if name:
            found.append(_SHORT.get(name, name))
    return tuple(found)
