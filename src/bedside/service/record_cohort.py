"""Everybody of the record on one pathway as a cohort: one row for each case, and the groups they count in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from bedside.act.pathway_state import of_case
from bedside.genome.programme import NOT_KNOWN, PARTS
from bedside.genome.signal import standing_signals
from bedside.knowledge.care_pathway import CarePathway
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.signal_columns import SignalColumns, columns_of
from bedside.service.house import House
from bedside.service.pathway_funnel import FunnelReport, funnel_report
from bedside.service.pathway_people import Everybody, everybody_known
from bedside.service.pathway_rules import pathway_rules

ANCESTRY = "ancestry"
GROUPS = (*PARTS, ANCESTRY)
"""What people of the record are compared by."""


@dataclass(frozen=True, slots=True)
class RecordCohort:
    """The cases of a pathway. rows: person and case of each; signals: what happened to each, as columns."""

    rows: tuple[tuple[str, str], ...]
    signals: SignalColumns
    everybody: Everybody


def record_cohort(
    house: House, pathway: CarePathway, now: datetime, only: frozenset[str] | None = None
) -> RecordCohort:
    """Everybody whom something put on a pathway until a moment. only: the records the asker may open."""
    every = everybody_known(house, pathway_rules(house.settings.knowledge_folder).meanings)
    starts = {one.signal for one in pathway.starts}
    rows, told = [], []
    for person, signals in every.signals.items():
        if (only is not None and person not in only) or not any(one.name in starts for one in signals):
            continue
        held = [one for one in standing_signals(signals) if one.at <= now]
        begun = [one for one in held if any(way.holds(one.name, one.attributes) for way in pathway.starts)]
        for case in dict.fromkeys(one.case for one in begun):
            rows.append((person, case))
            told.append(of_case(pathway, case, held))
    return RecordCohort(tuple(rows), columns_of(told), every)


def groups_of(house: House, cohort: RecordCohort, by: str) -> npt.NDArray[np.object_]:
    """The group of each row by one of GROUPS; who is not known is a group of their own."""
    if by == ANCESTRY:
        ancestry = _ancestries(house)
        named = [ancestry.get(person) or NOT_KNOWN for person, _ in cohort.rows]
    else:
        named = [cohort.everybody.programme(person).group(by) for person, _ in cohort.rows]
    return np.array(named, dtype=object)


def _ancestries(house: House) -> Mapping[str, str]:
    everybody = house.ledger.people(limit=max(house.ledger.count_people(), 1))
    return {one.person: one.ancestry for one in everybody}


def record_report(
    house: House,
    pathway: CarePathway,
    now: datetime,
    by: str = "",
    only: frozenset[str] | None = None,
) -> tuple[FunnelReport, RecordCohort]:
    """The funnel of the record at a moment, also by a group, small numbers of groups hidden."""
    cohort = record_cohort(house, pathway, now, only)
    groups = groups_of(house, cohort, by) if by else None
    small = load_small_numbers(house.settings.knowledge_folder)
    return funnel_report(pathway, cohort.signals, now, groups, small), cohort
