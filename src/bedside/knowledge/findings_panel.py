"""A panel of hereditary findings: which gene and disease is looked for, and when a variant there counts.

Everything medical about it (the genes, how many copies, which mechanism, which variants, from which age) is
data under `data/findings/`; here are only the words it is written in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.consent import Scope
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.variant import Variant
from bedside.knowledge.classification import Classification
from bedside.knowledge.provenance import Provenance


class Inheritance(Enum):
    """How the disease is inherited, in the field's short words."""

    DOMINANT = "AD"
    RECESSIVE = "AR"
    X_LINKED = "XL"


class Copies(Enum):
    """How many copies of the gene must be affected.

    TWO is a homozygote or two variants in trans. X_ANY is one variant in either sex; X_TWO one in a male, two
    in a female.
    """

    ONE = "one"
    TWO = "two"
    HOMOZYGOUS = "homozygous"
    X_ANY = "x-any"
    X_TWO = "x-two"


class Mechanism(Enum):
    """What a variant must do to the gene to cause the disease.

    LOSS: losing the gene's product causes it. ALTERED: an altered product does, so that a truncating variant
    needs a person's judgement. TRUNCATING_ONLY: only truncating variants are looked for. LOSS_PROTECTS: a
    truncating variant has the opposite effect, and others count when established. NAMED_ONLY: only the
    variants that the panel names, whatever their class. UNSTATED: no source at hand; treated as ALTERED.
    """

    LOSS = "loss"
    ALTERED = "altered"
    TRUNCATING_ONLY = "truncating-only"
    LOSS_PROTECTS = "loss-protects"
    NAMED_ONLY = "named-only"
    UNSTATED = "unstated"


class Onset(Enum):
    """Whether knowing in childhood can help the child."""

    ADULT = "adult"
    CHILDHOOD = "childhood"


class ExampleKind(Enum):
    """What an example shows of a rule: that it fires, that it does not, and what it does when unsure."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One gene and disease. `published` is what the list itself says to report, word for word; `note` what a
    reader must know beside it; the two bases say where mechanism and onset come from."""

    gene: str
    gene_mim: str
    disease: str
    disease_mim: tuple[str, ...]
    category: str
    inheritance: Inheritance
    copies: Copies
    mechanism: Mechanism
    mechanism_basis: str
    onset: Onset
    onset_basis: str
    since: str
    published: str
    note: str = ""

    @property
    def exceptional(self) -> bool:
        """Whether more than "any pathogenic variant, one copy" decides, so that examples must show it."""
        return self.copies is not Copies.ONE or self.mechanism is not Mechanism.LOSS


@dataclass(frozen=True, slots=True)
class NamedVariant:
    """A variant that a row names: the only one it looks for, or one established to act as the row asks."""

    gene: str
    variant: Variant
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A variant that a site never screens for, and why."""

    variant: Variant
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class ExampleVariant:
    """A variant of a made-up person in an example."""

    variant: Variant
    zygosity: Zygosity
    phase_set: int | None
    strands: int
    classification: Classification
    stars: int
    consequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A made-up person, and what the panel must say of them; tests collect and run every one."""

    gene: str
    disease: str
    kind: ExampleKind
    says: str
    sex: Sex
    age: int | None
    carried: tuple[ExampleVariant, ...]
    outcome: str
    reason: str


class AgeUnknown(Enum):
    """An adult-onset finding where nobody knows the age: kept back, shown to a person, or reported."""

    HOLD = "hold"
    REVIEW = "review"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Policy:
    """The layered policy of a panel.

    report_stars, review_stars: from how many ClinVar stars a class is reported, or shown to a person.
    consent: the layers somebody must have given. withhold_adult_onset: whether minors hear of
    adult-onset disease only at majority. majority: the age of it. truncating: SO terms that count as
    truncating. confirmatory: whether a finding only ever asks for a second test, as newborn screening does.
    age_unknown: what becomes of an adult-onset finding of somebody without a birth date on record.
    """

    report_stars: int
    review_stars: int
    consent: tuple[Scope, ...]
    withhold_adult_onset: bool
    majority: int
    truncating: frozenset[str]
    confirmatory: bool = False
    age_unknown: AgeUnknown = AgeUnknown.HOLD


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """Something the list asks for that small variants cannot answer."""

    gene: str
    what: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A list of findings in one version, with everything needed to apply it. sha256 is of all its files."""

    provenance: Provenance
    version: str
    policy: Policy
    rows: tuple[PanelRow, ...]
    named: tuple[NamedVariant, ...]
    blocked: Mapping[Variant, Blocked]
    examples: tuple[Example, ...]
    not_assessed: tuple[NotAssessed, ...]
    sha256: str
    by_gene: Mapping[str, tuple[PanelRow, ...]] = field(init=False)
    named_variants: Mapping[Variant, NamedVariant] = field(init=False)

    def __post_init__(self) -> None:
        grouped: dict[str, tuple[PanelRow, ...]] = {}
        for row in self.rows:
            grouped[row.gene] = (*grouped.get(row.gene, ()), row)
        object.__setattr__(self, "by_gene", grouped)
        object.__setattr__(self, "named_variants", {one.variant: one for one in self.named})

    @property
    def name(self) -> str:
        """The panel's short name, as commands know it."""
        return self.provenance.name

    @property
    def release(self) -> str:
        """Name, version and digest: `acmg-sf@3.3#1a2b3c4d5e6f`."""
        return f"{self.name}@{self.version}#{self.sha256[:12]}"
