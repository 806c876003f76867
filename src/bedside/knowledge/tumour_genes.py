"""The transcripts in which changes of tumour genes are named, on both assemblies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.locus import Build
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.table import Row, parse_table

KIND = "tumour_genes"
COLUMNS = (
    "gene", "transcript", "protein", "ensembl", "chromosome", "strand", "cds_grch38", "exons_grch38",
    "cds_grch37", "exons_grch37",
)  # fmt: skip


CODON_COLUMNS = ("gene", "codon", "bases")
ALIAS_COLUMNS = ("symbol", "gene", "kind")


@dataclass(frozen=True, slots=True)
class Placed:
    """A transcript on one assembly: 1-based, both ends included. exons: in the order they are read."""

    forward: bool
    exons: tuple[tuple[int, int], ...]
    cds: tuple[int, int]

    def exon_of(self, position: int) -> int | None:
        """The number of the exon a base lies in, from 1 in the order of reading."""
        for number, (start, end) in enumerate(self.exons, 1):
            if start <= position <= end:
                return number
        return None

    def exons_over(self, start: int, end: int) -> tuple[int, ...]:
        """The numbers of the exons that a stretch touches."""
        return tuple(n for n, (first, last) in enumerate(self.exons, 1) if first <= end and start <= last)

    def codons_over(self, start: int, end: int) -> tuple[int, int] | None:
        """The first and last codon that a stretch touches; None where it touches none."""
        found = []
        for number in self.exons_over(start, end):
            first, last = self.exons[number - 1]
            low, high = max(first, self.cds[0], start), min(last, self.cds[1], end)
            if low <= high:
                found += [self.codon_of(low), self.codon_of(high)]
        codons = [one for one in found if one is not None]
        return (min(codons), max(codons)) if codons else None

    @property
    def codons(self) -> int:
        """How many codons there are, with the one that ends the protein."""
        spans = [one for n in range(1, len(self.exons) + 1) if (one := self.coding(n)) is not None]
        return sum(end - start + 1 for start, end in spans) // 3

    def coding(self, number: int) -> tuple[int, int] | None:
        """The coding bases of an exon by its number; None where none of it is translated."""
        start, end = self.exons[number - 1]
        low, high = max(start, self.cds[0]), min(end, self.cds[1])
        return (low, high) if low <= high else None

    def span(self) -> tuple[int, int]:
        """The first and the last base of the transcript."""
        return min(start for start, _ in self.exons), max(end for _, end in self.exons)

    def coding_place(self, position: int) -> int | None:
        """The number of a coding base, from 1; None for a base that is not translated."""
        if not self.cds[0] <= position <= self.cds[1]:
            return None
        before = 0
        for exon in self.exons:
            start, end = max(exon[0], self.cds[0]), min(exon[1], self.cds[1])
            if start > end:
                continue
            if start <= position <= end:
                return before + (position - start if self.forward else end - position) + 1
            before += end - start + 1
        return None

    def codon_of(self, position: int) -> int | None:
        """The number of the codon a base lies in."""
        place = self.coding_place(position)
        return None if place is None else (place - 1) // 3 + 1


@dataclass(frozen=True, slots=True)
class TumourGene:
    """One gene and its MANE Select transcript. on: where it lies, for each assembly it could be placed on.
    bases: of codons that statements name, the three bases as they are read; several triplets where the
    sources leave several."""

    gene: str
    transcript: str
    protein: str
    ensembl: str
    chromosome: str
    on: Mapping[Build, Placed]
    bases: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TumourGenes:
    """The genes of a pack by name. aliases: earlier and other symbols, and the gene that each means."""

    provenance: Provenance
    version: str
    by_name: Mapping[str, TumourGene]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def current(self, symbol: str) -> str:
        """The name in use of a gene: as written, or what an earlier symbol means."""
        return symbol if symbol in self.by_name else self.aliases.get(symbol, symbol)


def load_tumour_genes(root: Path | None = None) -> TumourGenes:
    """The genes in force, a site's own file in place of the shipped one; raises PackError with every
    problem."""
    *_, file = rule_files(KIND, root)
    path = (file.folder or Path()) / f"{file.provenance.name}.tsv"
    if not path.is_file():
        raise file.fail(f"{path.name} is missing beside it")
    problems: list[Problem] = []
    found: dict[str, TumourGene] = {}
    for row in parse_table(f"{KIND}/{path.name}", path.read_bytes(), COLUMNS, problems):
        try:
            found[row["gene"]] = _gene(row)
        except ValueError as error:
            problems.append(row.problem(str(error)))
    for name, bases in _codons(path.with_name("codons.tsv"), problems).items():
        if name not in found:
            problems.append(Problem(f"{KIND}/codons.tsv", f"{name} is no gene of the pack"))
        else:
            found[name] = replace(found[name], bases=bases)
    aliases = _aliases(path.with_name("aliases.tsv"), found, problems)
    if problems:
        raise PackError(problems)
    return TumourGenes(file.provenance, str(file.document.get("version", "")), found, aliases)


def _codons(path: Path, problems: list[Problem]) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    if not path.is_file():
        return found
    for row in parse_table(f"{KIND}/{path.name}", path.read_bytes(), CODON_COLUMNS, problems):
        triplets = tuple(row["bases"].split("|"))
        if not row["codon"].isdigit() or any(len(one) != 3 or set(one) - set("ACGT") for one in triplets):
            problems.append(row.problem("a codon has a number and triplets of bases, as GGC|GGT"))
            continue
        found.setdefault(row["gene"], {})[int(row["codon"])] = triplets
    return found


def _aliases(path: Path, genes: Mapping[str, TumourGene], problems: list[Problem]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    if not path.is_file():
        return found
    for row in parse_table(f"{KIND}/{path.name}", path.read_bytes(), ALIAS_COLUMNS, problems):
        if row["gene"] not in genes or row["symbol"] in genes or row["symbol"] in found:
            problems.append(row.problem("means no gene of the pack, is one itself, or stands twice"))
        found[row["symbol"]] = row["gene"]
    return found


def _gene(row: Row) -> TumourGene:
    if row["strand"] not in ("+", "-"):
        raise ValueError("strand is + or -")
    on = {Build.GRCH38: _placed(row, "grch38")}
    if row["exons_grch37"]:
        on[Build.GRCH37] = _placed(row, "grch37")
    lengths = {_coding_length(one) for one in on.values()}
    if len(lengths) != 1 or next(iter(lengths)) % 3:
        raise ValueError("the coding bases are not whole codons, or not as many on both assemblies")
    return TumourGene(row["gene"], row["transcript"], row["protein"], row["ensembl"], row["chromosome"], on)


def _placed(row: Row, build: str) -> Placed:
    forward = row["strand"] == "+"
    exons = [_span(part) for part in row[f"exons_{build}"].split(";")]
    if exons != sorted(exons):
        raise ValueError("exons stand in genome order")
    return Placed(forward, tuple(exons if forward else exons[::-1]), _span(row[f"cds_{build}"]))


def _coding_length(placed: Placed) -> int:
    spans = [(max(a, placed.cds[0]), min(b, placed.cds[1])) for a, b in placed.exons]
    return sum(end - start + 1 for start, end in spans if start <= end)


def _span(text: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    if not dash or not (start.isdigit() and end.isdigit()) or int(start) > int(end):
        raise ValueError("stretches are written 100-200")
    return int(start), int(end)
