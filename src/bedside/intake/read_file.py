"""One file of a laboratory: opened by the right reader, its build settled, and the evidence for every wanted
position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.state import PositionState
from bedside.intake.compare_alleles import reference_agrees, trim
from bedside.intake.compression import Wrapping, peek
from bedside.intake.evidence import DefinedChanges, Evidence, read_evidence, trimmed
from bedside.intake.header import Header
from bedside.intake.policy import IntakePolicy
from bedside.intake.reference_build import ReferenceTally, header_build, seen_build
from bedside.intake.row import Codes, Row
from bedside.intake.settle import settle
from bedside.intake.target import Target, Targets, targets_of
from bedside.intake.vcf_binary import VcfBinary
from bedside.intake.vcf_text import VcfText
from bedside.knowledge.pgx import PgxPack

BCF = b"BCF\x02"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in every file: the pack's positions in both builds, and the changes its definitions
    know.
    """

    builds: Mapping[Build, Targets]
    changes: Mapping[Build, DefinedChanges]


@dataclass(frozen=True, slots=True, eq=False)
class FileRead:
    """What one file says: for each row of the table that it speaks of, the states and a code per sample."""

    source: str
    samples: tuple[str, ...]
    build: Build
    positions: Mapping[int, tuple[tuple[PositionState, ...], Codes]]
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """What is gathered of one build while the records go by."""

    evidence: dict[int, list[Evidence]] = field(default_factory=dict)
    tally: ReferenceTally = field(default_factory=ReferenceTally)


def wanted(pack: PgxPack) -> Wanted:
    """The pack's positions and changes, in both builds."""
    builds = {build: targets_of(pack, build) for build in Build}
    return Wanted(builds, {build: _changes(targets) for build, targets in builds.items()})


def read_file(
    path: Path,
    look_for: Wanted,
    told: Build | None,
    policy: IntakePolicy,
    lines: Sequence[tuple[int, bytes]] | None = None,
) -> FileRead:
    """Everything one file says about the wanted positions; raises `IntakeError` with every problem found.

    lines: those that touch the positions, where somebody has read the whole file already.
    """
    problems: list[Problem] = []
    file = open_file(path, policy)
    notices = file.notices
    declared = header_build(path.name, file.header, told, policy, problems)
    if problems:
        raise IntakeError(problems)
    gathered = {build: _Gathered() for build in Build}
    with_genotype = rows = 0
    try:
        for row in _rows(file, tuple(look_for.builds.values()), lines):
            rows += 1
            with_genotype += any(sample.alleles for sample in row.fields)
            if not _names_its_alleles(row, file, problems):
                continue
            for build, kept in gathered.items():
                _gather(row, look_for, build, declared, policy, kept)
    except IntakeError as reason:
        problems.extend(reason.problems)
    problems.extend(file.problems)
    if problems:
        raise IntakeError(sorted(problems, key=lambda problem: problem.line or 0))
    if rows and not with_genotype:
        problems.append(
            Problem(path.name, "no record has a GT in its FORMAT", remedy="send a file with genotypes")
        )
    tallies = {build: kept.tally for build, kept in gathered.items()}
    settled = seen_build(path.name, declared, tallies, policy, problems, notices)
    if problems or settled is None:
        raise IntakeError(problems)
    targets = {target.row: target for target in _all(look_for.builds[settled])}
    positions = {
        row_number: settle(targets[row_number], evidence, notices)
        for row_number, evidence in sorted(gathered[settled].evidence.items())
    }
    if not positions:
        notices.append(
            Notice("no-position-found", "no record touches a position of the knowledge release", path.name)
        )
    return FileRead(path.name, file.header.samples, settled, positions, tuple(notices))


def _rows(
    file: OpenFile, targets: Sequence[Targets], lines: Sequence[tuple[int, bytes]] | None
) -> Iterator[Row]:
    if lines is not None and isinstance(file, VcfText):
        return file.rows_of(lines, targets)
    return file.rows(targets)


class OpenFile(Protocol):
    """A laboratory file that is open: its header, and its records one after the other."""

    header: Header
    records: int
    problems: list[Problem]
    notices: list[Notice]

    def rows(self, targets: Sequence[Targets]) -> Iterator[Row]:
        """The records that touch any of the targets."""
        ...


def open_file(path: Path, policy: IntakePolicy) -> OpenFile:
    """A reader chosen by the file's content: htslib for BCF and for indexed bgzip, lines for every other
    VCF.
    """
    how, start = peek(path)
    if how is not Wrapping.PLAIN and _fresh_index(path):
        from bedside.intake.vcf_htslib import VcfHtslib

        return VcfHtslib(path, policy, indexed=True)
    return VcfBinary(path, policy) if start.startswith(BCF) else VcfText(path, policy)


def _fresh_index(path: Path) -> bool:
    """Whether an index lies beside the file that is not older than it."""
    for suffix in (".tbi", ".csi"):
        index = path.with_name(path.name + suffix)
        if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime:
            return True
    return False


def _gather(
    row: Row, look_for: Wanted, build: Build, declared: Build | None, policy: IntakePolicy, kept: _Gathered
) -> None:
    for target in look_for.builds[build].overlapping(row.chromosome, row.position, row.end):
        _count(row, target, look_for.changes[build], kept.tally)
        if declared not in (None, build):
            continue
        evidence = read_evidence(row, target, policy, look_for.changes[build])
        if evidence is not None:
            kept.evidence.setdefault(target.row, []).append(evidence)


def _count(row: Row, target: Target, changes: DefinedChanges, tally: ReferenceTally) -> None:
    """Whether a record that begins at the target speaks for or against the build."""
    if row.position != target.start:
        return
    reference = row.reference.upper()
    if not reference_agrees(target, row.position, reference):
        tally.differing += 1
        return
    tally.agreeing += 1
    known = any(
        trimmed(row.chromosome, row.position, reference, one.upper()) in changes for one in row.alternates
    )
    tally.known_changes += known


def _names_its_alleles(row: Row, file: OpenFile, problems: list[Problem]) -> bool:
    highest = max(
        (allele for sample in row.fields for allele in sample.alleles if allele is not None), default=0
    )
    if highest <= len(row.alternates):
        return True
    where = "" if row.line is not None else f"record {file.records}: "
    reason = f"{where}GT names allele {highest}, but the record has {len(row.alternates)} in ALT"
    problems.append(Problem(row.source, reason, row.line, "repair or re-export the file"))
    return False


def _all(targets: Targets) -> list[Target]:
    return [target for several in targets.by_chromosome.values() for target in several]


def _changes(targets: Targets) -> DefinedChanges:
    found = set()
    for target in _all(targets):
        for alternate in target.alternates:
            change = trim(target.start, target.window, alternate)
            found.add((target.chromosome, change.start, change.reference, change.alternate))
    return frozenset(found)
