"""What was found in a tumour, as typed observations, and what was looked at. Nothing here interprets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.locus import Build


class Origin(Enum):
    """Whether a change was inherited, as the laboratory says."""

    SOMATIC = "somatic"
    GERMLINE = "germline"
    NOT_SAID = "not-said"


class Effect(Enum):
    """What a small variant does to the protein, worked out from where it lies."""

    MISSENSE = "missense"
    NONSENSE = "nonsense"
    FRAMESHIFT = "frameshift"
    INFRAME_DELETION = "inframe-deletion"
    INFRAME_INSERTION = "inframe-insertion"
    INFRAME_DELINS = "inframe-delins"
    SPLICE = "splice"
    START_LOST = "start-lost"
    STOP_LOST = "stop-lost"
    SYNONYMOUS = "synonymous"
    OTHER = "other"
    NOT_KNOWN = "not-known"


class Aspect(Enum):
    """What a test can look for in a gene."""

    SMALL = "small-variants"
    COPY_NUMBER = "copy-number"
    FUSION = "fusions"
    GERMLINE = "germline"


class CopyState(Enum):
    """What a laboratory says of a gene's copies."""

    AMPLIFIED = "amplified"
    GAIN = "gain"
    NEUTRAL = "neutral"
    LOSS = "loss"
    DELETED = "deleted"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the protein with its numbers: `L858R` is (L, 858, 858, R). alternate "" is not known."""

    reference: str
    first: int
    last: int
    alternate: str


@dataclass(frozen=True, slots=True)
class SmallVariant:
    """A substitution, deletion or insertion.

    chromosome, start, end: 1-based with both ends included; of an insertion the two bases it lies between;
    None where the report gives no place. exon, codons: worked out from the place. change: of the protein,
    where its numbers agree with the place. written: the protein text as it stood. vaf: 0 to 1.
    notes: what does not agree, in words.
    """

    gene: str
    effect: Effect
    build: Build | None = None
    chromosome: str = ""
    start: int | None = None
    end: int | None = None
    reference: str = ""
    alternate: str = ""
    exons: tuple[int, ...] = ()
    codons: tuple[int, int] | None = None
    change: Change | None = None
    splice_of: tuple[int, ...] = ()
    written: str = ""
    origin: Origin = Origin.NOT_SAID
    classification: str = ""
    vaf: float | None = None
    depth: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fusion:
    """Two genes joined; a partner that is not known is "". in_frame, kinase: None where nobody said.
    rna: whether it was seen in RNA."""

    five: str
    three: str
    in_frame: bool | None = None
    kinase: bool | None = None
    rna: bool | None = None

    @property
    def genes(self) -> frozenset[str]:
        """The partners that are known."""
        return frozenset({self.five, self.three}) - {""}


@dataclass(frozen=True, slots=True)
class ExonSkipping:
    """An exon left out of the transcript, as seen in RNA or stated by the laboratory."""

    gene: str
    exon: int
    rna: bool | None = None


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """The copies of a gene: the laboratory's word and its number."""

    gene: str
    state: CopyState
    copies: float | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A measured marker: microsatellites, mutational burden, immunohistochemistry, HLA, hormone receptors…

    name: `msi`, `mmr`, `tmb`, `hrd`, `hr`, `hla`, `PDL1_TPS`, `HER2`, … value: the word (`high`, `deficient`,
    `3+`, `A*02:01`); number: with its unit, where it is one; size: megabases a burden was counted on.
    """

    name: str
    value: str = ""
    number: float | None = None
    unit: str = ""
    size: float | None = None


TumourFinding = SmallVariant | Fusion | ExonSkipping | CopyNumber | Marker


@dataclass(frozen=True, slots=True)
class Scope:
    """What was looked at. genes: for each aspect the genes; everything: aspects looked at in every gene of
    the
    pack (an exome). markers: those that were measured or ordered with a stated answer."""

    genes: Mapping[Aspect, frozenset[str]] = field(default_factory=dict)
    everything: frozenset[Aspect] = frozenset()
    markers: frozenset[str] = frozenset()

    def looked_at(self, gene: str, aspect: Aspect) -> bool:
        """Whether a gene was looked at in an aspect."""
        return aspect in self.everything or gene in self.genes.get(aspect, frozenset())


NOTHING_SAID = Scope()


@dataclass(frozen=True, slots=True)
class Tumour:
    """One tumour sample. oncotree: its OncoTree code; scope: what was looked at, nothing where nobody
    said; patient: what was said of the person that trials ask for (`age`, `sex`, `disease_status`)."""

    sample: str
    oncotree: str
    findings: tuple[TumourFinding, ...]
    scope: Scope = NOTHING_SAID
    patient: Mapping[str, str] = field(default_factory=dict)

    def small(self, gene: str) -> tuple[SmallVariant, ...]:
        """The small variants of a gene."""
        return tuple(one for one in self.findings if isinstance(one, SmallVariant) and one.gene == gene)

    def markers(self, name: str) -> tuple[Marker, ...]:
        """The answers to one marker."""
        return tuple(one for one in self.findings if isinstance(one, Marker) and one.name == name)
