"""The columns of a genome as they fill, piece by piece, and put together at the end."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.genome.evidence import Evidence
from bedside.genome.locus import Build
from bedside.genome.variant import variant_keys
from bedside.intake.genome.alleles import Carried, Genotypes
from bedside.intake.genome.calls import UNPHASED
from bedside.intake.genome.growing import Column, TextColumn
from bedside.intake.genome.normalise import Changes, left_aligned, trimmed
from bedside.intake.genome.placed import turned_over
from bedside.intake.genome.reference import Bases

NAMES = tuple(field.name for field in fields(Evidence))
Columns = dict[str, Any]
_TEXTS = ("reference", "alternate")
_DTYPES = {
    "key": np.int64, "copies": np.int8, "ploidy": np.int8, "missing": np.int8, "strands": np.int8,
    "phase_set": np.int32, "passed": np.bool_, "depth": np.int32, "alternate_depth": np.int32,
    "quality": np.int16, "line": np.int32, "moved": np.bool_,
}  # fmt: skip
_GENOTYPE = ("copies", "ploidy", "missing")


def evidence_of(genotypes: Genotypes, rows: Carried, bases: Bases, build: Build) -> Evidence:
    """Rows as evidence on GRCh38: in shortest form, left-aligned where its sequence is at hand, by key."""
    record, placed, sites = rows.record, genotypes.placed, genotypes.sites
    calls = genotypes.copies.calls
    reverse = placed.reverse[record]
    written = Changes(
        placed.chromosome[record],
        placed.position[record],
        turned_over(rows.reference, reverse),
        turned_over(rows.alternate, reverse),
    )
    changes = trimmed(written)
    if bases.how(Build.GRCH38) == "fasta" and bases.sequence is not None:
        changes = left_aligned(changes, bases.sequence.bases)
    moved = changes.position != written.position
    moved |= (changes.reference.lengths != written.reference.lengths) | (build is not Build.GRCH38)
    phase = np.where(rows.strands > 0, calls.phase_set[record], UNPHASED)
    found = Evidence(
        key=variant_keys(changes.chromosome, changes.position, changes.reference, changes.alternate),
        reference=changes.reference,
        alternate=changes.alternate,
        copies=rows.copies,
        ploidy=rows.ploidy,
        missing=rows.missing,
        strands=rows.strands,
        phase_set=np.where(rows.ploidy > 1, phase, UNPHASED).astype(np.int32),
        passed=rows.passed,
        depth=calls.depth[record],
        alternate_depth=rows.alternate_depth,
        quality=calls.quality[record],
        line=sites.line[record],
        moved=moved,
    )
    return by_key(found)


def by_key(evidence: Evidence) -> Evidence:
    """Sorted by key, rows of one key in the order of their lines."""
    if bool((evidence.key[1:] >= evidence.key[:-1]).all()):
        return evidence
    columns: Columns = {name: getattr(evidence, name) for name in NAMES}
    _take(columns, np.argsort(evidence.key, kind="stable"))
    return Evidence(**columns)


def _take(columns: Columns, rows: NDArray[np.intp] | NDArray[np.bool_]) -> None:
    """Some rows, one column after the other, so that no more than one is there twice."""
    for name in NAMES:
        columns[name] = columns[name].take(rows) if name in _TEXTS else columns[name][rows]


@dataclass(slots=True)
class Growing:
    """Evidence that comes in pieces."""

    columns: dict[str, Column | TextColumn]

    @classmethod
    def empty(cls) -> Growing:
        """Nothing yet."""
        return cls({name: TextColumn() if name in _TEXTS else Column.of(_DTYPES[name]) for name in NAMES})

    def add(self, evidence: Evidence) -> None:
        """One more piece."""
        if len(evidence):
            for name in NAMES:
                self.columns[name].add(getattr(evidence, name))

    def whole(self) -> tuple[Evidence, NDArray[np.int64], int]:
        """All pieces as one, by key, each allele once; the pieces are used up.

        Rows of one allele that agree become one, which passed when all did; where they contradict each other
        it did not pass, and its key is among the second part of the answer. The third is how many rows were
        repeats.
        """
        columns: Columns = {name: self.columns.pop(name).whole() for name in NAMES}
        key = columns["key"]
        if not bool((key[1:] >= key[:-1]).all()):
            _take(columns, np.argsort(key, kind="stable"))
        kept, against = _repeats(columns)
        repeats = int((~kept).sum())
        if repeats:
            _take(columns, kept)
        return Evidence(**columns), against, repeats


def _repeats(columns: Columns) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which rows to keep so that each allele is there once, and the keys of alleles whose rows contradict
    each other; `passed` is lowered where need be."""
    key, passed = columns["key"], columns["passed"]
    kept = np.ones(len(key), np.bool_)
    against: set[int] = set()
    first = 0
    for row in (np.flatnonzero(key[1:] == key[:-1]) + 1).tolist():
        if key[first] != key[row]:
            first = row - 1
        if any(columns[name][row] != columns[name][first] for name in _TEXTS):
            continue
        kept[row] = False
        passed[first] &= passed[row]
        if any(columns[name][row] != columns[name][first] for name in _GENOTYPE):
            against.add(int(key[first]))
    contradicted = np.array(sorted(against), np.int64)
    if len(contradicted):
        passed &= ~np.isin(key, contradicted)
    return kept, contradicted
