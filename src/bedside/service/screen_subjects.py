"""What the gates look at of many people at once: sex, majority, consent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from bedside.genome.consent import ConsentPolicy, Decision, Purpose, Scope, consent_from, day_number
from bedside.genome.person import Sex
from bedside.knowledge.findings_panel import Panel
from bedside.service.house import House
from bedside.service.screen_gates import KindOfPerson
from bedside.store.subject_readings import births


class Subjects:
    """The kinds of person behind some ids, on one day; whoever is asked about may be screened at all."""

    def __init__(
        self, house: House, panels: Sequence[Panel], policy: ConsentPolicy, on: date, people: Collection[str]
    ) -> None:
        self._house, self._policy, self._on = house, policy, on
        self._majority = max((panel.policy.majority for panel in panels), default=policy.majority)
        asked = {scope for panel in panels for scope in panel.policy.consent}
        self._open = frozenset(policy.needs[Purpose.SCREENING])
        self._further = tuple(sorted(asked - self._open, key=lambda scope: scope.value))
        self._given = tuple((scope, Decision.GIVEN) for scope in Scope if scope in asked & self._open)
        today, years = day_number(on), self._majority * 10_000
        self._of_age = {
            person: None if born is None or born > today else born + years <= today
            for person, born in births(house.ledger, people).items()
        }
        self._kinds: dict[tuple[str, bool], KindOfPerson] = {}
        self._alike: dict[tuple[object, ...], KindOfPerson] = {}

    def of(self, person: str, *, sexed: bool) -> KindOfPerson:
        """The person as the gates see them; the sex only where it matters."""
        kind = self._kinds.get((person, sexed))
        if kind is None:
            sex = self._sex(person) if sexed else Sex.UNKNOWN
            what = (sex, self._of_age.get(person), self._consent(person))
            kind = self._alike.get(what)
            if kind is None:
                kind = self._alike[what] = KindOfPerson(*what)
            self._kinds[person, sexed] = kind
        return kind

    def _sex(self, person: str) -> Sex:
        known = self._house.ledger.person(person)
        return Sex.UNKNOWN if known is None else known.sex

    def _consent(self, person: str) -> tuple[tuple[Scope, Decision], ...]:
        if not self._further:
            return self._given
        known = self._house.ledger.person(person)
        born = None if known is None else known.birth_date
        consent = consent_from(person, self._house.ledger.consents(person), born, self._on, self._policy)
        return (*self._given, *((scope, consent.of(scope).decision) for scope in self._further))
