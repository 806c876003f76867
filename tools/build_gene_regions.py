"""Writes the gene regions pack from the MANE bigBed (NCBI and EMBL-EBI, public): one row a gene, the span
of its MANE transcripts on GRCh38.

    python tools/build_gene_regions.py MANE.GRCh38.bb src/bedside/knowledge/data/gene_regions/mane.tsv

Needs `pybigtools`, which nothing else of the project does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

MAIN = {*(f"chr{number}" for number in range(1, 23)), "chrX", "chrY", "chrM"}
STRAND, ENSEMBL_GENE, SYMBOL = 2, 14, 15


def rows(source: str) -> list[tuple[str, str, int, int, str, str]]:
    """Gene, chromosome, first and last base (1-based, both included), strand, Ensembl gene id; by symbol."""
    file = import_module("pybigtools").open(source)
    found: dict[str, tuple[str, str, int, int, str, str]] = {}
    for chromosome, length in file.chroms().items():
        if chromosome not in MAIN:
            continue
        for start, end, *rest in file.records(chromosome, 0, length):
            symbol, ensembl = rest[SYMBOL], rest[ENSEMBL_GENE].split(".")[0]
            held = found.get(symbol)
            if held is not None and held[1] != chromosome:
                raise SystemExit(f"{symbol} stands on {held[1]} and {chromosome}")
            first = start + 1 if held is None else min(held[2], start + 1)
            last = end if held is None else max(held[3], end)
            found[symbol] = (symbol, chromosome, first, last, rest[STRAND], ensembl)
    return [found[symbol] for symbol in sorted(found)]


def main() -> None:
    """Write the table."""
    source, target = sys.argv[1:]
    lines = ["gene\tchromosome\tstart\tend\tstrand\tensembl"]
    lines += ["\t".join(map(str, row)) for row in rows(source)]
    Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} genes")


if __name__ == "__main__":
    main()
