"""What came of a rapid genome in a sick newborn: the outcome form and notes of management, as typed facts.

Nothing here is worked out: people enter it. What was not entered is None, never 0 and never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Yield(Enum):
    """What the genome said about the illness."""

    DIAGNOSIS = "diagnosis"
    UNCERTAIN = "uncertain"
    NONE = "none"
    NOT_KNOWN = "not-known"


class CostKind(Enum):
    """Which side a line of cost stands on."""

    TESTING = "testing"
    CARE_ADDED = "care-added"
    CARE_AVOIDED = "care-avoided"


NOTHING_CHANGES = "none"
"""The kind of a note that says: looked at, and nothing changes."""


@dataclass(frozen=True, slots=True)
class ManagementNote:
    """What somebody said changes in care. kind: of the pack; text: in their own words."""

    kind: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of cost, from low to high (equal when it is known), with what it rests on."""

    kind: CostKind
    low: float
    high: float
    currency: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome form of one case. changed: whether care was changed. hours_to_result: from admission to
    the first result. avoided: procedures with their number."""

    found: Yield
    changed: bool | None
    hours_to_result: float | None = None
    hospital_days: int | None = None
    avoided_days: int | None = None
    avoided: Mapping[str, int] | None = None
    costs: tuple[CostLine, ...] = ()
