"""The meaning of one gene's observation under one knowledge release."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.genome.diplotype import Diplotype


class CallStatus(Enum):
    """The four answers about a gene. Only `CALLED` leads to guidance (but see `by_single_position`)."""

    CALLED = "called"
    NO_CALL = "no-call"
    NOT_TESTED = "not-tested"
    INDETERMINATE = "indeterminate"


class CallSource(Enum):
    """Who made the call."""

    MATCHER = "matcher"
    OUTSIDE = "outside"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that limits an answer: a stable code, and a sentence for people."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


@dataclass(frozen=True, slots=True)
class MissingPosition:
    """A defining position without a usable observation.

    locus: `chr10:94781859` (GRCh38). state: the typed state in words, such as `not tested` or `filtered:
    LowQual`. could_change_phenotype: whether some value there would change the phenotype; None when not
    worked out.
    """

    locus: str
    rsid: str
    state: str
    could_change_phenotype: bool | None = None


@dataclass(frozen=True, slots=True)
class GeneCall:
    """Everything known about one gene of one person from one observation, before any knowledge of drugs.

    source_diplotypes: every pair (or single haploid allele) that fits equally well.
    possible_diplotypes: every pair that fits, when population frequency picked among them (NAT2).
    component_alleles: single alleles where strands are unknown (DPYD, RYR1), repeated when on both strands.
    recommendation_diplotypes: the pairs that guidance is looked up with.
    phenotypes, activity_scores: of the recommendation diplotypes, in their order, without repeats.
    lookup_keys: likewise; none for a call made for research only.
    display: the call as a report prints it, where that differs (`c.520C>T (heterozygous)`).
    partial: what is known when no named pair fits: every pair of strands with its unexplained variants.
    settle_with: the positions or the test that would turn an ambiguous or missing answer into one.
    """

    gene: str
    status: CallStatus
    source: CallSource = CallSource.NONE
    source_diplotypes: tuple[Diplotype, ...] = ()
    possible_diplotypes: tuple[Diplotype, ...] = ()
    component_alleles: tuple[str, ...] = ()
    recommendation_diplotypes: tuple[Diplotype, ...] = ()
    phenotypes: tuple[str, ...] = ()
    activity_scores: tuple[str, ...] = ()
    lookup_keys: tuple[str, ...] = ()
    display: tuple[str, ...] = ()
    phased: bool = False
    partial: tuple[str, ...] = ()
    missing_positions: tuple[MissingPosition, ...] = ()
    uncallable_alleles: tuple[str, ...] = ()
    settle_with: tuple[str, ...] = ()
    warnings: tuple[Limit, ...] = ()

    @property
    def lookup_key(self) -> str | None:
        """The one key that guidance may use, or None when there is none or candidates disagree.

        A gene that is not called may still have a key, when its release names one position that guidance
        rests on alone (SLCO1B1 rs4149056): such a call has recommendation diplotypes but no source
        diplotype.
        """
        usable = self.status is CallStatus.CALLED or self.by_single_position
        return self.lookup_keys[0] if usable and len(self.lookup_keys) == 1 else None

    @property
    def by_single_position(self) -> bool:
        """Whether guidance rests on one position of a gene that could not be called."""
        return self.status is CallStatus.NO_CALL and bool(self.recommendation_diplotypes)
