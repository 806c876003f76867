"""Apache Spark as an engine of the cohort questions' expressions: on this machine, or on a site's cluster.

Spark reads the lake's own Parquet by the names in the manifest. Of people it is sent numbers only. Where the
cluster sees the lake under another address (an object store), `lake` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from bedside.errors import StoreError
from bedside.store.lake.expressed import Batches, Expression
from bedside.store.lake.spark_session import failing_in_spark, started
from bedside.store.lake.tables import TAIL

_KINDS = {
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.int8(): "tinyint",
    pa.string(): "string",
    pa.binary(): "binary",
}


class SparkEngine:
    """Over the lake's folder, or the address the cluster knows it by. The session is shared in this process
    and stays open until `stop` of `spark_session`."""

    name = "spark"

    def __init__(self, folder: Path, master: str = "", lake: str = "") -> None:
        self._root = lake.rstrip("/") if lake else f"file://{folder.resolve()}"
        self._session: Any = started(master)
        self._views: list[str] = []

    def parquet(self, paths: Sequence[str], schema: pa.Schema, *, tail: bool = False) -> Expression:
        """Rows of Parquet files, the end of the path with them if asked."""
        with failing_in_spark():
            reader = self._session.read.schema(_words(schema))
            frame = reader.option("recursiveFileLookup", "true").parquet(*self._files(paths))
            if tail:
                path = f"right(_metadata.file_path, {TAIL}) AS tail"
                frame = frame.selectExpr(*(f"`{name}`" for name in schema.names), path)
        return self._view(frame, schema.append(pa.field("tail", pa.string())) if tail else schema)

    def contents(self, paths: Sequence[str]) -> Expression:
        """`path, content` of whole files."""
        with failing_in_spark():
            frame = self._session.read.format("binaryFile").load(self._files(paths))
        schema = pa.schema([("path", pa.string()), ("content", pa.binary())])
        return self._view(frame.select("path", "content"), schema)

    def rows(self, table: pa.Table) -> Expression:
        """Rows that are sent."""
        with failing_in_spark():
            frame = self._session.createDataFrame(table) if len(table) else self._nothing(table.schema)
        return self._view(frame, table.schema)

    def mapped(
        self, expression: Expression, function: Callable[[Batches], Batches], schema: pa.Schema
    ) -> Expression:
        """Rows made of an expression's by a function, which runs in Python beside the data."""
        with failing_in_spark():
            frame = self._frame(expression).mapInArrow(function, _words(schema))
        return self._view(frame, schema)

    def ask(self, expression: Expression) -> pa.Table:
        """The answer to an expression."""
        with failing_in_spark():
            table: pa.Table = self._frame(expression).toArrow()
        return table

    def forget(self) -> None:
        """Let go of the tables of a question."""
        with failing_in_spark():
            for name in self._views:
                self._session.catalog.dropTempView(name)
        self._views = []

    def _frame(self, expression: Expression) -> Any:
        return self._session.sql(ibis.to_sql(expression, dialect="pyspark"))

    def _view(self, frame: Any, schema: pa.Schema) -> Expression:
        name = f"lake_{id(self)}_{len(self._views)}"
        with failing_in_spark():
            frame.createOrReplaceTempView(name)
        self._views.append(name)
        return ibis.table(ibis.Schema.from_pyarrow(schema), name=name)

    def _nothing(self, schema: pa.Schema) -> Any:
        cells = ", ".join(f"CAST(NULL AS {_KINDS[field.type]}) AS `{field.name}`" for field in schema)
        return self._session.sql(f"SELECT {cells} WHERE false")

    def _files(self, paths: Sequence[str]) -> list[str]:
        if any(letter in self._root for letter in "*?[]{}\\"):
            raise StoreError("Spark cannot read a lake whose folder has one of * ? [ ] { } in its name")
        return [f"{self._root}/{path}" for path in paths]


def _words(schema: pa.Schema) -> str:
    """A schema as Spark writes it."""
    return ", ".join(f"`{field.name}` {_KINDS[field.type]}" for field in schema)
