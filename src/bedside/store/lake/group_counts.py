"""How often each variant of a region is seen in each group of people: copies seen, strands looked at.

A strand counts only when its person was tested at the place: everybody else is unknown, never reference. A
person without the variant counts two strands on chromosomes 1 to 22. On X the run's own rows say whether one
or two; where they say nothing, the person is left out. On Y only those count whose rows show a single X; M
counts one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bedside.genome.evidence import Seen
from bedside.genome.presence import ZYGOSITY_NUMBER, Zygosity
from bedside.genome.region import CHROMOSOME_NUMBER, Region
from bedside.genome.variant import position_key
from bedside.store.lake import packed
from bedside.store.lake.carriers_file import Hits, together
from bedside.store.lake.cohort_answers import PRESENT, newest_settled, span_codes
from bedside.store.lake.evidence_file import column
from bedside.store.lake.lake import Among
from bedside.store.lake.looked import SEEN, Own, code
from bedside.store.lake.view import View

SCHEMA = pa.schema(
    [("key", pa.int64()), ("group", pa.string()), ("copies", pa.int64()), ("strands", pa.int64())]
)
_X, _Y, _M = (CHROMOSOME_NUMBER[name] for name in ("chrX", "chrY", "chrM"))
_HEMIZYGOUS = ZYGOSITY_NUMBER[Zygosity.HEMIZYGOUS]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Everything a count needs, by number of run: the group's place, or -1 for who is not counted."""

    view: View
    names: tuple[str, ...]
    group: NDArray[np.int64]
    numbers: NDArray[np.intp]


def allele_counts(view: View, region: Region, groups: Mapping[str, str], among: Among) -> pa.Table:
    """For each variant that begins in the region and is seen in somebody counted, and for each group:
    `key, group, copies, strands`."""
    low, high = position_key(region.number, region.start), position_key(region.number, region.end + 1)
    asked = _asked(view, groups, among)
    if not asked.names:
        return SCHEMA.empty_table()
    hits, sites, matrix = view.levels.between(low, high)
    hits = hits.take(asked.group[hits.run] >= 0)
    keys = np.unique(np.concatenate((hits.key, sites)))
    start = keys >> 30
    end = start + view.reference_lengths(keys) - 1
    count = _simple if not view.roster.several else _each
    copies, strands = count(asked, keys, start, end, hits, sites, matrix)
    seen = copies.sum(axis=1) > 0
    total = len(asked.names)
    columns = [
        pa.array(np.repeat(keys[seen], total)),
        pa.array(list(asked.names) * int(seen.sum()), pa.string()),
        pa.array(copies[seen].ravel()),
        pa.array(strands[seen].ravel()),
    ]
    return pa.table(columns, schema=SCHEMA)


def _asked(view: View, groups: Mapping[str, str], among: Among) -> _Asked:
    roster = view.roster
    mask = view.mask(among)
    names = pa.array(list(groups.values()), pa.string()).dictionary_encode()
    order = sorted(range(len(names.dictionary)), key=lambda place: names.dictionary[place].as_py())
    rank = np.empty(len(order) + 1, np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1
    codes = rank[names.indices.to_numpy(zero_copy_only=False)] if len(names) else np.zeros(0, np.int64)
    codes = np.append(codes, -1)
    at = pc.index_in(roster.people, value_set=pa.array(list(groups), pa.string())).fill_null(len(groups))
    group = np.where(mask, codes[at.to_numpy(zero_copy_only=False)], -1)
    sorted_names = tuple(names.dictionary[place].as_py() for place in order)
    return _Asked(view, sorted_names, group, np.flatnonzero(mask))


def _each(
    asked: _Asked, keys: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], hits: Hits,
    sites: NDArray[np.int64], matrix: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Variant by variant over every run: also right when people have several runs."""
    view, total = asked.view, len(asked.names)
    copies, strands = np.zeros((len(keys), total), np.int64), np.zeros((len(keys), total), np.int64)
    whole = together((hits, packed.unpack(sites, matrix)))
    person = view.roster.person
    group = np.full(view.manifest.people, -1, np.int64)
    group[person[asked.numbers]] = asked.group[asked.numbers]
    for row, key in enumerate(keys.tolist()):
        codes = span_codes(view, int(start[row]), int(end[row]))
        half = codes == Seen.HALF_CALL
        here = whole.take(whole.key == key)
        codes[here.run] = PRESENT + here.zygosity
        believed = newest_settled(view, codes, asked.numbers)
        expected = _expected(view, int(start[row]))
        ploidy = np.zeros(len(believed), np.int64)
        answering = asked.numbers[believed[person[asked.numbers]] == codes[asked.numbers]]
        ploidy[person[answering]] = expected[answering]
        single = np.zeros(len(believed), np.bool_)
        single[person[answering]] = half[answering]
        carrying = believed >= PRESENT
        zygosity = np.where(carrying, believed - PRESENT, 0)
        mine = np.where(carrying, _strands(zygosity, single), np.where(believed == SEEN, ploidy, 0))
        counted = group >= 0
        copies[row] = np.bincount(group[counted], packed.COPIES[zygosity][counted], total)
        strands[row] = np.bincount(group[counted], mine[counted], total)
    return copies, strands


def _simple(
    asked: _Asked, keys: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], hits: Hits,
    sites: NDArray[np.int64], matrix: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """When nobody has several runs: strands are counted by list of stretches, then corrected for the few
    runs that saw a place otherwise and for those that carry the variant."""
    view, total = asked.view, len(asked.names)
    counted = np.flatnonzero(asked.group >= 0)
    group = asked.group[counted]
    which, lists = view.roster.shared
    covered = np.zeros((len(lists), len(keys)), np.bool_)
    for place in np.unique(which[counted]).tolist():
        covered[place] = view.shelf.shared(lists[place]).covers(start, end)
    odd_row, odd_run, odd_code = _odd(asked, start, end)
    seen = Pairs(keys, view, covered, which, start, odd_row, odd_run, odd_code)
    strands = seen.base(counted, group, total)
    seen.correct(strands, asked.group, odd_row, odd_run)
    copies = np.zeros((len(keys), total), np.int64)
    row = np.searchsorted(keys, hits.key)
    seen.carry(copies, strands, asked.group, row, hits.run, hits.zygosity)
    for key, packed_row in zip(sites, matrix, strict=True):
        zygosity = packed.zygosities(packed_row, view.manifest.merged)
        run = np.flatnonzero(zygosity)
        run = run[asked.group[run] >= 0]
        at = np.full(len(run), np.searchsorted(keys, key))
        seen.carry(copies, strands, asked.group, at, run, zygosity[run])
    return copies, strands


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """How many strands a run shows at a variant, as an exception to what its list of stretches says."""

    keys: NDArray[np.int64]
    view: View
    covered: NDArray[np.bool_]
    which: NDArray[np.int32]
    start: NDArray[np.int64]
    odd_row: NDArray[np.int64]
    odd_run: NDArray[np.int64]
    odd_code: NDArray[np.int8]

    def base(self, counted: NDArray[np.intp], group: NDArray[np.int64], total: int) -> NDArray[np.int64]:
        """Strands if everybody had seen what the lists say."""
        strands = np.zeros((len(self.keys), total), np.int64)
        if not len(self.keys):
            return strands
        if int(self.start[0]) >> 28 < _X:
            cells = self.which[counted] * np.int64(total) + group
            sums = 2 * np.bincount(cells, minlength=len(self.covered) * total).reshape(-1, total)
            return self.covered.T.astype(np.int64) @ sums
        for row, place in enumerate(self.start.tolist()):
            mine = _expected(self.view, place)[counted] * self.covered[self.which[counted], row]
            strands[row] = np.bincount(group, mine, total)
        return strands

    def correct(
        self,
        strands: NDArray[np.int64],
        group: NDArray[np.int64],
        row: NDArray[np.int64],
        run: NDArray[np.int64],
    ) -> None:
        """Take the exceptions into account."""
        before = self._ploidy(row, run) * self.covered[self.which[run], row]
        after = self._ploidy(row, run) * (self.odd_code == SEEN)
        np.add.at(strands, (row, group[run]), after - before)

    def carry(
        self, copies: NDArray[np.int64], strands: NDArray[np.int64], group: NDArray[np.int64],
        row: NDArray[np.int64], run: NDArray[np.integer], zygosity: NDArray[np.int8],
    ) -> None:  # fmt: skip
        """Add those who carry a variant, in place of what was counted of them."""
        seen = self.covered[self.which[run], row].astype(np.int64)
        half = np.zeros(len(run), np.bool_)
        if len(self.odd_row):
            count = np.int64(len(self.which))
            odd = self.odd_row * count + self.odd_run
            wanted = row * count + run
            at = np.minimum(np.searchsorted(odd, wanted), len(odd) - 1)
            found = odd[at] == wanted
            seen[found] = self.odd_code[at[found]] == SEEN
            half[found] = self.odd_code[at[found]] == Seen.HALF_CALL
        change = _strands(zygosity, half) - seen * self._ploidy(row, run)
        total = strands.shape[1]
        cells = row * total + group[run]
        size = strands.size
        strands += np.bincount(cells, change, size).astype(np.int64).reshape(-1, total)
        copies += np.bincount(cells, packed.COPIES[zygosity], size).astype(np.int64).reshape(-1, total)

    def _ploidy(self, row: NDArray[np.int64], run: NDArray[np.integer]) -> NDArray[np.int64]:
        if not len(row):
            return np.zeros(0, np.int64)
        if int(self.start[0]) >> 28 < _X:
            return np.full(len(row), 2, np.int64)
        ploidy = np.zeros(len(row), np.int64)
        for one in np.unique(row).tolist():
            here = row == one
            ploidy[here] = _expected(self.view, int(self.start[one]))[run[here]]
        return ploidy


def _odd(
    asked: _Asked, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """Variant, run and code of every run that saw a variant's place otherwise than its list; sorted."""
    none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int8)
    if not len(start):
        return none
    own = asked.view.levels.own(int(start.min()), int(end.max()))
    own = own.filter(pa.array(asked.group[column(own, "run")] >= 0))
    if not len(own):
        return none
    place, last = column(own, "place"), column(own, "end")
    first = np.searchsorted(np.maximum.accumulate(end), place)
    beyond = np.searchsorted(start, last, side="right")
    times = np.maximum(beyond - first, 0)
    which = np.repeat(np.arange(len(own)), times)
    row = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times) + first[which]
    touches = end[row] >= place[which]
    row, which = row[touches], which[touches]
    if not len(row):
        return none
    run, state = column(own, "run")[which].astype(np.int64), column(own, "state")[which]
    return _codes(asked.view, row, run, state, (place[which], last[which]), (start, end))


def _codes(
    view: View, row: NDArray[np.int64], run: NDArray[np.int64], state: NDArray[np.int8],
    own: tuple[NDArray[np.int64], NDArray[np.int64]], span: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:  # fmt: skip
    order = np.lexsort((run, row))
    row, run, state = row[order], run[order], state[order]
    place, last = own[0][order], own[1][order]
    new = np.flatnonzero(np.concatenate(([True], (row[1:] != row[:-1]) | (run[1:] != run[:-1]))))
    bounds = np.append(new, len(row))
    spoiled = np.minimum.reduceat(np.where(state > SEEN, state, 127), new)
    lacking = np.maximum.reduceat(state == 0, new)
    codes = np.where(spoiled < 127, spoiled, 0).astype(np.int8)
    which, lists = view.roster.shared
    for at in np.flatnonzero((spoiled == 127) & ~lacking):
        rows = slice(int(bounds[at]), int(bounds[at + 1]))
        one, part = int(new[at]), Own(place[rows], last[rows], state[rows])
        ends = int(span[0][row[one]]), int(span[1][row[one]])
        codes[at] = code(view.shelf.shared(lists[which[run[one]]]), part, *ends)
    return row[new], run[new], codes


def _strands(zygosity: NDArray[np.integer], half: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Strands of somebody who carries a variant."""
    return np.where((zygosity == _HEMIZYGOUS) | half, 1, 2).astype(np.int64)


def _expected(view: View, place: int) -> NDArray[np.int64]:
    """How many strands each run shows at a place where it saw no variant."""
    number, position = place >> 28, place & (1 << 28) - 1
    rows, first, last = view.roster.x_copies
    if number == _X:
        single = (first > 0) & (first <= position) & (position <= last)
        return np.where(single, 1, np.where(rows > 0, 2, 0)).astype(np.int64)
    if number == _Y:
        return (first > 0).astype(np.int64)
    return np.full(len(rows), 1 if number == _M else 2, np.int64)
