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

    HIGHLY_AMPLIFIED = "highly-amplified"
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
    where its numbers agree with the place. written: the protein text as it stood. vaf: 0 to 1. tandem:
    whether it repeats what stands beside it, None where nobody said. notes: what does not agree, in words.
    doubt: why the call may not count (the caller filtered it), "" for a call that counts.
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
    tandem: bool | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Fusion:
    """Two genes joined; a partner that is not known is "". in_frame, kinase: None where nobody said. rna:
    whether it was seen in RNA. doubt: why it may not count, "" where it does."""

    five: str
    three: str
    in_frame: bool | None = None
    kinase: bool | None = None
    rna: bool | None = None
    doubt: str = ""

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

    name: `msi`, `mmr`, `tmb`, `hrd`, `hr`, `hla`, `PDL1_TPS`, `HER2`, … value: the word (`high`,
    `deficient`, `3+`, `A*02:01`); number: with its unit, where it is one; size: megabases a burden was
    counted on.
    """

    name: str
    value: str = ""
    number: float | None = None
    unit: str = ""
    size: float | None = None


TumourFinding = SmallVariant | Fusion | ExonSkipping | CopyNumber | Marker


@dataclass(frozen=True, slots=True)
class Covered:
    """The part of a gene that was read. exons: those of which every coding base was; spliced: of which the
    two bases before and after were read too; codons: stretches that were read, in order."""

    exons: frozenset[int] = frozenset()
    spliced: frozenset[int] = frozenset()
    codons: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What was looked at. genes: for each aspect the genes; everything: aspects looked at in every gene of
    the pack (an exome). markers: those that were measured or ordered with a stated answer. partly: genes
    of which only a part was read for small variants."""

    genes: Mapping[Aspect, frozenset[str]] = field(default_factory=dict)
    everything: frozenset[Aspect] = frozenset()
    markers: frozenset[str] = frozenset()
    partly: Mapping[str, Covered] = field(default_factory=dict)

    def looked_at(self, gene: str, aspect: Aspect) -> bool:
        """Whether a gene was looked at in an aspect."""
        return aspect in self.everything or gene in self.genes.get(aspect, frozenset())


NOTHING_SAID = Scope()


@dataclass(frozen=True, slots=True)
class Tumour:
    """One tumour sample. oncotree: its OncoTree code; scope: what was looked at, nothing where nobody said;
    patient: what was said of the person that trials ask for (`age`, `sex`, `disease_status`); purity:
    the share of tumour cells, None where nobody said."""

    sample: str
    oncotree: str
    findings: tuple[TumourFinding, ...]
    scope: Scope = NOTHING_SAID
    patient: Mapping[str, str] = field(default_factory=dict)
    purity: float | None = None

    def small(self, gene: str) -> tuple[SmallVariant, ...]:
        """The small variants of a gene."""
        return tuple(one for one in self.findings if isinstance(one, SmallVariant) and one.gene == gene)

    def markers(self, name: str) -> tuple[Marker, ...]:
        """The answers to one marker."""
        return tuple(one for one in self.findings if isinstance(one, Marker) and one.name == name)
