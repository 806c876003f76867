"""What was observed about a gene: genotypes, or a laboratory's own call. Never its meaning.

Observations are immutable and addressed by content, so that a new knowledge release re-interprets each
distinct observation once and never touches its bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bedside.genome.locus import Locus
from bedside.genome.state import PositionState


@dataclass(frozen=True, slots=True)
class GenotypePattern:
    """The states of a gene's positions in one person, in position order. Most people share theirs with
    others."""

    gene: str
    loci: tuple[Locus, ...]
    states: tuple[PositionState, ...]


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """A call that another laboratory or tool made: a diplotype, a phenotype, an activity score, or several of
    them."""

    gene: str
    diplotype: str = ""
    phenotype: str = ""
    activity_score: str = ""


Observation = GenotypePattern | OutsideCall


def digest(content: bytes) -> str:
    """sha256 in hexadecimal: how documents, packs and observations are named."""
    return hashlib.sha256(content).hexdigest()
