"""Whatever is stored, merged, erased and reopened in whatever order, the lake answers like a plain list."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.genome.evidence import AssayKind, Seen
from bedside.genome.presence import ZYGOSITY_NUMBER, Present
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.compaction import Shape
from bedside.store.lake.lake import Among, Run
from bedside.store.lake.parquet_lake import ParquetLake
from tests.examples import examples
from tests.made_up_genomes import Model, ModelRun, Row, genome

SHAPE = Shape(common_share=0.3, common_least=2)
PEOPLE = ("ada", "ben", "cleo", "dan", "eve")
GROUPS = {"ada": "north", "ben": "south", "cleo": "north", "eve": "south", "nobody": "west"}
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
LONG = "ACGTACGTACGTAC"

VARIANTS = (
    Variant("chr1", 8, "A", "G"),
    Variant("chr1", 8, "A", "T"),
    Variant("chr1", 9, "ACG", "A"),
    Variant("chr1", 11, "G", "GTT"),
    Variant("chr1", 15, LONG, "A"),
    Variant("chr1", 15, "A", LONG),
    Variant("chr1", 20, "C", "T"),
    Variant("chr1", 60, "C", "T"),
    Variant("chr2", 5, "T", "C"),
    Variant("chrX", 12, "A", "C"),
    Variant("chrX", 25, "AT", "A"),
    Variant("chrX", 30, "A", "C"),
    Variant("chrY", 7, "G", "A"),
    Variant("chrM", 3, "G", "A"),
)
REGIONS = (
    Region("chr1", 8, 8),
    Region("chr1", 1, 30),
    Region("chr1", 9, 40),
    Region("chrX", 1, 40),
    Region("chrY", 7, 7),
    Region("chrM", 1, 9),
)
STRETCHES = tuple(
    Region(chromosome, start, start + 4)
    for chromosome, last in (("chr1", 40), ("chr2", 10), ("chrX", 40), ("chrY", 10), ("chrM", 10))
    for start in range(1, last, 5)
)

states = st.sampled_from([Seen.REFERENCE] * 8 + [None, *Seen])


@st.composite
def genomes(draw) -> tuple[list[Row], list[tuple[Region, Seen]]]:
    """A person's alleles and where the run looked: mostly the same kit, with holes."""
    male = draw(st.booleans())
    rows = []
    for variant in draw(st.sets(st.sampled_from(VARIANTS), max_size=8)):
        single = variant.chromosome in ("chrY", "chrM") or (male and variant.chromosome == "chrX")
        copies = 1 if single else draw(st.integers(1, 2))
        missing = draw(st.sampled_from([0, 0, 0, 1])) if copies == 1 and not single else 0
        phase = draw(st.sampled_from([(-1, 0), (0, 1), (17, 2)]))
        passed = draw(st.sampled_from([True] * 5 + [False]))
        rows.append(Row(variant, copies, 1 if single else 2, missing, passed, *phase))
    said = [(stretch, draw(states)) for stretch in STRETCHES]
    return rows, [(stretch, state) for stretch, state in said if state is not None]


among = st.builds(Among, st.none() | st.frozensets(st.sampled_from([*PEOPLE, "nobody"])), st.booleans())
steps = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), st.sampled_from(PEOPLE), genomes(), st.booleans()),
        st.tuples(st.just("admit"), st.sampled_from(PEOPLE), genomes(), st.booleans()),
        st.tuples(st.just("store"), st.sampled_from(PEOPLE), genomes(), st.booleans()),
        st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
        st.tuples(st.sampled_from(["compact", "base", "purge", "reopen", "no cache", "bad cache", "pinned"])),
        st.tuples(st.just("ask"), among),
    ),
    min_size=3,
    max_size=14,
)


class Story:
    """A lake and its model, told the same things."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.model, self.sequence = folder, Model(), 0
        self.lake = ParquetLake(folder, shape=SHAPE)
        self.waiting: list[tuple[Run, ModelRun]] = []
        self.erased: set[str] = set()

    def step(self, what: str, *more) -> None:
        self.sequence += 1
        if what in ("admit", "store"):
            person, (rows, regions), confirmed = more
            result = f"result-{self.sequence}"
            run = self.lake.store(genome(rows, regions, AssayKind.EXOME), person, result, confirmed=confirmed)
            self.waiting.append((run, ModelRun(run.run, person, rows, regions, confirmed)))
            if what == "admit":
                self.lake.admit([each for each, _ in self.waiting], self.sequence)
                self.model.runs += [each for _, each in self.waiting]
                self.waiting = []
        elif what == "erase":
            self.lake.erase(more[0], self.sequence)
            self.model.runs = [run for run in self.model.runs if run.person != more[0]]
        elif what == "compact":
            self.lake.compact()
        elif what == "base":
            self.lake.compact(whole=True)
        elif what == "purge":
            self.lake.purge()
        elif what == "reopen":
            self.lake.close()
            self.lake = ParquetLake(self.folder, shape=SHAPE)
        elif what == "no cache":
            shutil.rmtree(self.folder / "cache", ignore_errors=True)
        elif what == "bad cache":
            self.spoil()
        elif what == "ask":
            same_answers(self.lake, self.model, more[0])
        else:
            pinned, before = self.lake.pin(), self.lake.snapshot()
            self.lake.compact(whole=True)
            same_answers(pinned, self.model, Among())
            assert pinned.snapshot() == before

    def spoil(self) -> None:
        """Change a byte in the middle of every cache file, as a bad disk would."""
        for path in (self.folder / "cache").rglob("*.bin"):
            content = bytearray(path.read_bytes())
            if content:
                content[len(content) // 2] ^= 5
                path.write_bytes(content)
        self.lake.close()


def same_answers(lake: ParquetLake, model: Model, who: Among) -> None:
    """Every question, over every person and variant, against the plain list."""
    believed = {
        (person, variant): model.believed(person, variant, who.people, who.clinical_only)
        for person in PEOPLE
        for variant in VARIANTS
    }
    for person in PEOPLE:
        said = lake.presence(person, VARIANTS, who)
        assert said == tuple(believed[person, variant][0] for variant in VARIANTS)
    people = model.people(who.people, who.clinical_only)
    for variant in VARIANTS:
        expected = {person: believed[person, variant][0] for person in people}
        unphased = {p: Present(a.zygosity) if isinstance(a, Present) else a for p, a in expected.items()}
        assert dict(lake.presence_of(variant, who)) == unphased
    carried = sorted(
        (variant.key, person, run.name, ZYGOSITY_NUMBER[said.zygosity])
        for (person, variant), (said, run) in believed.items()
        if isinstance(said, Present) and run is not None
    )
    table = lake.carriers(np.array([variant.key for variant in VARIANTS], np.int64), who)
    assert [tuple(row.values()) for row in table.to_pylist()] == carried
    for region in REGIONS:
        assert lake.tested(region, who) == model.tested(region, who.people, who.clinical_only)
        counts = lake.allele_counts(region, GROUPS, who)
        expected_counts = model.counts(region, GROUPS, who.people, who.clinical_only)
        assert [tuple(row.values()) for row in counts.to_pylist()] == expected_counts
    for person in PEOPLE:
        rows = lake.variants(person, [Region("chr1", 10, 16), Region("chrX", 26, 40)], who)
        assert sorted(zip(rows["key"].to_pylist(), rows["run"].to_pylist(), strict=True)) == sorted(
            (row.variant.key, run.name)
            for run in model.mine(person, who.people, who.clinical_only)
            for row in run.rows
            if touches(row.variant, "chr1", 10, 16) or touches(row.variant, "chrX", 26, 40)
        )


def touches(variant: Variant, chromosome: str, start: int, end: int) -> bool:
    return variant.chromosome == chromosome and variant.position <= end and variant.end >= start


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_the_lake_answers_like_a_plain_list_through_any_story(story):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        told = Story(Path(folder) / "lake")
        for step in story:
            told.step(*step)
        same_answers(told.lake, told.model, Among())
        same_answers(told.lake, told.model, Among(frozenset({"ada", "cleo", "eve"}), clinical_only=True))
        held = told.lake.snapshot()
        assert (held.runs, held.people) == (len(told.model.runs), len(told.model.people()))
        assert [run.run for run in told.lake.runs()] == [run.name for run in told.model.runs]
        told.lake.verify()
        told.lake.close()
