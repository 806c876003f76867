"""The moment of an order: who, when, at which hook, which drafts, and what else is known of the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bedside.knowledge.pgx import Drug


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft order. drugs: its ingredients, empty when it names none or none was recognised.

    order: `MedicationRequest/123`. named: whether it names anything at all. resource: the draft as it came,
    from which a suggestion is made; empty where there is none.
    """

    order: str
    drugs: tuple[Drug, ...]
    named: bool = True
    text: str = ""
    resource: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A drug the person takes now, and for how many days; None when that is not known. dose: as its order
    states it, with how often; "" when that is not known."""

    drug: Drug
    days: int | None = None
    dose: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything a decision may depend on besides genes and knowledge.

    age in years, None when not known. problems: SNOMED CT and ICD-10 codes of present and past conditions,
    None when the list is not known (which is not the same as empty). medications_known: whether `taken` is
    the whole list.
    """

    hook: str
    day: date
    drafts: tuple[Draft, ...] = ()
    taken: tuple[Taken, ...] = ()
    medications_known: bool = False
    age: int | None = None
    problems: frozenset[str] | None = None

    @property
    def drugs_taken(self) -> tuple[Drug, ...]:
        """The drugs taken now, with those about to be ordered."""
        ordered = [drug for draft in self.drafts for drug in draft.drugs]
        return tuple(dict.fromkeys([*(taken.drug for taken in self.taken), *ordered]))


def age_on(birth: date, day: date) -> int:
    """Completed years of life."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
