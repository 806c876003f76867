"""The columns that every layout is read into, before the words are understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from bedside.errors import PackError, Problem
from bedside.knowledge.clinvar.text_fields import Block

TEXTS = ("contig", "reference", "alternate", "genes", "raw", "review", "conditions", "consequences")
NUMBERS = ("position", "variation_id", "allele_id")
FREQUENCIES = ("af_esp", "af_exac", "af_tgp")
NO_GERMLINE = "elsewhere"
"""The column that says where a record without a germline classification has one: `somatic`, `included`."""


class WordsOf:
    """Where the texts of one reading are kept once each, however many records share them."""

    def __init__(self) -> None:
        self.types = {name: pl.Categorical(pl.Categories.random()) for name in (*TEXTS, NO_GERMLINE)}


def facts(
    where: str, block: Block, columns: Mapping[str, Any] | pl.DataFrame, words: WordsOf
) -> pl.DataFrame:
    """One row a line with all columns; what a layout does not have is null.

    Raises PackError naming every line whose number is none.
    """
    read = cast_frame(columns)
    present = set(read.columns)
    frame = read.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).add(block.first_line).alias("line")
        if "line" not in present
        else pl.col("line"),
        *(_text(name, present, words) for name in (*TEXTS, NO_GERMLINE)),
        *(_number(name, present, pl.Int32) for name in NUMBERS),
        *(_number(name, present, pl.Float32) for name in FREQUENCIES),
    )
    problems = [
        Problem(where, f"{name} is not a number", line=int(line))
        for name in (*NUMBERS, *FREQUENCIES)
        if name in present and frame[name].null_count() > read[name].null_count()
        for line in frame.filter(frame[name].is_null() & read[name].is_not_null())["line"].head(20)
    ]
    if read["position"].null_count():
        lines = frame.filter(read["position"].is_null())["line"].head(20)
        problems += [Problem(where, "position is missing", line=int(line)) for line in lines]
    if problems:
        raise PackError(problems)
    return frame


def cast_frame(columns: Mapping[str, Any] | pl.DataFrame) -> pl.DataFrame:
    """The columns as a frame, without copying their text."""
    return columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(pa.table(dict(columns)))


def _text(name: str, present: set[str], words: WordsOf) -> pl.Expr:
    column = pl.col(name) if name in present else pl.lit(None, pl.String)
    return column.cast(words.types[name]).alias(name)


def _number(name: str, present: set[str], kind: type[pl.DataType]) -> pl.Expr:
    if name not in present:
        return pl.lit(None, kind).alias(name)
    return pl.col(name).cast(kind, strict=False)
