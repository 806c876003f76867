"""A file on GRCh37 becomes a genome on GRCh38: what came over, what could not, what reads otherwise there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.evidence import AssayKind, Genome, Seen
from bedside.genome.locus import Build
from bedside.intake.genome.read import LiftFailure, lift_failures, read_genomes
from bedside.intake.genome.reference import KnownBases
from tests.unit.intake.genome_files import CONTIGS, GRCH37, alleles, chain_file, stretches
from tests.unit.intake.laboratory_files import record, write_vcf

CHAINS = (
    "chain 9 chr1 249250621 + 1000 2000 chr1 248956422 + 5000 6010 1\n400 0 10\n600",
    "chain 8 chr2 243199373 + 1000 2000 chr3 198295559 - 100 1100 2\n1000",
    "chain 7 chrM 16571 + 0 3106 chrM 16569 + 0 3106 3\n3106",
)
SEEN = Seen.REFERENCE
FIRST = 1 + len(GRCH37) + len(CONTIGS) + 1 + 1


def lifted(folder: Path, *records: str, known: dict[Build, KnownBases] | None = None) -> Genome:
    return read_genomes(
        write(folder, *records), assay=AssayKind.GENOME, chain=chain_file(folder, *CHAINS), known=known
    )[0]


def write(folder: Path, *records: str, length: int | None = None) -> Path:
    contigs = CONTIGS if length is None else CONTIGS[:-1]
    header = GRCH37 if length is None else (*GRCH37, f"##contig=<ID=chrM,length={length}>")
    return write_vcf(folder / "old.vcf", records, header=header, contigs=contigs)


def test_positions_move_and_a_turned_stretch_is_read_on_the_other_strand(tmp_path: Path) -> None:
    found = lifted(
        tmp_path,
        record("chr1", 1001, "A", "G", "0/1"),
        record("chr1", 1501, "ATC", "A", "1/1"),
        record("chr2", 1001, "A", "G,C", "1|2"),
    )
    assert alleles(found) == [
        ("chr1-5001-A-G", 1, 2, 2),
        ("chr1-5511-ATC-A", 2, 2, 3),
        ("chr3-198295459-T-C", 1, 2, 1),
        ("chr3-198295459-T-G", 1, 2, 2),
    ]
    assert found.evidence.moved.tolist() == [True] * 4
    assert stretches(found) == [
        ("chr1:5001-5001", SEEN), ("chr1:5511-5513", SEEN), ("chr3:198295459-198295459", SEEN),
    ]  # fmt: skip
    assert (found.build, dict(found.lift)) == (Build.GRCH37, {"lifted": 3})


def test_what_does_not_lift_is_counted_by_reason_listed_and_never_absent(tmp_path: Path) -> None:
    lines = [
        record("chr1", 50, "A", "G", "0/1"),
        record("chr1", 1399, "ACGT", "A", "0/1"),
        record("chr2", 1500, "AC", "A", "0/1"),
        record("chr1", 1100, "A", "G", "0/1"),
        record("chrM", 3000, "A", "G", "1/1"),
    ]
    found = lifted(tmp_path, *lines)
    assert dict(found.lift) == {
        "no chain leads from there": 1,
        "a gap of the chain cuts the reference allele": 1,
        "an insertion or deletion on a turned stretch": 1,
        "lifted": 1,
        "the file does not say which mitochondrial sequence it uses": 1,
    }
    assert stretches(found) == [
        ("chr1:5100-5100", SEEN),
        ("chr1:5399-5400", Seen.NO_CALL),
        ("chr1:5411-5412", Seen.NO_CALL),
        ("chr3:198294959-198294960", Seen.NO_CALL),
    ]
    assert list(lift_failures(tmp_path / "old.vcf", chain=tmp_path / "small.chain")) == [
        LiftFailure(FIRST, "chr1", 50, "no chain leads from there"),
        LiftFailure(FIRST + 1, "chr1", 1399, "a gap of the chain cuts the reference allele"),
        LiftFailure(FIRST + 2, "chr2", 1500, "an insertion or deletion on a turned stretch"),
        LiftFailure(FIRST + 4, "chrM", 3000, "the file does not say which mitochondrial sequence it uses"),
    ]
    assert {one.code for one in found.notices} == {"not-lifted", "lift-unchecked"}


@pytest.mark.parametrize(("length", "rows"), [(16_569, ["chrM-3200-A-G"]), (16_571, [])])
def test_the_mitochondrion_lifts_by_the_sequence_the_file_declares(
    tmp_path: Path, length: int, rows: list[str]
) -> None:
    path = write(tmp_path, record("chrM", 3200, "A", "G", "1/1"), length=length)
    (found,) = read_genomes(path, assay=AssayKind.GENOME, chain=chain_file(tmp_path, *CHAINS))
    assert [row[0] for row in alleles(found)] == rows


def test_a_reference_block_lifts_in_pieces(tmp_path: Path) -> None:
    block = record("chr1", 900, "A", "<NON_REF>", "0/0:50", form="GT:GQ", info="END=1500")
    found = lifted(tmp_path, block)
    assert stretches(found) == [("chr1:5001-5400", SEEN), ("chr1:5411-5510", SEEN)]


def known(old: dict[tuple[str, int], str], new: dict[tuple[str, int], str]) -> dict[Build, KnownBases]:
    return {Build.GRCH37: KnownBases.of(old), Build.GRCH38: KnownBases.of(new)}


@pytest.mark.parametrize(
    ("genotype", "rows"),
    [
        ("0/0", [("chr1-5001-C-T", 2, 2, 3)]),
        ("0|1", [("chr1-5001-C-T", 1, 2, 1)]),
        ("1/1", []),
        ("2|0", [("chr1-5001-C-G", 1, 2, 1), ("chr1-5001-C-T", 1, 2, 2)]),
        ("1/2", [("chr1-5001-C-G", 1, 2, 2)]),
        ("./.", []),
    ],
)
def test_where_grch37_has_the_rare_base_reference_there_is_the_variant_here(
    tmp_path: Path, genotype: str, rows: list[object]
) -> None:
    bases = known({("chr1", 1001): "T"}, {("chr1", 5001): "C"})
    found = lifted(tmp_path, record("chr1", 1001, "T", "C,G", genotype), known=bases)
    assert alleles(found) == rows
    seen = SEEN if genotype != "./." else Seen.NO_CALL
    assert stretches(found) == [("chr1:5001-5001", seen)]
    assert found.checked_reference == "known-bases"


def test_the_same_on_a_turned_stretch(tmp_path: Path) -> None:
    bases = known({}, {("chr3", 198_295_459): "G"})
    found = lifted(tmp_path, record("chr2", 1001, "T", "C", "0/1"), known=bases)
    assert alleles(found) == [("chr3-198295459-G-A", 1, 2, 1)]


def test_a_block_over_a_base_that_reads_otherwise_is_not_callable_there(tmp_path: Path) -> None:
    bases = known({("chr1", 1003): "T"}, {("chr1", 5003): "C"})
    block = record("chr1", 1001, "A", "<NON_REF>", "0/0:50", form="GT:GQ", info="END=1010")
    assert stretches(lifted(tmp_path, block, known=bases)) == [
        ("chr1:5001-5002", SEEN),
        ("chr1:5003-5003", Seen.NO_CALL),
        ("chr1:5004-5010", SEEN),
    ]


def test_a_longer_reference_allele_that_reads_otherwise_is_not_lifted(tmp_path: Path) -> None:
    bases = known({}, {("chr1", 5001): "C"})
    found = lifted(tmp_path, record("chr1", 1001, "TA", "T", "0/1"), known=bases)
    assert dict(found.lift) == {"the reference allele reads otherwise in GRCh38": 1}
    assert stretches(found) == [("chr1:5001-5002", Seen.NO_CALL)]


def test_a_broken_chain_is_refused_by_line(tmp_path: Path) -> None:
    path = write(tmp_path, record("chr1", 1001, "A", "G", "0/1"))
    with pytest.raises(IntakeError) as caught:
        read_genomes(path, assay=AssayKind.GENOME, chain=chain_file(tmp_path, "chain 5 chr1"))
    assert next((one.source, one.line) for one in caught.value.problems) == ("small.chain", 1)
