"""The milestones of each site of a house, with forecasts from the house's own other sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bedside.genome.event import EventKind
from bedside.genome.programme import NOT_KNOWN, programmes_from
from bedside.knowledge.milestones import load_milestones
from bedside.learn.milestones import Forecast, calibration, forecasts, reached
from bedside.learn.shares import Share
from bedside.service.house import House

COLUMNS = ("site", "milestone", "reached", "soonest", "likely", "latest", "other_sites", "should_hold")


@dataclass(frozen=True, slots=True)
class Plan:
    """Every milestone of every site; how often such forecasts held, and should have."""

    forecasts: tuple[Forecast, ...]
    held: Share
    expected: float | None


def milestone_plan(house: House) -> Plan:
    """The plan, from the record alone. People of whom no site is known are left out: they are of no site."""
    pack = load_milestones(house.settings.knowledge_folder)
    sites = {
        person: one.site
        for person, one in programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,))).items()
        if one.site and one.site != NOT_KNOWN
    }
    kinds = tuple(dict.fromkeys(one.event for one in pack.milestones))
    said = sorted(
        (event.valid_at, event.kind.value, event.person, sites[event.person])
        for event in house.ledger.events(kinds=kinds)
        if event.person is not None and event.person in sites
    )
    when = reached(pack.milestones, said)
    held, expected = calibration(pack.milestones, when, pack.least_sites)
    return Plan(forecasts(pack.milestones, when, pack.least_sites), held, expected)


def rows(plan: Plan) -> list[Mapping[str, Any]]:
    """A line for each milestone of each site, in the order of COLUMNS."""
    return [
        {
            "site": one.site,
            "milestone": one.milestone.name,
            **{
                name: None if at is None else at.date().isoformat()
                for name, at in (
                    ("reached", one.reached),
                    ("soonest", one.soonest),
                    ("likely", one.likely),
                    ("latest", one.latest),
                )
            },
            "other_sites": one.others,
            "should_hold": None if one.inside is None else round(one.inside, 3),
        }
        for one in plan.forecasts
    ]
