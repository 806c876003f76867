"""Every row and column of the columnar reader, held against htslib reading one record at a time."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOMES
from bedside.intake.genome.read import read_genomes
from bedside.intake.policy import default_policy
from bedside.intake.vcf_text import VcfText
from tests.conformance.genome_oracle import Row, differences, read_slowly, rows_of
from tests.unit.intake.laboratory_files import bgzip


def chain_onto_itself(folder: Path) -> Path:
    """A chain file by which GRCh37 keeps its positions, so that rows can be compared with the file's own."""
    lines = []
    for number, one in enumerate(default_policy().chromosomes):
        length = one.lengths[Build.GRCH37]
        ends = f"{one.name} {length} + 0 {length}"
        lines.append(f"chain 1000 {ends} {ends} {number + 1}\n{length}\n\n")
    path = folder / "same.chain"
    path.write_text("".join(lines))
    return path


def once(rows: list[Row]) -> tuple[list[Row], int]:
    """Rows of alleles that stand in one record only, and how many others there are."""
    seen = Counter(row[:4] for row in rows)
    kept = [row for row in rows if seen[row[:4]] == 1]
    return sorted(kept), len(rows) - len(kept)


def hold(path: Path, genomes: tuple[Genome, ...]) -> tuple[int, int]:
    """Compare all samples of a file; how many rows were compared, and how many repeated ones left out."""
    header_lines = VcfText(path, default_policy()).header.lines
    compared = repeated = 0
    slow = read_slowly(path)
    assert [genome.sample for genome in genomes] == list(slow)
    for genome in genomes:
        expected, repeats = once(slow[genome.sample].rows)
        doubled = {row[:4] for row in slow[genome.sample].rows} - {row[:4] for row in expected}
        found = sorted(row for row in rows_of(genome, header_lines) if row[:4] not in doubled)
        assert found == expected
        assert bool((genome.evidence.key[1:] >= genome.evidence.key[:-1]).all())
        if not repeats:
            assert list(differences(genome, slow[genome.sample].spans)) == []
        compared, repeated = compared + len(expected), repeated + repeats
    return compared, repeated


@pytest.mark.parametrize(
    ("name", "rows", "repeated"),
    [
        ("fhir_ops/HG00403A.vcf.gz", 8453, 0),
        ("fhir_ops/HG00404_b37.vcf.gz", 1837, 0),
        ("genotypes/scout_643594.clinical.vcf.gz", 1119, 0),
        ("genotypes/slivar_ashk-trio.vcf.gz", 22382, 0),
    ],
)
def test_public_files_on_grch37_read_as_htslib_reads_them(
    shared: Path, tmp_path: Path, name: str, rows: int, repeated: int
) -> None:
    path = shared / name
    genomes = read_genomes(
        path, assay=AssayKind.GENOME, build=Build.GRCH37, chain=chain_onto_itself(tmp_path)
    )
    assert hold(path, genomes) == (rows, repeated)


@pytest.mark.slow
def test_real_people_of_the_1000_genomes_project_read_as_htslib_reads_them(shared: Path) -> None:
    path = shared / "genotypes" / "tiny1000G.vcf.gz"
    genomes = read_genomes(path, assay=AssayKind.GENOME, build=Build.GRCH38)[::200]
    header_lines = VcfText(path, default_policy()).header.lines
    slow = read_slowly(path)
    for genome in genomes:
        expected, _ = once(slow[genome.sample].rows)
        found = sorted(rows_of(genome, header_lines))
        assert [row for row in found if row in set(expected)] == expected
        assert list(differences(genome, slow[genome.sample].spans)) == []


FORMATS = ("GT:AD:DP:GQ:PL", "GT:DP:GQ", "GT", "GT:GQ:AD:PS", "GT:PGT:AD:DP:FT", "GT:MIN_DP:GQ:DP")
HEADER = (
    "##fileformat=VCFv4.2",
    "##reference=GRCh38",
    *(f"##contig=<ID={one.name},length={one.lengths[Build.GRCH38]}>" for one in default_policy().chromosomes),
    '##FILTER=<ID=LowQual,Description="Low">',
    '##ALT=<ID=NON_REF,Description="Any other">',
    '##ALT=<ID=DEL,Description="Deletion">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    *(
        f'##FORMAT=<ID={key},Number={number},Type={kind},Description="{key}">'
        for key, number, kind in (
            ("GT", "1", "String"),
            ("AD", "R", "Integer"),
            ("DP", "1", "Integer"),
            ("GQ", "1", "Integer"),
            ("PL", "G", "Integer"),
            ("PS", "1", "Integer"),
            ("PGT", "1", "String"),
            ("FT", "1", "String"),
            ("MIN_DP", "1", "Integer"),
        )
    ),
    "##contig=<ID=chrUn_1>",
)


def messy(records: int, seed: int, samples: int = 1) -> str:
    """A file as laboratories write them, but more so: six FORMATs, 3 % multi-allelic, 4 % missing, 1 %
    haploid, dropped trailing values, filters, blocks, symbols, lower case."""
    draw = random.Random(seed)
    names = [f"S{number}" for number in range(1, samples + 1)]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names]
    lines = [*HEADER, "\t".join(columns)]
    contigs = [*CHROMOSOMES, "chrUn_1"]
    for number, contig in enumerate(contigs):
        position = 3_000_000 if contig == "chrY" else 1
        share = records // len(contigs) + (number < records % len(contigs))
        for _ in range(min(share, 500) if contig == "chrM" else share):
            position += draw.randint(1, 30)
            lines.append(_record(draw, contig, position, samples))
    return "\n".join([*lines, ""])


def _record(draw: random.Random, contig: str, position: int, samples: int) -> str:
    reference = "".join(draw.choices("ACGT", k=draw.choice((1, 1, 1, 1, 2, 5, 12))))
    info, kind = f"DP={draw.randint(1, 99)}", draw.random()
    if kind < 0.05:
        alternates, info = ["<NON_REF>"], f"{info};END={position + draw.randint(0, 200)}"
    elif kind < 0.06:
        alternates, info = ["<DEL>"], f"END={position + draw.randint(20, 200)};{info}"
    elif kind < 0.08:
        alternates = []
    else:
        count = draw.choice((2, 3)) if kind < 0.11 else 1
        alternates = list(dict.fromkeys(_alternate(draw, reference) for _ in range(count)))
        alternates += ["<NON_REF>"] * (kind > 0.9) + ["*"] * (0.88 < kind < 0.9)
    form = draw.choice(FORMATS)
    cells = [_cell(draw, form.split(":"), len(alternates)) for _ in range(samples)]
    filters = draw.choice(("PASS", "PASS", "PASS", ".", "LowQual"))
    if draw.random() < 0.02:
        reference = reference.lower()
    fixed = [contig, str(position), ".", reference, ",".join(alternates) or ".", "50", filters, info, form]
    return "\t".join([*fixed, *cells])


def _alternate(draw: random.Random, reference: str) -> str:
    while True:
        found = "".join(draw.choices("ACGT", k=draw.choice((1, 1, 1, 2, 3, 9))))
        found = reference[0] + found if draw.random() < 0.2 else found
        if found != reference:
            return found


def _cell(draw: random.Random, keys: list[str], alternates: int) -> str:
    alleles, chance = [str(number) for number in range(alternates + 1)], draw.random()
    between = draw.choice("//|")
    if chance < 0.04:
        genotype = draw.choice(
            ("./.", ".", f"{draw.choice(alleles)}{between}.", f".{between}{draw.choice(alleles)}")
        )
    elif chance < 0.05:
        genotype = draw.choice(alleles)
    else:
        genotype = between.join(draw.choices(alleles, k=2))
    values = [genotype]
    for key in keys[1:]:
        if key == "AD":
            values.append(draw.choice((",".join(str(draw.choice((0, 7, 31))) for _ in alleles), ".")))
        elif key == "FT":
            values.append(draw.choice(("PASS", ".", "LowQual")))
        elif key == "PGT":
            values.append(draw.choice(("0|1", ".")))
        elif key == "PL":
            values.append(",".join("9" for _ in range(len(alleles) * (len(alleles) + 1) // 2)))
        else:
            values.append(draw.choice(("5", "12", "35", "99", ".")))
    while len(values) > 1 and draw.random() < 0.1:
        values.pop()
    return ":".join(values)


@pytest.mark.parametrize(("records", "seed", "samples"), [(3_000, 1, 1), (2_000, 2, 3), (1_500, 3, 2)])
def test_a_messy_file_reads_as_htslib_reads_it(tmp_path: Path, records: int, seed: int, samples: int) -> None:
    path = tmp_path / "messy.vcf.gz"
    path.write_bytes(bgzip(messy(records, seed, samples).encode(), 60_000))
    compared, _ = hold(path, read_genomes(path, assay=AssayKind.GENOME))
    assert compared > records // 2


@pytest.mark.slow
def test_a_million_messy_rows_read_as_htslib_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "messy.vcf.gz"
    path.write_bytes(bgzip(messy(900_000, 4).encode(), 60_000))
    compared, _ = hold(path, read_genomes(path, assay=AssayKind.GENOME))
    assert compared > 500_000
