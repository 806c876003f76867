"""A diff of two ClinVar releases for people: how many changes of each kind and between which groups; and
every change as a table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bedside.genome.region import CHROMOSOMES
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.clinvar.diff import ChangeKind, ReleaseDiff, diff_releases
from bedside.knowledge.clinvar.release import ClinvarRelease, open_release

COLUMNS = (
    "kind", "variant_before", "variant_after", "variation_before", "variation_after", "genes", "from", "to",
    "stars_before", "stars_after", "raw_before", "raw_after",
)  # fmt: skip


def clinvar_diff_lines(before: Path, after: Path) -> tuple[str, ...]:
    """Counts of changes by kind, and what became of each group of classes."""
    found = diff_releases(open_release(before), open_release(after))
    lines = [f"{found.before} → {found.after}"]
    counts = found.counts()
    lines += [f"{kind.value}: {count:,}" for kind, count in counts.items()] or ["nothing changed"]
    lines.append(f"unchanged: {found.unchanged:,}")
    for bucket, fates in sorted(found.fates.items(), key=lambda item: item[0].number):
        lines.append(f"{bucket.value} before: {sum(fates.values()):,}")
        lines += [f"    {_words(bucket, fate)}: {count:,}" for fate, count in fates.items()]
    if counts:
        lines.append("every change: --format tsv")
    return tuple(lines)


def clinvar_diff_table(before: Path, after: Path) -> tuple[str, ...]:
    """Every change as tab-separated lines under a header."""
    old, new = open_release(before), open_release(after)
    found = diff_releases(old, new)
    written = _named(found, old, new).with_columns(pl.all().cast(pl.String).fill_null(""))
    lines = written.select(pl.concat_str(COLUMNS, separator="\t")).to_series().to_list()
    return ("\t".join(COLUMNS), *lines)


def _named(found: ReleaseDiff, old: ClinvarRelease, new: ClinvarRelease) -> pl.DataFrame:
    classes = {one.number: one.value for one in Classification}
    kinds = {kind.number: kind.value for kind in ChangeKind}
    before = _alleles(found.table, old, "before")
    after = _alleles(found.table, new, "after")
    return found.table.with_columns(
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
        pl.col("classification_before").replace_strict(classes, return_dtype=pl.String).alias("from"),
        pl.col("classification_after").replace_strict(classes, return_dtype=pl.String).alias("to"),
        before["variant"].alias("variant_before"),
        after["variant"].alias("variant_after"),
        pl.select(pl.coalesce(after["genes"], before["genes"])).to_series().alias("genes"),
    )


def _alleles(table: pl.DataFrame, release: ClinvarRelease, side: str) -> pl.DataFrame:
    """`variant` and `genes` of one side's rows."""
    rows = table[f"row_{side}"]
    alleles = release.table.select("reference", "alternate", "genes").collect()
    chosen = alleles.select(pl.all().gather(rows))
    names = dict(enumerate(CHROMOSOMES, start=1))
    place = pl.DataFrame({"key": table[f"key_{side}"]}).select(
        (pl.col("key") // (1 << 58)).replace_strict(names, return_dtype=pl.String).alias("chromosome"),
        (pl.col("key") // (1 << 30) % (1 << 28)).alias("position"),
    )
    return pl.concat([place, chosen], how="horizontal").select(
        pl.concat_str("chromosome", "position", "reference", "alternate", separator="-").alias("variant"),
        "genes",
    )


def _words(before: Bucket, after: Bucket | None) -> str:
    if after is None:
        return "disappeared"
    return "stayed" if after is before else f"now {after.value}"
