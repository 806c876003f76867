"""When each site reached which milestone, how long it took from the first, and what that says of a site that
is not there yet.

A forecast is the range of the other sites' durations. Of m sites alike, the next one's lies within the range
of theirs with probability (m - 1) / (m + 1), whatever their distribution: that is said beside it, and held
against how often it was so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bedside.knowledge.milestones import Milestone
from bedside.learn.shares import Share


@dataclass(frozen=True, slots=True)
class Forecast:
    """A milestone of a site. reached: when it was. soonest, likely, latest: by the other sites, None where
    too few got there. others: how many did; inside: how often such a range should hold.
    """

    site: str
    milestone: Milestone
    reached: datetime | None
    soonest: datetime | None
    likely: datetime | None
    latest: datetime | None
    others: int
    inside: float | None


def reached(
    milestones: Sequence[Milestone], said: Iterable[tuple[datetime, str, str, str]]
) -> Mapping[str, Mapping[str, datetime]]:
    """When each site reached each milestone. said: time, kind of event, person and their site, in order of
    time."""
    seen: dict[tuple[str, str], set[str]] = {}
    found: dict[str, dict[str, datetime]] = {}
    for at, kind, person, site in said:
        people = seen.setdefault((site, kind), set())
        if person in people:
            continue
        people.add(person)
        for one in milestones:
            if one.event.value == kind and len(people) == one.people:
                found.setdefault(site, {}).setdefault(one.name, at)
    return found


def durations(when: Mapping[str, Mapping[str, datetime]], first: str, name: str) -> dict[str, timedelta]:
    """How long each site took from the first milestone to another; only sites that reached both in order."""
    return {
        site: at[name] - at[first]
        for site, at in when.items()
        if first in at and name in at and at[name] >= at[first]
    }


def forecasts(
    milestones: Sequence[Milestone], when: Mapping[str, Mapping[str, datetime]], least: int
) -> tuple[Forecast, ...]:
    """Every milestone of every site that began, reached or forecast from the others."""
    first, found = milestones[0].name, []
    for site, at in sorted(when.items()):
        for one in milestones:
            others = [took for other, took in durations(when, first, one.name).items() if other != site]
            start = at.get(first)
            soonest = likely = latest = None
            inside = None
            if one.name not in at and start is not None and len(others) >= least:
                soonest, latest = start + min(others), start + max(others)
                likely = start + timedelta(seconds=median(took.total_seconds() for took in others))
                inside = (len(others) - 1) / (len(others) + 1)
            made = Forecast(site, one, at.get(one.name), soonest, likely, latest, len(others), inside)
            found.append(made)
    return tuple(found)


def calibration(
    milestones: Sequence[Milestone], when: Mapping[str, Mapping[str, datetime]], least: int
) -> tuple[Share, float | None]:
    """Each duration held against the range of the other sites': how often it lay inside, and how often it
    should have."""
    held, of, expected = 0, 0, 0.0
    for one in milestones[1:]:
        took = durations(when, milestones[0].name, one.name)
        for site, mine in took.items():
            others = [value for other, value in took.items() if other != site]
            if len(others) >= least:
                of += 1
                held += min(others) <= mine <= max(others)
                expected += (len(others) - 1) / (len(others) + 1)
    return Share(held, of), expected / of if of else None
