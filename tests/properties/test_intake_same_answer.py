"""However a laboratory writes the same genotypes down, intake gives the same states."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.genome.genotypes import GenotypeTable
from bedside.knowledge.pgx import Grch37, Position
from tests.examples import examples
from tests.unit.intake.laboratory_files import (
    DECLARED,
    bgzip,
    pack,
    read,
    record,
    states,
    vcf_text,
    write_bcf,
    write_vcf,
)

POSITIONS = [position for gene in pack().genes.values() for position in gene.positions]
IN_BOTH = [position for position in POSITIONS if position.grch37 is Grch37.CONFIRMED]
SAME_BASES = [position for position in IN_BOTH if position.reference_grch37 == position.reference]
SEPARATORS = st.sampled_from("/|")
FAST = settings(
    max_examples=examples(80),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def everybody(table: GenotypeTable) -> list[dict[str, object]]:
    return [dict(states(table, person)) for person in range(len(table.samples))]


@st.composite
def people(draw: st.DrawFn, positions: list[Position], samples: int = 3) -> list[tuple[Position, list[str]]]:
    """Genotypes of several people at some positions that do not touch each other."""
    chosen = draw(
        st.lists(st.sampled_from(positions), min_size=1, max_size=6, unique_by=lambda one: one.position)
    )
    chosen = sorted(chosen, key=lambda one: (one.chromosome, one.position))
    apart = [
        one
        for number, one in enumerate(chosen)
        if number == 0
        or one.chromosome != chosen[number - 1].chromosome
        or one.position > chosen[number - 1].position + 40
    ]
    rows = []
    for one in apart:
        separator = draw(SEPARATORS)
        allele = st.integers(0, len(one.alternates)).map(str) | st.just(".")
        rows.append((one, [f"{draw(allele)}{separator}{draw(allele)}" for _ in range(samples)]))
    return rows


def line(position: Position, genotypes: list[str], alternates: str | None = None, reference: str = "") -> str:
    return record(
        position.chromosome, position.position, reference or position.reference,
        alternates or ",".join(position.alternates), *genotypes,
    )  # fmt: skip


@pytest.mark.parametrize("phased", [False, True])
@FAST
@given(data=st.data())
def test_joined_split_and_padded_records_give_the_same_answer(
    tmp_path: Path, phased: bool, data: st.DataObject
) -> None:
    """Split as vt and bcftools do: alleles of other lines are missing there, or reference."""
    rows = data.draw(people([one for one in POSITIONS if len(one.alternates) > 1]))
    other = data.draw(st.sampled_from(["0", "."]))
    padding = data.draw(st.text("ACGT", min_size=0, max_size=4))
    names = ("S1", "S2", "S3")
    joined, split, padded = [], [], []
    for position, drawn in rows:
        separator = "|" if phased else "/"
        genotypes = [one.replace("/", separator).replace("|", separator) for one in drawn]
        joined.append(line(position, genotypes))
        longer = [alternate + padding for alternate in position.alternates]
        padded.append(line(position, genotypes, ",".join(longer), position.reference + padding))
        for number, alternate in enumerate(position.alternates, start=1):
            own = [
                separator.join(
                    "1" if one == str(number) else one if one in "0." else other
                    for one in each.split(separator)
                )
                for each in genotypes
            ]
            split.append(line(position, own, alternate))
    whole = everybody(read(write_vcf(tmp_path / "joined.vcf", joined, samples=names)))
    sites = {f"{position.chromosome}:{position.position}" for position, _ in rows}
    for name, lines in (("split", split), ("padded", padded)):
        found = everybody(read(write_vcf(tmp_path / f"{name}.vcf", lines, samples=names)))
        assert [{site: one[site] for site in sites} for one in found] == [
            {site: one[site] for site in sites} for one in whole
        ]


@FAST
@given(rows=people(SAME_BASES))
def test_a_file_moved_to_grch37_gives_the_same_answer(
    tmp_path: Path, rows: list[tuple[Position, list[str]]]
) -> None:
    new = [line(position, genotypes) for position, genotypes in rows]
    old = [
        record(
            position.chromosome.removeprefix("chr"), position.position_grch37 or 0, position.reference_grch37,
            ",".join(position.alternates), *genotypes,
        )
        for position, genotypes in rows
    ]  # fmt: skip
    names = ("S1", "S2", "S3")
    header = ("##reference=GRCh37", *DECLARED[1:])
    grch38 = read(write_vcf(tmp_path / "new.vcf", new, samples=names))
    grch37 = read(write_vcf(tmp_path / "old.vcf", old, samples=names, header=header, contigs=()))
    assert everybody(grch37) == everybody(grch38)


@settings(FAST, max_examples=examples(40))
@given(rows=people(POSITIONS))
def test_plain_gzip_bgzip_and_bcf_give_the_same_answer(
    tmp_path: Path, rows: list[tuple[Position, list[str]]]
) -> None:
    lines = [line(position, genotypes) for position, genotypes in rows]
    plain = write_vcf(tmp_path / "plain.vcf", lines, samples=("S1", "S2", "S3"))
    content = plain.read_bytes()
    windows = tmp_path / "windows.vcf"
    windows.write_bytes(content.replace(b"\n", b"\r\n"))
    (tmp_path / "gzip.vcf.gz").write_bytes(gzip.compress(content))
    (tmp_path / "bgzip.vcf.gz").write_bytes(bgzip(content))
    bcf = write_bcf(tmp_path / "binary.bcf", plain)
    told = everybody(read(plain))
    for path in (windows, tmp_path / "gzip.vcf.gz", tmp_path / "bgzip.vcf.gz", bcf):
        assert everybody(read(path)) == told


@settings(FAST, max_examples=examples(40))
@given(rows=people(POSITIONS, samples=2))
def test_files_split_by_chromosome_or_by_sample_give_the_same_answer(
    tmp_path: Path, rows: list[tuple[Position, list[str]]]
) -> None:
    whole = read(write_vcf(tmp_path / "whole.vcf", [line(*row) for row in rows], samples=("S1", "S2")))
    chromosomes = sorted({position.chromosome for position, _ in rows})
    by_chromosome = [
        write_vcf(
            tmp_path / f"{name}.vcf",
            [line(position, genotypes[::-1]) for position, genotypes in rows if position.chromosome == name],
            samples=("S2", "S1"),
        )
        for name in chromosomes
    ]
    by_sample = [
        write_vcf(
            tmp_path / f"S{number}.vcf",
            [line(position, [genotypes[number - 1]]) for position, genotypes in rows],
            samples=(f"S{number}",),
        )
        for number in (1, 2)
    ]
    assert everybody(read(*by_chromosome)) == everybody(whole)[::-1]
    assert everybody(read(*by_sample)) == everybody(whole)


def test_every_position_confirmed_in_grch37_is_found_there(tmp_path: Path) -> None:
    """All of them in one file each way, homozygous for the first alternate allele."""
    told = {}
    for build, header in (("38", "##reference=GRCh38"), ("37", "##reference=GRCh37")):
        lines = []
        for position in IN_BOTH:
            place = position.position if build == "38" else position.position_grch37 or 0
            reference = position.reference if build == "38" else position.reference_grch37
            alternates = [
                allele for allele in (position.reference, *position.alternates) if allele != reference
            ]
            genotype = (
                "0/0"
                if position.alternates[0] == reference
                else f"{alternates.index(position.alternates[0]) + 1}/1"
            )
            genotype = genotype if genotype == "0/0" else "/".join([genotype.split("/")[0]] * 2)
            lines.append(record(position.chromosome, place, reference, ",".join(alternates), genotype))
        path = write_vcf(tmp_path / f"{build}.vcf", lines, header=(header, *DECLARED[1:]))
        told[build] = states(read(path))
    assert told["37"] == told["38"]
    assert {f"{position.chromosome}:{position.position}" for position in IN_BOTH} <= told["38"].keys()


def test_an_index_beside_the_file_changes_nothing_but_the_time(shared: Path, tmp_path: Path) -> None:
    source = shared / "fhir_ops" / "HG00403A.vcf.gz"
    alone, indexed = tmp_path / "alone.vcf.gz", tmp_path / "indexed.vcf.gz"
    alone.write_bytes(source.read_bytes())
    indexed.write_bytes(source.read_bytes())
    (tmp_path / "indexed.vcf.gz.tbi").write_bytes(source.with_name(source.name + ".tbi").read_bytes())
    assert everybody(read(indexed)) == everybody(read(alone))
    assert len(states(read(alone))) == 20


def test_the_text_of_a_vcf_is_not_changed_by_a_missing_final_newline(tmp_path: Path) -> None:
    content = vcf_text([record("chr10", 94781859, "G", "A", "0/1")])
    (tmp_path / "cut.vcf").write_text(content.removesuffix("\n"))
    (tmp_path / "whole.vcf").write_text(content)
    assert everybody(read(tmp_path / "cut.vcf")) == everybody(read(tmp_path / "whole.vcf"))
