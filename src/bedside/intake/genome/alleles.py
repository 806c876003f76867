"""From records to what a person carries, one row for each allele, and to what was seen of each stretch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.evidence import Seen
from bedside.genome.texts import Texts
from bedside.intake.genome.calls import MISSING, allele_depths, one_sided
from bedside.intake.genome.placed import Placed
from bedside.intake.genome.ploidy import Copies
from bedside.intake.genome.sites import Alternate, Sites
from bedside.intake.genome.spans import Spans, joined, places

_NO_KIND = -1
NOT_SAID = 0


@dataclass(frozen=True, slots=True, eq=False)
class Genotypes:
    """A sample's calls at the sites, and what follows from them.

    kinds: what the allele on each strand is (-1 for reference or none). state: a number of `Seen`, or
    `NOT_SAID` for a record that says nothing about the bases. doubtful: the genotype itself is not believed.
    """

    sites: Sites
    copies: Copies
    placed: Placed
    kinds: tuple[NDArray[np.int8], NDArray[np.int8]]
    state: NDArray[np.int8]
    end: NDArray[np.int64]
    doubtful: NDArray[np.bool_]


def judge(sites: Sites, copies: Copies, placed: Placed, plain_block: NDArray[np.bool_]) -> Genotypes:
    """What each record says. plain_block: reference blocks and records without any ALT."""
    calls = copies.calls
    kinds = (_kind(sites, calls.first), _kind(sites, calls.second))
    carries = (calls.first > 0) | (calls.second > 0)
    odd = _is(kinds, Alternate.ANY) | _is(kinds, Alternate.DELETION) | _is(kinds, Alternate.OTHER)
    odd |= carries & ~sites.reference_is_bases
    missing, called = calls.missing, calls.called
    judged_by_quality = plain_block & ((sites.alternates.count > 0) | sites.has_end)
    lost = carries & ~placed.mapped
    doubtful = copies.impossible | placed.wrong | one_sided(calls, sites) | calls.several
    verdicts = (
        (calls.several, Seen.NO_CALL),
        (called == missing, Seen.NO_CALL),
        (~sites.passed | calls.filtered, Seen.FILTERED),
        (doubtful | odd | lost, Seen.NO_CALL),
        (missing > 0, Seen.HALF_CALL),
        (judged_by_quality & ~calls.block_passed, Seen.LOW_QUALITY),
    )
    state = np.full(len(sites), Seen.REFERENCE, np.int8)
    for holds, verdict in reversed(verdicts):
        state[holds] = verdict
    state[_structural(sites) & ~carries] = NOT_SAID
    whole = plain_block | _is(kinds, Alternate.DELETION)
    end = np.where(whole, sites.end, sites.reference_end)
    return Genotypes(sites, copies, placed, kinds, state, end, doubtful)


def is_block(sites: Sites) -> NDArray[np.bool_]:
    """Records that name no other allele than "any other"."""
    return ~_any_of(sites, sites.alternates.kind != Alternate.ANY)


def _structural(sites: Sites) -> NDArray[np.bool_]:
    """Records of structural variants alone: they say nothing about the bases of who does not carry them."""
    other = (sites.alternates.kind == Alternate.DELETION) | (sites.alternates.kind == Alternate.OTHER)
    return (sites.alternates.count > 0) & ~_any_of(sites, ~other)


def _any_of(sites: Sites, alternates: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which records have an ALT for which this holds."""
    if not bool(alternates.any()):
        return np.zeros(len(sites), np.bool_)
    sums = np.append(0, np.cumsum(alternates))
    first = sites.alternates.first
    found: NDArray[np.bool_] = sums[first + sites.alternates.count] > sums[first]
    return found


def _kind(sites: Sites, allele: NDArray[np.int16]) -> NDArray[np.int8]:
    if not len(sites.alternates.kind):
        return np.full(len(allele), _NO_KIND, np.int8)
    which = np.clip(sites.alternates.first + allele - 1, 0, len(sites.alternates.kind) - 1)
    return np.where(allele > 0, sites.alternates.kind[which], _NO_KIND).astype(np.int8)


def _is(kinds: tuple[NDArray[np.int8], NDArray[np.int8]], kind: Alternate) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (kinds[0] == kind) | (kinds[1] == kind)
    return found


def spans_of(genotypes: Genotypes) -> dict[Seen, Spans]:
    """The stretches the records speak of, by what was seen, in the file's own build."""
    sites, state = genotypes.sites, genotypes.state
    start, end = places(sites.chromosome, sites.position), places(sites.chromosome, genotypes.end)
    found = {}
    for number in np.unique(state).tolist():
        if number != NOT_SAID:
            mine = state == number
            found[Seen(number)] = joined(Spans(start[mine], end[mine]))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Alleles a sample carries, before they are written in their shortest form: columns of equal length.
    `record` is the site's row."""

    record: NDArray[np.intp]
    reference: Texts
    alternate: Texts
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]
    missing: NDArray[np.int8]
    strands: NDArray[np.int8]
    passed: NDArray[np.bool_]
    alternate_depth: NDArray[np.int32]


def carried(genotypes: Genotypes) -> Carried:
    """A row for each allele of bases that is on at least one strand, in the order of the records; also where
    the other strand carries a symbolic allele, so that the stretch is not callable. Sites whose reference
    base changed between the assemblies are left to `renamed`."""
    sites, calls = genotypes.sites, genotypes.copies.calls
    usable = sites.reference_is_bases & genotypes.placed.mapped & ~genotypes.placed.wrong & ~calls.several
    usable &= ~genotypes.placed.changed
    one = usable & (genotypes.kinds[0] == Alternate.BASES)
    two = usable & (genotypes.kinds[1] == Alternate.BASES) & (calls.first != calls.second)
    record = np.concatenate([np.flatnonzero(one), np.flatnonzero(two)])
    allele = np.concatenate([calls.first[one], calls.second[two]]).astype(np.int64)
    order = np.argsort(record, kind="stable")
    record, allele = record[order], allele[order]
    which = sites.alternates.first[record] + allele - 1
    strands = (calls.first[record] == allele) + 2 * (calls.second[record] == allele)
    mixture = genotypes.copies.mixture[record]
    state = genotypes.state[record]
    believed = ~genotypes.doubtful[record] & (calls.missing[record] == 0)
    passed = (state == Seen.REFERENCE) | (state == Seen.HALF_CALL) | (state == Seen.NO_CALL) & believed
    alone = np.where(mixture, 1, calls.called[record])
    copies = np.where((strands == 3) & ~mixture, 2, 1)
    single = genotypes.copies.impossible[record]
    return Carried(
        record=record,
        reference=sites.reference.take(record),
        alternate=sites.alternates.texts.take(which),
        copies=copies.astype(np.int8),
        ploidy=np.where(single, 1, alone).astype(np.int8),
        missing=np.where(mixture | single, 0, calls.missing[record]).astype(np.int8),
        strands=np.where(mixture | single, 0, strands).astype(np.int8),
        passed=passed,
        alternate_depth=allele_depths(calls, record, allele, sites.alternates.count[record] + 1),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Renamed:
    """One allele of a record whose reference base is another in GRCh38."""

    record: int
    reference: str
    alternate: str
    copies: int
    strands: int


def renamed(genotypes: Genotypes) -> Carried | None:
    """Rows for the single-base records whose reference base changed: the old reference is an allele now, and
    what equals the new one is none."""
    sites, calls, placed = genotypes.sites, genotypes.copies.calls, genotypes.placed
    rows: list[_Renamed] = []
    for site in np.flatnonzero(placed.changed & placed.mapped & ~calls.several).tolist():
        start = int(sites.alternates.first[site])
        names = [sites.reference[site]]
        names += [sites.alternates.texts[start + at] for at in range(int(sites.alternates.count[site]))]
        new = placed.new_base(site)
        strands: dict[str, int] = {}
        for bit, allele in ((1, int(calls.first[site])), (2, int(calls.second[site]))):
            if allele > MISSING and len(names[allele]) == 1 and names[allele] in "ACGT":
                strands[names[allele]] = strands.get(names[allele], 0) | bit
        rows += [
            _Renamed(site, new, name, 2 if on == 3 else 1, on) for name, on in strands.items() if name != new
        ]
    if not rows:
        return None
    record = np.array([row.record for row in rows], np.intp)
    state = genotypes.state[record]
    return Carried(
        record=record,
        reference=Texts.of(row.reference for row in rows),
        alternate=Texts.of(row.alternate for row in rows),
        copies=np.array([row.copies for row in rows], np.int8),
        ploidy=calls.called[record],
        missing=calls.missing[record],
        strands=np.array([row.strands for row in rows], np.int8),
        passed=(state == Seen.REFERENCE) | (state == Seen.HALF_CALL),
        alternate_depth=np.full(len(rows), -1, np.int32),
    )
