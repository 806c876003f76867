"""The variants of a rare-disease case and the family they are seen in, as typed facts.

What was not looked at, not given or not known is a value of its own, never "absent" and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.pedigree import Pedigree
from bedside.genome.person import Sex


class Effect(Enum):
    """What a variant does to a gene, gravest first; UNDETERMINED is not "nothing"."""

    LOSS = "loss-of-function"
    IN_FRAME = "in-frame"
    MISSENSE = "missense"
    SPLICE_REGION = "splice-region"
    UNDETERMINED = "undetermined"
    SYNONYMOUS = "synonymous"
    NON_CODING = "non-coding"


class ClinicalClass(Enum):
    """What ClinVar says, in the groups that are weighed. NONE: asked, and it has no record that judges;
    NOT_AT_HAND: nobody asked."""

    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely-pathogenic"
    UNCERTAIN = "uncertain"
    CONFLICTING = "conflicting"
    LIKELY_BENIGN = "likely-benign"
    BENIGN = "benign"
    NONE = "none"
    NOT_AT_HAND = "not-at-hand"


@dataclass(frozen=True, slots=True)
class Classified:
    """A class with its stars and where it was read (`clinvar@…` or a field of the file)."""

    kind: ClinicalClass = ClinicalClass.NOT_AT_HAND
    stars: int = 0
    source: str = ""


class FrequencyState(Enum):
    """GIVEN: a number; ABSENT: the data set was asked and does not have the variant; NOT_GIVEN: nothing."""

    GIVEN = "given"
    ABSENT = "absent"
    NOT_GIVEN = "not-given"


@dataclass(frozen=True, slots=True)
class Frequency:
    """The highest frequency over populations. dataset and version as the source names them ("" when not)."""

    state: FrequencyState = FrequencyState.NOT_GIVEN
    value: float = 0.0
    dataset: str = ""
    version: str = ""


class CallState(Enum):
    """Whether a person's copies are known at a place."""

    CALLED = "called"
    UNUSABLE = "unusable"
    NOT_TESTED = "not-tested"


@dataclass(frozen=True, slots=True)
class Call:
    """One person at one variant. copies of the alternate, of `ploidy`; phase_set "" when unphased; strand: 1
    or 2, which of the two carries it within the phase set (0 when not phased)."""

    state: CallState = CallState.NOT_TESTED
    copies: int = 0
    ploidy: int = 2
    phase_set: str = ""
    strand: int = 0

    @property
    def known(self) -> int | None:
        """The copies; None when there is no usable call."""
        return self.copies if self.state is CallState.CALLED else None


NOT_TESTED = Call()


@dataclass(frozen=True, slots=True)
class Score:
    """A missense predictor's value."""

    predictor: str
    value: float


class Place(Enum):
    """Which rules of inheritance a place follows."""

    AUTOSOME = "autosome"
    X = "x"
    Y = "y"
    MITOCHONDRION = "mitochondrion"


@dataclass(frozen=True, slots=True)
class RareVariant:
    """A variant in one gene. name: `chr1-100-A-G` on the file's assembly; words: the consequence as written.
    The regions that X and Y share count as an autosome."""

    name: str
    gene: str
    place: Place
    effect: Effect
    words: str = ""
    frequency: Frequency = Frequency()
    classified: Classified = Classified()
    score: Score | None = None
    calls: Mapping[str, Call] = field(default_factory=dict)

    def of(self, member: str) -> Call:
        """A member's call; not tested when the file has none."""
        return self.calls.get(member, NOT_TESTED)


class Affected(Enum):
    """Whether a relative has what is looked for."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RareFamily:
    """A drawn family around one child (`proband`): who is affected, and who has a sample in the data."""

    proband: str
    pedigree: Pedigree
    affected: Mapping[str, Affected]
    sampled: frozenset[str]

    @property
    def mother(self) -> str:
        """The mother by blood, "" when not drawn."""
        return self.pedigree.members[self.proband].parents[0]

    @property
    def father(self) -> str:
        """The father by blood, "" when not drawn."""
        return self.pedigree.members[self.proband].parents[1]

    @property
    def sex(self) -> Sex:
        """The child's sex as recorded."""
        return self.pedigree.members[self.proband].sex

    def relatives(self) -> tuple[str, ...]:
        """Everybody else with a sample, in order."""
        return tuple(one for one in self.pedigree.members if one != self.proband and one in self.sampled)

    def status(self, member: str) -> Affected:
        """Whether somebody is affected."""
        return self.affected.get(member, Affected.UNKNOWN)
