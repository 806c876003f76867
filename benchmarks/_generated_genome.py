"""A made-up person's VCF of any length, in the shape a GATK pipeline writes, for measuring: fourteen INFO
fields and GT:AD:DP:GQ:PL, along the autosomes, mostly single bases, some insertions and deletions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bedside.genome.locus import Build
from bedside.intake.policy import default_policy

_BATCH = 100_000
_GENOTYPES = ("0/1", "1/1", "0|1", "1|0", "1/2")


def write_genome(path: Path, records: int, seed: int = 3) -> Path:
    """A bgzipped VCF of so many records at this path."""
    import pysam

    with pysam.BGZFile(str(path), "w", index=None) as file:
        file.write(_header().encode())
        for text in _batches(records, seed):
            file.write(text.encode())
    return path


def _header() -> str:
    contigs = [
        f"##contig=<ID={one.name},length={one.lengths[Build.GRCH38]}>" for one in default_policy().chromosomes
    ]
    formats = [
        f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">'
        for name, number, kind in (
            ("GT", "1", "String"), ("AD", "R", "Integer"), ("DP", "1", "Integer"), ("GQ", "1", "Integer"),
            ("PL", "G", "Integer"),
        )
    ]  # fmt: skip
    names = ("AC", "AN", "DP", "MLEAC")
    floats = (
        "AF",
        "BaseQRankSum",
        "ExcessHet",
        "FS",
        "MLEAF",
        "MQ",
        "MQRankSum",
        "QD",
        "ReadPosRankSum",
        "SOR",
    )
    infos = [f'##INFO=<ID={name},Number=.,Type=Integer,Description="{name}">' for name in names]
    infos += [f'##INFO=<ID={name},Number=.,Type=Float,Description="{name}">' for name in floats]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"
    filters = ['##FILTER=<ID=LowQual,Description="Low quality">']
    return "\n".join(["##fileformat=VCFv4.2", *filters, *contigs, *formats, *infos, columns, ""])


def _batches(records: int, seed: int) -> Iterator[str]:
    random = np.random.default_rng(seed)
    chromosomes = [one for one in default_policy().chromosomes if one.name[3:].isdecimal()]
    whole = sum(one.lengths[Build.GRCH38] for one in chromosomes)
    left = records
    for one in chromosomes:
        share = (
            min(left, round(records * one.lengths[Build.GRCH38] / whole)) if one != chromosomes[-1] else left
        )
        left -= share
        step = (one.lengths[Build.GRCH38] - 20_000) // max(share, 1)
        for start in range(0, share, _BATCH):
            size = min(_BATCH, share - start)
            yield _lines(one.name, 10_000 + step * start, step, size, random)


def _lines(name: str, start: int, step: int, size: int, random: np.random.Generator) -> str:
    positions = start + step * np.arange(size) + random.integers(0, max(step - 1, 1), size)
    first, other = random.integers(0, 4, size), random.integers(1, 4, size)
    kind, genotype = random.random(size), random.random(size)
    depth, quality = random.poisson(35, size), random.integers(20, 100, size)
    numbers = random.random((size, 6))
    lines = []
    for row in range(size):
        reference, alternate = "ACGT"[first[row]], "ACGT"[(first[row] + other[row]) % 4]
        if kind[row] < 0.06:
            reference += "GATTACA"[: 1 + int(kind[row] * 100)]
            alternate = reference[0]
        elif kind[row] < 0.12:
            alternate = reference + "CATGATTACA"[: 1 + int((kind[row] - 0.06) * 150)]
        multi = genotype[row] > 0.99
        call = (
            "1/2" if multi else _GENOTYPES[int(genotype[row] * 4 / 0.99)] if genotype[row] < 0.98 else "0/1"
        )
        dp = int(depth[row])
        half = dp // 2
        ad = f"0,{half},{dp - half}" if multi else f"0,{dp}" if call == "1/1" else f"{half},{dp - half}"
        pl = (
            "900,400,380,410,0,390"
            if multi
            else f"{int(numbers[row, 0] * 999)},0,{int(numbers[row, 1] * 999)}"
        )
        alternates = f"{alternate},{reference}T" if multi and len(reference) == 1 else alternate
        if multi and len(reference) > 1:
            call, ad = "0/1", f"{half},{dp - half}"
        a, b, c, d, e, f = numbers[row].round(3).tolist()
        info = (
            f"AC=1;AF=0.500;AN=2;BaseQRankSum={a};DP={dp};ExcessHet=3.0103;FS={b * 10:.3f};MLEAC=1;"
            f"MLEAF=0.500;MQ=60.00;MQRankSum={c};QD={d * 30:.2f};ReadPosRankSum={e};SOR={f}"
        )
        lines.append(
            f"{name}\t{positions[row]}\t.\t{reference}\t{alternates}\t{a * 1000:.2f}\tPASS\t{info}\t"
            f"GT:AD:DP:GQ:PL\t{call}:{ad}:{dp}:{quality[row]}:{pl}\n"
        )
    return "".join(lines)
