"""Whether an export is OMOP CDM 5.4: columns, types, what must be there, keys, and what refers to what.

OHDSI's own foreign keys cannot be added on DuckDB, so they are asked as questions here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.omop import CommonDataModel


@dataclass(frozen=True, slots=True)
class Checked:
    """One question about an export, and how many rows answer it wrongly."""

    table: str
    column: str
    asks: str
    failing: int

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.asks}: {self.failing} rows do not"


_KINDS = {
    "integer": "INTEGER", "numeric": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP", "text": "VARCHAR",
}  # fmt: skip


def check_export(folder: Path, model: CommonDataModel) -> tuple[Checked, ...]:
    """Every check of a folder's Parquet files, those that pass too."""
    import duckdb

    with duckdb.connect() as connection:
        for name in model.tables:
            path = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608
        found = []
        for table, column, asks, question in _questions(model):
            row = connection.execute(question).fetchone()
            found.append(Checked(table, column, asks, int(row[0]) if row else 1))
        for name, columns in model.tables.items():
            told = connection.execute(f"DESCRIBE {name}").fetchall()
            have = [(one[0], one[1]) for one in told]
            want = [(one.name, _KINDS[one.kind]) for one in columns]
            found.append(Checked(name, "*", "has OMOP's columns and types, in order", int(have != want)))
    return tuple(found)


def _questions(model: CommonDataModel) -> Iterator[tuple[str, str, str, str]]:
    for name, columns in model.tables.items():
        for one in columns:
            count = f"SELECT count(*) FROM {name} WHERE"  # noqa: S608
            if one.required:
                yield name, one.name, "is given", f"{count} {one.name} IS NULL"
            if one.longest is not None:
                asks = f"has at most {one.longest} characters"
                yield name, one.name, asks, f"{count} length({one.name}) > {one.longest}"
            if one.key:
                twice = f"SELECT count(*) - count(DISTINCT {one.name}) FROM {name}"  # noqa: S608
                yield name, one.name, "is there once", twice
            if one.refers:
                key = "person_id" if one.refers == "person" else one.name
                gone = f"{one.name} IS NOT NULL AND {one.name} NOT IN (SELECT {key} FROM {one.refers})"  # noqa: S608
                yield name, one.name, f"refers to a {one.refers}", f"{count} {gone}"
    yield (
        "observation_period", "observation_period_end_date", "is not before its start",
        "SELECT count(*) FROM observation_period "
        "WHERE observation_period_end_date < observation_period_start_date",
    )  # fmt: skip
    yield (
        "drug_exposure", "drug_exposure_end_date", "is not before its start",
        "SELECT count(*) FROM drug_exposure WHERE drug_exposure_end_date < drug_exposure_start_date",
    )  # fmt: skip
    yield (
        "person", "person_id", "has one observation period",
        "SELECT count(*) FROM person WHERE person_id NOT IN (SELECT person_id FROM observation_period)",
    )  # fmt: skip
