"""Which assembly a file is on: told, declared, or seen; contradictions are errors, and nothing is guessed in
silence.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.state import Called, NoCall, Reason
from bedside.intake.policy import default_policy
from bedside.intake.vcf import read_genotypes
from bedside.knowledge.pgx import Grch37, Position
from tests.unit.intake.laboratory_files import DECLARED, pack, read, record, states, write_vcf

UNNAMED = DECLARED[1:]
IN_38 = record("chr10", 94781859, "G", "A", "0/1")
IN_37 = record("10", 96541616, "G", "A", "0/1")
STAR2 = {"chr10:94781859": Called(("G", "A"))}


def confirmed() -> list[Position]:
    """Single-base positions that a GRCh37 source confirms, with a coordinate of their own there."""
    return [
        position
        for gene in pack().genes.values()
        for position in gene.positions
        if position.grch37 is Grch37.CONFIRMED
        and len(position.reference) == 1
        and position.reference == position.reference_grch37
        and len(position.alternates[0]) == 1
    ]


def refused(path: Path, build: Build | None = None) -> str:
    with pytest.raises(IntakeError) as caught:
        read_genotypes([path], pack(), build=build)
    return str(caught.value)


@pytest.mark.parametrize(
    ("header", "contigs", "records"),
    [
        (("##reference=GRCh38",), (), [IN_38]),
        (("##reference=file:///refs/GCA_000001405.15_GRCh38_no_alt.fa",), (), [IN_38]),
        (("##contig=<ID=chr10,length=133797422>",), (), [IN_38]),
        (("##contig=<ID=chr10,assembly=hg38>",), (), [IN_38]),
        (("##contig=<ID=NC_000010.11>",), (), [IN_38.replace("chr10", "NC_000010.11")]),
        (("##reference=hs37d5.fa",), (), [IN_37]),
        (("##contig=<ID=10,length=135534747>",), (), [IN_37]),
        (("##contig=<ID=10,assembly=b37>",), (), [IN_37]),
        (("##source_GENOME_REFERENCE=NCBI build 37",), (), [IN_37]),
        (("##contig=<ID=NC_000010.10>",), (), [IN_37.replace("10\t", "NC_000010.10\t", 1)]),
    ],
)
def test_the_header_says_which_build(
    tmp_path: Path, header: tuple[str, ...], contigs: tuple[str, ...], records: list[str]
) -> None:
    table = read(write_vcf(tmp_path / "laboratory.vcf", records, header=header, contigs=contigs))
    assert states(table) == STAR2


@pytest.mark.parametrize(("line", "build"), [(IN_38, "GRCh38"), (IN_37, "GRCh37")])
def test_without_a_word_in_the_header_the_reference_alleles_decide_and_it_is_said(
    tmp_path: Path, line: str, build: str
) -> None:
    table = read(write_vcf(tmp_path / "laboratory.vcf", [line], header=UNNAMED, contigs=()))
    reason = f"the header names no assembly; {build} was told from 1 reference alleles"
    assert states(table) == STAR2
    assert table.notices[0] == Notice("build-from-reference-alleles", reason, "laboratory.vcf")


def test_a_file_that_gives_no_hint_needs_to_be_told(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [record("chr10", 5, "G", "A", "0/1")], header=UNNAMED)
    assert refused(path) == (
        "laboratory.vcf: the reference assembly cannot be told: the header names none, and no reference "
        "allele decides (pass --build GRCh38 or --build GRCh37 if you know which it is)"
    )
    assert states(read_genotypes([path], pack(), build=Build.GRCH38)) == {}


def test_the_header_against_what_was_told(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [IN_38])
    assert refused(path, Build.GRCH37) == (
        "laboratory.vcf:2: build mismatch: told GRCh37, but the header says GRCh38 "
        "(leave --build out, or repair the header)"
    )


def test_a_header_that_contradicts_itself(tmp_path: Path) -> None:
    header = ("##reference=GRCh38", "##contig=<ID=chr1,length=249250621>")
    path = write_vcf(tmp_path / "laboratory.vcf", [IN_38], header=header)
    assert refused(path) == (
        "laboratory.vcf:3: the header contradicts itself: line 2 says GRCh38, line 3 says GRCh37 "
        "(repair the header at its source)"
    )


def test_an_assembly_that_is_neither(tmp_path: Path) -> None:
    """CHM13's chromosome 1 is 248,387,328 bases long."""
    path = write_vcf(tmp_path / "laboratory.vcf", [IN_38], header=("##contig=<ID=chr1,length=248387328>",))
    assert refused(path) == (
        "laboratory.vcf:2: a chromosome's length in the header is that of neither GRCh38 nor GRCh37 "
        "(only these two assemblies are read; pass --build GRCh38 or --build GRCh37 if you know which it is)"
    )


def test_a_grch37_file_whose_header_claims_grch38(tmp_path: Path) -> None:
    lines = [
        record(
            position.chromosome,
            position.position_grch37 or 0,
            position.reference,
            position.alternates[0],
            "0/1",
        )
        for position in confirmed()[:5]
    ]
    path = write_vcf(tmp_path / "laboratory.vcf", lines)
    assert refused(path) == (
        "laboratory.vcf: build mismatch: declared GRCh38, but 5 known "
        "changes stand where GRCh37 has them (find out which assembly the file is on and correct its header)"
    )


def test_reference_bases_that_are_not_those_of_the_build(tmp_path: Path) -> None:
    lines = [
        record(
            position.chromosome,
            position.position,
            "ACGT"[("ACGT".index(position.reference) + 1) % 4],
            ".",
            "0/0",
        )
        for position in confirmed()[:4]
    ]
    path = write_vcf(tmp_path / "laboratory.vcf", lines)
    assert "build mismatch: declared GRCh38, but 4 of 4 reference alleles differ" in refused(path)


def test_one_record_with_another_reference_base_is_not_used_and_it_is_said(tmp_path: Path) -> None:
    good = record("chr10", 94780653, "G", "A", "0/1")
    table = read(write_vcf(tmp_path / "laboratory.vcf", [good, record("chr10", 94781859, "C", "A", "0/1")]))
    assert states(table)["chr10:94781859"] == NoCall(Reason.REFERENCE_MISMATCH)
    assert [notice.code for notice in table.notices] == ["reference-mismatch", "gene-absent"]


def test_bases_are_those_of_the_definition_where_the_assemblies_differ(tmp_path: Path) -> None:
    """CYP2C19 rs3758581: the reference base is A in GRCh38 and G in GRCh37."""
    position = next(one for one in pack().genes["CYP2C19"].positions if one.rsid == "rs3758581")
    assert (position.reference, position.reference_grch37) == ("A", "G")
    header, place = ("##reference=hg19",), position.position_grch37 or 0
    for genotype, alleles in (("0/0", ("G", "G")), ("0/1", ("A", "G")), ("1/1", ("A", "A"))):
        path = write_vcf(
            tmp_path / "laboratory.vcf", [record("10", place, "G", "A", genotype)], header=header, contigs=()
        )
        assert states(read(path)) == {"chr10:94842866": Called(alleles)}
    line = record("10", place - 10, "T", "<NON_REF>", "0/0:60", info=f"END={place + 10}", form="GT:GQ")
    found = states(
        read(write_vcf(tmp_path / "block.vcf", [line], header=(*DECLARED[1:], *header), contigs=()))
    )
    assert found["chr10:94842866"] == Called(("G", "G"))


def test_the_lengths_of_both_assemblies_are_told_apart_on_every_chromosome() -> None:
    chromosomes = [one for one in default_policy().chromosomes if one.name != "chrM"]
    assert len(chromosomes) == 24
    lengths = [length for one in chromosomes for length in one.lengths.values()]
    assert len(set(lengths)) == len(lengths)
