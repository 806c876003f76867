"""Questions about everybody: who carries, who was tested, how often a variant is seen in a group.

Answers are made of numbers of runs; a person's newest run that has a settled answer is believed, as in
`person_answers`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bedside.genome.presence import Presence, Present
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.carriers_file import Hits
from bedside.store.lake.evidence_file import column, read_evidence
from bedside.store.lake.lake import CARRIERS, Among
from bedside.store.lake.looked import NOT_SEEN, SEEN, Own, code
from bedside.store.lake.person_answers import ZYGOSITY, answer
from bedside.store.lake.stretches import place
from bedside.store.lake.view import View

PRESENT = 16
"""Codes from here on say present: 16 and the zygosity's number."""


def carriers(view: View, keys: NDArray[np.int64], among: Among) -> pa.Table:
    """Everybody who carries any of the variants, by key, person, run."""
    wanted = np.unique(np.asarray(keys, np.int64))
    hits = view.levels.hits(wanted)
    mask = view.mask(among)
    hits = hits.take(mask[hits.run])
    if view.roster.several:
        hits = _believed(view, hits, mask)
    return named(view, hits)


def hashed_alleles(view: View, keys: NDArray[np.int64]) -> pa.Table:
    """Each pair of alleles once, of keys that hash theirs."""
    hashed = np.unique(keys[keys >> 29 & 1 == 1])
    low, high = (int(hashed[0]), int(hashed[-1]) + 1) if len(hashed) else (0, 0)
    known = view.levels.alleles(low, high)
    known = known.filter(pa.array(np.isin(column(known, "key"), hashed)))
    names = ["key", "reference", "alternate"]
    return known.select(names).group_by(names).aggregate([]).select(names)


def named(view: View, hits: Hits) -> pa.Table:
    """Rows by number as rows by name."""
    runs = pa.array(hits.run)
    columns = [
        pa.array(hits.key),
        view.roster.people.take(runs),
        view.roster.run_names.take(runs),
        pa.array(hits.zygosity),
    ]
    table = pa.table(columns, schema=CARRIERS)
    order = [("key", "ascending"), ("person", "ascending"), ("run", "ascending")]
    return table.take(pc.sort_indices(table, sort_keys=order))


def presence_of(view: View, variant: Variant, among: Among) -> Mapping[str, Presence]:
    """Everybody's answer. The phase of those who carry the variant is not read: `presence` says it."""
    mask = view.mask(among)
    codes = _codes(view, variant, mask)
    numbers = np.flatnonzero(mask)
    believed = newest_settled(view, codes, numbers)
    people = view.roster.people.take(pa.array(numbers)).to_pylist()
    answers = {int(c): _presence(int(c)) for c in np.unique(believed)}
    persons = view.roster.person[numbers]
    return {name: answers[int(believed[at])] for name, at in zip(people, persons, strict=True)}


def tested(view: View, region: Region, among: Among) -> frozenset[str]:
    """Everybody of whom one run saw every base of the region."""
    mask = view.mask(among)
    start, end = int(place(region.number, region.start)), int(place(region.number, region.end))
    seen = np.flatnonzero(mask & (span_codes(view, start, end) == SEEN))
    return frozenset(view.roster.people.take(pa.array(seen)).to_pylist())


def span_codes(view: View, start: int, end: int) -> NDArray[np.int8]:
    """What each run says of a span: 0 not tested, 1 seen throughout, else the number of `Seen`."""
    which, lists = view.roster.shared
    ends = np.array([start]), np.array([end])
    covered = np.array([d != "" and view.shelf.shared(d).covers(*ends)[0] for d in lists], np.bool_)
    codes = covered[which].astype(np.int8) if len(lists) else np.zeros(view.roster.count, np.int8)
    own = view.levels.own(start, end)
    own = own.filter(pa.array(_touches(own, start, end)))
    if len(own):
        _apply_own(view, codes, own, start, end)
    return codes


def newest_settled(view: View, codes: NDArray[np.int8], numbers: NDArray[np.intp]) -> NDArray[np.int8]:
    """For each person's number the code that is believed, of runs in order of age."""
    persons = view.roster.person[numbers]
    own = codes[numbers]
    believed = np.zeros(view.manifest.people, np.int8)
    settled = (own == SEEN) | (own >= PRESENT)
    looked = (own > SEEN) & ~settled
    believed[persons[looked]] = own[looked]
    believed[persons[settled]] = own[settled]
    return believed


def _codes(view: View, variant: Variant, mask: NDArray[np.bool_]) -> NDArray[np.int8]:
    start = variant.key >> 30
    codes = span_codes(view, start, start + len(variant.reference) - 1)
    hits = view.levels.hits(np.array([variant.key], np.int64))
    hits = _same_alleles(view, hits.take(mask[hits.run]), variant)
    codes[hits.run] = PRESENT + hits.zygosity
    return codes


def _same_alleles(view: View, hits: Hits, variant: Variant) -> Hits:
    """Leave out who carries another variant whose alleles hash to the same key."""
    if not len(hits) or not variant.key >> 29 & 1:
        return hits
    known = view.levels.alleles(variant.key, variant.key + 1)
    pairs = set(zip(*(known.column(name).to_pylist() for name in ("reference", "alternate")), strict=True))
    own = variant.reference, variant.alternate
    if pairs == {own}:
        return hits
    if own not in pairs:
        return hits.take(np.zeros(len(hits), np.bool_))
    region = [Region(variant.chromosome, variant.position, variant.position)]
    keep = []
    for entry in view.roster.entries(hits.run.tolist()):
        rows = read_evidence(view.shelf.evidence(entry.evidence), entry.evidence, region)
        same = pc.and_(pc.equal(rows["reference"], own[0]), pc.equal(rows["alternate"], own[1]))
        keep.append(bool(pc.any(pc.and_(same, rows["passed"])).as_py()))
    return hits.take(np.array(keep, np.bool_))


def _believed(view: View, hits: Hits, mask: NDArray[np.bool_]) -> Hits:
    """Of people with several runs, the row of the run that is believed, or none."""
    person = view.roster.person
    numbers = np.flatnonzero(mask)
    newest = np.zeros(view.manifest.people, np.int64)
    newest[person[numbers]] = numbers
    contested = np.isin(person[hits.run], person[hits.run[newest[person[hits.run]] != hits.run]])
    rows = np.flatnonzero(contested)
    if not len(rows):
        return hits
    keep = ~contested
    whose = person[hits.run[rows]]
    involved = numbers[np.isin(person[numbers], whose)]
    entries = {entry.number: entry for entry in view.roster.entries(involved.tolist())}
    runs: dict[int, list[int]] = {}
    for number in involved[::-1].tolist():
        runs.setdefault(int(person[number]), []).append(number)
    for one in np.unique(whose):
        mine = rows[whose == one]
        pending = np.unique(hits.key[mine])
        for number in runs[int(one)]:
            here = mine[(hits.run[mine] == number) & np.isin(hits.key[mine], pending)]
            keep[here] = True
            pending = np.setdiff1d(pending, hits.key[here])
            if not len(pending):
                break
            start = pending >> 30
            spans = start, start + view.reference_lengths(pending) - 1
            pending = pending[view.shelf.looked(entries[number]).codes(*spans) != SEEN]
    return hits.take(keep)


def _apply_own(view: View, codes: NDArray[np.int8], own: pa.Table, start: int, end: int) -> None:
    """Correct the codes of runs that saw the span otherwise than the list they share."""
    runs, states = column(own, "run"), column(own, "state")
    spoil = np.full(len(codes), 127, np.int8)
    np.minimum.at(spoil, runs[states > SEEN], states[states > SEEN])
    codes[runs[states == NOT_SEEN]] = 0
    lacking = np.zeros(len(codes), np.bool_)
    lacking[runs[states == NOT_SEEN]] = True
    which, lists = view.roster.shared
    extra = np.unique(runs[states == SEEN])
    for run in extra[(codes[extra] == 0) & ~lacking[extra]]:
        rows = runs == run
        part = Own(column(own, "place")[rows], column(own, "end")[rows], states[rows])
        codes[run] = code(view.shelf.shared(lists[which[run]]), part, start, end)
    codes[spoil < 127] = spoil[spoil < 127]


def _touches(own: pa.Table, start: int, end: int) -> NDArray[np.bool_]:
    return (column(own, "place") <= end) & (column(own, "end") >= start)


def _presence(code: int) -> Presence:
    return Present(ZYGOSITY[code - PRESENT]) if code >= PRESENT else answer(code)
