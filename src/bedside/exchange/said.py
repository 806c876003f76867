"""What a document that brings a result says of itself, in whatever format it came: whose it is, of which
order, how final. What it means is not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bedside.genome.person import Sex

FINAL = frozenset({"F", "C"})
"""States of a result (HL7 table 0123, which every format is told in) that may be acted on: final, and final
after a correction."""
CANCELLED = "X"
PRELIMINARY = "P"


@dataclass(frozen=True, slots=True)
class SaidIdentifier:
    """A number the document gives the patient: the number without spaces, and who gave it, "" when it does
    not say."""

    value: str
    authority: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SaidPatient:
    """The patient as the document names them."""

    identifiers: tuple[SaidIdentifier, ...]
    family: str
    given: str
    birth_date: date | None
    sex: Sex


@dataclass(frozen=True, slots=True)
class Said:
    """A document of one result. control_id: the sender's number of the document. placer: our number of the
    order, filler the laboratory's number of the result. processing: "P" when it is about patients rather
    than a test of an interface. content: digest of what it says, so that the same result sent again is the
    same."""

    control_id: str
    sender: str
    processing: str
    patient: SaidPatient
    placer: str
    filler: str
    status: str
    reported_at: datetime | None
    collected_at: datetime | None
    received_at: datetime | None
    content: str

    @property
    def may_be_acted_on(self) -> bool:
        """Whether it is final, and about patients."""
        return self.status in FINAL and self.processing == "P"
