"""From a file's words to a release's rows: classes and stars by the terms pack, places on GRCh38, keys; what
is left out, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from bedside.errors import PackError, Problem
from bedside.genome.liftover import Chain
from bedside.genome.region import CHROMOSOME_NUMBER, chromosome_name
from bedside.knowledge.clinvar.allele_keys import keys_of, trimmed
from bedside.knowledge.clinvar.facts import NO_GERMLINE
from bedside.knowledge.clinvar.layout import Layout
from bedside.knowledge.clinvar.terms import Terms

CONTIG = "on a contig that is not one of the chromosomes 1 to 22, X, Y and M"
NO_ALLELE = "no alleles given"
SYMBOLIC = "an allele is not written in bases"
SOMATIC = "only a somatic or oncogenicity classification"
INCLUDED = "classified only as part of a haplotype or genotype"
UNCLASSIFIED = "no germline classification"
UNCHANGED = "the alternate allele is the reference"
REPEATED = "repeats another record"
UNMAPPED = "no place on GRCh38 by the chain file"
TURNED = "on GRCh38 the strand is turned, and an insertion or deletion needs the sequence to be placed"

ROWS = (
    "key", "variation_id", "allele_id", "reference", "alternate", "genes", "classification", "stars",
    "review", "conditions", "consequences", "raw", "af_esp", "af_exac", "af_tgp",
)  # fmt: skip
LEFT_OUT = ("line", "reason", "variation_id", "contig", "position", "reference", "alternate", "raw")
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


@dataclass(frozen=True, slots=True, eq=False)
class Understood:
    """The rows of a release sorted by key, and what was left out in the order of the file."""

    rows: pl.DataFrame
    left_out: pl.DataFrame


def understand(
    where: str, read: pl.DataFrame, layout: Layout, terms: Terms, chain: Chain | None
) -> Understood:
    """The release that these records make; raises PackError with every word that the pack does not know."""
    classes, stars = _words(where, read, layout, terms)
    numbers = _table(read, "contig", _chromosome)
    frame = read.with_columns(
        _meant(read["contig"], numbers).alias("chromosome"),
        _meant(read["raw"], classes).alias("classification"),
        _meant(read["review"], stars).alias("stars"),
        pl.col("reference", "alternate").cast(pl.String),
    )
    kept, left = _split(frame, _reasons())
    lifted, unlifted = (kept, None) if chain is None else _lifted(trimmed(kept), chain)
    rows = trimmed(lifted)
    key = keys_of(
        rows["chromosome"].to_numpy(), rows["position"].to_numpy(), rows["reference"], rows["alternate"]
    )
    rows = rows.with_columns(pl.Series("key", key))
    if bool((np.diff(key) <= 0).any()):
        rows = rows.sort("key", "variation_id", "line", nulls_last=True)
        rows, repeated = _once(rows)
    else:
        repeated = None
    others = [one.select(LEFT_OUT) for one in (left, unlifted, repeated) if one is not None and len(one)]
    left_out = pl.concat(others).sort("line") if others else left.select(LEFT_OUT)
    genes = rows["genes"].cast(pl.String).replace_strict(_symbols(read), default=None, return_dtype=pl.String)
    return Understood(rows.with_columns(genes).select(ROWS), left_out)


def _words(
    where: str, read: pl.DataFrame, layout: Layout, terms: Terms
) -> tuple[dict[str, int | None], dict[str, int | None]]:
    classify = terms.classify_codes if layout.coded else terms.classify
    classes = _table(read, "raw", lambda raw: None if (one := classify(raw)) is None else one.number)
    stars = _table(read, "review", terms.stars)
    problems = _unknown(where, read, "raw", "classification", classes, terms)
    problems += _unknown(where, read, "review", "review status", stars, terms)
    if layout.reviewed:
        bare = read.filter(pl.col("raw").is_not_null() & pl.col("review").is_null())["line"]
        reason = f"a classification without a review status in {len(bare)} records"
        problems += [Problem(where, reason, line) for line in bare.head(1)]
    if problems:
        raise PackError(problems)
    return classes, stars


def _unknown(
    where: str, read: pl.DataFrame, column: str, what: str, known: dict[str, int | None], terms: Terms
) -> list[Problem]:
    words = [word for word, number in known.items() if number is None]
    if not words:
        return []
    counted = (
        read.select("line", pl.col(column).cast(pl.String))
        .filter(pl.col(column).is_in(words))
        .group_by(column)
        .agg(pl.len().alias("records"), pl.col("line").min())
        .sort("records", column, descending=[True, False])
    )
    section = "[classes]" if column == "raw" else "[stars]"
    remedy = f"nothing was stored; enter it under {section} in {terms.label} after review"
    return [
        Problem(where, f"unknown {what} {word!r} in {records} records", line, remedy)
        for word, records, line in counted.iter_rows()
    ]


def _table(read: pl.DataFrame, column: str, meaning: Callable[[str], int | None]) -> dict[str, int | None]:
    words = read[column].unique().drop_nulls().cast(pl.String).sort().to_list()
    return {word: meaning(word) for word in words}


def _symbols(read: pl.DataFrame) -> dict[str, str]:
    """Gene symbols joined by `|`, without the numbers that GENEINFO writes after them."""
    words = read["genes"].unique().drop_nulls().cast(pl.String).sort().to_list()
    return {word: "|".join(one.partition(":")[0] for one in re.split(r"[|;,]", word)) for word in words}


def _meant(words: pl.Series, meaning: Mapping[str, int | None]) -> pl.Series:
    """The number that each word means, 0 for none: looked up once a word, not once a row."""
    distinct = words.unique().drop_nulls()
    known = distinct.to_physical().to_numpy()
    numbers = np.zeros(int(known.max(initial=0)) + 2, np.int8)
    numbers[known] = [meaning[word] or 0 for word in distinct.cast(pl.String)]
    codes = words.to_physical().fill_null(len(numbers) - 1).to_numpy()
    return pl.Series(words.name, numbers[codes])


def _chromosome(contig: str) -> int:
    try:
        return CHROMOSOME_NUMBER[chromosome_name(contig)]
    except ValueError:
        return 0


def _reasons() -> pl.Expr:
    """The first reason that keeps a record out, or null."""
    elsewhere = pl.col(NO_GERMLINE).cast(pl.String)
    absent = pl.col("alternate").is_in([".", "*"]) | (pl.col("reference") == ".") | (pl.col("position") < 1)
    letters = [pl.col(name).str.strip_chars("ACGTNacgtn") == "" for name in ("reference", "alternate")]
    bases = pl.all_horizontal(*letters, pl.col("reference") != "", pl.col("alternate") != "")
    same = pl.col("reference").str.to_uppercase() == pl.col("alternate").str.to_uppercase()
    return (
        pl.when(pl.col("raw").is_null() & (elsewhere == "somatic")).then(pl.lit(SOMATIC))
        .when(pl.col("raw").is_null() & (elsewhere == "included")).then(pl.lit(INCLUDED))
        .when(pl.col("raw").is_null()).then(pl.lit(UNCLASSIFIED))
        .when(pl.col("chromosome") == 0).then(pl.lit(CONTIG))
        .when(absent).then(pl.lit(NO_ALLELE))
        .when(bases.not_()).then(pl.lit(SYMBOLIC))
        .when(same).then(pl.lit(UNCHANGED))
    )  # fmt: skip


def _split(frame: pl.DataFrame, reason: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    told = frame.with_columns(reason.alias("reason"))
    return told.filter(pl.col("reason").is_null()), told.filter(pl.col("reason").is_not_null())


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Rows sorted by key without those that say the same again, and these."""
    key = rows["key"].to_numpy()
    crowded = np.zeros(len(key), np.bool_)
    crowded[1:] = key[1:] == key[:-1]
    crowded[:-1] |= crowded[1:]
    places = np.flatnonzero(crowded)
    same = ["key", "variation_id", "raw", "review", "reference", "alternate"]
    first = rows[places].select(pl.struct(same).is_first_distinct()).to_series().to_numpy()
    if bool(first.all()):
        return rows, None
    keep = np.ones(len(key), np.bool_)
    keep[places[~first]] = False
    return rows.filter(keep), rows.filter(~keep).with_columns(pl.lit(REPEATED).alias("reason"))


def _lifted(rows: pl.DataFrame, chain: Chain) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows on GRCh38, and those with no place there. GRCh37 as ClinVar uses it has GRCh38's chrM."""
    numbers, places = rows["chromosome"].to_numpy(), rows["position"].to_numpy().astype(np.int64)
    at = chain.lift(numbers, places, rows["reference"].str.len_bytes().to_numpy().astype(np.int64))
    still = numbers == CHROMOSOME_NUMBER["chrM"]
    single = rows.select(
        (pl.col("reference").str.len_bytes() == 1) & (pl.col("alternate").str.len_bytes() == 1)
    ).to_series().to_numpy()  # fmt: skip
    turned = at.reverse & ~still
    reason = np.where(~(at.mapped | still), UNMAPPED, np.where(turned & ~single, TURNED, ""))
    moved = rows.with_columns(
        pl.Series("chromosome", np.where(still, numbers, at.chromosome), dtype=pl.Int8),
        pl.Series("position", np.where(still, places, at.position), dtype=pl.Int32),
        *(_turned(rows[name], turned & single) for name in ("reference", "alternate")),
    )
    out = pl.Series("reason", reason, dtype=pl.String)
    return moved.filter(out == ""), rows.with_columns(out).filter(out != "")


def _turned(alleles: pl.Series, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    places = pl.Series(np.flatnonzero(rows))
    other = [allele.translate(_COMPLEMENT) for allele in alleles.str.to_uppercase().gather(places)]
    return alleles.scatter(places, pl.Series(other, dtype=pl.String)) if other else alleles
