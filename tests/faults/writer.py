"""A process that accepts laboratory files until it is killed; it prints what was acknowledged.

Run as `python writer.py LEDGER NAME`. Each line is `document result`, written after `accept_files` returned.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bedside.knowledge.pgx import Gene
from bedside.service.accept_result import accept_files
from bedside.service.house import open_house
from bedside.settings import Settings

GENE = "CYP2C19"


def vcf(gene: Gene, person: str, number: int) -> str:
    """One person's file: every position of the gene, heterozygous at one that depends on the number."""
    lines = ["##fileformat=VCFv4.2", "##reference=GRCh38"]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines.append("\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", person)))
    for place, at in enumerate(gene.positions):
        genotype = "0|1" if place == number % len(gene.positions) else "0|0"
        fixed = (at.chromosome, str(at.position), ".", at.reference, ",".join(at.alternates))
        lines.append("\t".join((*fixed, ".", "PASS", ".", "GT", genotype)))
    return "\n".join(lines) + "\n"


def main(path: str, name: str) -> None:
    """Accept file after file, each about another person."""
    house = open_house(Settings(store_url=path))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arriving.vcf"
        for number in range(1_000_000):
            file.write_text(vcf(house.pgx.genes[GENE], f"{name}-{number}", number))
            (accepted,) = accept_files(house, [file])
            sys.stdout.write(f"{accepted.documents[0]} {accepted.result}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
