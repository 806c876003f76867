"""From calls to what the ledger holds: content by digest, one accepted result a person, and its meanings.

Everything distinct is encoded once, so that a cohort costs a few look-ups a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bedside.genome.assay import Assay
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.genotypes import GenotypeTable
from bedside.genome.locus import Build
from bedside.genome.observation import GenotypePattern, OutsideCall
from bedside.genome.result import Confirmation
from bedside.genome.state import Filtered, HalfCall, NoCall, NotTested, PositionState
from bedside.interpret.call_people import PeopleCalls
from bedside.knowledge.pgx import PgxPack
from bedside.store.encode import assay_content, call_content, observation_content
from bedside.store.ledger import Content

_TESTED, _NOT_TESTED, _NOT_CALLABLE = 0, 1, 2
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One sample's part of a delivery: whose it is, under which result id, from which documents, on which
    build."""

    place: int
    person: str
    sample: str
    result: str
    documents: tuple[str, ...]
    build: Build | None
    outside: tuple[OutsideCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same for every result of a delivery."""

    actor: str
    laboratory: str
    confirmation: Confirmation
    valid_at: datetime
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be appended: results, their meanings in the same order, and the content they point to."""

    accepted: tuple[NewEvent, ...] = ()
    derived: tuple[NewEvent, ...] = ()
    contents: tuple[Content, ...] = ()


def prepare(
    arrivals: Sequence[Arrival],
    table: GenotypeTable,
    calls: PeopleCalls,
    pack: PgxPack,
    circumstances: Circumstances,
) -> Prepared:
    """The events and content of a delivery's new results."""
    contents: dict[str, Content] = {}
    assays = _assays(arrivals, table, pack, circumstances.limits, contents)
    genotypes = _Genotypes(table, pack, contents)
    genes = [_gene_digests(gene, calls, contents) for gene in calls.genes]
    accepted: list[NewEvent] = []
    derived: list[NewEvent] = []
    for arrival, assay in zip(arrivals, assays, strict=True):
        observations, meanings = _of_person(arrival, genes, genotypes, contents)
        payload: dict[str, Any] = {
            "result": arrival.result,
            "sample": arrival.sample,
            "laboratory": circumstances.laboratory,
            "documents": list(arrival.documents),
            "assay": assay,
            "confirmation": circumstances.confirmation.value,
            "observations": observations,
        }
        accepted.append(_event(EventKind.RESULT_ACCEPTED, arrival, circumstances, payload, arrival.result))
        meaning = {"result": arrival.result, "release": str(pack.release), "calls": meanings}
        derived.append(_event(EventKind.MEANINGS_DERIVED, arrival, circumstances, meaning, None))
    return Prepared(tuple(accepted), tuple(derived), tuple(contents.values()))


def _event(
    kind: EventKind,
    arrival: Arrival,
    circumstances: Circumstances,
    payload: Mapping[str, Any],
    key: str | None,
) -> NewEvent:
    return NewEvent(kind, circumstances.actor, circumstances.valid_at, arrival.person, payload, key)


@dataclass(frozen=True, slots=True)
class _GeneDigests:
    """One gene over everybody: digests of the distinct patterns (None when nothing was tested) and calls, and
    who has which."""

    gene: str
    patterns: tuple[str | None, ...]
    calls: tuple[str, ...]
    index: list[int]


def _gene_digests(gene: str, calls: PeopleCalls, contents: dict[str, Content]) -> _GeneDigests:
    patterns = tuple(
        _kept(observation_content(pattern), contents)
        if isinstance(pattern, GenotypePattern) and _seen(pattern)
        else None
        for pattern in calls.patterns[gene]
    )
    named = tuple(_kept(call_content(call), contents) for call in calls.calls[gene])
    return _GeneDigests(gene, patterns, named, calls.index[gene].tolist())


def _seen(pattern: GenotypePattern) -> bool:
    return any(not isinstance(state, NotTested) for state in pattern.states)


class _Genotypes:
    """The genotype pattern of one gene in one person, where a call made elsewhere stands before it."""

    def __init__(self, table: GenotypeTable, pack: PgxPack, contents: dict[str, Content]) -> None:
        self._table, self._contents = table, contents
        self._rows: dict[str, slice] = {}
        self._known: dict[tuple[str, bytes], str | None] = {}
        start = 0
        for symbol, gene in pack.genes.items():
            self._rows[symbol] = slice(start, start + len(gene.positions))
            start += len(gene.positions)

    def digest(self, gene: str, place: int) -> str | None:
        """The digest of what the file says about the gene; None when it says nothing."""
        if gene not in self._rows:
            return None
        rows = self._rows[gene]
        codes = self._table.codes[rows, place]
        key = (gene, codes.tobytes())
        if key not in self._known:
            states = tuple(
                row[code] for row, code in zip(self._table.states[rows], codes.tolist(), strict=True)
            )
            pattern = GenotypePattern(gene, self._table.loci[rows], states)
            self._known[key] = _kept(observation_content(pattern), self._contents) if _seen(pattern) else None
        return self._known[key]


def _kept(content: Content, contents: dict[str, Content]) -> str:
    contents[content.digest] = content
    return content.digest


def _of_person(
    arrival: Arrival, genes: Sequence[_GeneDigests], genotypes: _Genotypes, contents: dict[str, Content]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Gene → digests of what was observed, and gene → digest of its meaning.

    Genes not looked at are in neither. A call of a gene that the release does not know is kept without a
    meaning.
    """
    observations: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for call in arrival.outside:
        if call.gene not in observations:
            genotype = genotypes.digest(call.gene, arrival.place)
            observations[call.gene] = [] if genotype is None else [genotype]
        observations[call.gene].append(_kept(observation_content(call), contents))
    for gene in genes:
        number = gene.index[arrival.place]
        pattern = gene.patterns[number]
        if pattern is not None:
            observations[gene.gene] = [pattern]
        if gene.gene in observations:
            meanings[gene.gene] = gene.calls[number]
    return observations, meanings


def _assays(
    arrivals: Sequence[Arrival],
    table: GenotypeTable,
    pack: PgxPack,
    limits: tuple[str, ...],
    contents: dict[str, Content],
) -> Iterator[str]:
    """For each arrival the digest of its assay. People with the same positions tested share one."""
    known: dict[tuple[bytes, Build | None, bool], str] = {}
    kinds_of_state = [np.array([_kind(state) for state in row], np.uint8) for row in table.states]
    for start in range(0, len(arrivals), _AT_ONCE):
        some = arrivals[start : start + _AT_ONCE]
        places = [arrival.place for arrival in some]
        kinds = np.empty((len(some), len(table.loci)), np.uint8)
        for row, lookup in enumerate(kinds_of_state):
            kinds[:, row] = lookup[table.codes[row, places]]
        for arrival, column in zip(some, kinds, strict=True):
            key = (column.tobytes(), arrival.build, bool(arrival.outside))
            if key not in known:
                known[key] = _kept(assay_content(_assay(arrival, column, table, pack, limits)), contents)
            yield known[key]


def _kind(state: PositionState) -> int:
    if isinstance(state, NotTested):
        return _NOT_TESTED
    return _NOT_CALLABLE if isinstance(state, NoCall | Filtered | HalfCall) else _TESTED


def _assay(
    arrival: Arrival,
    kinds: np.ndarray[Any, Any],
    table: GenotypeTable,
    pack: PgxPack,
    limits: tuple[str, ...],
) -> Assay:
    looked_at = kinds != _NOT_TESTED
    methods = ["variant file"] * bool(looked_at.any()) + ["calls made elsewhere"] * bool(arrival.outside)
    row, unseen = 0, list(limits)
    for gene in pack.genes.values():
        if looked_at[row : row + len(gene.positions)].any():
            unseen += [f"{gene.symbol}: {name} cannot be seen" for name in gene.not_callable]
        row += len(gene.positions)
    return Assay(
        method=" and ".join(methods),
        build=arrival.build,
        positions_tested=int(looked_at.sum()),
        positions_not_tested=tuple(table.loci[place] for place in np.flatnonzero(kinds == _NOT_TESTED)),
        positions_not_callable=tuple(table.loci[place] for place in np.flatnonzero(kinds == _NOT_CALLABLE)),
        limits=tuple(unseen),
    )
