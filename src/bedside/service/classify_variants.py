"""What the classification release in force says of variants; nothing where none was adopted or stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bedside.errors import StoreError
from bedside.genome.variant import Variant
from bedside.knowledge.classification import ClassifiedVariant
from bedside.service.house import House

if TYPE_CHECKING:
    from bedside.knowledge.clinvar.release import ClinvarRelease

CLASSIFICATIONS = "clinvar"
"""The source of classifications."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """A release, opened when it is first asked. `release` is its name, "" when there is none."""

    release: str
    _opened: ClinvarRelease | None = field(default=None, repr=False)

    def of(self, variant: Variant) -> tuple[ClassifiedVariant, ...]:
        """Every record about a variant."""
        return () if self._opened is None else self._opened.at(variant)


def classifier(house: House) -> Classifier:
    """The release in force (`clinvar_in_force`). Raises `StoreError` when the record speaks a release that is
    not at hand."""
    from bedside.errors import PackError
    from bedside.service.reanalyse_release import clinvar_in_force

    adopted = house.ledger.release(CLASSIFICATIONS)
    try:
        opened = clinvar_in_force(house)
    except PackError as error:
        if adopted is None:
            return Classifier("")
        raise StoreError(
            f"the record speaks release {adopted}, which is not at hand; add it again"
        ) from error
    return Classifier(str(opened.release), opened)
