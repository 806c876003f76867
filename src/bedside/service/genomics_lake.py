"""A person's confirmed runs, for what goes out of the house: nothing unconfirmed reaches an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bedside.genome.consent import Purpose
from bedside.genome.evidence import Seen
from bedside.genome.presence import Present, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant, place_of
from bedside.service.ask_genome import LookedAt, VariantLine
from bedside.service.classify_variants import Classifier
from bedside.service.consented_lake import ConsentedLake, NotPermitted, asked
from bedside.service.house import House

if TYPE_CHECKING:
    from bedside.store.lake.lake import Run

_SEEN = Present(Zygosity.HETEROZYGOUS)


def outgoing_lake(house: House, person: str, only: frozenset[str] | None) -> ConsentedLake:
    """The lake for one person's care, confirmed runs only. Raises `NotPermitted` before anything is read."""
    lake = asked(house, Purpose.CARE, principal_people=only, clinical_only=True)
    why = lake.refused(person)
    if why is not None:
        raise NotPermitted(why)
    return lake


def answering_lake(house: House, person: str, only: frozenset[str] | None) -> ConsentedLake:
    """`outgoing_lake` for one answer at once: consent and runs are asked of the ledger and the lake one time.
    Raises `NotPermitted` before anything is read."""
    return asked(house, Purpose.CARE, principal_people=only, clinical_only=True).of(person)


def confirmed_runs(lake: ConsentedLake, person: str) -> tuple[Run, ...]:
    """The runs that a clinical laboratory confirmed, oldest first."""
    return tuple(run for run in lake.runs(person) if run.confirmed)


def lines_in(
    lake: ConsentedLake, person: str, regions: Sequence[Region], known: Classifier | None = None
) -> tuple[VariantLine, ...]:
    """Every row of the person's runs that touches the regions, also those that failed their filters."""
    rows = lake.variants(person, regions).to_pylist()
    confirmed = {run.run for run in confirmed_runs(lake, person)}
    return tuple(_line(row, known) for row in rows if row["run"] in confirmed)


def believed(lake: ConsentedLake, person: str, lines: Sequence[VariantLine]) -> tuple[VariantLine, ...]:
    """Each variant once, as the newest run writes it, where the runs together say that it is present. What
    passed in the newest run of all is present without asking the runs again."""
    found = {line.variant: line for line in lines if line.passed}
    runs = confirmed_runs(lake, person)
    newest = runs[-1].run if runs else ""
    unsure = tuple(one for one, line in found.items() if line.run != newest)
    said = dict(zip(unsure, lake.presence(person, unsure), strict=True)) if unsure else {}
    return tuple(line for one, line in found.items() if isinstance(said.get(one, _SEEN), Present))


def looked_in(lake: ConsentedLake, person: str, region: Region) -> LookedAt:
    """How much of a region the person's runs looked at."""
    table = lake.looked_at(person, region)
    start, end, state = (table[name].to_numpy() for name in ("start", "end", "state"))
    bases = np.minimum(end, region.end) - np.maximum(start, region.start) + 1
    seen = state == int(Seen.REFERENCE)
    return LookedAt(region, int(bases[seen].sum()), int(bases[~seen].sum()))


def _line(row: Mapping[str, Any], known: Classifier | None) -> VariantLine:
    variant = Variant(*place_of(row["key"]), row["reference"], row["alternate"])
    ploidy, copies = row["ploidy"], row["copies"]
    zygosity = Zygosity.HOMOZYGOUS if copies == ploidy else Zygosity.HETEROZYGOUS
    return VariantLine(
        variant=variant,
        zygosity=Zygosity.HEMIZYGOUS if ploidy == 1 else zygosity,
        passed=bool(row["passed"]),
        phase_set=_said(row["phase_set"]),
        strands=row["strands"],
        depth=_said(row["depth"]),
        alternate_depth=_said(row["alternate_depth"]),
        quality=_said(row["quality"]),
        run=row["run"],
        line=row["line"],
        classified=() if known is None else known.of(variant),
    )


def _said(number: int) -> int | None:
    return None if number < 0 else number
