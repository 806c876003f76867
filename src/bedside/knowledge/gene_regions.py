"""Where genes lie on GRCh38: from a symbol to the span of its transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bedside.errors import InputError, PackError, Problem
from bedside.genome.region import Region
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import parse_table

COLUMNS = ("gene", "chromosome", "start", "end", "strand", "ensembl")


@dataclass(frozen=True, slots=True, eq=False)
class GeneRegions:
    """The span of each gene, by symbol, and whether it is read forward; `provenance` of the table last read
    (a
    site's own wins)."""

    provenance: Provenance
    regions: Mapping[str, Region]
    forward: Mapping[str, bool] = field(default_factory=dict)

    def of(self, genes: Iterable[str]) -> tuple[Region, ...]:
        """The spans of these genes, in the order given; raises `InputError` with every symbol not known."""
        asked = tuple(genes)
        unknown = [gene for gene in asked if gene not in self.regions]
        if unknown:
            raise InputError(
                Problem("gene", f"{gene!r} is not a gene of {self.provenance.name}", remedy=_REMEDY)
                for gene in unknown
            )
        return tuple(self.regions[gene] for gene in asked)


_REMEDY = "use the current HGNC symbol, or ask by region"


@cache
def load_gene_regions(root: Path | None = None) -> GeneRegions:
    """The shipped spans, with a site's own in their place where it has some; raises `PackError`."""
    regions: dict[str, Region] = {}
    forward: dict[str, bool] = {}
    provenance: Provenance | None = None
    problems: list[Problem] = []
    for file in rule_files("gene_regions", root):
        provenance = file.provenance
        regions |= _read(file, forward, problems)
    if problems:
        raise PackError(problems)
    if provenance is None:
        raise PackError([Problem("gene_regions", "no table of gene regions is at hand")])
    return GeneRegions(provenance, regions, forward)


def _read(file: RuleFile, forward: dict[str, bool], problems: list[Problem]) -> Mapping[str, Region]:
    name = str(file.document.get("table", ""))
    path = (file.folder or Path()) / name
    if not name or not path.is_file():
        problems.append(Problem(file.label, "table names no file", remedy='add table = "…tsv"'))
        return {}
    found: dict[str, Region] = {}
    for row in parse_table(f"{file.label}: {name}", path.read_bytes(), COLUMNS, problems):
        try:
            found[row["gene"]] = Region(row["chromosome"], int(row["start"]), int(row["end"]))
            if row["strand"] in ("+", "-"):
                forward[row["gene"]] = row["strand"] == "+"
        except ValueError as error:
            problems.append(row.problem(str(error)))
    return found
