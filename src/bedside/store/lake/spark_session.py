"""One Spark session for this process: local unless a master is named, without a web page of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bedside.errors import SettingsError, StoreError

LOCAL = "local[*]"
NEEDED = "Spark needs the extra and a JDK 17 or newer: pip install 'bedside[spark]', and set JAVA_HOME"

_EVERYWHERE = {
    "spark.app.name": "bedside cohort",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
}
_HERE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.leafNodeDefaultParallelism": "1",
}


def started(master: str = "") -> Any:
    """The session of this process, started when there is none. Raises `SettingsError` when Spark or Java is
    not at hand, or the master cannot be reached."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SettingsError(NEEDED) from error
    master = master or LOCAL
    local = master.startswith("local")
    if local:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master)
    for name, value in _settings(local=local).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise SettingsError(NEEDED) from error
    except Exception as error:
        raise SettingsError(f"Spark could not be started on {master}: {type(error).__name__}") from error
    running = session.sparkContext.master
    if running != master:
        raise SettingsError(f"Spark runs on {running} in this process already, not on {master}")
    return session


def stop() -> None:
    """End the session of this process, if there is one."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


@contextmanager
def failing_in_spark() -> Iterator[None]:
    """Turn what Spark says into `StoreError`: its messages can hold rows, so only their kind is passed on."""
    try:
        yield
    except Exception as error:
        name = type(error).__name__
        if name.startswith(("Py4J", "PySpark")) or type(error).__module__.startswith(("pyspark", "py4j")):
            raise StoreError(f"Spark could not answer: {_reason(error)}") from error
        raise


def _reason(error: Exception) -> str:
    said = str(error)
    for words, plain in _KNOWN.items():
        if words in said:
            return plain
    return type(error).__name__


_KNOWN: Mapping[str, str] = {
    "not what its digest says": "a file of evidence is not what its digest says",
    "PATH_NOT_FOUND": "a file of the lake is not where the cluster looks for it; sync it, or set "
    "BEDSIDE_SPARK_LAKE",
    "FileNotFound": "a file of the lake is not where the cluster looks for it; sync it",
    "checksum": "a page of a Parquet file is not what was written",
    "No module named": "the executors lack bedside, numpy or pyarrow; see docs/spark.md",
}


def _settings(*, local: bool) -> dict[str, str]:
    here = _HERE | {"spark.sql.warehouse.dir": tempfile.gettempdir()}
    return _EVERYWHERE | (here if local else {})
