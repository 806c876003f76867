"""What changed between two ClinVar releases: records matched by VariationID and allele, in columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.genome.citation import Release
from bedside.knowledge.classification import Bucket, Classification, bucket_of, classification_numbered
from bedside.knowledge.clinvar.match import Matched, match
from bedside.knowledge.clinvar.release import ClinvarRelease


class ChangeKind(Enum):
    """What happened to a record. The first that fits names it, so a moved record may also have another class.

    NEW, DISAPPEARED: in one release only. MOVED: the same VariationID with other coordinates or alleles.
    RENUMBERED: the same allele under another VariationID. RECLASSIFIED: another bucket. REFINED: another
    class of the same bucket. STARS: the review status earns other stars. REWORDED: only the words.
    """

    NEW = "new"
    DISAPPEARED = "disappeared"
    MOVED = "moved"
    RENUMBERED = "renumbered"
    RECLASSIFIED = "reclassified"
    REFINED = "refined"
    STARS = "stars"
    REWORDED = "reworded"

    @property
    def number(self) -> int:
        """The kind in tables, from 1."""
        return list(ChangeKind).index(self) + 1


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One row of a diff. What a record does not have (a new one has no before) is None or empty."""

    kind: ChangeKind
    row_before: int | None
    row_after: int | None
    key_before: int | None
    key_after: int | None
    variation_before: int | None
    variation_after: int | None
    before: Classification | None
    after: Classification | None
    stars_before: int | None
    stars_after: int | None
    raw_before: str
    raw_after: str

    @property
    def bucket_before(self) -> Bucket | None:
        """The group it belonged to."""
        return None if self.before is None else bucket_of(self.before)

    @property
    def bucket_after(self) -> Bucket | None:
        """The group it belongs to now."""
        return None if self.after is None else bucket_of(self.after)


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseDiff:
    """Two releases and their changes.

    table: a row a change, sorted by key, with the columns of `RecordChange` (kind, classes and buckets as
    numbers, null for what is not there). unchanged: matched records without a change. fates: for each bucket
    before, how many of its records went to which bucket; None: disappeared.
    """

    before: Release
    after: Release
    table: pl.DataFrame
    unchanged: int
    fates: Mapping[Bucket, Mapping[Bucket | None, int]]

    def counts(self) -> dict[ChangeKind, int]:
        """How many changes of each kind, of those there are."""
        found = dict(self.table.group_by("kind").len().iter_rows())
        return {kind: found[kind.number] for kind in ChangeKind if kind.number in found}

    def share(self, before: Bucket, after: Bucket | None) -> float:
        """The share of a bucket's records that went to another (None: disappeared); 0 of an empty bucket."""
        fate = self.fates.get(before, {})
        return fate.get(after, 0) / total if (total := sum(fate.values())) else 0.0

    def changes(self) -> Iterator[RecordChange]:
        """Each change, in the order of the table."""
        kinds = {kind.number: kind for kind in ChangeKind}
        for row in self.table.iter_rows(named=True):
            old, new = row["classification_before"], row["classification_after"]
            yield RecordChange(
                kind=kinds[row["kind"]],
                row_before=row["row_before"],
                row_after=row["row_after"],
                key_before=row["key_before"],
                key_after=row["key_after"],
                variation_before=row["variation_before"],
                variation_after=row["variation_after"],
                before=None if old is None else classification_numbered(old),
                after=None if new is None else classification_numbered(new),
                stars_before=row["stars_before"],
                stars_after=row["stars_after"],
                raw_before=row["raw_before"] or "",
                raw_after=row["raw_after"] or "",
            )


def diff_releases(
    before: ClinvarRelease, after: ClinvarRelease, genes: Collection[str] | None = None
) -> ReleaseDiff:
    """Every change from one release to another, or only of records that name one of these genes."""
    pairs = match(before.keys, before.variation_ids, after.keys, after.variation_ids)
    if genes is not None:
        pairs = _within(pairs, before, after, genes)
    raw_before, raw_after = _raw(before), _raw(after)
    both = (pairs.before >= 0) & (pairs.after >= 0)
    words = np.zeros(len(both), np.bool_)
    words[both] = (raw_before.gather(pairs.before[both]) != raw_after.gather(pairs.after[both])).to_numpy()
    old = _side(before, pairs.before, "before")
    new = _side(after, pairs.after, "after")
    joined = pl.concat([old, new], how="horizontal").with_columns(
        pl.Series("words", words), pl.Series("moved", pairs.moved), pl.Series("renumbered", pairs.renumbered)
    )
    kinds = joined.with_columns(_kind().alias("kind"))
    changed = kinds.filter(pl.col("kind").is_not_null())
    table = changed.with_columns(
        raw_before.gather(changed["row_before"]).alias("raw_before"),
        raw_after.gather(changed["row_after"]).alias("raw_after"),
    ).drop("words", "moved", "renumbered")
    order = pl.coalesce("key_after", "key_before")
    return ReleaseDiff(
        before=before.release,
        after=after.release,
        table=table.sort(order, "row_before", "row_after", maintain_order=True),
        unchanged=len(kinds) - len(changed),
        fates=_fates(joined),
    )


def _raw(release: ClinvarRelease) -> pl.Series:
    return release.table.select("raw").collect().to_series()


def _side(release: ClinvarRelease, rows: NDArray[np.int64], name: str) -> pl.DataFrame:
    """The numbers of one side, null where a pair has no such row."""
    there = rows >= 0
    at = rows if bool(there.all()) else np.maximum(rows, 0)
    none = ~there
    classes = release.classifications[at] if len(release) else np.zeros(len(rows), np.int8)
    columns: dict[str, NDArray[np.generic]] = {
        "row": rows,
        "key": release.keys[at] if len(release) else rows,
        "variation": release.variation_ids[at] if len(release) else rows,
        "classification": classes,
        "bucket": _BUCKETS[classes],
        "stars": release.stars[at] if len(release) else rows,
    }
    frame = pl.DataFrame({f"{column}_{name}": values for column, values in columns.items()})
    if bool(none.any()):
        frame = frame.select(pl.when(pl.Series(there)).then(pl.all()))
    return frame.with_columns(pl.col(f"variation_{name}").replace(0, None))


def _kind() -> pl.Expr:
    def told(condition: pl.Expr, kind: ChangeKind) -> pl.Expr:
        return pl.when(condition).then(pl.lit(kind.number, pl.Int8))

    other = {
        name: pl.col(f"{name}_before") != pl.col(f"{name}_after")
        for name in ("bucket", "classification", "stars")
    }
    return pl.coalesce(
        told(pl.col("row_before").is_null(), ChangeKind.NEW),
        told(pl.col("row_after").is_null(), ChangeKind.DISAPPEARED),
        told(pl.col("moved"), ChangeKind.MOVED),
        told(pl.col("renumbered"), ChangeKind.RENUMBERED),
        told(other["bucket"], ChangeKind.RECLASSIFIED),
        told(other["classification"], ChangeKind.REFINED),
        told(other["stars"], ChangeKind.STARS),
        told(pl.col("words"), ChangeKind.REWORDED),
    )


def _fates(joined: pl.DataFrame) -> dict[Bucket, dict[Bucket | None, int]]:
    buckets = {bucket.number: bucket for bucket in Bucket}
    fates: dict[Bucket, dict[Bucket | None, int]] = {}
    counted = (
        joined.filter(pl.col("row_before").is_not_null())
        .group_by("bucket_before", "bucket_after")
        .len()
        .sort("bucket_before", "bucket_after", nulls_last=True)
    )
    for old, new, count in counted.iter_rows():
        fates.setdefault(buckets[old], {})[None if new is None else buckets[new]] = count
    return fates


def _within(pairs: Matched, before: ClinvarRelease, after: ClinvarRelease, genes: Collection[str]) -> Matched:
    inside = np.zeros(len(pairs.before), np.bool_)
    for release, rows in ((before, pairs.before), (after, pairs.after)):
        named = np.zeros(len(release) + 1, np.bool_)
        named[release.rows_in_genes(genes)] = True
        inside |= named[rows]
    return pairs.only(inside)


_BUCKETS = np.array(
    [0, *(bucket_of(classification_numbered(n)).number for n in range(1, len(Classification) + 1))], np.int8
)
"""The bucket's number by the class's."""
