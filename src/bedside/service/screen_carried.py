"""Who carries which of many variants, one row for each person and variant, with how far the run may go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.genome.consent import Purpose
from bedside.genome.event import EventKind
from bedside.genome.presence import ZYGOSITY_NUMBER, Present, Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.service.consented_lake import ConsentedLake, consented
from bedside.service.house import House
from bedside.service.screen_gates import Held
from bedside.store.ledger import Unless
from bedside.store.subject_readings import confirmations, withdrawn_runs

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake

is_hashed = pl.col("key") // (1 << 29) % 2 == 1
"""Rows whose key hashes its alleles instead of spelling them."""

_ZYGOSITIES = {number: zygosity for zygosity, number in ZYGOSITY_NUMBER.items()}


@dataclass(frozen=True, slots=True)
class Screening:
    """The lake as screening may ask it: all runs, and those of clinical laboratories only."""

    house: House
    all: ConsentedLake
    clinical: ConsentedLake

    def carriers(self, keys: NDArray[np.int64], among: Sequence[str] | None = None) -> pl.DataFrame:
        """`key, person, run, zygosity`, sorted by key and person, one row each: of several runs of a person
        the one that is believed. A withdrawn result counts for nothing."""
        return self._left(_frame(self.all, np.unique(keys), among))

    def graded(self, carriers: pl.DataFrame) -> pl.DataFrame:
        """The same rows with `clinical`: where several runs of a person carry a variant, a clinical one
        answers."""
        if carriers.is_empty():
            return carriers.with_columns(clinical=pl.lit(True))
        sure = self._left(_frame(self.clinical, carriers["key"].unique().to_numpy(), None))
        sure = sure.join(carriers, on=["key", "person"], how="semi", maintain_order="left")
        if sure.equals(carriers.select(sure.columns)):
            return carriers.with_columns(clinical=pl.lit(True))
        more = [name for name in carriers.columns if name not in sure.columns]
        marked = sure.with_columns(clinical=pl.lit(True)).join(
            carriers.select("key", "person", *more), on=["key", "person"], how="left", maintain_order="left"
        )
        rest = carriers.join(sure, on=["key", "person"], how="anti").with_columns(clinical=pl.lit(False))
        return pl.concat([marked.select(rest.columns), rest]).sort("key", "person")

    def of_alleles(self, carriers: pl.DataFrame, variants: Mapping[int, Variant]) -> pl.DataFrame:
        """The rows of those who carry these very alleles: a key that hashes its alleles may be another's too,
        and then each person's evidence is asked."""
        hashed = carriers.filter(is_hashed)["key"].unique().to_numpy()
        known = self.all.hashed_alleles(hashed).to_pylist() if len(hashed) else []
        others = {
            row["key"]
            for row in known
            if (row["reference"], row["alternate"]) != _alleles(variants[row["key"]])
        }
        gone = [
            (key, person)
            for key, person in carriers.filter(pl.col("key").is_in(others))
            .select("key", "person")
            .iter_rows()
            if not isinstance(self.all.presence(person, [variants[key]])[0], Present)
        ]
        without = pl.DataFrame(gone, {"key": pl.Int64, "person": pl.String}, orient="row")
        return carriers.join(without, on=["key", "person"], how="anti", maintain_order="left")

    def _left(self, carriers: pl.DataFrame) -> pl.DataFrame:
        gone = withdrawn_runs(self.house.ledger)
        return carriers.filter(~pl.col("run").is_in(gone)) if gone else carriers

    def confirmations(self, carriers: pl.DataFrame) -> dict[str, Confirmation]:
        """How far each run that is not clinical may go, by run; unknown is unconfirmed."""
        runs = carriers.filter(~pl.col("clinical"))["run"].unique().to_list()
        found = confirmations(self.house.ledger, runs)
        return {run: found.get(run, Confirmation.UNCONFIRMED) for run in runs}

    def phased(self, person: str, held: Sequence[Held]) -> tuple[Held, ...]:
        """The same variants with the strands they stand on, where the run says so."""
        if len(held) < 2:
            return tuple(held)
        answers = self.all.presence(person, [one.variant for one in held])
        return tuple(
            Held(one.variant, one.zygosity, one.confirmation, seen.phase_set, seen.strands)
            if isinstance(seen, Present)
            else one
            for one, seen in zip(held, answers, strict=True)
        )


def _alleles(variant: Variant) -> tuple[str, str]:
    return variant.reference, variant.alternate


_MOVED = (EventKind.GENOME_STORED, EventKind.GENOME_ERASED, EventKind.RESULT_WITHDRAWN)


def unless_moved(after: int) -> Unless:
    """That nothing came after a place in the ledger by which people carry or allow something else."""
    return Unless(EventKind.CONSENT_RECORDED, after, also=_MOVED)


def moved(house: House, after: int) -> list[str]:
    """Whom it concerns that came after that place."""
    events = house.ledger.events(kinds=unless_moved(after).kinds, after=after)
    return sorted({event.person for event in events if event.person is not None})


def screening(house: House, lake: Lake, without: frozenset[str] = frozenset()) -> Screening:
    """The lake for screening, under the consent in force. without: runs that had not come yet on the day
    asked about."""
    return Screening(
        house,
        consented(house, lake, Purpose.SCREENING, without=without),
        consented(house, lake, Purpose.SCREENING, clinical_only=True, without=without),
    )


def _frame(lake: ConsentedLake, keys: NDArray[np.int64], among: Sequence[str] | None) -> pl.DataFrame:
    frame = pl.DataFrame(lake.carriers(keys)).select("key", "person", "run", "zygosity")
    if among is None:
        return frame
    people = pl.DataFrame({"person": among}, {"person": pl.String})
    return frame.join(people, on="person", how="semi", maintain_order="left")


def held_rows(
    carriers: pl.DataFrame, variants: dict[int, Variant], confirmed: dict[str, Confirmation]
) -> Iterator[tuple[int, str, Held]]:
    """Key, person and what is held, row by row; equal things are one object."""
    same: dict[tuple[int, int, Confirmation], Held] = {}
    for key, person, run, zygosity, clinical in carriers.select(
        "key", "person", "run", "zygosity", "clinical"
    ).iter_rows():
        confirmation = Confirmation.CLINICAL if clinical else confirmed[run]
        name = (key, zygosity, confirmation)
        held = same.get(name)
        if held is None:
            held = same[name] = Held(variants[key], zygosity_of(zygosity), confirmation)
        yield key, person, held


def zygosity_of(number: int) -> Zygosity:
    """The zygosity of a number in tables."""
    return _ZYGOSITIES[number]
