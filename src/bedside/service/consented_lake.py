"""The one place where consent is enforced for every read of a genome: nothing else hands out a lake.

A `ConsentedLake` offers the lake's questions and fills in who may be counted, from the consent in force at
the moment of each call. A person who may not be counted is never "not carried": cohort answers leave them out
and `refused` and `not_counted` say why; a question about one such person raises `NotPermitted`. Runs of a
withdrawn result (swapped samples) count for nothing, for anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bedside.errors import InputError, Refused
from bedside.genome.consent import ConsentPolicy, NotConsented, Purpose, Refusal
from bedside.genome.presence import Presence
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.service.counted_people import CountedPeople, counted_people
from bedside.service.house import House, lake_of
from bedside.store.subject_readings import withdrawn_runs

if TYPE_CHECKING:
    import pyarrow as pa

    from bedside.store.lake.lake import Among, Lake, Run


class NotPermitted(Refused):
    """A person's genome may not be read for this; `.why` says which layer of consent, or that it was
    erased."""

    def __init__(self, why: NotConsented) -> None:
        self.why = why
        super().__init__(f"this genome may not be read for this: {why.refusal.value}")


@dataclass(frozen=True, slots=True)
class _Held:
    """One person whose genome may be read for one answer, and their runs."""

    person: str
    among: Among
    runs: tuple[Run, ...]


class ConsentedLake:
    """The lake's questions, answered among those who consented. Made by `consented`."""

    def __init__(
        self,
        house: House,
        lake: Lake,
        purpose: Purpose,
        principal_people: frozenset[str] | None,
        use: str,
        on: date | None,
        clinical_only: bool,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.purpose, self.use = purpose, use
        self.policy = policy_of(house)
        self._house, self._lake, self._on = house, lake, on
        self._principal, self._clinical_only = principal_people, clinical_only
        self._without = without
        self._held: _Held | None = None

    def of(self, person: str) -> ConsentedLake:
        """The same questions about one person, for one answer: whether this genome may be read is asked of
        the ledger here, once. Never keep it for a second request. Raises `NotPermitted`."""
        among = self._only(person)
        one = copy(self)
        one._held = _Held(person, among, self._in_force(self._lake.runs(person)))
        return one

    def _day(self) -> date:
        today = self._house.clock().date()
        return today if self._on is None else max(today, self._on)

    def _counted(self) -> CountedPeople:
        return counted_people(self._house.ledger, self.policy, self.purpose, self.use, self._day())

    def _among(self) -> Among:
        among = self._counted().among(self._principal, clinical_only=self._clinical_only)
        gone = self._gone()
        return replace(among, without=gone) if gone else among

    def _gone(self) -> frozenset[str]:
        """The runs that count for nothing here."""
        return withdrawn_runs(self._house.ledger) | self._without

    def _only(self, person: str) -> Among:
        from bedside.store.lake.lake import Among

        if self._held is not None and self._held.person == person:
            return self._held.among
        why = self.refused(person)
        if why is not None:
            raise NotPermitted(why)
        return Among(frozenset((person,)), self._clinical_only, self._gone())

    def refused(self, person: str) -> NotConsented | None:
        """Why this person's genome may not be read, now and for this purpose; None when it may."""
        if self._principal is not None and person not in self._principal:
            return NotConsented(person, Refusal.NOT_GRANTED)
        return self._counted().refused(person)

    def not_counted(self) -> Mapping[Refusal, int]:
        """How many people with a stored genome cohort answers leave out, by reason."""
        return self._counted().not_counted(self._principal)

    def people(self) -> Collection[str]:
        """Everybody whose genome may be read for this."""
        return self._counted().people(self._principal)

    def carriers(self, keys: NDArray[np.int64]) -> pa.Table:
        """Everybody counted who carries any of these variants, as the lake's `CARRIERS`."""
        return self._lake.carriers(keys, self._among())

    def hashed_alleles(self, keys: NDArray[np.int64]) -> pa.Table:
        """The alleles behind keys that hash theirs; of no person, so that no consent is asked."""
        return self._lake.hashed_alleles(keys)

    def variants(self, person: str, regions: Sequence[Region]) -> pa.Table:
        """The person's evidence rows that touch the regions."""
        return self._lake.variants(person, regions, self._only(person))

    def presence(self, person: str, variants: Sequence[Variant]) -> tuple[Presence, ...]:
        """For each variant one of four answers."""
        return self._lake.presence(person, variants, self._only(person))

    def looked_at(self, person: str, region: Region) -> pa.Table:
        """What of a region the person's runs looked at."""
        return self._lake.looked_at(person, region, self._only(person))

    def presence_of(self, variant: Variant) -> Mapping[str, Presence]:
        """The answer of everybody counted at one variant; who is not in the map has no run, or `refused`
        says why."""
        return self._lake.presence_of(variant, self._among())

    def tested(self, region: Region) -> frozenset[str]:
        """Whose runs could see the whole region, of those counted."""
        return self._lake.tested(region, self._among())

    def allele_counts(self, region: Region, groups: Mapping[str, str]) -> pa.Table:
        """Copies seen and strands tested, by variant and group, of those counted."""
        return self._lake.allele_counts(region, groups, self._among())

    def runs(self, person: str | None = None) -> tuple[Run, ...]:
        """The runs of a person, or of everybody counted, oldest first."""
        if person is not None:
            self._only(person)
            if self._held is not None and self._held.person == person:
                return self._held.runs
            return self._in_force(self._lake.runs(person))
        counted = self.people()
        return self._in_force(run for run in self._lake.runs() if run.person in counted)

    def _in_force(self, runs: Iterable[Run]) -> tuple[Run, ...]:
        gone = self._gone()
        return tuple(run for run in runs if run.run not in gone)

    def export(self, person: str) -> Mapping[str, Any]:
        """Everything the lake holds of a person."""
        self._only(person)
        return self._lake.export(person)


def consented(
    house: House,
    lake: Lake,
    purpose: Purpose,
    *,
    principal_people: frozenset[str] | None = None,
    use: str = "",
    on: date | None = None,
    clinical_only: bool = False,
    without: frozenset[str] = frozenset(),
) -> ConsentedLake:
    """The lake for one purpose. principal_people: the only records the caller may open (None: no limit). use:
    the DUO code of the use asked for. on: the day of asking, for planning ahead; a day that is past is taken
    as today, because what lapsed since does not come back. clinical_only: leave out research and unconfirmed
    runs. without: runs that are to count for nothing, as if they had not come yet.

    Raises `InputError` for a use that is no term of the policy.
    """
    if use and policy_of(house).uses.wrong((use,), asked=True):
        raise InputError.one(
            "use",
            "is no permission term of the Data Use Ontology that this site knows",
            remedy="write DUO:0000006, or DUO:0000007:MONDO:… for one disease",
        )
    return ConsentedLake(house, lake, purpose, principal_people, use, on, clinical_only, without)


def asked(
    house: House,
    purpose: Purpose,
    *,
    principal_people: frozenset[str] | None = None,
    use: str = "",
    clinical_only: bool = False,
) -> ConsentedLake:
    """The site's own lake for one purpose, as `consented` gives it."""
    return consented(
        house,
        lake_of(house),
        purpose,
        principal_people=principal_people,
        use=use,
        clinical_only=clinical_only,
    )


def policy_of(house: House) -> ConsentPolicy:
    """The site's policy of consent."""
    return load_consent_policy(house.settings.knowledge_folder)
