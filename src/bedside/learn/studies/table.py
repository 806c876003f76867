"""The table a study is computed from: one row a person (a month, a clinic's month), numbers only.

It is made from the record by a protocol, or read from a file of the same shape (docs/evidence.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from bedside.knowledge.study_cohorts import CohortDefinition
from bedside.knowledge.study_protocol import Covariate, Protocol, StudyDesign
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.cohort import (
    ENDS,
    YEAR,
    Cohort,
    Ended,
    FollowUp,
    PersonTime,
    build_cohort,
    follow,
    person_time,
)
from bedside.learn.studies.occurrences import Known, Occurrences, Whole

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class StudyTable:
    """columns: by name, NaN where not known. steps: rules and how many people were left. years: person-time
    of the primary outcome."""

    columns: Mapping[str, Real]
    steps: tuple[tuple[str, int], ...] = ()
    years: tuple[PersonTime, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def text(self) -> str:
        """As CSV, the same bytes for the same numbers."""
        names = list(self.columns)
        lines = [",".join(names)]
        for row in zip(*(self.columns[name].tolist() for name in names), strict=True):
            lines.append(",".join("" if value != value else repr(float(value)) for value in row))
        return "\n".join(lines) + "\n"


def table_from_record(
    protocol: Protocol, definition: CohortDefinition | None, happened: Occurrences, known: Known
) -> StudyTable:
    """The table of a protocol. Raises ValueError when the protocol names a cohort that is not given."""
    if protocol.series is not None:
        return _months(protocol, happened)
    if definition is None:
        raise ValueError(f"there is no cohort {protocol.cohort!r}")
    cohort = build_cohort(definition, happened, known)
    if protocol.design is StudyDesign.STEPPED_WEDGE:
        return _clinics(protocol, cohort, happened, known)
    return _people(protocol, cohort, happened, known)


def covariates_of(
    covariates: tuple[Covariate, ...], cohort: Cohort, happened: Occurrences, known: Known
) -> dict[str, Real]:
    """The columns of covariates; a group becomes one column a value, the commonest left out, and who is not
    known is a value of its own."""
    made: dict[str, Real] = {}
    for one in covariates:
        if one.window is not None:
            made[one.name] = happened.within(one.window, cohort.person, cohort.zero).astype(np.float64)
        elif one.part == "age":
            made[one.name] = np.floor((cohort.zero - known.born[cohort.person]) / YEAR)
        elif one.part == "female":
            made[one.name] = known.female[cohort.person]
        else:
            values = known.groups[one.part][cohort.person]
            found, counts = np.unique(values.astype(str), return_counts=True)
            commonest = found[int(np.argmax(counts))] if len(found) else ""
            for value in found:
                if value != commonest:
                    made[f"{one.name}={value or 'not known'}"] = (values == value).astype(np.float64)
    return made


def _people(protocol: Protocol, cohort: Cohort, happened: Occurrences, known: Known) -> StudyTable:
    assert protocol.exposure is not None
    window, zero = protocol.exposure, cohort.zero
    started = happened.next(window.names, cohort.person, zero + window.first, zero + window.last)
    exposed = ~np.isnan(started)
    main = follow(cohort, protocol.primary.window, happened, known)
    columns: dict[str, Real] = {}
    if protocol.design is StudyDesign.TARGET_TRIAL:
        columns |= _intervals(protocol, cohort, happened, main)
    elif protocol.design is StudyDesign.SURVIVAL:
        columns |= {"treated": exposed.astype(np.float64)} | _times(protocol, cohort, happened, main)
    elif protocol.lot is not None:
        places = {unit: place for place, unit in enumerate(units_of(protocol))}
        sites = known.groups["site"][cohort.person]
        columns["unit"] = np.array([places.get(str(one), np.nan) for one in sites], np.float64)
        columns["did"] = exposed.astype(np.float64)
        columns[protocol.primary.name] = np.where(main.known(), main.outcome.astype(np.float64), np.nan)
    else:
        columns["treated"] = exposed.astype(np.float64)
        for one in protocol.outcomes:
            found = follow(cohort, one.window, happened, known)
            columns[one.name] = np.where(found.known(), found.outcome.astype(np.float64), np.nan)
    if protocol.control_group is not None:
        columns["control_group"] = happened.within(protocol.control_group, cohort.person, zero).astype(float)
    columns |= covariates_of(protocol.covariates, cohort, happened, known)
    groups = np.where(exposed, "with the exposure", "without").astype(object)
    return StudyTable(columns, cohort.steps, person_time(main, groups))


def units_of(protocol: Protocol) -> tuple[str, ...]:
    """The units of a lot in the order in which the column `unit` counts them, from 0."""
    return () if protocol.lot is None else tuple(sorted(unit for unit, _ in protocol.lot.units))


def _intervals(protocol: Protocol, cohort: Cohort, happened: Occurrences, main: FollowUp) -> dict[str, Real]:
    """Start, end and outcome in whole intervals from time zero, as `Followed` has them."""
    assert protocol.exposure is not None
    length, horizon = protocol.interval_days, protocol.primary.window.last
    last = np.minimum(main.ends, (cohort.zero + horizon).astype(np.float64))
    end = np.maximum((last - cohort.zero) // length, 0)
    began = happened.next(protocol.exposure.names, cohort.person, cohort.zero, cohort.zero + horizon)
    start = np.where(np.isnan(began) | (began > last), np.nan, (began - cohort.zero) // length)
    return {"start": start, "end": end, "outcome": main.outcome.astype(np.float64)}


def _times(protocol: Protocol, cohort: Cohort, happened: Occurrences, main: FollowUp) -> dict[str, Real]:
    """Days from time zero: when each came under observation, when it ended, and how: 1 the outcome, 2 death
    without it, 0 neither. Who never came under observation has no entry and is left out."""
    time = np.maximum(main.ends - cohort.zero, 0.5)
    event = np.where(main.outcome, 1.0, np.where(main.why == ENDS.index(Ended.DIED), 2.0, 0.0))
    entry = np.zeros(len(time))
    if protocol.entry is not None:
        came = happened.next(
            protocol.entry.names,
            cohort.person,
            cohort.zero + protocol.entry.first,
            cohort.zero + protocol.entry.last,
        )
        entry = np.maximum(came - cohort.zero, 0)
    entry = np.where(entry < time, entry, np.nan)
    return {"entry": entry, "time": time, "event": event}


def _months(protocol: Protocol, happened: Occurrences) -> StudyTable:
    series = protocol.series
    assert series is not None
    pairs = [("exposure", series.exposure), ("events", series.events)]
    if series.control_events:
        pairs += [("control_exposure", series.control_exposure), ("control_events", series.control_events)]
    found = {name: _month(happened.days(names)[1]) for name, names in pairs}
    whole = found["exposure"]
    first, last = (int(whole.min()), int(whole.max())) if len(whole) else (0, -1)
    columns = {"period": np.arange(first, last + 1, dtype=np.float64)}
    for name, months in found.items():
        kept = months[(months >= first) & (months <= last)]
        columns[name] = np.bincount(kept - first, minlength=max(last - first + 1, 0)).astype(np.float64)
    return StudyTable(columns, (("months with anybody at risk of an event", last - first + 1),))


def _month(days: Whole) -> Whole:
    """Months since January 1970."""
    stamps = days.astype("datetime64[D]").astype("datetime64[M]")
    found: npt.NDArray[np.int64] = stamps.astype(np.int64)
    return found


def month_of(day: date) -> int:
    """The number of a day's month, as in the column `period`."""
    return (day.year - EPOCH.year) * 12 + day.month - 1


def _clinics(protocol: Protocol, cohort: Cohort, happened: Occurrences, known: Known) -> StudyTable:
    main = follow(cohort, protocol.primary.window, happened, known)
    site, period = known.groups["site"][cohort.person].astype(str), _month(cohort.zero)
    sites = sorted(protocol.switched)
    told: Flags = main.known() & np.isin(site, sites)
    left = {"of a clinic that was not drawn, or outcome not known": int((~told).sum())}
    rows = []
    for month in np.unique(period[told]).tolist():
        for place, name in enumerate(sites):
            here = told & (site == name) & (period == month)
            rows.append(
                (place, month, float(main.outcome[here].sum()), float(here.sum()),
                 month_of(protocol.switched[name]))
            )  # fmt: skip
    table = np.array(rows, np.float64).reshape(-1, 5)
    names = ("clinic", "period", "total", "people", "switched")
    columns = {name: table[:, place] for place, name in enumerate(names)}
    return StudyTable(columns, cohort.steps, person_time(main, site.astype(object)), left)
