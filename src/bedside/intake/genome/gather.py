"""What is gathered of each sample while the pieces of a file go by, and the genome made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bedside.errors import Problem
from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions, Seen
from bedside.genome.genotypes import Notice
from bedside.genome.liftover import Chain
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.intake.genome.alleles import carried, is_block, judge, renamed, spans_of
from bedside.intake.genome.calls import NO_ALLELE, Calls, read_calls
from bedside.intake.genome.columns import Growing, evidence_of
from bedside.intake.genome.growing import Column
from bedside.intake.genome.near_lines import NumberedLine, near_lines
from bedside.intake.genome.placed import Placed, Placing, place
from bedside.intake.genome.ploidy import Copies, count_copies
from bedside.intake.genome.sites import Alternate, SiteRules, Sites, read_sites
from bedside.intake.genome.spans import (
    BITS,
    NOTHING,
    Spans,
    joined,
    lifted,
    places,
    regions_of,
    together,
    without,
)
from bedside.intake.genome.table import read_table
from bedside.intake.genome.unwrapped import Lines
from bedside.intake.target import Targets
from bedside.knowledge.ploidy import PloidyPack

_M, _Y = CHROMOSOME_NUMBER["chrM"], CHROMOSOME_NUMBER["chrY"]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Everything needed to read a piece of a file: rules, where records lie, how many copies each sample has
    (sex by sample; not in the map is not told). near: positions whose lines somebody else wants to read."""

    rules: SiteRules
    placing: Placing
    ploidy: PloidyPack
    sexes: Mapping[str, Sex]
    near: tuple[Targets, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SamplePiece:
    """What a piece says of one sample. renamed: places whose reference base changed and was seen."""

    evidence: tuple[Evidence, ...]
    spans: Mapping[Seen, Spans]
    renamed: Spans
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What a piece of a file says: of each sample, and of the records as such."""

    samples: tuple[SamplePiece, ...]
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    lift: Mapping[str, int]
    notices: tuple[Notice, ...] = ()
    near: tuple[NumberedLine, ...] = ()


def read_piece(lines: Lines, task: Task) -> Piece:
    """Read some lines of the file."""
    rules, problems = task.rules, list[Problem]()
    notices = []
    if lines.unended:
        reason = "no line end follows the last line; the file may be cut there"
        number = lines.first + lines.content.count(b"\n", 0, lines.size) - 1
        notices.append(Notice("no-final-line-end", reason, rules.source, number))
    table = read_table(rules.source, lines, 9 + len(rules.header.samples), problems)
    sites, elsewhere = read_sites(table, rules, problems)
    if problems:
        return Piece((), tuple(problems), {}, {})
    placed = place(sites, task.placing)
    block = is_block(sites)
    samples = []
    with_genotype = np.zeros(len(sites), np.bool_)
    for number, name in enumerate(rules.header.samples):
        column = table.column(9 + number).take(sites.row)
        calls = read_calls(rules.source, column, sites, rules.policy, problems)
        if problems:
            return Piece((), tuple(problems), {}, {})
        with_genotype |= calls.first != NO_ALLELE
        samples.append(_sample(sites, calls, placed, block, task, name))
    counts = {
        "records": len(table),
        "elsewhere": elsewhere,
        "with-genotype": int(with_genotype.sum()),
        "agreeing": placed.agreeing,
        "differing": placed.differing,
    }
    near = near_lines(table, sites, task.near)
    return Piece(tuple(samples), (), counts, _lift_counts(placed, block), tuple(notices), near)


def _sample(
    sites: Sites, calls: Calls, placed: Placed, block: NDArray[np.bool_], task: Task, name: str
) -> SamplePiece:
    copies = count_copies(sites, calls, task.rules.build, task.sexes.get(name), task.ploidy)
    genotypes = judge(sites, copies, placed, block)
    build, bases = task.rules.build, task.placing.bases
    evidence = [evidence_of(genotypes, carried(genotypes), bases, build)]
    seen = NOTHING
    if bool(placed.changed.any()):
        more = renamed(genotypes)
        if more is not None:
            evidence.append(evidence_of(genotypes, more, bases, build))
        rows = placed.changed & (genotypes.state == Seen.REFERENCE)
        at = places(placed.chromosome, placed.position)[rows]
        seen = joined(Spans(at, at))
    return SamplePiece(tuple(evidence), spans_of(genotypes), seen, _counts(sites, copies, genotypes.doubtful))


def _counts(sites: Sites, copies: Copies, doubtful: NDArray[np.bool_]) -> dict[str, int]:
    calls = copies.calls
    x = copies.single_x & (calls.first >= 0) & (calls.second >= 0) & sites.passed
    carries = (calls.first > 0) | (calls.second > 0)
    kind = sites.alternates.kind
    odd = (kind == Alternate.DELETION) | (kind == Alternate.OTHER)
    structural = 0
    if bool(odd.any()):
        which = sites.alternates.first + np.maximum(np.maximum(calls.first, calls.second), 1) - 1
        structural = int((carries & odd[np.minimum(which, len(odd) - 1)]).sum())
    return {
        "x-mixed": int((x & (calls.first != calls.second)).sum()),
        "x-alike": int((x & (calls.first == calls.second) & (calls.first > 0)).sum()),
        "y-carried": int((carries & (sites.chromosome == _Y)).sum()),
        "impossible": int((copies.impossible & carries).sum()),
        "mixture": int(copies.mixture.sum()),
        "several": int(calls.several.sum()),
        "structural": structural,
        "doubtful": int((doubtful & ~copies.impossible & ~calls.several).sum()),
        "single": int(((sites.chromosome < 23) & (calls.first >= 0) & (calls.second == NO_ALLELE)).sum()),
    }


def _lift_counts(placed: Placed, block: NDArray[np.bool_]) -> dict[str, int]:
    if placed.failure is None:
        return {}
    found = Counter(str(one) for one in placed.failure[~block].tolist())
    return {reason or "lifted": count for reason, count in found.items()}


@dataclass(slots=True)
class SampleSoFar:
    """One sample's columns and stretches as they grow."""

    growing: Growing = field(default_factory=Growing.empty)
    spans: dict[Seen, tuple[Column, Column]] = field(default_factory=dict)
    renamed: list[Spans] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, piece: SamplePiece) -> None:
        """One more piece of the file."""
        for evidence in piece.evidence:
            self.growing.add(evidence)
        for state, spans in piece.spans.items():
            start, end = self.spans.setdefault(state, (Column.of(np.int64), Column.of(np.int64)))
            start.add(spans.start)
            end.add(spans.end)
        if len(piece.renamed):
            self.renamed.append(piece.renamed)
        self.counts.update(piece.counts)

    def stretches(self, state: Seen) -> Spans:
        """All stretches of a state, which are then let go."""
        start, end = self.spans.pop(state)
        return Spans(start.whole(), end.whole())


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """What the genomes of one file share."""

    source: str
    assay: AssayKind
    build: Build
    records: int
    checked_reference: str
    left_aligned: bool
    lift: Mapping[str, int]
    covered: Spans
    changed: Spans
    chain: Chain | None
    mitochondrion: str | None
    notices: tuple[Notice, ...]


def genome_of(sample: str, so_far: SampleSoFar, whole: Whole, notices: tuple[Notice, ...]) -> Genome:
    """The sample's genome; `so_far` is used up."""
    evidence, against, repeats = so_far.growing.whole()
    states = {state: joined(so_far.stretches(state)) for state in list(so_far.spans)}
    states[Seen.REFERENCE] = together((states.get(Seen.REFERENCE, NOTHING), whole.covered))
    if whole.chain is not None:
        states = {state: _carried_over(spans, whole) for state, spans in states.items()}
        unseen = without(whole.changed, together(so_far.renamed))
        states[Seen.NO_CALL] = together((states.get(Seen.NO_CALL, NOTHING), unseen))
    if len(against):
        at = (against >> 58) << BITS | (against >> 30 & (1 << 28) - 1)
        states[Seen.NO_CALL] = together((states.get(Seen.NO_CALL, NOTHING), joined(Spans(at, at))))
    more = []
    if repeats:
        reason = (
            f"{repeats} alleles stand in more than one record; {len(against)} of them contradict each other"
        )
        more.append(Notice("repeated-records", reason, whole.source))
    regions: Regions = regions_of(states)
    return Genome(
        sample=sample,
        assay=whole.assay,
        build=whole.build,
        evidence=evidence,
        regions=regions,
        records=whole.records,
        checked_reference=whole.checked_reference,
        left_aligned=whole.left_aligned,
        lift=whole.lift,
        notices=(*whole.notices, *notices, *more),
    )


def _carried_over(spans: Spans, whole: Whole) -> Spans:
    """Stretches on GRCh38; those of the mitochondrion as its sequence allows."""
    assert whole.chain is not None
    mitochondrial = spans.start >> BITS == _M
    if whole.mitochondrion == "chain" or not bool(mitochondrial.any()):
        return lifted(spans, whole.chain)
    kept = spans.take(mitochondrial) if whole.mitochondrion == "same" else NOTHING
    return together((lifted(spans.take(~mitochondrial), whole.chain), kept))
