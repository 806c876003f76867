"""A case: what was found in one person, as terms of the Human Phenotype Ontology, and what is not there.

Only what a person has confirmed counts: `observed` and `excluded` give nothing else. A term nobody spoke of
is in neither, and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bedside.genome.person import Sex

DAYS_IN_YEAR = 365.25


class FeatureStatus(Enum):
    """What was said of a feature. Only OBSERVED and EXCLUDED are about this person and certain."""

    OBSERVED = "observed"
    EXCLUDED = "excluded"
    UNCERTAIN = "uncertain"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Age:
    """An age after birth, in whole days of the duration as written (`P2Y6M`)."""

    days: int
    written: str

    @property
    def years(self) -> float:
        """The age in years."""
        return self.days / DAYS_IN_YEAR


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Somewhere between two ages."""

    start: Age
    end: Age


@dataclass(frozen=True, slots=True)
class GestationalAge:
    """An age before birth, counted from the last menstruation."""

    weeks: int
    days: int = 0


@dataclass(frozen=True, slots=True)
class LifeStage:
    """A stage of life by its term, such as `HP:0003577` (congenital onset)."""

    term: str
    label: str = ""


Moment = Age | AgeRange | GestationalAge | LifeStage
"""When in a life; None wherever it was not stated, which is no moment at all."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a case. source: the place it was read from; confirmed: whether a person stands for it.

    `written` is the id as the source had it, when `term` took its place.
    """

    term: str
    status: FeatureStatus
    confirmed: bool
    source: str
    label: str = ""
    onset: Moment | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one person's features.

    unknown: features whose id the release of HPO does not have, kept and never ranked; diagnoses and genes
    (HGNC id or symbol): what the source says is the cause, for evaluation only; citations: `PMID:…`.
    """

    id: str
    sex: Sex = Sex.UNKNOWN
    features: tuple[Feature, ...] = ()
    unknown: tuple[Feature, ...] = ()
    last_seen: Moment | None = None
    disease_onset: Moment | None = None
    diagnoses: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()

    @property
    def observed(self) -> tuple[str, ...]:
        """The confirmed terms found, each once, in the order of the source."""
        return _terms(self.features, FeatureStatus.OBSERVED)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The confirmed terms looked for and not found; one that was also found (at another time) counts as
        found."""
        found = set(self.observed)
        return tuple(one for one in _terms(self.features, FeatureStatus.EXCLUDED) if one not in found)


def _terms(features: Iterable[Feature], status: FeatureStatus) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.term for one in features if one.confirmed and one.status is status))
