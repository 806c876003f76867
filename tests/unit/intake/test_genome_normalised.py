"""Insertions and deletions as far left as they read the same, held against bcftools; reference alleles held
against a FASTA."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import IntakeError
from bedside.genome.evidence import AssayKind, Genome, Seen
from bedside.genome.locus import Build
from bedside.genome.texts import Texts
from bedside.intake.genome.normalise import Changes, Fetch, left_aligned, reverse_complement, trimmed
from bedside.intake.genome.read import read_genomes
from bedside.intake.policy import default_policy
from tests.unit.intake.genome_files import CONTIGS, HEADER, stretches, variants
from tests.unit.intake.laboratory_files import record, write_vcf


def repetitive(length: int, seed: int) -> str:
    """A sequence full of short repeats."""
    draw = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        unit = "".join(draw.choices("ACGT", k=draw.choice((1, 1, 2, 3, 5, 8))))
        parts.append(unit * draw.choice((1, 1, 1, 2, 5, 20)))
    return "".join(parts)[:length]


def indels(sequence: str, count: int, seed: int) -> list[tuple[int, str, str]]:
    """Changes written as anybody might: some with needless bases on either side."""
    draw = random.Random(seed)
    found = []
    while len(found) < count:
        position = draw.randrange(1, len(sequence) - 60)
        size = draw.choice((1, 2, 3, 6, 17))
        before = sequence[position : position + draw.choice((1, 1, 2, 5))]
        after = position + len(before)
        kind = draw.random()
        if kind < 0.45:
            reference, alternate = before + sequence[after : after + size], before
        elif kind < 0.9:
            repeated = (
                sequence[after : after + size]
                if draw.random() < 0.8
                else "".join(draw.choices("ACGT", k=size))
            )
            reference, alternate = before, before + repeated
        else:
            reference, alternate = (
                before + "".join(sequence[after : after + 2]),
                before + "".join(draw.choices("ACGT", k=3)),
            )
        tail = sequence[position + len(reference) : position + len(reference) + draw.choice((0, 0, 3))]
        if reference != alternate:
            found.append((position + 1, reference + tail, alternate + tail))
    return found


def normalised(sequence: str, changes: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """By the columns."""
    bases = np.frombuffer(sequence.encode(), np.uint8)
    fetch: Fetch = lambda _, start, end: bases[start - 1 : end]  # noqa: E731
    found = left_aligned(
        trimmed(
            Changes(
                np.full(len(changes), 21, np.int8),
                np.array([one[0] for one in changes], np.int64),
                Texts.of(one[1] for one in changes),
                Texts.of(one[2] for one in changes),
            )
        ),
        fetch,
    )
    return list(zip(found.position.tolist(), found.reference, found.alternate, strict=True))


def by_the_book(sequence: str, change: tuple[int, str, str]) -> tuple[int, str, str]:
    """One at a time, as Tan, Abecasis and Kang wrote it down in 2015."""
    position, reference, alternate = change
    while True:
        if (
            reference
            and alternate
            and reference[-1] == alternate[-1]
            and (position > 1 or min(len(reference), len(alternate)) > 1)
        ):
            reference, alternate = reference[:-1], alternate[:-1]
        elif not reference or not alternate:
            position -= 1
            reference, alternate = sequence[position - 1] + reference, sequence[position - 1] + alternate
        else:
            break
    while len(reference) > 1 and len(alternate) > 1 and reference[0] == alternate[0]:
        position, reference, alternate = position + 1, reference[1:], alternate[1:]
    return position, reference, alternate


@pytest.mark.parametrize("seed", [1, 2])
def test_every_change_is_written_as_the_published_algorithm_writes_it(seed: int) -> None:
    sequence = repetitive(60_000, seed)
    changes = indels(sequence, 20_000, seed)
    assert normalised(sequence, changes) == [by_the_book(sequence, change) for change in changes]


def test_a_repeat_longer_than_what_is_first_read_of_the_sequence() -> None:
    sequence = "G" + "A" * 9_000 + "C" * 50
    assert normalised(sequence, [(9_000, "AA", "A"), (8_000, "A", "AAAA")]) == [
        (1, "GA", "G"),
        (1, "G", "GAAA"),
    ]


def test_every_change_is_written_as_bcftools_writes_it(tmp_path: Path) -> None:
    program = shutil.which("bcftools")
    if program is None:
        pytest.skip("bcftools is not installed")
    sequence = repetitive(200_000, 3)
    fasta = tmp_path / "made_up.fa"
    fasta.write_text(f">chr21\n{sequence}\n")
    changes = sorted(set(indels(sequence, 40_000, 3)))
    lines = [record("chr21", *change, "0/1") for change in changes]
    path = write_vcf(tmp_path / "indels.vcf", lines, header=HEADER, contigs=CONTIGS)
    answer = subprocess.run(
        [program, "norm", "-f", str(fasta), "-Ov", str(path)], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split("\t") for line in answer.splitlines() if not line.startswith("#")]
    theirs = sorted((int(row[1]), row[3], row[4]) for row in rows)
    assert sorted(normalised(sequence, changes)) == theirs


def test_the_other_strand() -> None:
    texts = reverse_complement(Texts.of(["A", "ACGT", "GATTN", ""]))
    assert list(texts) == ["T", "ACGT", "NAATC", ""]


def fasta_of(folder: Path, bases: dict[int, str], build: Build = Build.GRCH38) -> Path:
    """A FASTA of chromosome 21 in its right length: N but for some stretches."""
    length = next(one for one in default_policy().chromosomes if one.name == "chr21").lengths[build]
    sequence = bytearray(b"N" * length)
    for position, text in bases.items():
        sequence[position - 1 : position - 1 + len(text)] = text.encode()
    path = folder / "made_up.fa"
    path.write_bytes(b">chr21\n" + bytes(sequence) + b"\n")
    return path


def with_fasta(folder: Path, fasta: Path, *lines: str) -> Genome:
    path = write_vcf(folder / "laboratory.vcf", lines, header=HEADER, contigs=CONTIGS)
    return read_genomes(path, assay=AssayKind.EXOME, reference=fasta)[0]


def test_a_file_with_its_fasta_is_checked_and_left_aligned(tmp_path: Path) -> None:
    fasta = fasta_of(tmp_path, {1_000_001: "gCACACACAT", 2_000_001: "ACGT"})
    found = with_fasta(
        tmp_path,
        fasta,
        record("chr21", 1_000_007, "ACA", "A", "0/1"),
        record("chr21", 1_000_009, "A", "ACA", "1/1"),
        record("chr21", 2_000_001, "A", "G", "0/1"),
        record("chr21", 2_000_002, "T", "G", "0/1"),
    )
    assert variants(found) == ["chr21-1000001-G-GCA", "chr21-1000001-GCA-G", "chr21-2000001-A-G"]
    assert (found.checked_reference, found.left_aligned) == ("fasta", True)
    assert found.evidence.moved.tolist() == [True, True, False]
    assert ("chr21:2000002-2000002", Seen.NO_CALL) in stretches(found)
    assert {one.code for one in found.notices} == {"reference-mismatch", "doubtful"}


def test_a_file_of_another_sequence_than_its_fasta_is_refused(tmp_path: Path) -> None:
    fasta = fasta_of(tmp_path, {1_001: "ACGTACGTAC"})
    lines = [record("chr21", 1_001 + at, "GTCAGTCAGT"[at], "N", "0/1") for at in range(10)]
    with pytest.raises(IntakeError) as caught:
        with_fasta(tmp_path, fasta, *lines)
    assert [(one.reason, one.remedy) for one in caught.value.problems] == [
        (
            "build mismatch: declared GRCh38, but 10 of 10 reference alleles differ",
            "find out which assembly the file is on and correct its header",
        )
    ]


def test_a_fasta_of_another_assembly_is_refused(tmp_path: Path) -> None:
    fasta = fasta_of(tmp_path, {}, Build.GRCH37)
    with pytest.raises(IntakeError, match="is a sequence of GRCh37, but the file is on GRCh38"):
        with_fasta(tmp_path, fasta, record("chr21", 5, "A", "G", "0/1"))
    fasta.write_text(">chr21\nACGT\n")
    fasta.with_suffix(".fa.fai").unlink()
    with pytest.raises(IntakeError, match="those of neither GRCh38 nor GRCh37"):
        with_fasta(tmp_path, fasta, record("chr21", 5, "A", "G", "0/1"))
