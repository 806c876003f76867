"""The lake for a cohort question: for one purpose, on the engine that is asked for, one pinned generation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bedside.errors import SettingsError, StoreError
from bedside.genome.consent import Purpose
from bedside.service.consented_lake import ConsentedLake, consented
from bedside.service.house import House, lake_folder, lake_of

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake

PURPOSES = tuple(purpose for purpose in Purpose if purpose is not Purpose.OPERATIONS)
"""What people may be counted for; keeping the record counts nobody."""


class EngineName(Enum):
    """Where a cohort question is answered. DuckDB and numpy in this process need nothing further."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom a question is asked. use: the DUO code of the use. clinical_only: leave out research and
    unconfirmed runs."""

    purpose: Purpose = Purpose.SCREENING
    use: str = ""
    clinical_only: bool = False
    engine: EngineName = EngineName.DUCKDB


@dataclass(frozen=True, slots=True)
class CohortLake:
    """The lake as the consent in force opens it, and the lake below it for what asks consent itself."""

    consented: ConsentedLake
    lake: Lake
    generation: int


def cohort_lake(house: House, asking: Asking) -> CohortLake:
    """The site's lake for a question. Raises `SettingsError` when the engine is not at hand and `InputError`
    for a use that is no term."""
    lake = lake_of(house)
    generation = lake.snapshot().generation
    if asking.engine is EngineName.SPARK:
        lake = _on_spark(house, lake)
    asked = consented(house, lake, asking.purpose, use=asking.use, clinical_only=asking.clinical_only)
    return CohortLake(asked, lake, generation)


def _on_spark(house: House, lake: Lake) -> Lake:
    from bedside.store.lake.parquet_lake import ParquetLake

    try:
        from bedside.store.lake.expressed import ExpressedLake
        from bedside.store.lake.spark import SparkEngine
    except ImportError as error:
        raise SettingsError(
            "Spark needs the extra and a JDK 17 or newer: pip install 'bedside[spark]'"
        ) from error
    if not isinstance(lake, ParquetLake):
        raise StoreError("this lake is not kept as Parquet, so Spark cannot read it")
    settings = house.settings
    engine = SparkEngine(lake_folder(settings), settings.spark_master, settings.spark_lake)
    return ExpressedLake(lake, engine)
