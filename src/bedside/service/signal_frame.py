"""Many people's signals and their groups, read from tables straight into columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bedside.errors import IntakeError, Problem
from bedside.intake.signal_table import KNOWN, NEEDED
from bedside.knowledge.care_pathways import SignalWord
from bedside.learn.signal_columns import Kind, SignalColumns, columns

GROUP_UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Cohort:
    """People by name, in the order of their first line, and what happened to them."""

    people: Sequence[str]
    signals: SignalColumns


def read_cohort(path: Path, words: Mapping[str, SignalWord]) -> Cohort:
    """The signals of a table as `read_signal_table` reads them, for millions of lines. A signal taken back is
    left out with what takes it back. Raises IntakeError with every kind of fault, and the first line of each.
    """
    frame = _read(path)
    problems = [
        Problem(path.name, f"has no column {name}", 1) for name in NEEDED if name not in frame.columns
    ]
    problems += [
        Problem(path.name, f"has an unknown column {name!r}", 1)
        for name in frame.columns
        if name not in KNOWN
    ]
    if problems:
        raise IntakeError(problems)
    frame = frame.with_row_index("line", 2).with_columns(
        pl.col("at")
        .str.to_datetime("%+", time_unit="us", strict=False)
        .dt.convert_time_zone("UTC")
        .alias("when")
    )
    _refuse(path, frame, words)
    frame = _standing(frame)
    if "attributes" not in frame.columns:
        frame = frame.with_columns(pl.lit("").alias("attributes"))
    names = frame["person"].unique(maintain_order=True)
    pairs = frame.select("signal", "attributes").unique(maintain_order=True).with_row_index("kind")
    known = pl.DataFrame({"person": names}).with_row_index("number")
    joined = frame.join(known, on="person", how="left", maintain_order="left").join(
        pairs, on=["signal", "attributes"], how="left", nulls_equal=True, maintain_order="left"
    )
    kinds = tuple(_kind(name, text or "") for name, text in pairs.select("signal", "attributes").rows())
    held = columns(
        kinds,
        joined["number"].to_numpy().astype(np.int64),
        joined["kind"].to_numpy().astype(np.int32),
        joined["when"].dt.timestamp("us").to_numpy().astype(np.int64),
        len(names),
    )
    return Cohort(names.to_list(), held)


def read_groups(path: Path, people: Sequence[str], by: str) -> npt.NDArray[np.object_]:
    """The group of each person: the column `by` of a table with a column `person`. Raises IntakeError."""
    frame = _read(path)
    missing = [name for name in ("person", by) if name not in frame.columns]
    if missing:
        raise IntakeError(Problem(path.name, f"has no column {name}", 1) for name in missing)
    if frame["person"].is_duplicated().any():
        raise IntakeError.one(path.name, "names a person twice", remedy="one line for each person")
    asked = pl.DataFrame({"person": people})
    found = asked.join(frame.select("person", by), on="person", how="left", maintain_order="left")[by]
    return found.fill_null(GROUP_UNKNOWN).to_numpy().astype(object)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None)
    except (OSError, pl.exceptions.PolarsError) as error:
        said = error.strerror if isinstance(error, OSError) else "is no table of tab-separated UTF-8 text"
        raise IntakeError.one(path.name, f"cannot be read: {said}") from error


def _refuse(path: Path, frame: pl.DataFrame, words: Mapping[str, SignalWord]) -> None:
    takes_back = pl.col("retracts").fill_null("") != "" if "retracts" in frame.columns else pl.lit(False)
    faults = {
        "names no person": pl.col("person").fill_null("") == "",
        "at is no time with its zone, such as 2026-01-05T15:00:00+00:00": pl.col("when").is_null(),
        "is no signal that the house can hear": ~pl.col("signal").is_in(list(words)) & ~takes_back,
    }
    problems = []
    for reason, fault in faults.items():
        lines = frame.filter(fault.fill_null(True))["line"]
        if len(lines):
            more = f", as {len(lines) - 1} further lines" if len(lines) > 1 else ""
            problems.append(Problem(path.name, reason + more, int(lines[0])))
    if problems:
        raise IntakeError(problems)


def _standing(frame: pl.DataFrame) -> pl.DataFrame:
    if "retracts" not in frame.columns or "id" not in frame.columns:
        return frame
    gone = frame.filter(pl.col("retracts").fill_null("") != "").select(
        "person", pl.col("retracts").alias("id")
    )
    kept = frame.filter(pl.col("retracts").fill_null("") == "")
    return kept.join(gone.unique(), on=["person", "id"], how="anti", maintain_order="left")


def _kind(name: str, text: str) -> Kind:
    parts = (part.partition("=") for part in text.split(";") if part.strip())
    return (name, tuple(sorted((key.strip(), value.strip()) for key, _, value in parts)))
