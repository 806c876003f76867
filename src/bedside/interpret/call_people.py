"""A whole cohort: one call per distinct genotype pattern of a gene, and for each person which call is theirs.

In thousands of people a gene has tens of distinct patterns. Patterns are found by hashing columns of the
genotype table and every person's column is then compared with the pattern it was put to, so a collision
cannot mix two people up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.observation import GenotypePattern, OutsideCall
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import Gene, PgxPack

Pattern = GenotypePattern | tuple[OutsideCall, ...]
"""What a call was made from."""


@dataclass(frozen=True, slots=True, eq=False)
class PeopleCalls:
    """The calls of a cohort. `index[gene][person]` points into `calls[gene]` and `patterns[gene]`."""

    samples: tuple[str, ...]
    genes: tuple[str, ...]
    calls: Mapping[str, tuple[GeneCall, ...]]
    patterns: Mapping[str, tuple[Pattern, ...]]
    index: Mapping[str, NDArray[np.int32]]

    def of(self, person: int) -> tuple[GeneCall, ...]:
        """One person's calls, gene by gene."""
        return tuple(self.calls[gene][int(self.index[gene][person])] for gene in self.genes)


def call_people(
    table: GenotypeTable,
    pack: PgxPack,
    outside: Mapping[str, tuple[OutsideCall, ...]],
    options: CallOptions,
) -> PeopleCalls:
    """Call every gene of the pack in every person of the table.

    The rows of the table are the positions of the pack's genes in order. `outside` maps a sample to its
    outside calls; the key "" stands for the only sample of the table. Raises ValueError when the rows are
    not the pack's positions, or an outside call names no sample of the table.
    """
    rows = sum(len(gene.positions) for gene in pack.genes.values())
    if rows != len(table.loci):
        raise ValueError(f"the table has {len(table.loci)} rows, the release {rows} positions")
    given = _outside_by_person(table.samples, outside)
    calls: dict[str, tuple[GeneCall, ...]] = {}
    patterns: dict[str, tuple[Pattern, ...]] = {}
    index: dict[str, NDArray[np.int32]] = {}
    start = 0
    for symbol, gene in pack.genes.items():
        rows_of_gene = slice(start, start + len(gene.positions))
        patterns[symbol], index[symbol] = _patterns(table, symbol, rows_of_gene, given)
        calls[symbol] = tuple(_call(gene, pattern, options) for pattern in patterns[symbol])
        start = rows_of_gene.stop
    return PeopleCalls(table.samples, tuple(pack.genes), calls, patterns, index)


def _call(gene: Gene, pattern: Pattern, options: CallOptions) -> GeneCall:
    if isinstance(pattern, tuple):
        return call_outside(gene, pattern)
    return call_gene(gene, pattern.states, options)


def _patterns(
    table: GenotypeTable, symbol: str, rows: slice, given: Mapping[int, tuple[OutsideCall, ...]]
) -> tuple[tuple[Pattern, ...], NDArray[np.int32]]:
    """The distinct patterns of a gene, outside calls in place of genotypes, and which one each person has."""
    columns, people = distinct_columns(table.codes[rows])
    known, loci = table.states[rows], table.loci[rows]
    seen: list[Pattern] = [
        GenotypePattern(symbol, loci, tuple(row[code] for row, code in zip(known, column, strict=True)))
        for column in columns
    ]
    places: dict[tuple[OutsideCall, ...], int] = {}
    for person, of_person in given.items():
        mine = tuple(call for call in of_person if call.gene == symbol)
        if mine:
            if mine not in places:
                places[mine] = len(seen)
                seen.append(mine)
            people[person] = places[mine]
    kept, people = _used(people, len(seen))
    return tuple(seen[number] for number in kept), people


def _outside_by_person(
    samples: tuple[str, ...], outside: Mapping[str, tuple[OutsideCall, ...]]
) -> dict[int, tuple[OutsideCall, ...]]:
    places = {sample: person for person, sample in enumerate(samples)}
    given: dict[int, tuple[OutsideCall, ...]] = {}
    for sample, calls in outside.items():
        if sample == "" and len(samples) == 1:
            given[0] = (*given.get(0, ()), *calls)
        elif sample in places:
            given[places[sample]] = (*given.get(places[sample], ()), *calls)
        else:
            raise ValueError("an outside call names a sample that the genotypes do not have")
    return given


def _used(people: NDArray[np.int32], patterns: int) -> tuple[list[int], NDArray[np.int32]]:
    """Leave out patterns that outside calls left without anybody."""
    kept = [int(number) for number in np.flatnonzero(np.bincount(people, minlength=patterns))]
    renumbered = np.zeros(patterns, dtype=np.int32)
    renumbered[kept] = np.arange(len(kept), dtype=np.int32)
    return kept, renumbered[people]


def distinct_columns(
    codes: NDArray[np.unsignedinteger],
) -> tuple[list[tuple[int, ...]], NDArray[np.int32]]:
    """The distinct columns in order of first appearance, and for each column the number of its like."""
    people = codes.shape[1]
    varying = [row for row in codes if people and (row != row[0]).any()]
    if not varying:
        columns = [tuple(int(code) for code in codes[:, 0])] if people else []
        return columns, np.zeros(people, dtype=np.int32)
    for hashes in _hashes(varying):
        _, first, like = np.unique(hashes, return_index=True, return_inverse=True)
        if all(np.array_equal(row[first][like], row) for row in varying):
            break
    else:
        _, first, like = np.unique(np.stack(varying), axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    columns = [tuple(column) for column in codes[:, first[order]].T.tolist()]
    return columns, rank[like.reshape(-1)]


def _hashes(rows: list[NDArray[np.unsignedinteger]]) -> Iterator[NDArray[np.uint64]]:
    """A 64-bit hash per column, from fixed random words; a second and third try with other words."""
    for seed in range(3):
        words = np.random.default_rng(seed)
        total = np.zeros(len(rows[0]), dtype=np.uint64)
        for row in rows:
            table = words.integers(0, 2**64, size=int(row.max()) + 1, dtype=np.uint64)
            total += table[row]
        yield total
