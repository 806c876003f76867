"""Which record of one release is which of another: first by VariationID and allele together, then the rest by
VariationID (it moved), then by allele (it was renumbered).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Pairs of rows, -1 for none: each row of either release is in one pair."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    moved: NDArray[np.bool_]
    renumbered: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Matched:
        """The pairs where the mask holds."""
        return Matched(self.before[chosen], self.after[chosen], self.moved[chosen], self.renumbered[chosen])


def match(
    keys_before: NDArray[np.int64],
    ids_before: NDArray[np.int32],
    keys_after: NDArray[np.int64],
    ids_after: NDArray[np.int32],
) -> Matched:
    """Keys ascending; an id of 0 is none, and then the allele alone matches."""
    first, second = _alike(keys_before, ids_before, keys_after, ids_after)
    old = _rest(keys_before, ids_before, first)
    new = _rest(keys_after, ids_after, second)
    moved = _pairs(old.filter(pl.col("id") > 0), new.filter(pl.col("id") > 0), ["id"])
    old = old.join(moved, left_on="row", right_on="row", how="anti")
    new = new.join(moved, left_on="row", right_on="row_right", how="anti")
    renumbered = _pairs(old, new, ["key"])
    gone = old.join(renumbered, left_on="row", right_on="row", how="anti")["row"].to_numpy()
    come = new.join(renumbered, left_on="row", right_on="row_right", how="anti")["row"].to_numpy()
    befores = [first, moved["row"].to_numpy(), renumbered["row"].to_numpy(), gone, np.full(len(come), -1)]
    afters = [
        second, moved["row_right"].to_numpy(), renumbered["row_right"].to_numpy(), np.full(len(gone), -1),
        come,
    ]  # fmt: skip
    sizes = [len(part) for part in befores]
    told = (ids_before[befores[2]] > 0) & (ids_after[afters[2]] > 0)
    return Matched(
        np.concatenate(befores).astype(np.int64),
        np.concatenate(afters).astype(np.int64),
        np.repeat([False, True, False, False, False], sizes),
        np.concatenate([np.zeros(sum(sizes[:2]), np.bool_), told, np.zeros(sum(sizes[3:]), np.bool_)]),
    )


def _alike(
    keys_before: NDArray[np.int64],
    ids_before: NDArray[np.int32],
    keys_after: NDArray[np.int64],
    ids_after: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with the same allele and no contradiction of ids. Nearly all keys stand once on either side."""
    at = np.searchsorted(keys_after, keys_before)
    inside = at < len(keys_after)
    at = np.where(inside, at, 0)
    hit = inside & (keys_after[at] == keys_before) if len(keys_after) else inside
    rows = np.flatnonzero(hit)
    several = _shared(keys_before)[rows] | _shared(keys_after)[at[rows]]
    plain = rows[~several]
    other, told = ids_after[at[plain]], ids_before[plain]
    plain = plain[(other == told) | (other == 0) | (told == 0)]
    first, second = plain.astype(np.int64), at[plain].astype(np.int64)
    if not bool(several.any()):
        return first, second
    crowded = np.unique(keys_before[rows[several]])
    old, new = (
        _frame(keys, ids, np.flatnonzero(np.isin(keys, crowded, kind="sort")))
        for keys, ids in ((keys_before, ids_before), (keys_after, ids_after))
    )
    pairs = _pairs(old, new, ["key", "id"])
    return np.append(first, pairs["row"].to_numpy()), np.append(second, pairs["row_right"].to_numpy())


def _shared(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a key equals its neighbour's."""
    shared = np.zeros(len(keys), np.bool_)
    same = keys[1:] == keys[:-1]
    shared[1:] |= same
    shared[:-1] |= same
    return shared


def _rest(keys: NDArray[np.int64], ids: NDArray[np.int32], taken: NDArray[np.int64]) -> pl.DataFrame:
    left = np.ones(len(keys), np.bool_)
    left[taken] = False
    return _frame(keys, ids, np.flatnonzero(left))


def _frame(keys: NDArray[np.int64], ids: NDArray[np.int32], rows: NDArray[np.int64]) -> pl.DataFrame:
    return pl.DataFrame({"row": rows.astype(np.int64), "key": keys[rows], "id": ids[rows].astype(np.int64)})


def _pairs(old: pl.DataFrame, new: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Rows of both sides that agree, the first with the first, the second with the second."""
    counted = [
        frame.sort("row").with_columns(pl.int_range(pl.len()).over(by).alias("turn")) for frame in (old, new)
    ]
    return counted[0].join(counted[1], on=[*by, "turn"], how="inner").select("row", "row_right").sort("row")
