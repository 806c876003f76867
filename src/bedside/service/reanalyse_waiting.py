"""What the record remembers, as tables to join carriers with: about whom something waits, or was told."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bedside.act.reanalysis_memory import Pair, Remembered
from bedside.genome.variant import Variant, parse_variant

_PAIR: Mapping[str, type[pl.DataType]] = {"key": pl.Int64, "person": pl.String}


class Waiting:
    """`known`: key and person of whoever something is open about, was told or may have been told.
    `pending`: of those about whom a release must settle something, even one that does not change the variant.
    `variants`: the variants by key, with the gene the tasks name; some are in no release any more."""

    def __init__(self, memory: Mapping[Pair, Remembered]) -> None:
        self.variants: dict[int, tuple[Variant, str]] = {}
        known, pending = [], []
        for (person, text), held in memory.items():
            if held.known:
                variant = parse_variant(text)
                self.variants[variant.key] = (variant, held.gene)
                known.append((variant.key, person))
                if held.pending:
                    pending.append((variant.key, person))
        self.known = pl.DataFrame(known, _PAIR, orient="row").unique()
        self.pending = pl.DataFrame(pending, _PAIR, orient="row").unique()

    def completed(self, alleles: pl.DataFrame, keys: set[int]) -> pl.DataFrame:
        """The alleles with those of the keys that no release has, as the tasks name them."""
        lacking = sorted(keys - set(alleles["key"].to_list()))
        rows = []
        for key in lacking:
            variant, _ = self.variants[key]
            rows.append((key, str(variant), variant.reference, variant.alternate))
        return pl.concat([alleles, pl.DataFrame(rows, alleles.schema, orient="row")]) if rows else alleles
