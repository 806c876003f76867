"""The made-up people: who they are, what they have, what they take. The same seed gives the same people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from bedside.demo.cast import Condition, Member, Setting
from bedside.demo.draw import Carried, Lot, Urn, lot, place
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import AncestryGroup

TODAY = date(2026, 10, 1)
RECORD_NUMBER = "urn:bedside:demo:record-number"


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """Somebody who does not exist. Ages and dates follow from `TODAY`, never from the clock.

    medicines and planned are ingredient names of the knowledge release. laboratory is "" for the untested.
    """

    person: str
    given: str
    family: str
    sex: Sex
    birth_date: date
    group: AncestryGroup
    ancestry: str
    language: str
    site: str
    conditions: tuple[Condition, ...]
    medicines: tuple[str, ...]
    since: date
    laboratory: str
    carried: Carried
    planned: tuple[str, ...] = ()
    member: Member | None = None

    @property
    def role(self) -> str:
        """The part in the cast, "" for everybody else."""
        return "" if self.member is None else self.member.role


@dataclass(frozen=True, slots=True)
class Shares:
    """The weighted choices behind a population."""

    groups: Lot[AncestryGroup]
    sites: Lot[str]
    laboratories: Lot[str]


def make_people(setting: Setting, urn: Urn, count: int, seed: int) -> Iterator[MadeUpPerson]:
    """So many people, the cast first. Person number n is the same whatever the count."""
    tested = [(laboratory.key, laboratory.share) for laboratory in setting.laboratories]
    untested = max(0.0, 1.0 - sum(share for _, share in tested))
    shares = Shares(lot(setting.care.groups), lot(setting.care.sites), lot([*tested, ("", untested)]))
    for number in range(1, count + 1):
        chance = Random(f"bedside-demo/{seed}/{number}")  # noqa: S311
        if number <= len(setting.cast):
            yield _cast(setting, urn, shares, number, setting.cast[number - 1], chance)
        else:
            yield _anybody(setting, urn, shares, number, chance)


def _anybody(setting: Setting, urn: Urn, shares: Shares, number: int, chance: Random) -> MadeUpPerson:
    group = shares.groups.draw(chance)
    sex = chance.choice((Sex.FEMALE, Sex.MALE))
    age = round(chance.triangular(2, 94, 58))
    person = _somebody(setting, urn, shares, number, (group, sex, age), chance)
    conditions = tuple(
        condition
        for condition in setting.care.conditions
        if condition.youngest <= age <= condition.oldest
        and condition.sex in (None, sex)
        and chance.random() < condition.share
    )
    medicines = [
        name
        for condition in conditions
        for name, share in condition.medicines.items()
        if chance.random() < share
    ]
    return replace(
        person,
        conditions=conditions,
        medicines=tuple(dict.fromkeys(medicines)),
        laboratory=shares.laboratories.draw(chance),
    )


def _cast(
    setting: Setting, urn: Urn, shares: Shares, number: int, member: Member, chance: Random
) -> MadeUpPerson:
    person = _somebody(setting, urn, shares, number, (member.group, member.sex, member.age), chance)
    haplotypes = dict(person.carried.haplotypes)
    for gene, carries in member.carries.items():
        haplotypes[gene] = urn.draw_carrier(gene, member.group, member.sex, carries, chance)
    for gene, placed in member.placed.items():
        for rsid, copies in placed.items():
            haplotypes[gene] = place(haplotypes[gene], urn.position(rsid), copies)
    return replace(
        person,
        conditions=tuple(setting.care.condition(code) for code in member.problems),
        medicines=member.medicines,
        planned=member.planned,
        laboratory=member.laboratory,
        carried=Carried(haplotypes, person.carried.alleles),
        member=member,
    )


def _somebody(
    setting: Setting,
    urn: Urn,
    shares: Shares,
    number: int,
    traits: tuple[AncestryGroup, Sex, int],
    chance: Random,
) -> MadeUpPerson:
    group, sex, age = traits
    born = TODAY - timedelta(days=age * 365 + age // 4 + chance.randrange(1, 365))
    return MadeUpPerson(
        person=f"demo-{number:06d}",
        given=chance.choice(setting.names.given[sex]),
        family=chance.choice(setting.names.family),
        sex=sex,
        birth_date=born,
        group=group,
        ancestry=setting.care.ancestry[group],
        language=chance.choice(setting.care.languages[group]),
        site=shares.sites.draw(chance),
        conditions=(),
        medicines=(),
        since=TODAY - timedelta(days=chance.randrange(30, 900)),
        laboratory="",
        carried=urn.draw(group, sex, chance),
    )
