"""What a chart says that a coverage policy can ask, wherever it came from: our record, FHIR, a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bedside.genome.coverage import BillingCode, Facts, Plan, Pointer


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded entry of a chart, and where it stands. words: as a person reads it."""

    code: str
    words: str
    at: Pointer


@dataclass(frozen=True, slots=True)
class Noticed:
    """A clinical feature that was looked for: there, or not there."""

    term: str
    present: bool
    at: Pointer


@dataclass(frozen=True, slots=True)
class Dated:
    """Something with its day, and where it stands."""

    on: date
    at: Pointer


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a person is cared for, as a hospital's word for a unit or as a setting of the vocabulary."""

    unit: str
    since: date
    at: Pointer


@dataclass(frozen=True, slots=True)
class SaidOfOrderer:
    """Whether whoever orders may prescribe."""

    prescribes: bool
    at: Pointer


@dataclass(frozen=True, slots=True)
class CoverageChart:
    """The chart of one person and what the order itself says. drugs: by the ingredient's name, those taken or
    chosen; drugs_complete: whether the order names the medicines it is for, so that no other is meant.
    reasons: why the test is ordered. earlier: each time the same test was done. said: facts that somebody
    stated outright, on a form or in a file; they stand before what is read from the chart."""

    born: Dated | None = None
    placed: Placed | None = None
    problems: tuple[Coded, ...] = ()
    drugs: tuple[Coded, ...] = ()
    drugs_complete: bool = False
    features: tuple[Noticed, ...] = ()
    tumours: tuple[Coded, ...] = ()
    tumour_states: tuple[Coded, ...] = ()
    reasons: tuple[Coded, ...] = ()
    earlier: tuple[Pointer, ...] = ()
    first_genome: Dated | None = None
    orderer: SaidOfOrderer | None = None
    said: Facts = field(default_factory=dict)


def both(one: CoverageChart, other: CoverageChart) -> CoverageChart:
    """Two charts of one person as one: the first goes before the second where only one thing can be so."""
    return CoverageChart(
        born=one.born or other.born,
        placed=one.placed or other.placed,
        problems=(*one.problems, *other.problems),
        drugs=one.drugs if one.drugs_complete else (*one.drugs, *other.drugs),
        drugs_complete=one.drugs_complete or other.drugs_complete,
        features=(*one.features, *other.features),
        tumours=(*one.tumours, *other.tumours),
        tumour_states=(*one.tumour_states, *other.tumour_states),
        reasons=(*one.reasons, *other.reasons),
        earlier=(*one.earlier, *other.earlier),
        first_genome=one.first_genome or other.first_genome,
        orderer=one.orderer or other.orderer,
        said={**other.said, **one.said},
    )


@dataclass(frozen=True, slots=True)
class Drafted:
    """An order as somebody wrote it: in our record, in a FHIR bundle, in a file. test: an id of the catalogue
    or the laboratory's own code, "" when only billing codes are given. genes, kind: where the order itself
    says them. service_on: None for the day of asking. plan: None when the order brings none."""

    order: str
    test: str = ""
    codes: tuple[BillingCode, ...] = ()
    z_code: str = ""
    kind: str = ""
    genes: frozenset[str] = frozenset()
    urgent: bool = False
    service_on: date | None = None
    chart: CoverageChart = CoverageChart()
    plan: Plan | None = None
