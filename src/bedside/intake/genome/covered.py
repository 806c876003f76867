"""A BED file with which a laboratory says where no record means reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.intake.compression import lines
from bedside.intake.genome.spans import NOTHING, Spans, joined, places
from bedside.intake.policy import IntakePolicy

_MOST_PROBLEMS = 100
_NOT_INTERVALS = ("#", "track", "browser")
_REMEDY = "give a BED file: chromosome, start counted from 0, end; separated by tabs"


def read_covered(path: Path, build: Build, policy: IntakePolicy) -> Spans:
    """The intervals on primary chromosomes (0-based and half-open in the file); raises `IntakeError` with
    every bad line."""
    problems: list[Problem] = []
    lengths = {one.name: one.lengths[build] for one in policy.chromosomes}
    found: list[tuple[int, int, int]] = []
    intervals = 0
    for number, raw in enumerate(lines(path), start=1):
        text = raw.decode("utf-8", "replace").rstrip()
        if not text or text.startswith(_NOT_INTERVALS):
            continue
        intervals += 1
        words = text.split("\t") if "\t" in text else text.split()
        if len(words) < 3 or not words[1].isdecimal() or not words[2].isdecimal():
            problems.append(Problem(path.name, "not an interval", number, _REMEDY))
        elif (chromosome := policy.chromosome(words[0])) is not None:
            start, end = int(words[1]), int(words[2])
            if start >= end:
                problems.append(Problem(path.name, "the interval ends before it begins", number, _REMEDY))
            elif end > lengths[chromosome]:
                reason = f"the interval lies beyond the chromosome's end in {build.value}"
                problems.append(Problem(path.name, reason, number, "give the BED of the file's own assembly"))
            else:
                found.append((CHROMOSOME_NUMBER[chromosome], start + 1, end))
        if len(problems) >= _MOST_PROBLEMS:
            break
    if not found and not problems:
        reason = "holds no interval on a primary chromosome" if intervals else "holds no interval"
        problems.append(Problem(path.name, reason, remedy=_REMEDY))
    if problems:
        raise IntakeError(problems)
    table = np.array(found, np.int64)
    numbers = table[:, 0].astype(np.int8)
    return (
        joined(Spans(places(numbers, table[:, 1]), places(numbers, table[:, 2]))) if len(table) else NOTHING
    )
