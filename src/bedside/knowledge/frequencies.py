"""How often alleles of pharmacogenes are seen, by ancestry group: published, dated and cited.

A pack is a folder `frequencies/<source>/<date>/`. `haplotypes.tsv` holds counted haplotypes (every difference
from the reference on one strand), `alleles.tsv` holds frequencies of named alleles. A gene or group without a
row is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from bedside.errors import PackError, Problem
from bedside.knowledge.catalogue import PACK_ROOT, PackInfo, VerifiedPack, open_pack
from bedside.knowledge.table import Row, number, parse_table, term, whole_number

HAPLOTYPE_COLUMNS = ("gene", "haplotype", "group", "count", "total")
ALLELE_COLUMNS = ("gene", "allele", "group", "population", "frequency", "people")
REFERENCE = "reference"

Key = TypeVar("Key")
Item = TypeVar("Item")


class AncestryGroup(Enum):
    """The five superpopulations of the 1000 Genomes Project, by its own codes."""

    AFRICAN = "AFR"
    AMERICAN = "AMR"
    EAST_ASIAN = "EAS"
    EUROPEAN = "EUR"
    SOUTH_ASIAN = "SAS"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference from the GRCh38 reference, in VCF form."""

    chromosome: str
    position: int
    reference: str
    alternate: str

    def __str__(self) -> str:
        return f"{self.chromosome}:{self.position}:{self.reference}>{self.alternate}"


@dataclass(frozen=True, slots=True)
class Haplotype:
    """One strand of a gene: its differences from the reference, in position order."""

    gene: str
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        return ";".join(str(change) for change in self.changes) or REFERENCE


@dataclass(frozen=True, slots=True)
class HaplotypeCount:
    """How many of a group's chromosomes carry the haplotype; `total` counts chromosomes (one X in a male)."""

    haplotype: Haplotype
    group: AncestryGroup
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class AlleleFrequency:
    """The share of chromosomes with a named allele in a studied population that stands for a group."""

    gene: str
    allele: str
    group: AncestryGroup
    population: str
    frequency: float
    people: int | None


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Everything published that the packs hold. Rows keep the order of their files."""

    packs: tuple[PackInfo, ...]
    haplotypes: Mapping[tuple[str, AncestryGroup], tuple[HaplotypeCount, ...]]
    alleles: Mapping[tuple[str, AncestryGroup], tuple[AlleleFrequency, ...]]

    @property
    def haplotype_genes(self) -> tuple[str, ...]:
        """The genes whose haplotypes were counted."""
        return tuple(sorted({gene for gene, _ in self.haplotypes}))

    @property
    def allele_genes(self) -> tuple[str, ...]:
        """The genes whose named alleles have frequencies."""
        return tuple(sorted({gene for gene, _ in self.alleles}))


def load_frequencies(root: Path | None = None) -> Frequencies:
    """The newest release of every source under `frequencies/`; PackError with every problem at once."""
    newest: dict[str, Path] = {}
    for path in sorted(((root or PACK_ROOT) / "frequencies").glob("*/*/source.toml")):
        newest[path.parent.parent.name] = path.parent
    packs = [open_pack(folder) for _, folder in sorted(newest.items())]
    problems: list[Problem] = []
    haplotypes: list[HaplotypeCount] = []
    alleles: list[AlleleFrequency] = []
    for pack in packs:
        haplotypes += _haplotypes(pack, problems)
        alleles += _alleles(pack, problems)
    if problems:
        raise PackError(problems)
    return Frequencies(
        tuple(pack.info for pack in packs),
        _grouped(((row.haplotype.gene, row.group), row) for row in haplotypes),
        _grouped(((row.gene, row.group), row) for row in alleles),
    )


def _haplotypes(pack: VerifiedPack, problems: list[Problem]) -> list[HaplotypeCount]:
    found: list[HaplotypeCount] = []
    if "haplotypes.tsv" not in pack.files:
        return found
    where = f"{pack.info.source.name}/{pack.info.source.date}/haplotypes.tsv"
    for row in parse_table(where, pack.files["haplotypes.tsv"], HAPLOTYPE_COLUMNS, problems):
        group = term(row, "group", AncestryGroup, problems)
        count, total = whole_number(row, "count", problems), whole_number(row, "total", problems)
        changes = _changes(row, problems)
        if group is None or count is None or total is None or changes is None:
            continue
        if not 0 < count <= total:
            problems.append(row.problem(f"count {count} of {total} is impossible"))
            continue
        found.append(HaplotypeCount(Haplotype(row["gene"], changes), group, count, total))
    return found


def _changes(row: Row, problems: list[Problem]) -> tuple[Change, ...] | None:
    if row["haplotype"] == REFERENCE:
        return ()
    changes = []
    for text in row["haplotype"].split(";"):
        chromosome, position, bases = (*text.split(":"), "", "")[:3]
        reference, arrow, alternate = bases.partition(">")
        if not (chromosome and position.isdigit() and reference and arrow and alternate):
            problems.append(row.problem(f"{text!r} is not written like chr10:94781859:G>A"))
            return None
        changes.append(Change(chromosome, int(position), reference, alternate))
    return tuple(changes)


def _alleles(pack: VerifiedPack, problems: list[Problem]) -> list[AlleleFrequency]:
    found: list[AlleleFrequency] = []
    if "alleles.tsv" not in pack.files:
        return found
    where = f"{pack.info.source.name}/{pack.info.source.date}/alleles.tsv"
    for row in parse_table(where, pack.files["alleles.tsv"], ALLELE_COLUMNS, problems):
        group = term(row, "group", AncestryGroup, problems)
        frequency, people = number(row, "frequency", problems), whole_number(row, "people", problems)
        if group is None or frequency is None:
            continue
        if not 0 <= frequency <= 1:
            problems.append(row.problem(f"a frequency lies between 0 and 1, not {frequency}"))
            continue
        found.append(AlleleFrequency(row["gene"], row["allele"], group, row["population"], frequency, people))
    return found


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, tuple[Item, ...]]:
    groups: dict[Key, list[Item]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in groups.items()}
