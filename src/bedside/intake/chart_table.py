"""Reads a warehouse's extract of coded charts: a table of people and a table of codes, as TSV.

People: `person`, `sex` (`female`, `male`, else unknown), and either `birth_date` (ISO) or `age` (years); and
where known `standing` (`diagnosed`, `tested`, `declined`, `under-care`, `not-now`, `died`), `diagnosis` (an
OMIM id, for people whose diagnosis is known), `ancestry`, `language`, `payer`. Codes: `person`, `system`
(`icd10cm`, `icd9cm`, `snomed`, `hpo`, `phecode`), `code`, and `date` (ISO) where known. An empty field is
unknown.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bedside.errors import IntakeError, Problem
from bedside.genome.chart_codes import NEVER, ChartCodes, LeftOut

if TYPE_CHECKING:
    import polars as pl

GROUPS = ("ancestry", "language", "payer")
PEOPLE = ("person", "sex", "birth_date", "age", "standing", "diagnosis", *GROUPS)
CODES = ("person", "system", "code", "date")
SYSTEMS = ("icd10cm", "icd9cm", "snomed", "hpo", "phecode")
SHOWN = 5


def read_chart_tables(people: Path, codes: Path, as_of: date) -> ChartCodes:
    """The extract as columns; raises IntakeError with every problem of both files."""
    problems: list[Problem] = []
    who = _table(people, ("person", "sex"), PEOPLE, problems)
    what = _table(codes, CODES[:3], CODES, problems)
    if who is None or what is None:
        raise IntakeError(problems)
    if "birth_date" not in who.columns and "age" not in who.columns:
        problems.append(Problem(people.name, "has neither birth_date nor age", 1))
    who, what = _days(who, people.name, problems), _days(what, codes.name, problems)
    _check(who, what, people.name, codes.name, problems)
    if problems:
        raise IntakeError(problems)
    return _columns(who.sort("person"), what, as_of)


def _table(
    path: Path, needed: tuple[str, ...], known: tuple[str, ...], problems: list[Problem]
) -> pl.DataFrame | None:
    import polars as pl

    try:
        found = pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None).fill_null("")
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no table of tabs in UTF-8"
        problems.append(Problem(path.name, f"cannot be read: {reason}"))
        return None
    wrong = [Problem(path.name, f"has no column {name}", 1) for name in needed if name not in found.columns]
    wrong += [
        Problem(path.name, f"has an unknown column {name!r}", 1, f"known: {', '.join(known)}")
        for name in found.columns
        if name not in known
    ]
    problems += wrong
    return None if wrong else found


def _days(table: pl.DataFrame, name: str, problems: list[Problem]) -> pl.DataFrame:
    import polars as pl

    for column in ("birth_date", "date"):
        if column in table.columns:
            made = table[column].str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
            _say(problems, name, ((table[column] != "") & made.is_null()), f"{column} is no date YYYY-MM-DD")
            table = table.with_columns(made.alias(column))
    if "age" in table.columns:
        years = table["age"].cast(pl.Float64, strict=False)
        odd = (table["age"] != "") & (years.is_null() | (years < 0) | (years > 130)).fill_null(True)
        _say(problems, name, odd, "age is no number of years")
        table = table.with_columns(years.alias("age"))
    return table


def _check(who: pl.DataFrame, what: pl.DataFrame, people: str, codes: str, problems: list[Problem]) -> None:
    _say(problems, people, who["person"] == "", "names no person")
    _say(problems, people, who["person"].is_duplicated(), "a person stands here twice")
    if "standing" in who.columns:
        known = ["", *(one.value for one in LeftOut)]
        _say(problems, people, ~who["standing"].is_in(known), f"standing is none of {', '.join(known[1:])}")
    _say(problems, codes, (what["person"] == "") | (what["code"] == ""), "lacks a person or a code")
    _say(problems, codes, ~what["system"].is_in(list(SYSTEMS)), f"system is none of {', '.join(SYSTEMS)}")


def _say(problems: list[Problem], name: str, wrong: pl.Series, reason: str) -> None:
    """The first lines of one kind of problem, and how many more there are; never what stands there."""
    lines = wrong.arg_true().to_list()
    problems += [Problem(name, reason, line + 2) for line in lines[:SHOWN]]
    if len(lines) > SHOWN:
        problems.append(Problem(name, f"{reason}: {len(lines) - SHOWN} more lines"))


def _columns(who: pl.DataFrame, what: pl.DataFrame, as_of: date) -> ChartCodes:
    import polars as pl

    size = who.height
    age = np.full(size, np.nan)
    if "birth_date" in who.columns:
        age = (pl.Series([as_of] * size) - who["birth_date"]).dt.total_days().cast(pl.Float64).to_numpy()
        age = np.asarray(age, dtype=float) / 365.25
    if "age" in who.columns:
        age = np.where(np.isnan(age), who["age"].cast(pl.Float64).to_numpy(), age)
    sex = who["sex"].str.to_lowercase().replace_strict({"female": 1.0, "male": 0.0}, default=None)
    if "date" not in what.columns:
        what = what.with_columns(pl.lit(None, dtype=pl.Date).alias("date"))
    what = what.filter(pl.col("date").is_null() | (pl.col("date") <= as_of))
    places = who.select("person").with_row_index("place")
    every = what.group_by("person", "system", "code").agg(pl.col("date").min())
    held = every.join(places, on="person", how="inner")
    codes = held.select("system", "code").unique().sort("system", "code").with_row_index("column")
    held = held.join(codes, on=["system", "code"], how="left").sort("place", "column")
    day = held["date"].dt.epoch("d").fill_null(NEVER).to_numpy()
    return ChartCodes(
        tuple(who["person"].to_list()),
        age,
        np.asarray(sex.cast(pl.Float64).to_numpy(), dtype=float),
        tuple(LeftOut(one) if one else None for one in _text(who, "standing")),
        _text(who, "diagnosis"),
        {name: _text(who, name) for name in GROUPS if name in who.columns},
        tuple(codes.select("system", "code").iter_rows()),
        held["place"].cast(pl.Int64).to_numpy(),
        held["column"].cast(pl.Int64).to_numpy(),
        np.asarray(day, dtype=np.int32),
        every.height - held.height,
    )


def _text(who: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(who[column].to_list()) if column in who.columns else ("",) * who.height
