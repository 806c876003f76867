"""Break-glass: one person's genome is opened against a withdrawn clinical consent, with a reason that is on
record before anything is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bedside.errors import RequestError
from bedside.genome.consent import NotConsented, Purpose, Refusal
from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import Permission
from bedside.service.authorise import Principal, authorise
from bedside.service.break_glass import REVIEW_DAYS, review_of
from bedside.service.consented_lake import ConsentedLake, NotPermitted
from bedside.service.house import House

if TYPE_CHECKING:
    from bedside.store.lake.lake import Among, Lake


class OpenedInEmergency(ConsentedLake):
    """One person's genome, whatever their clinical consent says. Made by `open_in_emergency`; what was erased
    stays erased, and nobody else is counted."""

    def __init__(self, house: House, lake: Lake, person: str) -> None:
        super().__init__(house, lake, Purpose.CARE, frozenset((person,)), "", None, clinical_only=False)
        self._person = person

    def refused(self, person: str) -> NotConsented | None:
        """Only that it is somebody else's, or erased."""
        why = super().refused(person)
        kept = why is not None and why.refusal in (Refusal.ERASED, Refusal.NOT_GRANTED)
        return why if kept else None

    def people(self) -> frozenset[str]:
        """The one person, unless erased."""
        return frozenset((self._person,)) if self.refused(self._person) is None else frozenset()

    def not_counted(self) -> Mapping[Refusal, int]:
        """Whether the one person is left out, and why."""
        why = self.refused(self._person)
        return {} if why is None else {why.refusal: 1}

    def _among(self) -> Among:
        return self._only(self._person)


def open_in_emergency(
    house: House, lake: Lake, principal: Principal, person: str, reason: str
) -> OpenedInEmergency:
    """Open one person's genome for their own care in an emergency. The access and its reason are on disk
    before this returns.

    Raises `Refused` when the principal may not read genomes or this record, `RequestError` without a reason,
    `AuditUnavailable` when it could not be written, and then nothing is opened.
    """
    authorise(principal, Permission.GENOME, person)
    if not reason.strip():
        raise RequestError.one(
            "reason", "an emergency access needs a reason", remedy="say why in a few words"
        )
    opened = OpenedInEmergency(house, lake, person)
    why = opened.refused(person)
    if why is not None:
        raise NotPermitted(why)
    seen = {"emergency": True, "purpose": Purpose.CARE.value, "reason": reason.strip()}
    opening = NewEvent(EventKind.ACCESSED, principal.name, house.clock(), person, seen)
    house.audit.append([opening, review_of(house, principal, person, REVIEW_DAYS)])
    return opened
