"""What a dossier still lacks before a payer can read it: the gate of completeness."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from bedside.knowledge.dossier import PICOTS, Certainty, Domain, Dossier

PARTS = ("picots", "acce", "certainty", "actionability", "sources", "economics", "gaps")
"""What is looked at, in this order."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing, in the part it belongs to, in words."""

    part: str
    what: str


def lacks(dossier: Dossier, models: Collection[str], today: date) -> tuple[Lack, ...]:
    """Everything a dossier lacks; empty when it is complete. models: the economic models at hand."""
    return (
        *(Lack("picots", f"{name} is not said") for name in PICOTS if not dossier.picots[name].strip()),
        *_acce(dossier),
        *_certainty(dossier),
        *_actionability(dossier),
        *_sources(dossier),
        *_economics(dossier, models),
        *_gaps(dossier, today),
    )


def _acce(dossier: Dossier) -> Iterator[Lack]:
    for domain in Domain:
        held = [one for one in dossier.questions if one.domain is domain]
        if not held:
            yield Lack("acce", f"nothing is asked about {domain.value}")
        for one in held:
            if not one.answer:
                yield Lack("acce", f"open: {one.asks}")


def _certainty(dossier: Dossier) -> Iterator[Lack]:
    for one in dossier.questions:
        if one.answer and one.certainty is Certainty.NOT_ASSESSED:
            yield Lack("certainty", f"not assessed: {one.asks}")
    if not dossier.net:
        yield Lack("certainty", "how sure the net benefit is, is not said")
    if not dossier.recommendation:
        yield Lack("certainty", "no recommendation is drawn")


def _actionability(dossier: Dossier) -> Iterator[Lack]:
    if not dossier.scored:
        yield Lack("actionability", "no outcome is scored")
    for one in dossier.scored:
        if one.total is None:
            yield Lack("actionability", f"not fully scored: {one.outcome}, by {one.intervention}")


def _sources(dossier: Dossier) -> Iterator[Lack]:
    for one in dossier.sources:
        if one.read in ("not read", "from memory"):
            yield Lack("sources", f"{one.name} was not read at the source")
    for trial in dossier.trials:
        if not trial.confirmed:
            yield Lack("sources", f"counts of {trial.title} are not confirmed at the source")


def _economics(dossier: Dossier, models: Collection[str]) -> Iterator[Lack]:
    if not dossier.models:
        yield Lack("economics", "no economic model belongs to it")
    for name in dossier.models:
        if name not in models:
            yield Lack("economics", f"the model {name} is not at hand")


def _gaps(dossier: Dossier, today: date) -> Iterator[Lack]:
    """A gap that is named, owned and in time is no lack; one that is overdue is."""
    for one in dossier.gaps:
        if one.due < today:
            yield Lack("gaps", f"overdue since {one.due.isoformat()}: {one.what} ({one.owner})")
    weak = [one for one in dossier.questions if one.certainty is Certainty.INADEQUATE]
    if weak and not dossier.gaps:
        yield Lack("gaps", "evidence is inadequate, and nobody owns the gap")
