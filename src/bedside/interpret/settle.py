"""What would turn an ambiguous or missing answer into one: a genotype, a phase, a test, a function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bedside.genome.diplotype import Diplotype
from bedside.interpret.allele_table import AlleleTable
from bedside.interpret.answer import Answer, Found
from bedside.interpret.phenotype import Meanings
from bedside.interpret.sites import Sites
from bedside.interpret.strands import lay_out
from bedside.knowledge.pgx import Position


def label(position: Position) -> str:
    """A position as a person finds it: its rsID, or where it stands (GRCh38)."""
    return position.rsid or f"{position.chromosome}:{position.position}"


def settle_candidates(table: AlleleTable, sites: Sites, candidates: tuple[Diplotype, ...]) -> tuple[str, ...]:
    """What tells candidates apart: positions not seen where they differ, and the phase of those seen.

    Of combinations, whose alleles have no row to compare, every site of unknown phase is named.
    """
    positions, rows = table.gene.positions, _rows(table, candidates)
    genotypes = tuple(
        f"genotype at {label(positions[place])}"
        for place in sites.missing
        if len({_seen(rows, pair, (place,)) for pair in candidates}) > 1
    )
    seen = tuple(site.place for site in sites.sites)
    blocks = lay_out(sites.sites).blocks
    if len(blocks) < 2 or len({_seen(rows, pair, seen) for pair in candidates}) < 2:
        return genotypes
    unphased = sorted(site.place for block in blocks for site in block)
    if all(name in rows for pair in candidates for name in pair.alleles):
        unphased = [place for place in unphased if _differs(rows, candidates, place)]
    if not unphased:
        return genotypes
    return (*genotypes, f"phase of {_listed(label(positions[place]) for place in unphased)}")


def settle_nothing(table: AlleleTable, sites: Sites, found: Answer) -> tuple[str, ...]:
    """What would make a gene callable that is not."""
    positions = table.gene.positions
    wanted: list[str] = []
    if found.found is Found.NOTHING_USABLE:
        alone = len(sites.missing) == 1
        wanted.append(
            f"genotype at {label(positions[sites.missing[0]])}"
            if alone
            else f"another test of {table.gene.symbol}"
        )
    if found.found is Found.REQUIRED_MISSING:
        wanted += [
            f"genotype at {label(positions[place])}" for place in sites.missing if positions[place].required
        ]
    wanted += [f"genotype of both strands at {label(positions[place])}" for place in sites.half_called]
    if not sites.as_reference:
        wanted += [
            f"confirmation of the variant at {label(positions[place])}" for place in sites.undocumented
        ]
    if not wanted:
        wanted.append(f"sequencing of the whole of {table.gene.symbol} with phase")
    return tuple(wanted)


def settle_unknown(rank: Meanings, candidates: tuple[Diplotype, ...]) -> tuple[str, ...]:
    """The alleles whose function nobody has published: those whose own homozygote has no known phenotype."""
    symbol = rank.gene.symbol
    names = dict.fromkeys(name for pair in candidates for name in pair.alleles)
    return tuple(
        f"a published function of {symbol} {name}"
        for name in names
        if not (rank.of(Diplotype(symbol, name, name)).known or rank.of(Diplotype(symbol, name)).known)
    )


def _rows(table: AlleleTable, candidates: tuple[Diplotype, ...]) -> dict[str, tuple[str, ...]]:
    """The filled rows of the candidates' alleles; a reported name stands for the rows it was given to."""
    wanted = {name for pair in candidates for name in pair.alleles}
    renames = table.gene.renames
    return {
        renames.get(allele.name, allele.name): tuple(
            base or blank for base, blank in zip(allele.bases, table.row, strict=True)
        )
        for allele in table.gene.alleles
        if renames.get(allele.name, allele.name) in wanted and any(allele.bases)
    }


def _seen(
    rows: dict[str, tuple[str, ...]], pair: Diplotype, places: tuple[int, ...]
) -> frozenset[tuple[tuple[str, ...], int]]:
    strands = Counter(tuple(rows[name][place] for place in places) for name in pair.alleles if name in rows)
    return frozenset(strands.items())


def _differs(rows: dict[str, tuple[str, ...]], candidates: tuple[Diplotype, ...], place: int) -> bool:
    return any(len({rows[name][place] for name in pair.alleles}) > 1 for pair in candidates)


def _listed(words: Iterable[str]) -> str:
    """At least one word, as an enumeration."""
    parts = list(words)
    return parts[0] if len(parts) < 2 else f"{', '.join(parts[:-1])} and {parts[-1]}"
