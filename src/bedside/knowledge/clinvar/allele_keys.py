"""Alleles of many records at once: trimmed, and their 64-bit keys, equal to `Variant.key`."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.texts import Texts
from bedside.genome.variant import variant_keys


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
    return variant_keys(chromosomes, positions, _texts(references), _texts(alternates))


def _texts(series: pl.Series) -> Texts:
    column = pa.concat_arrays([series.to_arrow().cast(pa.string())])
    if not len(column):
        return Texts.of(())
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return Texts(places - places[0], np.frombuffer(data, np.uint8)[places[0] : places[-1]])
