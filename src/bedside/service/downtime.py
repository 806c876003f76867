"""What a ward needs when the server is down: each person's actionable results, medicines and open tasks, as
they were at one moment. Who was put into it is on record before a packet exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import programmes_from
from bedside.service.chart import Chart
from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.service.rules import rules_of
from bedside.service.show_chart import show_chart

GOOD_FOR = timedelta(hours=24)
"""After which a packet says of itself that it is old."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One person's packet: the chart, from which it is printed. person: their id in the record."""

    person: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets of a ward as of a moment, until when they are good, and what protects them."""

    at: datetime
    until: datetime
    by: str
    protection: str
    checkpoint: str
    packets: tuple[Packet, ...]


def packets(house: House, *, by: str, protection: str, people: Sequence[str] = (), site: str = "") -> Packets:
    """The packets of everybody with a result or an open task, of the people named, or of a site's people.

    protection: what keeps them from strangers, printed on the first page. Raises `InputError` naming every
    person that is not known, `AuditUnavailable` or `StoreError` when it cannot be put on record.
    """
    chosen = _chosen(house, people, site)
    ids, rules, now = record_ids(house.ledger), rules_of(house).ruleset, house.clock()
    if ids is None or not chosen:
        raise InputError.one("downtime", "nobody has a result or an open task; there is nothing to print")
    checkpoint = house.ledger.checkpoint()
    found = []
    for person in chosen:
        chart = show_chart(house, rules, person, ids.of(person))
        if chart is not None and (people or chart.deliveries or chart.tasks):
            found.append(Packet(person, chart))
    seen = {"page": "downtime packet", "checkpoint": str(checkpoint), "protection": protection}
    house.ledger.append([NewEvent(EventKind.ACCESSED, by, now, one.person, seen) for one in found])
    ordered = sorted(found, key=lambda one: (one.chart.person.name.casefold(), one.person))
    return Packets(now, now + GOOD_FOR, by, protection, str(checkpoint), tuple(ordered))


def _chosen(house: House, people: Sequence[str], site: str) -> tuple[str, ...]:
    known = {one.person for one in house.ledger.people(limit=max(1, house.ledger.count_people()))}
    unknown = [number for number, person in enumerate(people, 1) if person not in known]
    if unknown:
        raise InputError(
            Problem("--person", f"number {number} is not in the record", remedy="give the record's own id")
            for number in unknown
        )
    if people:
        return tuple(dict.fromkeys(people))
    if site:
        held = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
        known = {person for person in known if person in held and held[person].site == site}
        if not known:
            raise InputError.one("--site", "nobody is counted to this site")
    return tuple(sorted(known))
