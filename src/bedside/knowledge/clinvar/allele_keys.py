"""Alleles of many records at once: trimmed, and their 64-bit keys, equal to `Variant.key`."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.genome.variant import SPELLED_BASES, allele_bits, position_key

_PLACE_SHIFT = position_key(0, 1)
_CHROMOSOME_SHIFT = position_key(1, 0)


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
    short = pairs.select(
        pl.col("reference").str.len_bytes() + pl.col("alternate").str.len_bytes() <= SPELLED_BASES
    ).to_series()
    bits = np.zeros(len(pairs), np.int64)
    for mask, distinct in ((short, True), (~short, False)):
        rows = mask.arg_true().to_numpy()
        chosen = pairs.filter(mask)
        if distinct:
            known = chosen.unique()
            spelled = known.with_columns(pl.Series("bits", _bits(known), dtype=pl.Int64))
            joined = chosen.join(spelled, on=["reference", "alternate"], how="left", maintain_order="left")
            bits[rows] = joined["bits"].to_numpy()
        else:
            bits[rows] = _bits(chosen)
    return place | bits


def _bits(pairs: pl.DataFrame) -> NDArray[np.int64]:
    return np.fromiter((allele_bits(*pair) for pair in pairs.iter_rows()), np.int64, len(pairs))
