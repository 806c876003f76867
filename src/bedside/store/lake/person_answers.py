"""Questions about one person: what was found in a stretch, and what is said about given variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bedside.genome.evidence import Seen
from bedside.genome.presence import (
    ZYGOSITY_NUMBER,
    Absent,
    NotCallable,
    NotTested,
    Presence,
    Present,
    Uncalled,
)
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.evidence_file import column, read_evidence, zygosities
from bedside.store.lake.lake import Among
from bedside.store.lake.looked import SEEN
from bedside.store.lake.manifest import Entry
from bedside.store.lake.roster import public_run
from bedside.store.lake.stretches import chromosome_and_position, joined, without
from bedside.store.lake.view import View

ZYGOSITY = {number: zygosity for zygosity, number in ZYGOSITY_NUMBER.items()}

UNCALLED = {
    int(Seen.NO_CALL): NotCallable(Uncalled.NO_CALL),
    int(Seen.HALF_CALL): NotCallable(Uncalled.HALF_CALL),
    int(Seen.FILTERED): NotCallable(Uncalled.FILTERED),
    int(Seen.LOW_QUALITY): NotCallable(Uncalled.LOW_QUALITY),
    int(Seen.STATED): NotCallable(Uncalled.STATED),
}

NOT_TESTED, ABSENT = NotTested(), Absent()


def answer(code: int) -> Presence:
    """What the code of a span says about a variant that was not found there."""
    return NOT_TESTED if code == 0 else ABSENT if code == SEEN else UNCALLED[code]


def settled(presence: Presence) -> bool:
    """Whether an answer is one: the newest run that has one is believed, before any that has none."""
    return isinstance(presence, Present | Absent)


def variants(view: View, person: str, regions: Sequence[Region], among: Among) -> pa.Table:
    """The rows of all the person's runs that touch the regions, by key, then from the oldest run on."""
    tables = []
    for entry in view.runs_of(person, among):
        rows = read_evidence(view.shelf.evidence(entry.evidence), entry.evidence, regions)
        tables.append(rows.append_column("run", pa.array([entry.run] * len(rows), pa.string())))
    if not tables:
        return empty_evidence()
    whole = pa.concat_tables(tables)
    if len(tables) == 1:
        return whole
    return whole.take(pa.array(np.argsort(column(whole, "key"), kind="stable")))


def presence(view: View, person: str, asked: Sequence[Variant], among: Among) -> tuple[Presence, ...]:
    """The newest run with a settled answer is believed; without one, the newest that looked."""
    answers: list[Presence] = [NOT_TESTED] * len(asked)
    open_ = list(range(len(asked)))
    for entry in reversed(view.runs_of(person, among)):
        said = _run_presence(view, entry, [asked[at] for at in open_])
        for at, new in zip(open_, said, strict=True):
            if settled(new) or answers[at] == NOT_TESTED:
                answers[at] = new
        open_ = [at for at in open_ if not settled(answers[at])]
        if not open_:
            break
    return tuple(answers)


def export(view: View, person: str) -> Mapping[str, Any]:
    """Runs, evidence rows and stretches of a person, by run."""
    entries = view.runs_of(person, Among())
    return {
        "person": person,
        "runs": tuple(public_run(entry) for entry in entries),
        "evidence": {
            entry.run: read_evidence(view.shelf.evidence(entry.evidence), entry.evidence) for entry in entries
        },
        "regions": {entry.run: _regions(view, entry) for entry in entries},
    }


def empty_evidence() -> pa.Table:
    """A table of evidence without rows."""
    numbers = {
        "copies": pa.int8(), "ploidy": pa.int8(), "missing": pa.int8(), "strands": pa.int8(),
        "phase_set": pa.int32(), "passed": pa.bool_(), "depth": pa.int32(), "alternate_depth": pa.int32(),
        "quality": pa.int16(), "line": pa.int32(), "moved": pa.bool_(),
    }  # fmt: skip
    first = {"key": pa.int64(), "chromosome": pa.int8(), "position": pa.int32()}
    texts = {"reference": pa.string(), "alternate": pa.string()}
    return pa.schema(first | texts | numbers | {"run": pa.string()}).empty_table()


def _run_presence(view: View, entry: Entry, asked: Sequence[Variant]) -> list[Presence]:
    keys = np.array([variant.key for variant in asked], np.int64)
    start = keys >> 30
    end = start + np.array([len(variant.reference) - 1 for variant in asked], np.int64)
    said = [answer(int(code)) for code in view.shelf.looked(entry).codes(start, end)]
    regions = [Region(variant.chromosome, variant.position, variant.position) for variant in asked]
    rows = read_evidence(view.shelf.evidence(entry.evidence), entry.evidence, regions)
    own = column(rows, "key")
    first, last = np.searchsorted(own, keys), np.searchsorted(own, keys, side="right")
    found = np.flatnonzero(first < last)
    if len(found):
        reader = _Rows(rows)
        for at in found.tolist():
            alleles = asked[at].reference, asked[at].alternate
            here = range(int(first[at]), int(last[at]))
            matching = [row for row in here if reader.alleles(row) == alleles]
            passed = reader.first_passed(matching)
            if passed is not None:
                said[at] = passed
    return said


class _Rows:
    """Rows of evidence as answers."""

    def __init__(self, table: pa.Table) -> None:
        self._reference, self._alternate = table.column("reference"), table.column("alternate")
        self._passed = column(table, "passed")
        self._zygosity = zygosities(column(table, "copies"), column(table, "ploidy"))
        self._phase_set, self._strands = column(table, "phase_set"), column(table, "strands")

    def alleles(self, row: int) -> tuple[str, str]:
        return self._reference[row].as_py(), self._alternate[row].as_py()

    def first_passed(self, rows: Sequence[int]) -> Present | None:
        """A row that did not pass is among the run's own stretches, so it spoils the answer by itself."""
        for row in rows:
            if self._passed[row]:
                phase_set = int(self._phase_set[row])
                zygosity = ZYGOSITY[int(self._zygosity[row])]
                return Present(zygosity, None if phase_set < 0 else phase_set, int(self._strands[row]))
        return None


def _regions(view: View, entry: Entry) -> pa.Table:
    """Where a run looked: chromosome, start, end, state; spoiled stretches stand beside the seen ones."""
    looked = view.shelf.looked(entry)
    own = looked.own
    lacking, extra, bad = own.state == 0, own.state == SEEN, own.state > SEEN
    whole = joined(
        np.concatenate((looked.shared.start, own.start[extra])),
        np.concatenate((looked.shared.end, own.end[extra])),
    )
    taken = lacking | bad
    seen = without(whole, joined(own.start[taken], own.end[taken]))
    start, end = np.concatenate((seen.start, own.start[bad])), np.concatenate((seen.end, own.end[bad]))
    state = np.concatenate((np.full(len(seen), SEEN, np.int8), own.state[bad]))
    order = np.argsort(start, kind="stable")
    number, first = chromosome_and_position(start[order])
    last = chromosome_and_position(end[order])[1]
    return pa.table({"chromosome": number, "start": first, "end": last, "state": state[order]})
