"""A made-up cohort of any size as one multi-sample VCF, to try the caller on a biobank's scale."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from bedside.demo.cast import Care, read_setting
from bedside.demo.vcf import Sheet, Site, header, sites_of
from bedside.genome.locus import Build
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.frequencies import AncestryGroup, Change, Frequencies, Haplotype, load_frequencies
from bedside.knowledge.pgx import PgxPack


def write_cohort(
    path: Path, people: int, seed: int = 1, *, pack: PgxPack | None = None, phased: bool = True
) -> int:
    """Write so many people over every position of the genes with frequencies; how many positions.

    Half the people are male, with one haplotype of genes on X. A path that ends in `.gz` is gzipped.
    """
    release = pack or load_pgx()
    frequencies = load_frequencies()
    sites = sites_of(release, frequencies.haplotype_genes, Build.GRCH38)
    sheet = Sheet(sites, Build.GRCH38, "Bedside cohort", phased)
    chance = np.random.default_rng(seed)
    groups = _groups(read_setting().care, people, chance)
    male = chance.random(people) < 0.5
    held: dict[str, _Strands] = {}
    with _opened(path) as out:
        names = [f"C{number:06d}" for number in range(1, people + 1)]
        out.write(("\n".join(header(sheet, names)) + "\n").encode())
        for site in sites:
            if site.gene not in held:
                held = {site.gene: _Strands(site.gene, frequencies, groups, chance)}
            gene = release.genes[site.gene]
            out.write(_record(site, held[site.gene], male if gene.haploid_in_males else None, phased))
    return len(sites)


class _Strands:
    """Two haplotypes of one gene for everybody, as places in one list of haplotypes."""

    def __init__(
        self, gene: str, frequencies: Frequencies, groups: NDArray[np.int8], chance: np.random.Generator
    ) -> None:
        self.haplotypes: list[Haplotype] = []
        place: dict[Haplotype, int] = {}
        self.codes = np.zeros((2, len(groups)), dtype=np.int16)
        for number, group in enumerate(AncestryGroup):
            rows = frequencies.haplotypes[gene, group]
            for row in rows:
                if row.haplotype not in place:
                    place[row.haplotype] = len(self.haplotypes)
                    self.haplotypes.append(row.haplotype)
            weights = np.array([row.count for row in rows], dtype=float)
            mine = np.flatnonzero(groups == number)
            drawn = chance.choice(len(rows), size=(2, len(mine)), p=weights / weights.sum())
            self.codes[:, mine] = np.array([place[row.haplotype] for row in rows])[drawn]

    def changes(self, site: Site) -> list[str]:
        """The alternate that each haplotype has at the site, "" for the reference."""
        where = site.grch38[:2]
        return [
            next((change.alternate for change in each.changes if _place(change) == where), "")
            for each in self.haplotypes
        ]


def _place(change: Change) -> tuple[str, int]:
    return (change.chromosome, change.position)


def _record(site: Site, strands: _Strands, male: NDArray[np.bool_] | None, phased: bool) -> bytes:
    changes = strands.changes(site)
    alternates = sorted({change for change in changes if change})
    alleles: Mapping[str, int] = {"": 0, **{base: number for number, base in enumerate(alternates, 1)}}
    seen = np.array([alleles[change] for change in changes], dtype=np.uint8)[strands.codes]
    if not phased:
        seen = np.sort(seen, axis=0)
    fixed = (site.chromosome, str(site.position), site.rsid or ".", site.reference)
    lead = "\t".join((*fixed, ",".join(alternates) or ".", ".", "PASS", ".", "GT"))
    cells = np.empty((strands.codes.shape[1], 4), dtype=np.uint8)
    cells[:, 0] = ord("\t")
    cells[:, 1] = seen[0] + ord("0")
    cells[:, 2] = ord("|" if phased else "/")
    cells[:, 3] = seen[1] + ord("0")
    if male is None:
        return lead.encode() + cells.tobytes() + b"\n"
    keep = np.ones(cells.shape, dtype=bool)
    keep[male, 2:] = False
    return lead.encode() + cells[keep].tobytes() + b"\n"


def _groups(care: Care, people: int, chance: np.random.Generator) -> NDArray[np.int8]:
    shares = np.array([care.groups[group] for group in AncestryGroup])
    return chance.choice(len(shares), size=people, p=shares / shares.sum()).astype(np.int8)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix == ".gz":
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as out:
            yield out  # type: ignore[misc]
    else:
        with path.open("wb") as out:
            yield out
