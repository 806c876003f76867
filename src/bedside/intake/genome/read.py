"""A laboratory's VCF, gVCF or BCF → one genome for each of its samples, on GRCh38."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bedside.errors import InputError, IntakeError, Problem
from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.genotypes import Notice
from bedside.genome.liftover import Chain, parse_chain
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.region import CHROMOSOMES
from bedside.intake.compression import lines, peek
from bedside.intake.genome.alleles import is_block
from bedside.intake.genome.covered import read_covered
from bedside.intake.genome.gather import Piece, SampleSoFar, Task, Whole, genome_of, read_piece
from bedside.intake.genome.near_lines import NumberedLine
from bedside.intake.genome.notices import file_notices, sample_notices
from bedside.intake.genome.placed import Placing, place
from bedside.intake.genome.reference import Bases, KnownBases, Sequence
from bedside.intake.genome.sites import SiteRules, read_sites
from bedside.intake.genome.spans import BITS, NOTHING, Spans, joined, places
from bedside.intake.genome.table import MOST_PROBLEMS, read_table
from bedside.intake.genome.unwrapped import Lines, whole_lines
from bedside.intake.header import Header
from bedside.intake.policy import IntakePolicy, default_policy
from bedside.intake.reference_build import TELL_US, header_build
from bedside.intake.target import Targets
from bedside.intake.vcf_binary import VcfBinary
from bedside.intake.vcf_text import VcfText
from bedside.knowledge.ploidy import shipped_ploidy

_PIECE = 4 << 20
_BCF = b"BCF\x02"
_RCRS = 16_569
_SHARE_OF_MISMATCHES = 50


@dataclass(frozen=True, slots=True)
class LiftFailure:
    """A record that could not be placed on GRCh38: where it stands in the file, and why."""

    line: int
    chromosome: str
    position: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A file with its header read and its build settled."""

    path: Path
    binary: bool
    task: Task
    chain: Chain | None

    def pieces(self, pool: ThreadPoolExecutor) -> Iterator[Lines]:
        if self.binary:
            from bedside.intake.genome.binary import binary_lines

            return binary_lines(self.path, _PIECE)
        return whole_lines(self.path, self.task.rules.header.lines, _PIECE, pool)


@dataclass(frozen=True, slots=True, eq=False)
class WholeFile:
    """The genomes of a file, and those of its lines that touch the positions asked for."""

    genomes: tuple[Genome, ...]
    near: tuple[NumberedLine, ...] = ()


def read_genomes(
    path: Path,
    *,
    assay: AssayKind,
    build: Build | None = None,
    covered: Path | None = None,
    chain: Path | None = None,
    reference: Path | None = None,
    policy: IntakePolicy | None = None,
    sex: Sex | Mapping[str, Sex] | None = None,
    known: Mapping[Build, KnownBases] | None = None,
) -> tuple[Genome, ...]:
    """One genome for each sample of the file.

    build: what the person says it is on; otherwise the header decides, and it is never guessed. covered: a
    BED inside which no record means reference. chain: leads from GRCh37 to GRCh38, needed for a file on
    GRCh37. reference: an indexed FASTA of either assembly; that of GRCh38 also left-aligns. sex: of the
    sample, or by sample. known: single reference bases to hold records against where there is no FASTA.

    Raises `IntakeError` with every problem found; then nothing of the file is used.
    """
    opened = _open(path, build, chain, reference, policy or default_policy(), sex, known)
    return _whole(opened, path, assay, covered).genomes


def read_whole_file(
    path: Path,
    *,
    assay: AssayKind,
    near: tuple[Targets, ...],
    build: Build | None = None,
    covered: Path | None = None,
    chain: Path | None = None,
    reference: Path | None = None,
    policy: IntakePolicy | None = None,
    sex: Sex | Mapping[str, Sex] | None = None,
    known: Mapping[Build, KnownBases] | None = None,
) -> WholeFile:
    """As `read_genomes`, and on the same way the lines that touch the positions of `near`, so that a large
    file is read once."""
    opened = _open(path, build, chain, reference, policy or default_policy(), sex, known)
    watching = replace(opened, task=replace(opened.task, near=near))
    return _whole(watching, path, assay, covered)


def _whole(opened: _Opened, path: Path, assay: AssayKind, covered: Path | None) -> WholeFile:
    rules = opened.task.rules
    stated = read_covered(covered, rules.build, rules.policy) if covered is not None else NOTHING
    so_far = [SampleSoFar() for _ in rules.header.samples]
    counts, lift, notices = Counter[str](), Counter[str](), list[Notice]()
    near: list[NumberedLine] = []
    for piece in _read(opened):
        for sample, found in zip(so_far, piece.samples, strict=True):
            sample.add(found)
        counts.update(piece.counts)
        lift.update(piece.lift)
        notices += piece.notices
        near += piece.near
    _demand(path.name, counts, opened)
    placing = opened.task.placing
    lifts = opened.chain is not None
    compared = placing.bases.how(rules.build) if counts["agreeing"] + counts["differing"] else ""
    whole = Whole(
        source=path.name,
        assay=assay,
        build=rules.build,
        records=counts["records"],
        checked_reference=compared,
        left_aligned=placing.bases.how(Build.GRCH38) == "fasta",
        lift=dict(lift),
        covered=stated,
        changed=_changed(placing) if lifts else NOTHING,
        chain=opened.chain,
        mitochondrion=placing.mitochondrion,
        notices=(*notices, *file_notices(path.name, counts, lift, placing)),
    )
    genomes = []
    for name in rules.header.samples:
        sample = so_far.pop(0)
        said = sample_notices(path.name, sample.counts, opened.task.sexes.get(name))
        genomes.append(genome_of(name, sample, whole, said))
    return WholeFile(tuple(genomes), tuple(near))


def lift_failures(
    path: Path,
    *,
    chain: Path,
    build: Build | None = None,
    reference: Path | None = None,
    policy: IntakePolicy | None = None,
    known: Mapping[Build, KnownBases] | None = None,
) -> Iterator[LiftFailure]:
    """The records of a file on GRCh37 that the chain does not place on GRCh38, for a report; reference blocks
    are left out, since they are lifted in pieces."""
    opened = _open(path, build, chain, reference, policy or default_policy(), None, known)
    rules = opened.task.rules
    with ThreadPoolExecutor(1) as pool:
        for piece in opened.pieces(pool):
            problems: list[Problem] = []
            table = read_table(rules.source, piece, 9 + len(rules.header.samples), problems)
            sites, _ = read_sites(table, rules, problems)
            if problems:
                raise IntakeError(problems)
            placed = place(sites, opened.task.placing)
            if placed.failure is None:
                continue
            for row in np.flatnonzero((placed.failure != "") & ~is_block(sites)).tolist():
                name = CHROMOSOMES[int(sites.chromosome[row]) - 1]
                position, reason = int(sites.position[row]), str(placed.failure[row])
                yield LiftFailure(int(sites.line[row]), name, position, reason)


def _open(
    path: Path,
    told: Build | None,
    chain_path: Path | None,
    reference: Path | None,
    policy: IntakePolicy,
    sex: Sex | Mapping[str, Sex] | None,
    known: Mapping[Build, KnownBases] | None,
) -> _Opened:
    problems: list[Problem] = []
    _, start = peek(path)
    binary = start.startswith(_BCF)
    header = VcfBinary(path, policy).header if binary else VcfText(path, policy).header
    build = header_build(path.name, header, told, policy, problems)
    if build is None and not problems:
        reason = "the reference assembly cannot be told: the header names none"
        problems.append(Problem(path.name, reason, remedy=TELL_US))
    if build is Build.GRCH37 and chain_path is None:
        reason = "the file is on GRCh37, and genomes are kept on GRCh38"
        problems.append(Problem(path.name, reason, remedy="give --chain with a chain from GRCh37 to GRCh38"))
    chain = None
    if chain_path is not None and build is Build.GRCH37:
        try:
            chain = parse_chain(
                (line.decode("utf-8", "replace") for line in lines(chain_path)), chain_path.name
            )
        except InputError as fault:
            problems += fault.problems
    sequence = None
    if reference is not None:
        try:
            sequence = Sequence(reference, policy)
        except IntakeError as fault:
            problems += fault.problems
    if sequence is not None and build is Build.GRCH38 and sequence.build is not build:
        reason = f"is a sequence of {sequence.build.value}, but the file is on {build.value}"
        problems.append(Problem(reference.name if reference else "", reason, remedy="give the file's own"))
    if problems or build is None:
        raise IntakeError(problems)
    placing = Placing(build, chain, Bases(sequence, known), _mitochondrion(header, chain, policy))
    sexes = sex if isinstance(sex, Mapping) else {} if sex is None else dict.fromkeys(header.samples, sex)
    rules = SiteRules(path.name, header, build, policy)
    return _Opened(path, binary, Task(rules, placing, shipped_ploidy(), sexes), chain)


def _mitochondrion(header: Header, chain: Chain | None, policy: IntakePolicy) -> str | None:
    """Whether the mitochondrial sequence of a file is that of GRCh38, or the one a chain leads from."""
    if chain is None:
        return "same"
    for contig in header.contigs.values():
        if policy.chromosome(contig.name) != "chrM":
            continue
        if contig.length == _RCRS or contig.name.startswith("NC_012920"):
            return "same"
        if contig.length is not None and contig.length == chain.mitochondrion:
            return "chain"
    return None


def _read(opened: _Opened) -> Iterator[Piece]:
    """The pieces of the file in order, read by as many threads as there are cores; raises `IntakeError` with
    the problems of all pieces up to a limit."""
    workers = max(2, min(4, os.cpu_count() or 2))
    problems: list[Problem] = []
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Piece]] = deque()

        def settle(most: int) -> Iterator[Piece]:
            while len(waiting) > most:
                piece = waiting.popleft().result()
                problems.extend(piece.problems)
                if not problems:
                    yield piece

        try:
            for piece in opened.pieces(pool):
                waiting.append(pool.submit(read_piece, piece, opened.task))
                yield from settle(workers)
                if len(problems) >= MOST_PROBLEMS:
                    break
            yield from settle(0)
        except IntakeError as reason:
            yield from settle(0)
            raise IntakeError([*problems, *reason.problems]) from reason
    if problems:
        raise IntakeError(sorted(problems, key=lambda problem: problem.line or 0)[:MOST_PROBLEMS])


def _demand(source: str, counts: Counter[str], opened: _Opened) -> None:
    """Raise for a file that says nothing, or whose reference alleles are those of another assembly."""
    if not counts["records"]:
        reason = "the file has a header but no record"
        raise IntakeError.one(source, reason, remedy="send the whole file; no record is not a normal result")
    if counts["records"] > counts["elsewhere"] and not counts["with-genotype"]:
        raise IntakeError.one(source, "no record has a GT in its FORMAT", remedy="send a file with genotypes")
    differing, rules = counts["differing"], opened.task.rules
    seen = differing + counts["agreeing"]
    enough = rules.policy.minimum_contradicting_positions
    if differing >= enough and differing * _SHARE_OF_MISMATCHES > seen:
        found = f"{differing} of {seen} reference alleles differ"
        reason = f"build mismatch: declared {rules.build.value}, but {found}"
        remedy = "find out which assembly the file is on and correct its header"
        raise IntakeError.one(source, reason, remedy=remedy)


def _changed(placing: Placing) -> Spans:
    """Places of GRCh38 that read otherwise in GRCh37, as far as bases of both are known."""
    known = placing.bases.known or {}
    if placing.chain is None or Build.GRCH37 not in known or not placing.bases.how(Build.GRCH38):
        return NOTHING
    old = known[Build.GRCH37]
    chromosome, position = (old.place >> BITS).astype(np.int8), old.place & ((1 << BITS) - 1)
    moved = placing.chain.lift(chromosome, position)
    base = placing.bases.firsts(Build.GRCH38, moved.chromosome, moved.position)
    complement = np.zeros(256, np.uint8)
    complement[[ord(one) for one in "ACGT"]] = [ord(one) for one in "TGCA"]
    was = np.where(moved.reverse, complement[old.base], old.base)
    at = places(moved.chromosome, moved.position)[moved.mapped & (base != 0) & (base != was)]
    return joined(Spans(at, at))
