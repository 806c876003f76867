"""What a laboratory delivered, as it entered the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bedside.genome.assay import Assay
from bedside.genome.observation import Observation


class Confirmation(Enum):
    """How far a result may go. Only `CLINICAL` may drive guidance."""

    CLINICAL = "clinical"
    RESEARCH = "research"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Result:
    """One accepted delivery about one person. Immutable; a newer one supersedes it, nothing overwrites it.

    `document` is the sha256 of the bytes that arrived; `sample` the name inside the file; times are aware
    UTC.
    """

    result_id: str
    person: str
    sample: str
    laboratory: str
    assay: Assay
    observations: tuple[Observation, ...]
    document: str
    received_at: datetime
    confirmation: Confirmation = Confirmation.CLINICAL
