"""The person a record is about, and what else is known of them at the moment of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.genome.code import Code


class Sex(Enum):
    """Administrative sex, in FHIR's four words."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number a person is known by elsewhere: `system` names who gave it (a URI), `value` is the number."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a record. `person` is Bedside's own id; `ancestry` is as recorded by the site, "" when
    not."""

    person: str
    given: str = ""
    family: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    identifiers: tuple[Identifier, ...] = ()
    ancestry: str = ""


class ItemStatus(Enum):
    """Whether a medication is being taken, or a problem is present."""

    ACTIVE = "active"
    ENDED = "ended"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug a person takes or took, as coded (RxNorm ingredient or product, or ATC); `since` when it was
    recorded."""

    drug: Code
    status: ItemStatus = ItemStatus.ACTIVE
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A condition on the problem list, as coded (SNOMED CT, ICD-10-CM)."""

    condition: Code
    status: ItemStatus = ItemStatus.ACTIVE
    since: date | None = None
