"""A made-up consumer's raw data: every marker as the reference has it; nothing can be read from it."""

from __future__ import annotations

from bedside.demo.vcf import sites_of
from bedside.genome.locus import Build
from bedside.knowledge.pgx import PgxPack


def raw_data(pack: PgxPack) -> str:
    """A file as such sellers give it, on build 37, of single-letter markers only."""
    lines = [
        "# Made-up raw data of a made-up person, for a demonstration",
        "# positions on reference human assembly build 37",
        "# rsid\tchromosome\tposition\tgenotype",
    ]
    for site in sites_of(pack, pack.genes, Build.GRCH37):
        letters = site.reference
        if len(letters) == 1 and site.rsid.startswith("rs"):
            lines.append(f"{site.rsid}\t{site.chromosome}\t{site.position}\t{letters}{letters}")
    return "\n".join(lines) + "\n"
