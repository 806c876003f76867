"""How many copies of each effect allele one person has, with an account of every variant of the score.

What was not tested, could not be called or cannot be told apart is never zero copies: it is left out of the
sum and counted against the match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bedside.knowledge.scoring_file import ScoringFile
from bedside.knowledge.scoring_rows import Placing

LAST_AUTOSOME = 22
_OPPOSITE = str.maketrans("ACGT", "TGCA")


class Outcome(IntEnum):
    """What became of one variant of a score in one person."""

    CARRIED = 0
    REFERENCE_SEEN = 1
    NOT_TESTED = 2
    NOT_CALLABLE = 3
    AMBIGUOUS = 4
    OTHER_ALLELES = 5
    SEVERAL_ALLELES = 6
    REFERENCE_UNKNOWN = 7
    NOT_AUTOSOMAL = 8
    NO_PLACE = 9
    OTHER_CONTIG = 10
    NO_BASES = 11
    NOT_IN_PANEL = 12


WORDS: Mapping[Outcome, str] = {
    Outcome.CARRIED: "matched: an alternate allele was seen",
    Outcome.REFERENCE_SEEN: "matched: every copy was seen as the reference",
    Outcome.NOT_TESTED: "not tested",
    Outcome.NOT_CALLABLE: "looked at without a usable answer",
    Outcome.AMBIGUOUS: "A/T or C/G: the same on both strands",
    Outcome.OTHER_ALLELES: "other alleles than the score's",
    Outcome.SEVERAL_ALLELES: "several alternate alleles at once",
    Outcome.REFERENCE_UNKNOWN: "seen as the reference, whose allele is not known",
    Outcome.NOT_AUTOSOMAL: "on a sex chromosome or chrM",
    Outcome.NO_PLACE: "without a place in the scoring file",
    Outcome.OTHER_CONTIG: "on a contig that is no chromosome",
    Outcome.NO_BASES: "no bases in the scoring file",
    Outcome.NOT_IN_PANEL: "without an answer in everybody of the panel",
}
COUNTED = (Outcome.CARRIED, Outcome.REFERENCE_SEEN)
_PLACINGS = {
    Placing.NO_PLACE: Outcome.NO_PLACE,
    Placing.OTHER_CONTIG: Outcome.OTHER_CONTIG,
    Placing.NO_BASES: Outcome.NO_BASES,
}


class Looked(IntEnum):
    """Whether the place of a variant was looked at in a person."""

    NOT_TESTED = 0
    CALLED = 1
    NOT_CALLABLE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Genotypes:
    """One person at the places of a score, one entry for each of its variants, in its order.

    reference: the genome's allele there, "" when not known. alternate: the allele that is carried beside it
    or instead, "" when none is. copies: of the alternate. several: more than one alternate allele is carried.
    """

    looked: NDArray[np.int8]
    reference: Sequence[str]
    alternate: Sequence[str]
    copies: NDArray[np.int8]
    several: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.looked)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The account. copies: of the effect allele, -1 where the variant does not count."""

    outcome: NDArray[np.int8]
    copies: NDArray[np.int8]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which variants go into the sum."""
        counted: NDArray[np.bool_] = self.copies >= 0
        return counted

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many variants came to each outcome; together all of the score's."""
        numbers = np.bincount(self.outcome, minlength=len(Outcome))
        return {one: int(numbers[one]) for one in Outcome if numbers[one]}

    @property
    def share(self) -> float:
        """The share of the score's variants that go into the sum."""
        return float(self.counted.mean())


def match(score: ScoringFile, person: Genotypes) -> Matching:
    """Copies of each effect allele, or why there is none to count."""
    if len(person) != len(score):
        raise ValueError("a person's genotypes stand at the places of the score, one for each variant")
    outcome = np.empty(len(score), np.int8)
    copies = np.full(len(score), -1, np.int8)
    for row in range(len(score)):
        outcome[row], copies[row] = _one(score, person, row)
    return Matching(outcome, copies)


def only_with(matching: Matching, answered: NDArray[np.bool_]) -> Matching:
    """The account with only those variants counting that everybody of the panel has an answer at."""
    dropped = matching.counted & ~answered
    return Matching(
        np.where(dropped, Outcome.NOT_IN_PANEL, matching.outcome).astype(np.int8),
        np.where(dropped, -1, matching.copies).astype(np.int8),
    )


def sum_of(score: ScoringFile, matching: Matching) -> float:
    """The weights added up over the variants that count."""
    rows = np.flatnonzero(matching.counted)
    return float(score.weights[rows, matching.copies[rows]].sum())


def panel_sums(
    score: ScoringFile, copies: NDArray[np.int8], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The sums of a panel over the same variants as a person's: copies of the effect allele, people by
    variants (-1 not known). Raises ValueError where somebody of the panel lacks one of them."""
    rows = np.flatnonzero(counted)
    seen = copies[:, rows]
    if (seen < 0).any():
        raise ValueError("somebody of the panel has no answer at a variant that counts")
    added: NDArray[np.float64] = score.weights[rows[None, :], seen].sum(axis=1)
    return added


def _one(score: ScoringFile, person: Genotypes, row: int) -> tuple[Outcome, int]:
    placing = Placing(int(score.placing[row]))
    if placing is not Placing.PLACED:
        return _PLACINGS[placing], -1
    if score.chromosome[row] > LAST_AUTOSOME:
        return Outcome.NOT_AUTOSOMAL, -1
    effect, other = score.effect[row], score.other[row]
    if other and effect == _opposite(other):
        return Outcome.AMBIGUOUS, -1
    looked = person.looked[row]
    if looked != Looked.CALLED:
        return (Outcome.NOT_TESTED if looked == Looked.NOT_TESTED else Outcome.NOT_CALLABLE), -1
    if person.several[row]:
        return Outcome.SEVERAL_ALLELES, -1
    reference, alternate = person.reference[row], person.alternate[row]
    single = len(effect) == 1 and len(other) <= 1
    if not reference:
        return Outcome.REFERENCE_UNKNOWN, -1
    if not other and _opposite(effect) in {reference, alternate} - {effect}:
        return Outcome.AMBIGUOUS, -1  # the score names one letter, and the person's are A/T or C/G
    if not alternate:
        return _as_reference(effect, other, reference) if single else (Outcome.REFERENCE_UNKNOWN, -1)
    named = {effect, other} if other else {effect}
    if not named <= {reference, alternate}:
        return Outcome.OTHER_ALLELES, -1
    copies = int(person.copies[row])
    return Outcome.CARRIED, copies if effect == alternate else 2 - copies


def _opposite(allele: str) -> str:
    """The allele as the other strand reads it."""
    return allele.translate(_OPPOSITE)[::-1]


def _as_reference(effect: str, other: str, reference: str) -> tuple[Outcome, int]:
    """Both copies are the reference: two of the effect allele where it is that, else none."""
    if effect == reference:
        return Outcome.REFERENCE_SEEN, 2
    if other in ("", reference):
        return Outcome.REFERENCE_SEEN, 0
    return Outcome.OTHER_ALLELES, -1
