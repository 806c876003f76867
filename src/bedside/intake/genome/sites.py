"""What the records of a table say before any sample: place, alleles, filter, and how FORMAT is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bedside.errors import Problem
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES
from bedside.genome.texts import Texts
from bedside.intake.genome.cells import Cells, cells_of, distinct_texts, numbers
from bedside.intake.genome.table import MOST_PROBLEMS, Table
from bedside.intake.header import Header
from bedside.intake.policy import IntakePolicy

_COMMA, _SEMICOLON = ord(","), ord(";")
_UPPER = np.arange(256, dtype=np.uint8)
_UPPER[ord("a") : ord("z") + 1] -= 32
_IS_BASE = np.zeros(256, np.bool_)
_IS_BASE[[ord(base) for base in "ACGTN"]] = True
_END = int.from_bytes(b"END=", "little")
_REPAIR = "repair or re-export the file"
_LONGEST_CONTIG = {"chrM": 16_571}


class Alternate(IntEnum):
    """What an ALT is."""

    BASES = 0
    ANY = 1
    DELETED_ABOVE = 2
    DELETION = 3
    OTHER = 4


@dataclass(frozen=True, slots=True, eq=False)
class Alternates:
    """Every ALT of every record: `first[record]` is its first, `count[record]` how many it has."""

    texts: Texts
    kind: NDArray[np.int8]
    first: NDArray[np.int64]
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Records on primary chromosomes, as columns. `row` is their row in the table.

    end: last base of the REF, or END where the record has one and is a block or symbolic (`has_end`).
    passed: FILTER is one of the policy's passing ones. layouts: the different FORMATs, `layout` which one.
    """

    row: NDArray[np.intp]
    line: NDArray[np.int32]
    chromosome: NDArray[np.int8]
    position: NDArray[np.int64]
    reference_end: NDArray[np.int64]
    end: NDArray[np.int64]
    has_end: NDArray[np.bool_]
    reference: Texts
    reference_is_bases: NDArray[np.bool_]
    alternates: Alternates
    passed: NDArray[np.bool_]
    layouts: tuple[tuple[str, ...], ...]
    layout: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What is needed to read sites: the file's name, header and build, and the policy."""

    source: str
    header: Header
    build: Build
    policy: IntakePolicy


def read_sites(table: Table, rules: SiteRules, problems: list[Problem]) -> tuple[Sites, int]:
    """The records of the table on primary chromosomes, and how many stand elsewhere."""
    chromosome = _chromosomes(table, rules, problems)
    kept = np.flatnonzero(chromosome)
    line, chromosome = table.line[kept], chromosome[kept]
    position, good = numbers(table.column(1).take(kept))
    _complain(rules.source, line, ~good, "POS is not a number", problems)
    beyond = good & (position > _lengths(rules)[chromosome])
    reason = f"POS lies beyond the chromosome's end in {rules.build.value}"
    _complain(rules.source, line, beyond, reason, problems)
    written = table.column(3).take(kept)
    _complain(rules.source, line, written.length == 0, "REF is empty", problems)
    reference = _upper(written.texts())
    alternates = _not_reference(_alternates(table.column(4).take(kept), rules.policy), reference)
    reference_end = position + np.maximum(reference.lengths, 1) - 1
    end, has_end = _ends(table.column(7).take(kept), alternates, reference_end)
    texts, layout = distinct_texts(table.column(8).take(kept))
    sites = Sites(
        row=kept,
        line=line,
        chromosome=chromosome,
        position=position,
        reference_end=reference_end,
        end=end,
        has_end=has_end,
        reference=reference,
        reference_is_bases=_all_bases(reference),
        alternates=alternates,
        passed=_passed(table.column(6).take(kept), rules.policy),
        layouts=tuple(tuple(text.decode("ascii", "replace").split(":")) for text in texts),
        layout=layout,
    )
    return sites, len(table) - len(kept)


def _complain(
    source: str, line: NDArray[np.int32], wrong: NDArray[np.bool_], reason: str, problems: list[Problem]
) -> None:
    for row in np.flatnonzero(wrong)[:MOST_PROBLEMS].tolist():
        problems.append(Problem(source, reason, int(line[row]), _REPAIR))


def _lengths(rules: SiteRules) -> NDArray[np.int64]:
    known = {one.name: one.lengths[rules.build] for one in rules.policy.chromosomes}
    longest = [max(known[name], _LONGEST_CONTIG.get(name, 0)) for name in CHROMOSOMES]
    return np.array([0, *longest], np.int64)


def _chromosomes(table: Table, rules: SiteRules, problems: list[Problem]) -> NDArray[np.int8]:
    names, codes = distinct_texts(table.column(0))
    found = np.zeros(len(names), np.int8)
    for code, name in enumerate(names):
        text = name.decode("utf-8", "replace")
        chromosome = rules.policy.chromosome(text)
        if chromosome is None:
            continue
        found[code] = CHROMOSOME_NUMBER[chromosome]
        if rules.header.contigs and text not in rules.header.contigs:
            reason = f"missing contig: {text} is used, but the header declares other contigs and not this one"
            remedy = "add the ##contig line, or re-export the file"
            line = int(table.line[int((codes == code).argmax())])
            problems.append(Problem(rules.source, reason, line, remedy))
    return found[codes]


def _passed(filters: Cells, policy: IntakePolicy) -> NDArray[np.bool_]:
    texts, codes = distinct_texts(filters)
    if policy.ignore_filters:
        return np.ones(len(filters), np.bool_)
    passing = [
        text in (b"", b".") or not set(text.decode("utf-8", "replace").split(";")) - policy.passing_filters
        for text in texts
    ]
    return np.array(passing, np.bool_)[codes]


def _upper(texts: Texts) -> Texts:
    return Texts(texts.offsets, _UPPER[texts.data])


def _all_bases(texts: Texts) -> NDArray[np.bool_]:
    odd = np.append(0, np.cumsum(~_IS_BASE[texts.data]))
    none: NDArray[np.bool_] = (odd[texts.offsets[1:]] == odd[texts.offsets[:-1]]) & (texts.lengths > 0)
    return none


def _alternates(cells: Cells, policy: IntakePolicy) -> Alternates:
    """ALT split at its commas."""
    whole = cells.texts()
    offsets = whole.offsets.astype(np.int64)
    commas = np.flatnonzero(whole.data == _COMMA)
    per = np.diff(np.searchsorted(commas, offsets))
    count = np.where(cells.is_dot(), 0, per + 1)
    first = np.append(0, np.cumsum(count))[:-1]
    start = np.sort(np.concatenate([offsets[:-1], commas + 1]), kind="stable")
    end = np.sort(np.concatenate([offsets[1:], commas]), kind="stable")
    length = end - start
    if len(length) != count.sum():
        said = np.repeat(count > 0, per + 1)
        start, length = start[said], length[said]
    texts = whole.part(start, length)
    kind = _kinds(texts, policy)
    upper = _upper(texts) if not (kind > 0).any() else _upper_bases(texts, kind)
    return Alternates(upper, kind, first, count)


def _not_reference(alternates: Alternates, reference: Texts) -> Alternates:
    """An ALT that repeats the REF is no change of the bases."""
    record = np.repeat(np.arange(len(reference)), alternates.count)
    same = (alternates.texts.first == reference.first[record]) & (
        alternates.texts.lengths == reference.lengths[record]
    )
    for row in np.flatnonzero(same).tolist():
        if alternates.texts[row] == reference[int(record[row])]:
            alternates.kind[row] = Alternate.OTHER
    return alternates


def _upper_bases(texts: Texts, kind: NDArray[np.int8]) -> Texts:
    bases = np.repeat(kind == Alternate.BASES, texts.lengths)
    return Texts(texts.offsets, np.where(bases, _UPPER[texts.data], texts.data))


def _kinds(texts: Texts, policy: IntakePolicy) -> NDArray[np.int8]:
    kind = np.zeros(len(texts), np.int8)
    odd = np.flatnonzero(~_all_bases(_upper(texts)))
    if len(odd):
        names, codes = distinct_texts(cells_of(texts.take(odd)))
        kind[odd] = np.array([_kind(name.decode("ascii", "replace"), policy) for name in names])[codes]
    return kind


def _kind(text: str, policy: IntakePolicy) -> Alternate:
    if policy.is_any_allele(text):
        return Alternate.ANY
    if text == "*":
        return Alternate.DELETED_ABOVE
    return Alternate.DELETION if policy.is_deletion_symbol(text) else Alternate.OTHER


def _ends(
    info: Cells, alternates: Alternates, reference_end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """END counts for reference blocks and symbolic alleles."""
    symbolic = np.append(0, np.cumsum(alternates.kind > Alternate.BASES))
    last = alternates.first + alternates.count
    may = np.flatnonzero((alternates.count == 0) | (symbolic[last] > symbolic[alternates.first]))
    end, has_end = reference_end.copy(), np.zeros(len(reference_end), np.bool_)
    if len(may):
        value, said = _end_values(info.take(may).texts())
        end[may] = np.where(said, np.maximum(value, reference_end[may]), reference_end[may])
        has_end[may] = said
    return end, has_end


def _end_values(info: Texts) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of the key END in each INFO, and where there is one."""
    cells = cells_of(info)
    windows = np.ndarray((len(cells.data) - 7,), np.dtype("<u4"), cells.data, 0, (1,))
    at = np.flatnonzero(windows[: len(info.data)] == _END)
    row = np.searchsorted(info.offsets, at, side="right") - 1
    key = (at == info.offsets[row]) | (cells.data[at - 1] == _SEMICOLON)
    at, row = at[key], row[key]
    stop = np.append(np.flatnonzero(info.data == _SEMICOLON), len(info.data))
    until = np.minimum(stop[np.searchsorted(stop, at)], info.offsets[row + 1]) if len(at) else at
    found, good = numbers(Cells(cells.data, at.astype(np.int64) + 4, until - at - 4))
    value, said = np.zeros(len(info), np.int64), np.zeros(len(info), np.bool_)
    value[row[good]], said[row[good]] = found[good], True
    return value, said
