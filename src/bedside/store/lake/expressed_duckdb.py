"""DuckDB in this process as an engine of the cohort questions' expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from bedside.store.lake.expressed import Batches, Expression
from bedside.store.lake.files import failing, failing_duckdb
from bedside.store.lake.tables import TAIL


class DuckDBEngine:
    """Over the lake's folder; not for several threads."""

    name = "duckdb"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect()
        self._views: list[str] = []
        self._held: list[str] = []

    def parquet(self, paths: Sequence[str], schema: pa.Schema, *, tail: bool = False) -> Expression:
        """Rows of Parquet files, the end of the path with them if asked."""
        names = ", ".join(f'"{name}"' for name in schema.names)
        extra = f", right(filename, {TAIL}) AS tail" if tail else ""
        files = self._files(paths)
        named = schema.append(pa.field("tail", pa.string())) if tail else schema
        read = f"read_parquet({files}, hive_partitioning = false, filename = {tail})"
        return self._view(f"SELECT {names}{extra} FROM {read}", named)  # noqa: S608

    def contents(self, paths: Sequence[str]) -> Expression:
        """`path, content` of whole files."""
        return self._view(
            f"SELECT filename AS path, content FROM read_blob({self._files(paths)})",  # noqa: S608
            pa.schema([("path", pa.string()), ("content", pa.binary())]),
        )

    def rows(self, table: pa.Table) -> Expression:
        """Rows that are sent."""
        name = f"rows_{len(self._held)}"
        self._connection.register(name, table)
        self._held.append(name)
        return _expression(name, table.schema)

    def mapped(
        self, expression: Expression, function: Callable[[Batches], Batches], schema: pa.Schema
    ) -> Expression:
        """Rows made of an expression's by a function, at once."""
        batches = function(iter(self.ask(expression).to_batches()))
        return self.rows(pa.Table.from_batches(batches, schema))

    def ask(self, expression: Expression) -> pa.Table:
        """The answer to an expression."""
        with failing_duckdb():
            return self._connection.sql(ibis.to_sql(expression, dialect="duckdb")).to_arrow_table()

    def forget(self) -> None:
        """Let go of the tables of a question."""
        for name in self._views:
            self._connection.execute(f"DROP VIEW IF EXISTS {name}")
        for name in self._held:
            self._connection.unregister(name)
        self._views, self._held = [], []

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _view(self, query: str, schema: pa.Schema) -> Expression:
        name = f"view_{len(self._views)}"
        with failing("read"):
            self._connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
        self._views.append(name)
        return _expression(name, schema)

    def _files(self, paths: Sequence[str]) -> str:
        named = (str(self._folder / path).replace("'", "''") for path in paths)
        return "[" + ", ".join(f"'{path}'" for path in named) + "]"


def _expression(name: str, schema: pa.Schema) -> Expression:
    return ibis.table(ibis.Schema.from_pyarrow(schema), name=name)
