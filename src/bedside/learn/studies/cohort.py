"""Who is followed, from when, until when, and what came: the person-time of a study, out of what happened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from bedside.knowledge.study_cohorts import CohortDefinition, Window
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.occurrences import Known, Occurrences, Whole

YEAR = 365.2425


class Ended(Enum):
    """Why somebody's follow-up ended."""

    OUTCOME = "outcome"
    HORIZON = "end of the follow-up asked for"
    DIED = "death"
    LAST_KNOWN = "last day the record knows of them"


ENDS = tuple(Ended)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who is in it: place in `Occurrences.people`, and time zero in days since 1970. steps: each rule and how
    many people were left after it."""

    person: Whole
    zero: Whole
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Of each member: the day from which and until which the outcome is looked for, whether it came, and why
    it ended (a place in ENDS)."""

    begins: Real
    ends: Real
    outcome: Flags
    why: Whole

    def known(self) -> Flags:
        """Of whom the outcome is known: it came, they died without it, or were followed to the end."""
        found: Flags = self.why != ENDS.index(Ended.LAST_KNOWN)
        return found


def build_cohort(definition: CohortDefinition, happened: Occurrences, known: Known) -> Cohort:
    """The cohort: everybody's first day that keeps every rule. Who is not known to be old or young enough is
    not in it."""
    person, zero = happened.days(definition.entry)
    steps = [("everybody in the record", len(happened.people)), ("entered", len(np.unique(person)))]

    def keep(rule: str, rows: Flags) -> None:
        nonlocal person, zero
        person, zero = person[rows], zero[rows]
        steps.append((rule, len(np.unique(person))))

    if definition.washout_days:
        before = happened.count(definition.washout, person, zero - definition.washout_days, zero - 1)
        keep(f"new: nothing of the kind in {definition.washout_days} days before", before == 0)
    if definition.observed_days:
        keep(
            f"known for {definition.observed_days} days before",
            zero - known.first[person] >= definition.observed_days,
        )
    age = (zero - known.born[person]) / YEAR
    if definition.youngest is not None:
        keep(f"at least {definition.youngest} years old", age >= definition.youngest)
        age = (zero - known.born[person]) / YEAR
    if definition.oldest is not None:
        keep(f"at most {definition.oldest} years old", age < definition.oldest + 1)
    for window in definition.require:
        keep(window.title, happened.within(window, person, zero))
    for window in definition.exclude:
        keep(f"not: {window.title}", ~happened.within(window, person, zero))
    _, first = np.unique(person, return_index=True)
    return Cohort(person[first], zero[first], tuple(steps))


def follow(cohort: Cohort, outcome: Window, happened: Occurrences, known: Known) -> FollowUp:
    """Each member's follow-up for one outcome."""
    begins = (cohort.zero + outcome.first).astype(np.float64)
    horizon = cohort.zero + outcome.last
    came = happened.next(outcome.names, cohort.person, cohort.zero + outcome.first, horizon)
    died, last = known.died[cohort.person], known.last[cohort.person].astype(np.float64)
    there = np.where(np.isnan(died), np.inf, died)
    ends = np.fmin(horizon.astype(np.float64), there)
    outcome_came, at_end, died_first, not_known = range(len(ENDS))
    why = np.where(there < horizon, died_first, at_end)
    lost = last < ends
    ends, why = np.where(lost, last, ends), np.where(lost, not_known, why)
    happened_first = ~np.isnan(came) & (came <= np.maximum(ends, begins))
    ends, why = np.where(happened_first, came, ends), np.where(happened_first, outcome_came, why)
    return FollowUp(begins, ends, happened_first, why)


@dataclass(frozen=True, slots=True)
class PersonTime:
    """One row of a person-time table: a group's people, events, and the years in which they could come."""

    group: str
    people: int
    events: int
    years: float
    ended: dict[str, int]


def person_time(followed: FollowUp, groups: npt.NDArray[np.object_]) -> tuple[PersonTime, ...]:
    """Events and person-years of each group."""
    years = np.maximum(followed.ends - followed.begins + 1, 0) / YEAR
    found = []
    for name in sorted(set(groups.tolist())):
        here = groups == name
        why = [ENDS[one].value for one in followed.why[here].tolist()]
        ended = {one: why.count(one) for one in sorted(set(why))}
        events = int(followed.outcome[here].sum())
        found.append(PersonTime(str(name), int(here.sum()), events, float(years[here].sum()), ended))
    return tuple(found)
