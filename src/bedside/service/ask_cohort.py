"""Questions about everybody who may be counted: who carries what, who was tested, how often it is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bedside.errors import StoreError
from bedside.genome.consent import Refusal
from bedside.genome.event import EventKind
from bedside.genome.presence import ZYGOSITY_NUMBER, Presence, Present, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant, place_of, spelled_alleles
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.service.classify_variants import Classifier, classifier
from bedside.service.cohort_lake import Asking, cohort_lake
from bedside.service.consented_lake import ConsentedLake
from bedside.service.house import House

if TYPE_CHECKING:
    import pyarrow as pa

NOT_RECORDED = "not recorded"
"""The group of people whose ancestry nobody wrote down."""

_ZYGOSITY = {number: zygosity for zygosity, number in ZYGOSITY_NUMBER.items()}


@dataclass(frozen=True, slots=True)
class Carrier:
    """One person and one variant they carry, with every record of the classification release in force."""

    person: str
    variant: Variant
    zygosity: Zygosity
    run: str
    classified: tuple[ClassifiedVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on: how many people could be counted, how many not and why, the release of
    classifications ("" where there is none) and the lake's generation."""

    people: int
    not_counted: Mapping[Refusal, int]
    release: str
    generation: int


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carries, by genome order and person. Who is not listed was not seen to carry it, which is not the
    same as absent."""

    rows: tuple[Carrier, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class RegionTested:
    """Whose runs saw every base of a region; `others` had some base unseen or not callable."""

    region: Region
    tested: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VariantTested:
    """Everybody's answer at a variant, by person."""

    variant: Variant
    answers: tuple[tuple[str, Presence], ...]


@dataclass(frozen=True, slots=True)
class GroupCount:
    """Of one group: copies of a variant seen and strands looked at. None where the numbers are too small to
    be shown."""

    variant: Variant
    group: str
    copies: int | None
    strands: int | None
    classified: tuple[ClassifiedVariant, ...] = ()

    @property
    def frequency(self) -> float | None:
        """Copies for each strand; None when a number is not shown, or nobody was looked at."""
        if self.copies is None or not self.strands:
            return None
        return self.copies / self.strands


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts of each variant and group, under a policy of what may be shown."""

    rows: tuple[GroupCount, ...]
    policy: str
    smallest_group: int
    basis: Basis


def carriers_of(house: House, variants: Sequence[Variant], asking: Asking) -> Carriers:
    """Everybody counted who carries one of the variants."""
    at = cohort_lake(house, asking)
    says = classifier(house)
    wanted = frozenset(variants)
    table = at.consented.carriers(np.unique(np.array([variant.key for variant in wanted], np.int64)))
    rows = tuple(row for row in _rows(at.consented, table, says) if row.variant in wanted)
    return Carriers(rows, _basis(at.consented, at.generation, says))


def carriers_within(house: House, regions: Sequence[Region], asking: Asking) -> Carriers:
    """Everybody counted who carries a variant that begins in one of the regions."""
    at = cohort_lake(house, asking)
    says = classifier(house)
    table = at.consented.carriers(_seen_within(at.consented, regions))
    rows = tuple(_rows(at.consented, table, says))
    return Carriers(rows, _basis(at.consented, at.generation, says))


def regions_tested(
    house: House, regions: Sequence[Region], asking: Asking
) -> tuple[tuple[RegionTested, ...], Basis]:
    """For each region whose runs saw all of it."""
    at = cohort_lake(house, asking)
    everybody = frozenset(at.consented.people())
    answers = []
    for region in regions:
        seen = at.consented.tested(region)
        answers.append(RegionTested(region, tuple(sorted(seen)), tuple(sorted(everybody - seen))))
    return tuple(answers), _basis(at.consented, at.generation, classifier(house))


def variants_tested(
    house: House, variants: Sequence[Variant], asking: Asking
) -> tuple[tuple[VariantTested, ...], Basis]:
    """For each variant what is said of everybody counted."""
    at = cohort_lake(house, asking)
    answers = []
    for variant in variants:
        said = at.consented.presence_of(variant)
        answers.append(VariantTested(variant, tuple(sorted(said.items(), key=lambda pair: pair[0]))))
    return tuple(answers), _basis(at.consented, at.generation, classifier(house))


def counts_by_ancestry(house: House, regions: Sequence[Region], asking: Asking) -> GroupCounts:
    """How often each variant of the regions is seen in the people of each recorded ancestry. Numbers that
    could stand for few people are left out, and those of a group of whom few were looked at."""
    at = cohort_lake(house, asking)
    says, small = classifier(house), load_small_numbers(house.settings.knowledge_folder)
    groups = _ancestries(house, at.consented.people())
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for region in regions if groups else ():
        for row in at.consented.allele_counts(region, groups).to_pylist():
            found[row["key"], row["group"]] = row["copies"], row["strands"]
    keys = np.unique(np.array([key for key, _ in found], np.int64))
    for key in _shared(at.consented, keys):
        chromosome, position = place_of(key)
        raise StoreError(
            f"two variants at {chromosome}-{position} share a key; they can be counted only one by one"
        )
    named = _named(at.consented, at.consented.carriers(keys[keys >> 29 & 1 == 1]), keys)
    rows = []
    for (key, group), (copies, strands) in sorted(found.items()):
        few = small.hides(_people_behind(strands))
        rows.append(
            GroupCount(
                named[key],
                group,
                None if few or small.hides(_people_behind(copies)) else copies,
                None if few else strands,
                says.of(named[key]),
            )
        )
    basis = _basis(at.consented, at.generation, says)
    header = small.provenance
    policy = f"{header.name}@{header.retrieved}#{header.sha256[:12]}"
    return GroupCounts(tuple(rows), policy, small.least, basis)


def _people_behind(strands: int) -> int:
    """The fewest people that a number of copies or strands can stand for: each has two at most."""
    return (strands + 1) // 2


def _basis(lake: ConsentedLake, generation: int, says: Classifier) -> Basis:
    return Basis(len(lake.people()), lake.not_counted(), says.release, generation)


def _seen_within(lake: ConsentedLake, regions: Sequence[Region]) -> NDArray[np.int64]:
    """The variants that anybody counted carries in the regions."""
    everybody = dict.fromkeys(lake.people(), "")
    if not everybody:
        return np.zeros(0, np.int64)
    found = [lake.allele_counts(region, everybody).column("key").to_numpy() for region in regions]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))


def _shared(lake: ConsentedLake, keys: NDArray[np.int64]) -> frozenset[int]:
    """The keys that hash the alleles of more than one variant of the lake."""
    known = Counter(lake.hashed_alleles(keys).column("key").to_pylist())
    return frozenset(key for key, pairs in known.items() if pairs > 1)


def _rows(lake: ConsentedLake, table: pa.Table, says: Classifier) -> Iterator[Carrier]:
    named, shared = _named(lake, table), _shared(lake, np.unique(table.column("key").to_numpy()))
    classified = {key: says.of(variant) for key, variant in named.items()}
    columns = (table.column(name).to_pylist() for name in ("key", "person", "run", "zygosity"))
    seen: set[tuple[int, str]] = set()
    for key, person, run, zygosity in zip(*columns, strict=True):
        if key not in shared:
            yield Carrier(person, named[key], _ZYGOSITY[zygosity], run, classified[key])
        elif (key, person) not in seen:
            seen.add((key, person))
            yield from _own(lake, key, person, run, says)


def _own(lake: ConsentedLake, key: int, person: str, run: str, says: Classifier) -> Iterator[Carrier]:
    """What a person carries of variants that share a key, as the person's own evidence has it."""
    chromosome, position = place_of(key)
    for alleles in sorted(set(_all_alleles(lake, key, person, run))):
        variant = Variant(chromosome, position, *alleles)
        (said,) = lake.presence(person, [variant])
        if isinstance(said, Present):
            yield Carrier(person, variant, said.zygosity, run, says.of(variant))


def _named(lake: ConsentedLake, carriers: pa.Table, keys: Iterable[int] | None = None) -> dict[int, Variant]:
    """The variant of each key: spelled in it, or read from the evidence of the first who carries it."""
    first: dict[int, tuple[str, str]] = {}
    columns = (carriers.column(name).to_pylist() for name in ("key", "person", "run"))
    for key, person, run in zip(*columns, strict=True):
        first.setdefault(key, (person, run))
    named = {}
    for key in first if keys is None else map(int, keys):
        chromosome, position = place_of(key)
        alleles = spelled_alleles(key) or _alleles(lake, key, *first[key])
        named[key] = Variant(chromosome, position, *alleles)
    return named


def _alleles(lake: ConsentedLake, key: int, person: str, run: str) -> tuple[str, str]:
    for alleles in _all_alleles(lake, key, person, run):
        return alleles
    raise StoreError("the lake's index names a variant that the run's evidence lacks; run verify")


def _all_alleles(lake: ConsentedLake, key: int, person: str, run: str) -> Iterator[tuple[str, str]]:
    chromosome, position = place_of(key)
    table = lake.variants(person, [Region(chromosome, position, position)])
    for row in table.select(["key", "run", "passed", "reference", "alternate"]).to_pylist():
        if (row["key"], row["run"]) == (key, run) and row["passed"]:
            yield row["reference"], row["alternate"]


def _ancestries(house: House, people: Iterable[str]) -> dict[str, str]:
    """The recorded ancestry of each person counted, as last registered."""
    groups = dict.fromkeys(people, NOT_RECORDED)
    for event in house.ledger.events(kinds=[EventKind.PERSON_REGISTERED]):
        if event.person in groups:
            groups[event.person] = event.payload.get("ancestry") or NOT_RECORDED
    return groups
