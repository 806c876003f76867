"""What people allow, as the last mile asks for it: contact about results, and telling their relatives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache

from bedside.act.disclosure_shown import May
from bedside.genome.consent import Decision, Purpose, Scope, consent_of
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.service.house import House

PURPOSES: Mapping[Scope, Purpose] = {Scope.RECONTACT: Purpose.RETURN, Scope.FAMILY: Purpose.FAMILY}
"""The purpose a layer is asked for here: what the site's policy needs for it must all be given."""


def may_of(house: House, *, everybody: bool = False) -> May:
    """The consent in force in this house, by the site's policy. With `everybody`, the ledger is read once for
    all people; else for each person asked about.
    """
    policy = load_consent_policy(house.settings.knowledge_folder)

    @cache
    def spoken(person: str | None) -> Mapping[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in house.ledger.events(person=person, kinds=(EventKind.CONSENT_RECORDED,)):
            found.setdefault(str(event.person), []).append(event)
        return found

    def may(person: str, scope: Scope, day: date) -> Decision:
        known = house.ledger.person(person) or Person(person)
        end = datetime.combine(day, time.max, UTC)
        consent = consent_of(spoken(None if everybody else person).get(person, ()), end, known, policy)
        needed = policy.needs[PURPOSES[scope]] if scope in PURPOSES else (scope,)
        decisions = {consent.of(layer).decision for layer in {scope, *needed}}
        if Decision.WITHDRAWN in decisions:
            return Decision.WITHDRAWN
        return Decision.GIVEN if decisions == {Decision.GIVEN} else Decision.NOT_ASKED

    return may
