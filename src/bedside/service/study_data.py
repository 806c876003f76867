"""A study's table from a file of the declared shape, CSV or Parquet: a row a person, or a clinic's month."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bedside.errors import InputError, Problem
from bedside.knowledge.study_protocol import Protocol
from bedside.learn.studies.balance import Real
from bedside.learn.studies.quality import columns_needed
from bedside.learn.studies.table import StudyTable, units_of

GROUPS = ("site", "payer", "language", "deprivation")
MAY_BE_EMPTY = "start"


def read_table(protocol: Protocol, path: Path) -> StudyTable:
    """The table in a file. An empty cell is not known. A covariate by group is a column of words. Raises
    InputError with every problem: columns missing, cells that are no number, with their line."""
    import polars as pl

    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or "is no readable table"
        raise InputError.one(
            path.name, f"cannot be read: {reason}", remedy="CSV with a header, or Parquet"
        ) from error
    words = [one for one in protocol.covariates if one.part in GROUPS]
    needed = [*columns_needed(protocol), *(one.name for one in words)]
    problems = [
        Problem(path.name, f"has no column {name!r}", 1, "docs/evidence.md says what each design needs")
        for name in dict.fromkeys(needed)
        if name not in frame.columns
    ]
    if problems:
        raise InputError(problems)
    columns = {}
    for name in columns_needed(protocol):
        cells = frame[name]
        numbers = cells.cast(pl.Float64, strict=False)
        text = cells.cast(pl.String).fill_null("").str.strip_chars()
        if name == "unit" and protocol.lot is not None:
            columns[name] = _units(protocol, path, text.to_list(), problems)
            continue
        for place in np.flatnonzero((numbers.is_null() & (text != "")).to_numpy())[:20].tolist():
            problems.append(Problem(path.name, f"{name} is no number", place + 2))
        columns[name] = numbers.fill_null(np.nan).to_numpy().astype(np.float64)
    for one in words:
        values = frame[one.name].cast(pl.String).fill_null("").to_numpy().astype(str)
        found, counts = np.unique(values, return_counts=True)
        commonest = found[int(np.argmax(counts))] if len(found) else ""
        for value in found:
            if value != commonest:
                columns[f"{one.name}={value or 'not known'}"] = (values == value).astype(np.float64)
    if problems:
        raise InputError(problems)
    return StudyTable(columns, (("rows of the file", frame.height),))


def _units(protocol: Protocol, path: Path, said: list[str], problems: list[Problem]) -> Real:
    """The places of units in the lot; a unit that was not drawn is a problem."""
    places = {unit: float(place) for place, unit in enumerate(units_of(protocol))}
    for line, unit in enumerate(said, start=2):
        if unit and unit not in places:
            problems.append(Problem(path.name, "names a unit that was not drawn", line))
    return np.array([places.get(unit, np.nan) for unit in said], np.float64)
