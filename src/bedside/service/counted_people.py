"""Who may be counted for a purpose, read from the ledger once and kept until it says something new.

Each question costs one look at four places in the ledger. Only when consent, a genome or somebody's
demographics changed are the decisions read again, all together: people who stand alike come as one list.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bedside.genome.consent import (
    ConsentPolicy,
    Decision,
    NotConsented,
    Purpose,
    Refusal,
    Scope,
    closed,
    consent_from,
    refusal_of,
    use_refusal,
)
from bedside.store.ledger import Alike
from bedside.store.sql_ledger import SqlLedger

if TYPE_CHECKING:
    from bedside.store.lake.lake import Among

Whose = frozenset[str] | None
_KEPT_FOR_EACH = 8
_ONE_BY_ONE = 1000


class CountedPeople:
    """Who may be counted for one purpose and use on one day, as the ledger stood at `moved`. The same object
    answers until the ledger moves, and gives out the same `Among`."""

    def __init__(
        self,
        ledger: SqlLedger,
        policy: ConsentPolicy,
        purpose: Purpose,
        use: str,
        day: date,
        moved: tuple[int, ...],
    ) -> None:
        self.moved = moved
        self._ledger, self._policy, self._purpose, self._use, self._day = ledger, policy, purpose, use, day
        self._given_out: dict[tuple[Whose, bool], Among] = {}

    def refused(self, person: str) -> NotConsented | None:
        """Why one person may not be counted; asks for this person only."""
        runs = self._ledger.genome_runs(person)
        if runs and all(run.erased is not None for run in runs):
            return NotConsented(person, Refusal.ERASED)
        known = self._ledger.person(person)
        born = None if known is None else known.birth_date
        said = self._ledger.consents(person)
        for scope in self._policy.needs[self._purpose]:
            one = said.get(scope)
            later = one is not None and one.at is not None and one.at.date() > self._day
            if one is not None and later and one.decision is Decision.GIVEN:
                return NotConsented(person, Refusal.NOT_YET, scope)
        consent = consent_from(person, said, born, self._day, self._policy)
        return refusal_of(consent, self._purpose, self._policy, self._use)

    def among(self, whose: Whose, *, clinical_only: bool) -> Among:
        """The people to be counted, for the lake: a set that is the same object until the ledger moves.

        The lake is told to count everybody only while nobody is refused and nobody was ever erased: a process
        may have been killed between an erasure in the ledger and the lake's tombstone.
        """
        from bedside.store.lake.lake import Among

        key = (whose, clinical_only)
        if key not in self._given_out:
            all_counted = whose is None and self._nobody_refused
            permitted = None if all_counted else self._permitted
            people = permitted if whose is None or permitted is None else permitted & whose
            self._given_out[key] = Among(people, clinical_only)
        return self._given_out[key]

    def people(self, whose: Whose) -> frozenset[str]:
        """Everybody with a genome who may be counted, of those the caller may open."""
        counted = self._everybody if self._nobody_refused else self._permitted & self._everybody
        return counted if whose is None else counted & whose

    def not_counted(self, whose: Whose) -> Mapping[Refusal, int]:
        """How many people with a genome (or who had one) may not be counted, by reason."""
        left = self._everybody if whose is None else self._everybody & whose
        erased = self._ledger.people_erased()
        counts = {Refusal.ERASED: len(erased if whose is None else erased & whose)}
        for scope in self._policy.needs[self._purpose]:
            for why, people in self._closed[scope].items():
                counts[why] = counts.get(why, 0) + len(left & people)
                left = left - people
            if not self._open_unasked(scope):
                unasked = left - self._asked[scope]
                counts[Refusal.NOT_ASKED] = counts.get(Refusal.NOT_ASKED, 0) + len(unasked)
                left = left - unasked
        return {why: count for why, count in counts.items() if count}

    def divided(self, people: frozenset[str]) -> tuple[frozenset[str], Mapping[Refusal, int]]:
        """Of these people, with a genome or without, who may be counted; how many may not, by reason."""
        left = people - self._ledger.people_erased()
        counts = {Refusal.ERASED: len(people) - len(left)}
        for scope in self._policy.needs[self._purpose]:
            for why, those in self._closed[scope].items():
                counts[why] = counts.get(why, 0) + len(left & those)
                left = left - those
            if not self._open_unasked(scope):
                asked = left & self._asked[scope]
                counts[Refusal.NOT_ASKED] = counts.get(Refusal.NOT_ASKED, 0) + len(left) - len(asked)
                left = asked
        return left, {why: count for why, count in counts.items() if count}

    def moved_on(self, moved: tuple[int, ...]) -> CountedPeople:
        """The same as the ledger stands at `moved`: only those whom the events between concern are looked at
        again, one by one, unless they are many."""
        later = CountedPeople(self._ledger, self._policy, self._purpose, self._use, self._day, moved)
        if "_permitted" not in vars(self):
            return later
        changed = self._ledger.genome_changed(self.moved, _ONE_BY_ONE)
        if changed is None:
            return later
        now = {person for person in changed if later.refused(person) is None}
        later._permitted = _with(self._permitted, changed, now)
        if "_everybody" in vars(self):
            stored = {p for p in changed if any(run.erased is None for run in self._ledger.genome_runs(p))}
            later._everybody = _with(self._everybody, changed, stored)
        if later._permitted is self._permitted:
            later._given_out = {
                key: among for key, among in self._given_out.items() if among.people is not None
            }
        return later

    @property
    def _ever_erased(self) -> bool:
        return self.moved[-1] > 0

    @cached_property
    def _nobody_refused(self) -> bool:
        every_layer_open = all(map(self._open_unasked, self._policy.needs[self._purpose]))
        return every_layer_open and not self._ever_erased and not self._shut

    def _open_unasked(self, scope: Scope) -> bool:
        return self._policy.unasked[scope] is Decision.GIVEN

    @cached_property
    def _everybody(self) -> frozenset[str]:
        return frozenset(self._ledger.people_with_genome())

    @cached_property
    def _alike(self) -> tuple[Alike, ...]:
        return self._ledger.decisions(self._policy.needs[self._purpose], self._day, self._policy.majority)

    @cached_property
    def _closed(self) -> Mapping[Scope, Mapping[Refusal, set[str]]]:
        found: dict[Scope, dict[Refusal, set[str]]] = {s: {} for s in self._policy.needs[self._purpose]}
        for alike in self._alike:
            why = self._why(alike)
            if why is not None:
                found[alike.scope].setdefault(why, set()).update(alike.people)
        return found

    @cached_property
    def _asked(self) -> Mapping[Scope, set[str]]:
        found: dict[Scope, set[str]] = {s: set() for s in self._policy.needs[self._purpose]}
        for alike in self._alike:
            found[alike.scope].update(alike.people)
        return found

    @cached_property
    def _shut(self) -> frozenset[str]:
        """Whose layer is closed by what was said, and who was erased."""
        shut = [people for scope in self._closed.values() for people in scope.values()]
        erased = self._ledger.people_erased() if self._ever_erased else frozenset()
        return erased.union(*shut)

    @cached_property
    def _permitted(self) -> frozenset[str]:
        """Everybody who permits it, also without a stored genome: the lake counts nobody more for it."""
        needed = self._policy.needs[self._purpose]
        permitted: frozenset[str] | None = None
        for scope in needed:
            if not self._open_unasked(scope):
                given = (one.people for one in self._alike if one.scope is scope and self._why(one) is None)
                gave = frozenset(chain.from_iterable(given))
                permitted = gave if permitted is None else permitted & gave
        return (self._everybody if permitted is None else permitted) - self._shut

    def _why(self, alike: Alike) -> Refusal | None:
        if alike.later and alike.said.decision is Decision.GIVEN:
            return Refusal.NOT_YET
        why = closed(alike.said, alike.scope, alike.stage, self._policy)
        return why or use_refusal(alike.said.uses, self._purpose, self._policy, self._use)


def _with(before: frozenset[str], changed: frozenset[str], now: set[str]) -> frozenset[str]:
    """The set as it is now; the same object when nothing of it changed."""
    gone, new = (before & changed) - now, now - before
    left = before - gone if gone else before
    return left | new if new else left


_Key = tuple[str, Purpose, str, date]
_kept: WeakKeyDictionary[SqlLedger, OrderedDict[_Key, CountedPeople]] = WeakKeyDictionary()
_lock = threading.Lock()


def counted_people(
    ledger: SqlLedger, policy: ConsentPolicy, purpose: Purpose, use: str, day: date
) -> CountedPeople:
    """Who may be counted as the ledger stands now. Raises `StoreError`."""
    moved = ledger.genome_moved()
    key = (policy.release, purpose, use, day)
    with _lock:
        kept = _kept.setdefault(ledger, OrderedDict())
        found = kept.get(key)
        if found is None or found.moved != moved:
            new = CountedPeople(ledger, policy, purpose, use, day, moved)
            found = kept[key] = new if found is None else found.moved_on(moved)
        kept.move_to_end(key)
        while len(kept) > _KEPT_FOR_EACH:
            kept.popitem(last=False)
        return found
