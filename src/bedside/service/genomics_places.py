"""Ranges and changes as they were asked for, placed on GRCh38, where genomes are kept.

What stands on GRCh37 is lifted with the site's chain file or not at all: an answer from another place would
be worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bedside.errors import Problem
from bedside.exchange.fhir_genomics_ask import AskedChange, AskedRange, NotUnderstood
from bedside.genome.liftover import Chain
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES, Region
from bedside.intake.policy import default_policy
from bedside.knowledge.clinvar.read_file import read_chain
from bedside.settings import Settings

_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_NO_CHAIN = "the site has no chain file from GRCh37 to GRCh38 (BEDSIDE_CHAIN), so GRCh37 cannot be asked"


@dataclass(frozen=True, slots=True)
class Change:
    """A change on GRCh38: after the first `start` bases of the chromosome, `deleted` is replaced."""

    text: str
    chromosome: str
    start: int
    deleted: str
    inserted: str


@dataclass(frozen=True, slots=True)
class Place:
    """A range on GRCh38 as it was asked for."""

    text: str
    region: Region


def place_ranges(ranges: Sequence[AskedRange], settings: Settings) -> tuple[Place, ...]:
    """The ranges on GRCh38; `NotUnderstood` with every one that leads nowhere."""
    problems: list[Problem] = []
    placed = [_place(one, settings, problems) for one in ranges]
    if problems:
        raise NotUnderstood(problems)
    return tuple(one for one in placed if one is not None)


def place_changes(changes: Sequence[AskedChange], settings: Settings) -> tuple[Change, ...]:
    """The changes on GRCh38; `NotUnderstood` with every one that leads nowhere."""
    problems: list[Problem] = []
    placed = [_change(one, settings, problems) for one in changes]
    if problems:
        raise NotUnderstood(problems)
    return tuple(one for one in placed if one is not None)


def _place(asked: AskedRange, settings: Settings, problems: list[Problem]) -> Place | None:
    if asked.end > _length(asked.chromosome, asked.build):
        problems.append(Problem("ranges", "a range ends beyond the end of its chromosome"))
        return None
    if asked.build is Build.GRCH38:
        return Place(asked.text, Region(asked.chromosome, asked.start + 1, asked.end))
    ends = _lifted(asked.chromosome, (asked.start, asked.end - 1), 1, settings)
    if ends is None or ends[0][0] != ends[1][0] or ends[0][2] != ends[1][2]:
        problems.append(Problem("ranges", "an end of a range on GRCh37 has no place on GRCh38"))
        return None
    low, high = sorted((ends[0][1], ends[1][1]))
    if high - low > 2 * (asked.end - asked.start) + 1000:
        problems.append(Problem("ranges", "a range on GRCh37 is spread widely over GRCh38"))
        return None
    return Place(asked.text, Region(ends[0][0], low + 1, high + 1))


def _change(asked: AskedChange, settings: Settings, problems: list[Problem]) -> Change | None:
    if asked.start + len(asked.deleted) > _length(asked.chromosome, asked.build):
        problems.append(Problem("variants", "a variant lies beyond the end of its chromosome"))
        return None
    if asked.build is Build.GRCH38:
        return Change(asked.text, asked.chromosome, asked.start, asked.deleted, asked.inserted)
    size = len(asked.deleted)
    first = asked.start if size else asked.start - 1
    found = _lifted(asked.chromosome, (max(first, 0),), size or 2, settings)
    if found is None:
        problems.append(Problem("variants", "a variant on GRCh37 has no place on GRCh38"))
        return None
    chromosome, start, reverse = found[0]
    if not size:
        start += 1
    if not reverse:
        return Change(asked.text, chromosome, start, asked.deleted, asked.inserted)
    return Change(asked.text, chromosome, start, _turned(asked.deleted), _turned(asked.inserted))


def _turned(bases: str) -> str:
    return bases.translate(_COMPLEMENT)[::-1]


def _lifted(
    chromosome: str, starts: Sequence[int], size: int, settings: Settings
) -> tuple[tuple[str, int, bool], ...] | None:
    """Chromosome, 0-based start and strand of each stretch; None when one has no place."""
    chain = site_chain(settings)
    numbers = np.full(len(starts), CHROMOSOME_NUMBER[chromosome], np.int8)
    lengths = np.full(len(starts), size, np.int64)
    lifted = chain.lift(numbers, np.array(starts, np.int64) + 1, lengths)
    if not bool(lifted.mapped.all()):
        return None
    rows = zip(lifted.chromosome.tolist(), lifted.position.tolist(), lifted.reverse.tolist(), strict=True)
    return tuple((CHROMOSOMES[number - 1], position - 1, reverse) for number, position, reverse in rows)


def site_chain(settings: Settings) -> Chain:
    """The site's chain file; `NotUnderstood` when it has none, `PackError` when it cannot be read."""
    if settings.chain_file is None:
        raise NotUnderstood.one("GRCh37", _NO_CHAIN, remedy="ask on GRCh38")
    return _chain(settings.chain_file)


@lru_cache(maxsize=2)
def _chain(path: Path) -> Chain:
    return read_chain(path)


@lru_cache(maxsize=64)
def _length(chromosome: str, build: Build) -> int:
    return next(one.lengths[build] for one in default_policy().chromosomes if one.name == chromosome)
