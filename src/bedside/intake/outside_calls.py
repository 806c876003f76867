"""Calls that another laboratory or tool made (CYP2D6, HLA, MT-RNR1, any gene), from a tab-separated file.

Columns are gene, diplotype, phenotype, activity score, as PharmCAT's format has them; `#` begins a comment.
A first line that names its columns may bring them in another order and add `sample`, for a file about
several people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.observation import OutsideCall

COLUMNS = ("gene", "diplotype", "phenotype", "activity_score")
ANY_SAMPLE = ""
_NAMES = {
    **{name: name for name in ("sample", *COLUMNS)},
    "sample_id": "sample",
    "activity": "activity_score",
    "activityscore": "activity_score",
    "score": "activity_score",
}
"""How a first line may name a column → the column."""
_GENE = re.compile(r"^[A-Za-z][A-Za-z0-9-]{0,19}$")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9-]{0,19}\Z")
_SCORE = re.compile(r"^(?:n/a|(?:≥|>=)?\d+(?:\.\d+)?)$", re.IGNORECASE)


def read_outside_calls(path: Path) -> Mapping[str, tuple[OutsideCall, ...]]:
    """Calls by sample name; under "" those of a file that names no sample. Raises `IntakeError` with every
    problem.

    The same gene may stand on several lines: they are several calls of it.
    """
    problems: list[Problem] = []
    calls: dict[str, list[OutsideCall]] = {}
    columns: tuple[str, ...] = COLUMNS
    first = True
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip() or (line.startswith("#") and not (first and _column_names(line))):
            continue
        named = _column_names(line) if first else None
        first = False
        if named is not None:
            columns = named
            continue
        read = _call(path.name, number, line, columns, problems)
        if read is not None:
            calls.setdefault(read[0], []).append(read[1])
    if not calls and not problems:
        problems.append(
            Problem(path.name, "no call in the file", remedy="give gene and diplotype, separated by a tab")
        )
    if problems:
        raise IntakeError(problems)
    return {sample: tuple(found) for sample, found in calls.items()}


def is_table(text: str) -> bool:
    """Whether a text begins like such a table: it names its columns, or its first line is a gene's call."""
    for line in text.splitlines():
        if line.strip() and _column_names(line):
            return True
        if line.strip() and not line.startswith("#"):
            symbol, tab, _ = line.partition("\t")
            return bool(tab) and bool(_SYMBOL.match(symbol.strip()))
    return False


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as reason:
        raise IntakeError.one(
            path.name, f"cannot be read: {reason.strerror}", remedy="check the path and rights"
        ) from reason
    except UnicodeDecodeError as reason:
        raise IntakeError.one(path.name, "the file is not UTF-8 text", remedy="save it as UTF-8") from reason


def _column_names(line: str) -> tuple[str, ...] | None:
    """The columns that a line names, None when it is a call."""
    names = tuple(name.strip().lower().replace(" ", "_") for name in line.lstrip("#").split("\t"))
    return tuple(_NAMES[name] for name in names) if "gene" in names and set(names) <= _NAMES.keys() else None


def _call(
    source: str, number: int, line: str, columns: Sequence[str], problems: list[Problem]
) -> tuple[str, OutsideCall] | None:
    cells = dict(zip(columns, (cell.strip() for cell in line.split("\t")), strict=False))
    wrong = tuple(_wrong(cells, "sample" in columns))
    problems.extend(Problem(source, reason, number, remedy) for reason, remedy in wrong)
    if wrong:
        return None
    call = OutsideCall(
        cells["gene"].upper(),
        cells.get("diplotype", ""),
        cells.get("phenotype", ""),
        cells.get("activity_score", ""),
    )
    return cells.get("sample", ANY_SAMPLE), call


def _wrong(cells: Mapping[str, str], sample_named: bool) -> Iterator[tuple[str, str]]:
    if sample_named and not cells.get("sample"):
        yield "the sample is blank", "name the sample as the genotype file does"
    if not _GENE.match(cells.get("gene", "")):
        yield "the first thing on the line is not a gene symbol", "columns are separated by tabs, gene first"
    elif not any(cells.get(column) for column in COLUMNS[1:]):
        yield "neither diplotype, phenotype nor activity score is given", "give at least one of the three"
    diplotype = cells.get("diplotype", "")
    if diplotype and not all(side.strip() for side in diplotype.split("/")):
        yield "a side of the diplotype is blank", "write both alleles, as in *1/*2, or a single allele alone"
    if diplotype.count("[") != diplotype.count("]"):
        yield "a bracket of the diplotype is not closed", "write a combination as [*6 + *14]/*13"
    score = cells.get("activity_score", "")
    if score and not _SCORE.match(score):
        yield "the activity score is not a number", "write it like 1.5 or ≥3.0"
