"""Which reference assembly a file is on: told, read from its header, or seen in its reference alleles; never
guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.errors import Problem
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.intake.header import Header
from bedside.intake.policy import IntakePolicy

TELL_US = "pass --build GRCh38 or --build GRCh37 if you know which it is"


@dataclass(slots=True)
class ReferenceTally:
    """How the records at a build's positions compare: whole changes known there, reference bases equal, or
    not.
    """

    known_changes: int = 0
    agreeing: int = 0
    differing: int = 0


@dataclass(frozen=True, slots=True)
class Clue:
    """A header line that speaks for a build."""

    build: Build
    line: int


def header_build(
    source: str, header: Header, told: Build | None, policy: IntakePolicy, problems: list[Problem]
) -> Build | None:
    """The build that the header or the person declares; None when neither does. Contradictions become
    problems.
    """
    clues = _clues(source, header, told, policy, problems)
    first = {clue.build: clue.line for clue in reversed(clues)}
    if len(first) > 1:
        line38, line37 = first[Build.GRCH38], first[Build.GRCH37]
        reason = f"the header contradicts itself: line {line38} says GRCh38, line {line37} says GRCh37"
        problems.append(Problem(source, reason, max(line38, line37), "repair the header at its source"))
        return None
    declared = next(iter(first), None)
    if told is not None and declared not in (None, told):
        reason = (
            f"build mismatch: told {told.value}, but the header says {declared.value if declared else ''}"
        )
        problems.append(
            Problem(
                source,
                reason,
                first[declared] if declared else None,
                "leave --build out, or repair the header",
            )
        )
    return told or declared


def seen_build(
    source: str, declared: Build | None, tallies: Mapping[Build, ReferenceTally], policy: IntakePolicy,
    problems: list[Problem], notices: list[Notice],
) -> Build | None:  # fmt: skip
    """The build after looking at the reference alleles: confirms what was declared, or decides when nothing
    was.
    """
    if declared is not None:
        if _contradicts(declared, tallies, policy):
            problems.append(_mismatch(source, declared, tallies))
        return declared
    scores = {
        build: (tally.known_changes, tally.agreeing - tally.differing) for build, tally in tallies.items()
    }
    best, other = sorted(scores, key=lambda build: scores[build], reverse=True)
    tally = tallies[best]
    if tally.agreeing > tally.differing and scores[best] > scores[other]:
        reason = (
            f"the header names no assembly; {best.value} was told from {tally.agreeing} reference alleles"
        )
        notices.append(Notice("build-from-reference-alleles", reason, source))
        return best
    reason = "the reference assembly cannot be told: the header names none, and no reference allele decides"
    problems.append(Problem(source, reason, remedy=TELL_US))
    return None


def other_build(build: Build) -> Build:
    """The one that it is not."""
    return Build.GRCH37 if build is Build.GRCH38 else Build.GRCH38


def _contradicts(declared: Build, tallies: Mapping[Build, ReferenceTally], policy: IntakePolicy) -> bool:
    mine, theirs = tallies[declared], tallies[other_build(declared)]
    enough = policy.minimum_contradicting_positions
    differs = mine.differing >= enough and mine.differing > mine.agreeing
    elsewhere = theirs.known_changes >= enough and theirs.known_changes > mine.known_changes
    return differs or elsewhere


def _mismatch(source: str, declared: Build, tallies: Mapping[Build, ReferenceTally]) -> Problem:
    mine, other = tallies[declared], other_build(declared)
    seen = mine.differing + mine.agreeing
    signs = [f"{mine.differing} of {seen} reference alleles differ"] if seen else []
    if tallies[other].known_changes:
        signs.append(f"{tallies[other].known_changes} known changes stand where {other.value} has them")
    reason = f"build mismatch: declared {declared.value}, but {', and '.join(signs)}"
    return Problem(source, reason, remedy="find out which assembly the file is on and correct its header")


def _clues(
    source: str, header: Header, told: Build | None, policy: IntakePolicy, problems: list[Problem]
) -> list[Clue]:
    clues: list[Clue] = []
    foreign: list[int] = []
    for line, text in header.assemblies:
        clues += _named(text, line, policy)
    for contig in header.contigs.values():
        clues += _named(contig.assembly, contig.line, policy)
        name = policy.chromosome(contig.name)
        known = next((chromosome for chromosome in policy.chromosomes if chromosome.name == name), None)
        if known is None:
            continue
        clues += [
            Clue(build, contig.line) for build in Build if _only(known.accessions, build) == contig.name
        ]
        if contig.length is None or known.name == "chrM":
            continue
        builds = [build for build in Build if known.lengths[build] == contig.length]
        clues += [Clue(build, contig.line) for build in builds]
        if not builds:
            foreign.append(contig.line)
    if foreign and told is None:
        reason = "a chromosome's length in the header is that of neither GRCh38 nor GRCh37"
        problems.append(Problem(source, reason, foreign[0], "only these two assemblies are read; " + TELL_US))
    return clues


def _only(accessions: Mapping[Build, str], build: Build) -> str | None:
    """An accession that belongs to one build alone."""
    return accessions[build] if accessions[build] != accessions[other_build(build)] else None


def _named(text: str, line: int, policy: IntakePolicy) -> list[Clue]:
    lowered = text.lower()
    return [
        Clue(build, line)
        for build, words in policy.build_words.items()
        if any(word in lowered for word in words)
    ]
