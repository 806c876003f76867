"""The same cohort questions on the lake itself, on DuckDB and on Apache Spark: the same, row for row."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.errors import StoreError
from bedside.genome.evidence import Seen
from bedside.genome.presence import Presence
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.lake import Among
from bedside.store.lake.parquet_lake import ParquetLake
from tests.made_up_genomes import Row
from tests.properties.test_lake import (
    GROUPS,
    MEMORY,
    REGIONS,
    STRETCHES,
    VARIANTS,
    Story,
    among,
    genomes,
    steps,
)

pytest.importorskip("ibis", reason="needs the extra spark: pip install 'bedside[spark]'")

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:(pyspark|py4j|ibis).*"),
    pytest.mark.filterwarnings("ignore:.*:FutureWarning:(pyspark|ibis).*"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

KEYS = np.array([variant.key for variant in VARIANTS], np.int64)
TWO = {"min_size": 1, "max_size": 2}
regions = st.lists(st.sampled_from(REGIONS), **TWO)
variants = st.lists(st.sampled_from(VARIANTS), **TWO)
EVERYWHERE = [(stretch, Seen.REFERENCE) for stretch in STRETCHES]
HOLES = [
    (stretch, Seen.NO_CALL if place % 3 == 1 else Seen.REFERENCE)
    for place, stretch in enumerate(STRETCHES)
    if place % 4
]


def same_answers(
    lake: ParquetLake,
    other: ParquetLake,
    who: Among,
    asked_regions: Sequence[Region],
    asked_variants: Sequence[Variant],
) -> None:
    """Every cohort question, compared as whole tables."""
    assert other.carriers(KEYS, who).equals(lake.carriers(KEYS, who))
    for region in asked_regions:
        assert other.tested(region, who) == lake.tested(region, who)
        assert other.allele_counts(region, GROUPS, who).equals(lake.allele_counts(region, GROUPS, who))
    for variant in asked_variants:
        said: dict[str, Presence] = dict(lake.presence_of(variant, who))
        assert dict(other.presence_of(variant, who)) == said


def on_duckdb(lake: ParquetLake) -> ParquetLake:
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.expressed_duckdb import DuckDBEngine

    return ExpressedLake(lake, DuckDBEngine(lake.folder))


def on_spark(lake: ParquetLake) -> ParquetLake:
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.spark import SparkEngine

    return ExpressedLake(lake, SparkEngine(lake.folder, "local[2]"))


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """A Spark session in this process, ended after the module."""
    home = os.environ.get("JAVA_HOME", "")
    if not (shutil.which("java") or (home and Path(home, "bin", "java").exists())):
        pytest.skip("no Java: install a JDK 17 or newer to test Spark")
    pytest.importorskip("pyspark", reason="needs the extra spark: pip install 'bedside[spark]'")
    yield
    from bedside.store.lake.spark_session import stop

    stop()


def carrying(*places: int, copies: int = 1) -> list[Row]:
    """Rows of some of the variants: two copies are one where a man has one."""
    single = ("chrY", "chrM")
    return [
        Row(
            VARIANTS[place],
            1 if VARIANTS[place].chromosome in single else copies,
            1 if VARIANTS[place].chromosome in single else 2,
        )
        for place in places
    ]


def a_life(folder: Path) -> Story:
    """A base with common variants, a batch, runs that are not merged; second runs that see less or more, a
    research run, an erased person."""
    told = Story(folder)
    told.step("admit", "ada", (carrying(0, 2, 4, 8), EVERYWHERE), True)
    told.step("admit", "ben", (carrying(0, 2, copies=2), EVERYWHERE), True)
    told.step("admit", "cleo", (carrying(2, 9, 12, 13), HOLES), True)
    told.step("base")
    told.step("admit", "ada", (carrying(2), EVERYWHERE), False)
    told.step("admit", "dan", (carrying(0, 4, 6), EVERYWHERE), True)
    told.step("compact")
    told.step("erase", "dan")
    told.step("admit", "ben", (carrying(1), HOLES), True)
    told.step("admit", "eve", (carrying(5, 2), HOLES), True)
    return told


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps, among, regions, variants)
def test_duckdb_answers_like_the_lake_through_any_story(story, who, asked_regions, asked_variants):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        told = Story(Path(folder) / "lake's")
        for step in story:
            if step[0] != "ask":
                told.step(*step)
        same_answers(told.lake, on_duckdb(told.lake), who, asked_regions, asked_variants)
        told.lake.close()


def test_three_engines_tell_one_life_alike(spark, tmp_path):
    told = a_life(tmp_path / "the lake's")
    who = [Among(), Among(frozenset({"ada", "ben", "eve"}), clinical_only=True)]
    assert len(told.lake.carriers(KEYS)) > 8
    for engine, whose in ((on_duckdb, who[:1]), (on_spark, who[:1]), (on_duckdb, who[1:])):
        same_answers(told.lake, engine(told.lake), whose[0], REGIONS[1:2], VARIANTS[4:5])
    other = on_spark(told.lake)
    assert other.carriers(KEYS, who[1]).equals(told.lake.carriers(KEYS, who[1]))
    assert len(other.carriers(KEYS, Among(frozenset()))) == 0
    told.lake.close()


def test_a_pinned_generation_is_asked_whatever_is_stored_meanwhile(tmp_path):
    told = a_life(tmp_path / "lake")
    other, before = on_duckdb(told.lake), told.lake.carriers(KEYS)
    told.step("admit", "fay", (carrying(0, 2), EVERYWHERE), True)
    told.step("base")
    assert other.carriers(KEYS).equals(before)
    assert told.lake.carriers(KEYS).num_rows == before.num_rows + 2
    with pytest.raises(StoreError, match="read only"):
        other.erase("ada", 99)


def test_a_changed_file_of_evidence_is_no_answer_on_spark(spark, tmp_path):
    told = Story(tmp_path / "lake")
    told.step("admit", "ada", (carrying(0), EVERYWHERE), True)
    (path,) = (told.folder / "evidence").rglob("*.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="digest"):
        on_spark(told.lake).carriers(KEYS)


def test_a_lake_that_the_cluster_cannot_find_is_no_answer(spark, tmp_path):
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.spark import SparkEngine

    told = Story(tmp_path / "lake")
    told.step("admit", "ada", (carrying(0), EVERYWHERE), True)
    told.step("compact")
    elsewhere = SparkEngine(told.folder, "local[2]", f"file://{tmp_path}/elsewhere")
    with pytest.raises(StoreError, match="sync"):
        ExpressedLake(told.lake, elsewhere).carriers(KEYS)
    with pytest.raises(StoreError, match="name"):
        on_spark(a_life(tmp_path / "lake[1]").lake).carriers(KEYS)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(genomes(), min_size=3, max_size=6), steps, among, regions, variants)
def test_spark_answers_like_the_lake_through_any_story(
    spark, people, story, who, asked_regions, asked_variants
):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        told = Story(Path(folder) / "lake")
        for place, one in enumerate(people):
            told.step("admit", ("ada", "ben", "cleo")[place % 3], one, place != 1)
            if place == 3:
                told.step("base")
        for step in story:
            if step[0] != "ask":
                told.step(*step)
        same_answers(told.lake, on_spark(told.lake), who, asked_regions[:1], asked_variants[:1])
        told.lake.close()
