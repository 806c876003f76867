"""The features of one person as the ledger has them: suggested by notes and codes, decided by people.

A pure fold. A suggestion is no finding: only what a named person confirmed is in the case that is ranked,
told in letters or sent as a phenopacket.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bedside.genome.case import Case, Feature, FeatureStatus
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person

KINDS = (EventKind.FEATURE_SUGGESTED, EventKind.FEATURE_DECIDED)


class Decision(Enum):
    """What a person decided about a term. OPEN: a decision was taken back."""

    CONFIRMED = "confirmed"
    EXCLUDED = "excluded"
    REJECTED = "rejected"
    OPEN = "open"


_STATUS = {Decision.CONFIRMED: FeatureStatus.OBSERVED, Decision.EXCLUDED: FeatureStatus.EXCLUDED}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where a term comes from. why: the words or the mapping that led to it, with its release."""

    status: FeatureStatus
    source: str
    why: str
    quote: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One term of one person. decision: None while nobody decided; by: who did; hpo: the release in which the
    term was last named."""

    term: str
    label: str
    suggestions: tuple[Suggestion, ...] = ()
    decision: Decision | None = None
    by: str = ""
    at: datetime | None = None
    hpo: str = ""

    @property
    def counts(self) -> bool:
        """Whether a named person stands for it, as there or as not there."""
        return self.decision in _STATUS and bool(self.by)

    @property
    def open(self) -> bool:
        """Whether somebody has still to decide."""
        return self.decision is None

    @property
    def speaks_against(self) -> bool:
        """Whether something suggested after the decision says otherwise."""
        status = None if self.decision is None else _STATUS.get(self.decision)
        after = [one for one in self.suggestions if self.at is not None and one.at > self.at]
        return status is not None and any(one.status is not status for one in after if _certain(one))


def _certain(one: Suggestion) -> bool:
    return one.status in (FeatureStatus.OBSERVED, FeatureStatus.EXCLUDED)


def standings(events: Iterable[Event], known_at: datetime | None = None) -> tuple[Standing, ...]:
    """Every term spoken of, in the order first met, as known at a moment. Events in the order written."""
    found: dict[str, Standing] = {}
    for event in events:
        if event.kind not in KINDS or (known_at is not None and event.known_at > known_at):
            continue
        term = str(event.payload["term"])
        held = found.get(term, Standing(term, str(event.payload.get("label", ""))))
        found[term] = _after(held, event)
    return tuple(found.values())


def _after(held: Standing, event: Event) -> Standing:
    payload = event.payload
    label, hpo = str(payload.get("label") or held.label), str(payload["hpo"])
    if event.kind is EventKind.FEATURE_SUGGESTED:
        one = Suggestion(
            FeatureStatus(payload["status"]),
            str(payload["source"]),
            str(payload.get("why", "")),
            str(payload.get("quote", "")),
            event.actor,
            event.known_at,
        )
        told = (*held.suggestions, one)
        return Standing(held.term, label, told, held.decision, held.by, held.at, hpo)
    decision = Decision(payload["decision"])
    made = None if decision is Decision.OPEN or not event.actor.strip() else decision
    return Standing(held.term, label, held.suggestions, made, event.actor, event.known_at, hpo)


def case_of(person: Person, held: Iterable[Standing]) -> Case:
    """The case of a person: what counts as confirmed, and every open suggestion as not confirmed."""
    features: list[Feature] = []
    for one in held:
        if one.counts and one.decision is not None:
            features.append(
                Feature(one.term, _STATUS[one.decision], True, f"confirmed by {one.by}", one.label)
            )
        elif one.open:
            features += [
                Feature(one.term, each.status, False, each.source, one.label) for each in one.suggestions
            ]
    return Case(person.person, person.sex, tuple(features))
