"""The findings of a person that may be shown, as FHIR: each with its variants, through disclosure alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bedside.exchange.fhir_genomics_implied import disclosed
from bedside.exchange.fhir_genomics_out import ShownVariant, Writer
from bedside.genome.event import Event, EventKind
from bedside.genome.variant import parse_variant
from bedside.service.disclose import shown_findings
from bedside.service.genomics_match import core_of
from bedside.service.house import House

Resource = dict[str, Any]
BRINGS = frozenset({EventKind.STEP_TAKEN, EventKind.TASK_OPENED})
"""Kinds of events without which nobody has a finding."""


def findings_shown(
    house: House, writer: Writer, person: str, events: Sequence[Event]
) -> tuple[Resource, ...]:
    """Variants, and what each finding says of them. Nothing of a finding that is not confirmed, not signed
    off, or withheld."""
    if not any(event.kind in BRINGS for event in events):
        return ()
    variants: dict[str, Resource] = {}
    implications: list[Resource] = []
    for place in shown_findings(house, person):
        mine = [variants.setdefault(text, _variant(writer, text)) for text in place.finding.variants]
        if mine:
            implications.append(disclosed(writer, place.finding, mine))
    return (*variants.values(), *implications)


def _variant(writer: Writer, text: str) -> Resource:
    variant = parse_variant(text)
    return writer.variant(ShownVariant(variant.chromosome, *core_of(variant)))
