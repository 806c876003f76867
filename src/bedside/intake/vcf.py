"""Laboratory files of any VCF kind → one table of typed states, positions × people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import GenotypeTable, Notice, SourceFile
from bedside.genome.locus import Build, Locus
from bedside.genome.state import NOT_TESTED, PositionState
from bedside.intake.phase_sets import renumber
from bedside.intake.policy import IntakePolicy, default_policy
from bedside.intake.read_file import FileRead, read_file, wanted
from bedside.knowledge.pgx import PgxPack


def read_genotypes(
    paths: Sequence[Path],
    pack: PgxPack,
    *,
    build: Build | None = None,
    policy: IntakePolicy | None = None,
    lines: Mapping[Path, Sequence[tuple[int, bytes]]] | None = None,
) -> GenotypeTable:
    """The states of every position of every gene of the pack, in pack order, for every sample of the files.

    Several files may hold chromosomes of the same samples, or different samples. Raises `IntakeError` with
    every problem of every file; then nothing of any of them is used. lines: of files that were read already,
    the lines that touch the pack's positions.
    """
    look_for = wanted(pack)
    policy = policy or default_policy()
    problems: list[Problem] = []
    files: list[FileRead] = []
    for path in paths:
        try:
            files.append(read_file(path, look_for, build, policy, (lines or {}).get(path)))
        except IntakeError as reason:
            problems.extend(reason.problems)
    if not paths:
        problems.append(Problem("input", "no file was given"))
    groups = _same_people(files, problems)
    if problems:
        raise IntakeError(problems)
    read = tuple(
        SourceFile(str(path), file.build, file.samples) for path, file in zip(paths, files, strict=True)
    )
    return replace(_table(groups, pack), files=read)


def _same_people(files: Iterable[FileRead], problems: list[Problem]) -> list[list[FileRead]]:
    """Files of the same samples taken together; a sample in two files that differ otherwise is a problem."""
    groups: dict[tuple[str, ...], list[FileRead]] = {}
    first_file: dict[str, FileRead] = {}
    for file in files:
        key = tuple(sorted(file.samples))
        clash = next((first_file[name] for name in file.samples if name in first_file), None)
        if clash is not None and key not in groups:
            reason = f"shares a sample name with {clash.source}, but the two files hold different samples"
            problems.append(
                Problem(file.source, reason, remedy="give files of the same samples, or of different ones")
            )
            continue
        _demand_other_positions(file, groups.get(key, []), problems)
        groups.setdefault(key, []).append(file)
        for name in file.samples:
            first_file.setdefault(name, file)
    return list(groups.values())


def _demand_other_positions(file: FileRead, others: Iterable[FileRead], problems: list[Problem]) -> None:
    for other in others:
        if file.build is not other.build:
            reason = (
                f"is on {file.build.value}, but {other.source} has the same samples on {other.build.value}"
            )
            problems.append(Problem(file.source, reason, remedy="give files of one build"))
        shared = len(file.positions.keys() & other.positions.keys())
        if shared:
            reason = f"the same sample names stand in {other.source}, with {shared} of the same positions"
            problems.append(
                Problem(file.source, reason, remedy="give each sample once, or files split by chromosome")
            )


def _table(groups: Sequence[Sequence[FileRead]], pack: PgxPack) -> GenotypeTable:
    samples = tuple(name for group in groups for name in group[0].samples)
    loci: list[Locus] = []
    states: list[tuple[PositionState, ...]] = []
    codes: NDArray[np.unsignedinteger] = np.zeros((_positions(pack), len(samples)), np.uint8)
    row = 0
    for gene in pack.genes.values():
        rows = range(row, row + len(gene.positions))
        loci.extend(
            Locus(Build.GRCH38, position.chromosome, position.position) for position in gene.positions
        )
        gathered = [_row(groups, one, len(samples)) for one in rows]
        for one, (row_states, row_codes) in zip(
            rows, renumber([each for each, _ in gathered], [each for _, each in gathered]), strict=True
        ):
            codes = _wide_enough(codes, len(row_states))
            codes[one] = row_codes
            states.append(row_states)
        row += len(gene.positions)
    notices = tuple(notice for group in groups for file in group for notice in file.notices)
    return GenotypeTable(samples, tuple(loci), tuple(states), codes, notices + _absent(groups, pack))


def _positions(pack: PgxPack) -> int:
    return sum(len(gene.positions) for gene in pack.genes.values())


def _wide_enough(codes: NDArray[np.unsignedinteger], states: int) -> NDArray[np.unsignedinteger]:
    for dtype in (np.uint8, np.uint16, np.uint32):
        if states <= np.iinfo(dtype).max + 1:
            return codes if codes.dtype.itemsize >= np.dtype(dtype).itemsize else codes.astype(dtype)
    raise ValueError("more distinct states than people can have")


def _row(
    groups: Sequence[Sequence[FileRead]], row: int, people: int
) -> tuple[tuple[PositionState, ...], NDArray[np.unsignedinteger]]:
    """One position over all people; the files of one group speak of different positions."""
    known: dict[PositionState, int] = {NOT_TESTED: 0}
    parts: list[NDArray[np.unsignedinteger]] = []
    for group in groups:
        file = next((file for file in group if row in file.positions), None)
        if file is None:
            parts.append(np.zeros(len(group[0].samples), np.uint8))
            continue
        states, codes = file.positions[row]
        remap = np.array([known.setdefault(state, len(known)) for state in states])
        remap = remap.astype(np.uint8 if len(known) < 257 else np.uint32)
        parts.append(remap[_in_order(codes, file.samples, group[0].samples)])
    return tuple(known), parts[0] if len(parts) == 1 else np.concatenate(parts)


def _in_order(
    codes: NDArray[np.unsignedinteger], names: tuple[str, ...], order: tuple[str, ...]
) -> NDArray[np.unsignedinteger]:
    """Codes in the order of the group's first file, whatever order this file has its samples in."""
    if names == order:
        return codes
    column = {name: number for number, name in enumerate(names)}
    return codes[[column[name] for name in order]]


def _absent(groups: Sequence[Sequence[FileRead]], pack: PgxPack) -> tuple[Notice, ...]:
    """Genes that a person's files say nothing about: not an error, and never reference."""
    notices: list[Notice] = []
    for group in groups:
        spoken = {row for file in group for row in file.positions}
        row = 0
        missing = []
        for gene in pack.genes.values():
            rows = range(row, row + len(gene.positions))
            row += len(gene.positions)
            if gene.positions and not spoken & set(rows):
                missing.append(gene.symbol)
        if missing and spoken:
            reason = f"no record for {', '.join(missing)}: not tested"
            notices.append(Notice("gene-absent", reason, group[0].source))
    return tuple(notices)
