"""Which alleles two releases of ClinVar judge differently, as arrays: what carriers are looked up for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.act.reanalysis import Standing
from bedside.act.reanalysis_limits import Excess
from bedside.genome.variant import Variant, place_of
from bedside.interpret.germline.classification_gate import known
from bedside.knowledge.classification import (
    Bucket,
    Classification,
    ClassifiedVariant,
    bucket_of,
    classification_numbered,
)
from bedside.knowledge.clinvar.release import ClinvarRelease

_BUCKETS = np.zeros(128, np.int8)
for _one in Classification:
    _BUCKETS[_one.number] = bucket_of(_one).number
_PLP = Bucket.PLP.number


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """What a release says of each allele: keys ascending, once each; number 0 is a class of its own, none.

    Several records of one allele are one statement, by the same rule as the gates use.
    """

    release: ClinvarRelease
    keys: NDArray[np.int64]
    classes: NDArray[np.int8]
    stars: NDArray[np.int8]

    @property
    def day(self) -> date:
        """The release's date."""
        return date.fromisoformat(self.release.release.date)

    def at(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Class number and stars of these keys; both 0 where the release has no record."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int8), np.zeros(len(keys), np.int8)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        there = self.keys[places] == keys
        return np.where(there, self.classes[places], 0), np.where(there, self.stars[places], 0)

    def in_genes(self, genes: Collection[str]) -> NDArray[np.int64]:
        """The keys of records that name one of the genes."""
        return self.release.in_genes(genes)


def stand(release: ClinvarRelease) -> Stand:
    """The statements of a release, one for each allele."""
    keys, first, count = np.unique(release.keys, return_index=True, return_counts=True)
    classes, stars = release.classifications[first].copy(), release.stars[first].copy()
    for place in np.flatnonzero(count > 1):
        rows = range(int(first[place]), int(first[place] + count[place]))
        what = known(release.records(rows))
        classes[place] = 0 if what.classification is None else what.classification.number
        stars[place] = what.stars
    return Stand(release, keys, classes, stars)


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The alleles whose class changed so that it could matter: another group, other stars of a pathogenic
    class, a record that is new or gone. `table` has `key, class_before, stars_before, class_after,
    stars_after`; a class of 0 is no record."""

    before: Stand
    after: Stand
    table: pl.DataFrame

    def of(self, keys: NDArray[np.int64]) -> pl.DataFrame:
        """The same columns for any keys, changed or not."""
        return _table(self.before, self.after, np.unique(keys))

    @property
    def releases(self) -> tuple[ClinvarRelease, ClinvarRelease]:
        """Both releases, the newer first."""
        return self.after.release, self.before.release

    def moved(self, records: Iterable[ClassifiedVariant]) -> bool:
        """Whether a record of these is in the newer release, about whatever allele."""
        known_ids = [one.variation_id for one in records if one.variation_id]
        return bool(known_ids) and bool(np.isin(known_ids, self.after.release.variation_ids).any())

    def standings(self, row: Mapping[str, int]) -> tuple[Standing, Standing]:
        """A row's class before and after."""
        return (
            _standing(self.before.day, row["class_before"], row["stars_before"]),
            _standing(self.after.day, row["class_after"], row["stars_after"]),
        )


def changes_between(before: ClinvarRelease, after: ClinvarRelease) -> Changes:
    """What changed from one release to the next."""
    one, other = stand(before), stand(after)
    places = np.minimum(np.searchsorted(other.keys, one.keys), max(len(other.keys) - 1, 0))
    common = other.keys[places] == one.keys if len(other.keys) else np.zeros(len(one.keys), bool)
    old, new = one.classes[common], other.classes[places[common]]
    bucket = _BUCKETS[new]
    moved = _BUCKETS[old] != bucket
    stars = one.stars[common] != other.stars[places[common]]
    moved |= (bucket == _PLP) & (stars | (old != new))
    known_before = np.zeros(len(other.keys), bool)
    known_before[places[common]] = True
    keys = np.concatenate([one.keys[common][moved], one.keys[~common], other.keys[~known_before]])
    return Changes(one, other, _table(one, other, np.sort(keys)))


def _table(one: Stand, other: Stand, keys: NDArray[np.int64]) -> pl.DataFrame:
    (before, stars_before), (after, stars_after) = one.at(keys), other.at(keys)
    return pl.DataFrame(
        {
            "key": keys,
            "class_before": before,
            "stars_before": stars_before,
            "class_after": after,
            "stars_after": stars_after,
        }
    )


def _standing(day: date, number: int, stars: int) -> Standing:
    return Standing(day, classification_numbered(number), stars) if number else Standing(day, None)


def buckets(table: pl.DataFrame, column: str) -> NDArray[np.int8]:
    """The number of the group of each row's class in this column; 0 where there is no record."""
    return bucket_numbers(table[column].to_numpy())


def bucket_numbers(classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """The numbers of the groups of some classes; 0 where there is no record."""
    return np.asarray(_BUCKETS[classes])


def pathogenic(table: pl.DataFrame, column: str) -> NDArray[np.bool_]:
    """The rows whose class in this column is pathogenic or likely pathogenic."""
    return np.asarray(buckets(table, column) == _PLP)


def became(changes: Changes, among: NDArray[np.int64] | None = None) -> tuple[dict[Bucket | None, int], int]:
    """Of the alleles that were pathogenic or likely pathogenic, and are no longer, how many stand where now
    (None: gone); and how many there were. among: only these keys."""
    was = _BUCKETS[changes.before.classes] == _PLP
    lost = pathogenic(changes.table, "class_before") & ~pathogenic(changes.table, "class_after")
    if among is not None:
        was &= np.isin(changes.before.keys, among)
        lost &= np.isin(changes.table["key"].to_numpy(), among)
    return _counted(changes.table["class_after"].to_numpy()[lost]), int(was.sum())


def came(changes: Changes, among: NDArray[np.int64] | None = None) -> tuple[dict[Bucket | None, int], int]:
    """Of the alleles that are pathogenic or likely pathogenic, and were not, how many stood where before
    (None: new); and how many there were. among: only these keys."""
    was = _BUCKETS[changes.before.classes] == _PLP
    gained = pathogenic(changes.table, "class_after") & ~pathogenic(changes.table, "class_before")
    if among is not None:
        was &= np.isin(changes.before.keys, among)
        gained &= np.isin(changes.table["key"].to_numpy(), among)
    return _counted(changes.table["class_before"].to_numpy()[gained]), int(was.sum())


def _counted(classes: NDArray[np.int8]) -> dict[Bucket | None, int]:
    """How many of some class numbers stand in which group; 0 is None."""
    found: dict[Bucket | None, int] = {None: int((classes == 0).sum())}
    for number, count in zip(*np.unique(classes[classes > 0], return_counts=True), strict=True):
        bucket = classification_numbered(int(number)).bucket
        found[bucket] = found.get(bucket, 0) + int(count)
    return {bucket: count for bucket, count in found.items() if count}


class Records:
    """What a release says of variants, each read once."""

    def __init__(self, release: ClinvarRelease) -> None:
        self._release = release
        self._known: dict[Variant, tuple[ClassifiedVariant, ...]] = {}
        self._read: set[int] = set()

    def read(self, keys: NDArray[np.int64]) -> None:
        """Read what will be asked for, all together."""
        for record in self._release.records(self._release.find(keys)):
            if record.variant.key not in self._read:
                self._known[record.variant] = (*self._known.get(record.variant, ()), record)
        self._read.update(keys.tolist())

    def of(self, variant: Variant) -> tuple[ClassifiedVariant, ...]:
        """The records of a variant; nothing, when it is not in the release."""
        if variant.key not in self._read:
            self.read(np.array([variant.key], np.int64))
        return self._known.get(variant, ())


def concerned_lines(changes: Changes, broken: Collection[Excess]) -> Iterator[str]:
    """Each allele that a broken limit may be about, pathogenic or likely pathogenic no more or only now:
    variant, class before, class now."""
    was, now = pathogenic(changes.table, "class_before"), pathogenic(changes.table, "class_after")
    told = np.zeros(len(was), bool)
    if any(not one.gained for one in broken):
        told |= was & ~now
    if any(one.gained for one in broken):
        told |= now & ~was
    table = changes.table.filter(pl.Series(told))
    named = table.join(alleles_of(changes.releases, table["key"].to_numpy()), on="key", how="left")
    for row in named.sort("key").iter_rows(named=True):
        before, after = changes.standings(row)
        yield f"{row['variant']}\t{before}\t{after}"


def alleles_of(releases: Sequence[ClinvarRelease], keys: NDArray[np.int64]) -> pl.DataFrame:
    """`key, variant, reference, alternate`: the alleles of these keys, from the first release that has
    them."""
    wanted = pl.LazyFrame({"key": np.unique(keys)})
    frames = [
        release.table.select("key", "reference", "alternate").join(wanted, on="key", how="semi")
        for release in releases
    ]
    alleles = pl.concat(frames).collect().unique("key", keep="first", maintain_order=True).sort("key")
    places = [place_of(key) for key in alleles["key"].to_list()]
    return alleles.select(
        "key",
        pl.concat_str(
            pl.Series([f"{chromosome}-{position}-" for chromosome, position in places], dtype=pl.String),
            pl.col("reference"),
            pl.lit("-"),
            pl.col("alternate"),
        ).alias("variant"),
        "reference",
        "alternate",
    )


def variant_of(key: int, reference: str, alternate: str) -> Variant:
    """The variant of a key with its alleles."""
    return Variant(*place_of(key), reference, alternate)
