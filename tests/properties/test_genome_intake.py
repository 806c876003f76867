"""A genome survives being written and read again, and a damaged file is refused, never half read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.errors import IntakeError
from bedside.genome.evidence import AssayKind, Genome, Seen
from bedside.intake.genome.read import read_genomes
from bedside.intake.genome.spans import Spans, joined, regions_of, without
from tests.examples import examples
from tests.unit.intake.genome_files import CONTIGS, HEADER, alleles, stretches
from tests.unit.intake.laboratory_files import bgzip, record, vcf_text, write_bcf, write_vcf

SAMPLES = ("0/1", "1|0", "1/1", "0/0", "./.", "1", "1/.", "0|1:7", "0/1:99:3,4")
SITES = st.tuples(st.sampled_from(CONTIGS[:22]), st.integers(1, 40_000_000), st.sampled_from(SAMPLES))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SITES, min_size=1, max_size=40, unique_by=lambda site: site[:2]))
def test_a_file_written_from_what_was_read_reads_the_same(sites: list[tuple[str, int, str]]) -> None:
    lines = [
        record(chromosome, position, "A", "G", sample, form="GT:GQ:AD")
        for chromosome, position, sample in sites
    ]
    with tempfile.TemporaryDirectory() as name:
        first = read(Path(name), lines)
        said = {f"{place.split(':')[0]}-{place.split('-')[1]}": state for place, state in stretches(first)}
        again = []
        for variant, copies, ploidy, strands in alleles(first):
            chromosome, position, reference, alternate = variant.split("-")
            half = said.get(f"{chromosome}-{position}") is Seen.HALF_CALL
            parts = ["1" if strands >> bit & 1 else "." if half else "0" for bit in range(ploidy)]
            again.append(record(chromosome, int(position), reference, alternate, "/".join(parts)))
            assert copies == parts.count("1")
        if again:
            assert alleles(read(Path(name), again)) == alleles(first)
        assert sum(copies > 0 for _, copies, *_ in alleles(first)) == sum(
            "1" in site[2][:3] for site in sites
        )


def read(folder: Path, lines: list[str]) -> Genome:
    path = write_vcf(folder / "laboratory.vcf", lines, header=HEADER, contigs=CONTIGS)
    return read_genomes(path, assay=AssayKind.GENOME)[0]


TEXT = vcf_text(
    [record("chr2", 100 * at, "AC", "A,G", "1/2:9:1,2,3", form="GT:GQ:AD") for at in range(1, 40)],
    header=HEADER,
    contigs=CONTIGS,
).encode()


def wrapped() -> dict[str, bytes]:
    """The same file, plain, bgzipped and as BCF."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "whole.vcf"
        path.write_bytes(TEXT)
        return {
            "plain.vcf": TEXT,
            "block.vcf.gz": bgzip(TEXT),
            "binary.bcf": write_bcf(Path(name) / "whole.bcf", path).read_bytes(),
        }


WHOLE = wrapped()


@settings(deadline=None, max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(WHOLE)),
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
def test_a_damaged_file_is_refused_or_read_as_a_whole(
    name: str, cut: float, changes: list[tuple[float, int]]
) -> None:
    damaged = bytearray(WHOLE[name])
    if not changes:
        damaged = damaged[: int(cut * len(damaged))]
    for where, byte in changes:
        damaged[min(int(where * len(damaged)), len(damaged) - 1)] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(bytes(damaged))
        try:
            (found, *_) = read_genomes(path, assay=AssayKind.GENOME)
        except IntakeError:
            return
    if name != "plain.vcf":
        assert found.records == 39
    assert bool((found.evidence.key[1:] >= found.evidence.key[:-1]).all())


STRETCHES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 12)), max_size=12)


@given(st.lists(st.tuples(st.sampled_from(Seen), STRETCHES), max_size=5))
def test_regions_say_of_each_place_the_worst_that_was_said(
    said: list[tuple[Seen, list[tuple[int, int]]]],
) -> None:
    states: dict[Seen, Spans] = {}
    worst: dict[int, Seen] = {}
    for state, pairs in said:
        for start, size in pairs:
            for place in range(start, start + size + 1):
                known = worst.get(place, Seen.REFERENCE)
                worst[place] = min(
                    (one for one in (known, state) if one is not Seen.REFERENCE), default=Seen.REFERENCE
                )
        states[state] = joined(spans_of([*pairs, *([] if state not in states else as_pairs(states[state]))]))
    regions = regions_of(states)
    found = {
        place: Seen(state)
        for start, end, state in zip(
            regions.start.tolist(), regions.end.tolist(), regions.state.tolist(), strict=True
        )
        for place in range(start, end + 1)
    }
    assert found == worst
    assert bool((regions.start[1:] > regions.end[:-1]).all())


@given(STRETCHES, STRETCHES)
def test_what_is_left_of_stretches_outside_others(
    ours: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left = without(joined(spans_of(ours)), joined(spans_of(others)))
    assert places_in(as_pairs(left)) == places_in(ours) - places_in(others)
    assert len(places_in(as_pairs(left))) == sum(size + 1 for _, size in as_pairs(left))


def spans_of(pairs: list[tuple[int, int]]) -> Spans:
    start = np.array([pair[0] for pair in pairs], np.int64)
    return Spans(start, start + np.array([pair[1] for pair in pairs], np.int64))


def as_pairs(spans: Spans) -> list[tuple[int, int]]:
    return [(start, end - start) for start, end in zip(spans.start.tolist(), spans.end.tolist(), strict=True)]


def places_in(pairs: list[tuple[int, int]]) -> set[int]:
    return {place for start, size in pairs for place in range(start, start + size + 1)}
