"""Alleles of many records at once: trimmed, and their 64-bit keys, equal to `Variant.key`."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.genome.variant import allele_bits, position_key

_PLACE_SHIFT = position_key(0, 1)
_CHROMOSOME_SHIFT = position_key(1, 0)
_LETTERS = ["A", "C", "G", "T"]
_SINGLE = allele_bits("A", "A")
_FIRST, _SECOND = (allele_bits(*pair) - _SINGLE for pair in (("C", "A"), ("A", "C")))


def trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with bases in upper case and shared bases cut away, so that the alleles are parsimonious.

    ClinVar's own VCF is already; only rows that are not are touched.
    """
    both = (pl.col("reference").str.len_bytes() > 1) & (pl.col("alternate").str.len_bytes() > 1)
    frame = frame.with_columns(pl.col("reference", "alternate").str.to_uppercase())
    shares = both & (
        (pl.col("reference").str.slice(0, 1) == pl.col("alternate").str.slice(0, 1))
        | (pl.col("reference").str.tail(1) == pl.col("alternate").str.tail(1))
    )
    rows = frame.select(shares.arg_true()).to_series()
    if rows.is_empty():
        return frame
    cut = [_trim(*row) for row in frame[rows].select("position", "reference", "alternate").iter_rows()]
    places, references, alternates = zip(*cut, strict=True)
    return frame.with_columns(
        frame["position"].scatter(rows, pl.Series(places, dtype=frame["position"].dtype)),
        frame["reference"].scatter(rows, pl.Series(references, dtype=pl.String)),
        frame["alternate"].scatter(rows, pl.Series(alternates, dtype=pl.String)),
    )


def _trim(position: int, reference: str, alternate: str) -> tuple[int, str, str]:
    while len(reference) > 1 and len(alternate) > 1 and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    while len(reference) > 1 and len(alternate) > 1 and reference[0] == alternate[0]:
        position, reference, alternate = position + 1, reference[1:], alternate[1:]
    return position, reference, alternate


def keys_of(
    chromosomes: NDArray[np.integer],
    positions: NDArray[np.integer],
    references: pl.Series,
    alternates: pl.Series,
) -> NDArray[np.int64]:
    """Keys of alleles in the letters A, C, G, T and N."""
    place = chromosomes.astype(np.int64) * _CHROMOSOME_SHIFT + positions.astype(np.int64) * _PLACE_SHIFT
    pairs = pl.DataFrame({"reference": references, "alternate": alternates})
    single = pairs.select(
        pl.all_horizontal(pl.col(name).is_in(_LETTERS) for name in pairs.columns)
    ).to_series()
    bits = np.zeros(len(pairs), np.int64)
    first, second = (
        pairs[name].filter(single).cast(pl.Enum(_LETTERS)).to_physical().to_numpy().astype(np.int64)
        for name in pairs.columns
    )
    bits[single.to_numpy()] = _SINGLE + first * _FIRST + second * _SECOND
    others = pairs.filter(~single)
    known = others.unique()
    spelled = known.with_columns(pl.Series("bits", _bits(known), dtype=pl.Int64))
    joined = others.join(spelled, on=["reference", "alternate"], how="left", maintain_order="left")
    bits[~single.to_numpy()] = joined["bits"].to_numpy()
    return place | bits


def _bits(pairs: pl.DataFrame) -> NDArray[np.int64]:
    return np.fromiter((allele_bits(*pair) for pair in pairs.iter_rows()), np.int64, len(pairs))
