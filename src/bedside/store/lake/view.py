"""One generation of the lake as a reader sees it: who is in it, where runs looked, who carries what."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.store.lake.evidence_file import column
from bedside.store.lake.lake import Among, Snapshot
from bedside.store.lake.levels import Levels, Shelf
from bedside.store.lake.manifest import Entry, Manifest
from bedside.store.lake.roster import Merged, Roster


class View:
    """A pinned generation. `mask` and everything else that takes an `Among` leaves erased runs out."""

    def __init__(self, shelf: Shelf, manifest: Manifest, connect: Any, older: View | None = None) -> None:
        self.shelf, self.manifest = shelf, manifest
        runs = manifest.of("runs")
        self.merged = Merged(shelf.folder, runs, {})
        if older is not None and older.merged.parts == runs:
            self.merged = older.merged
        self.roster = Roster(self.merged, manifest.fresh, manifest.next_number, manifest.erased)
        self.levels = Levels(shelf, manifest, connect)

    @property
    def folder(self) -> Path:
        """The lake's folder."""
        return self.shelf.folder

    @cached_property
    def snapshot(self) -> Snapshot:
        """What this generation holds."""
        erased = self.manifest.erased
        gone = len(np.unique(self.roster.person[sorted(erased)])) if erased else 0
        return Snapshot(
            generation=self.manifest.generation,
            ledger_sequence=self.manifest.ledger_sequence,
            runs=self.manifest.next_number - len(erased),
            people=self.manifest.people - gone,
            erased=gone,
            fresh=len(self.manifest.fresh),
        )

    def mask(self, among: Among) -> NDArray[np.bool_]:
        """Which runs may be counted."""
        mask = self.roster.may_count(among.people, among.clinical_only)
        return mask & ~self.roster.among_runs(among.without) if among.without else mask

    def runs_of(self, person: str, among: Among) -> list[Entry]:
        """A person's runs that may be counted, oldest first."""
        if among.people is not None and person not in among.people:
            return []
        entries = self.roster.entries(self.roster.numbers_of(person))
        return [
            entry
            for entry in entries
            if (entry.confirmed or not among.clinical_only) and entry.run not in among.without
        ]

    def reference_lengths(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many bases of the reference each variant spans."""
        lengths = keys >> 24 & 15
        hashed = np.flatnonzero(keys >> 29 & 1)
        if len(hashed):
            known = self.levels.alleles(int(keys[hashed].min()), int(keys[hashed].max()) + 1)
            own = column(known, "key")
            spans = np.array([len(text) for text in known.column("reference").to_pylist()], np.int64)
            order = np.argsort(own, kind="stable")
            at = np.minimum(np.searchsorted(own[order], keys[hashed]), max(len(own) - 1, 0))
            lengths[hashed] = spans[order][at] if len(own) else 1
        return lengths
