"""Reads which stretches a panel read completely: a BED file, 0-based and half open as BED is."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.intake.policy import default_policy

MOST_PROBLEMS = 20


def read_covered(path: Path) -> Mapping[str, tuple[tuple[int, int], ...]]:
    """By chromosome the stretches, 1-based with both ends included, sorted and joined. Raises IntakeError
    with every problem."""
    problems: list[Problem] = []
    found: dict[str, list[tuple[int, int]]] = {}
    policy = default_policy()
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip() or line.startswith(("#", "track", "browser")):
                    continue
                cells = line.rstrip("\r\n").split("\t")
                bad = len(cells) < 3 or not (cells[1].isdigit() and cells[2].isdigit())
                if bad or int(cells[1]) >= int(cells[2]):
                    problems.append(Problem(path.name, "is no line of a BED: chromosome, start, end", number))
                elif (chromosome := policy.chromosome(cells[0])) is not None:
                    found.setdefault(chromosome, []).append((int(cells[1]) + 1, int(cells[2])))
                if len(problems) >= MOST_PROBLEMS:
                    break
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise IntakeError.one(path.name, f"cannot be read: {type(error).__name__}") from error
    if not found and not problems:
        problems.append(Problem(path.name, "names no stretch of a chromosome"))
    if problems:
        raise IntakeError(problems)
    return {chromosome: joined(spans) for chromosome, spans in found.items()}


def joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The stretches in order, with those that touch made one."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return tuple(made)
