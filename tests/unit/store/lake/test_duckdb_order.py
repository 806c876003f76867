"""DuckDB 2.0.0 can return a sorted Arrow result with one batch out of order; our use of it is right."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from bedside.errors import StoreError
from bedside.store.lake import levels
from bedside.store.lake.carriers_file import Hits, PartWriter, hits_table
from bedside.store.lake.files import Missing
from bedside.store.lake.levels import parquet_hits


@pytest.mark.parametrize("threads", [1, 4])
def test_rows_read_by_duckdb_come_in_order_whatever_its_threads(tmp_path, threads):
    rng = np.random.default_rng(1)
    keys = np.sort(rng.integers(1 << 58, 25 << 58, 400_000))
    runs = np.arange(len(keys), dtype=np.int32)
    hits = Hits(keys, runs, np.ones(len(keys), np.int8))
    with PartWriter(tmp_path, "carriers", "base", "all.parquet", (0, len(keys))) as writer:
        writer.write(hits_table(hits))
        parts = writer.finish()
    connection = duckdb.connect(config={"threads": threads})
    wanted = np.unique(rng.choice(keys, 150_000))
    found = parquet_hits(connection, tmp_path, parts, wanted)
    expected = np.isin(keys, wanted)
    assert np.array_equal(found.key, keys[expected])
    assert np.array_equal(found.run, runs[expected])


def test_a_file_that_goes_between_look_and_reading_is_missing(tmp_path, monkeypatch):
    hits = Hits(np.array([4, 5]), np.array([1, 1], np.int32), np.array([1, 1], np.int8))
    with PartWriter(tmp_path, "carriers", "base", "all.parquet", (0, 1)) as writer:
        writer.write(hits_table(hits))
        parts = writer.finish()
    monkeypatch.setattr(levels, "open_parquet", lambda path, *_: path.unlink())
    with pytest.raises(Missing, match="a file of the lake is missing") as told:
        parquet_hits(duckdb.connect(), tmp_path, parts, hits.key)
    assert str(tmp_path) not in str(told.value)


def test_a_part_written_out_of_order_is_noticed(tmp_path):
    hits = Hits(np.array([5, 4]), np.array([1, 1], np.int32), np.array([1, 1], np.int8))
    with PartWriter(tmp_path, "carriers", "base", "all.parquet", (0, 1)) as writer:
        writer.write(hits_table(hits))
        with pytest.raises(StoreError, match="out of order"):
            writer.finish()
    assert list(tmp_path.glob("*")) == []


@pytest.mark.parametrize("threads", [1, 4])
def test_sorted_rows_of_the_installed_duckdb_are_sorted_with_the_default_setting(threads):
    connection = duckdb.connect(config={"threads": threads})
    connection.register("t", pa.table({"x": np.random.default_rng(2).permutation(1_000_000)}))
    query = "SELECT x FROM t ORDER BY x"
    found = (connection.execute(query).fetchnumpy()["x"], connection.sql(query).to_arrow_table()["x"])
    assert [np.array_equal(each, np.arange(1_000_000)) for each in found] == [True, True]
