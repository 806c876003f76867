"""Whether counsellors keep up, and what each site gets: from events alone, small numbers hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.genome.event import Event, EventKind
from bedside.genome.programme import Programme, programmes_from
from bedside.knowledge.equity import load_gap_policy
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.service.house import House
from bedside.service.pathway_funnel import Shown

WEEKS = 8
"""The weeks before the moment in which arrivals and ends are counted."""
_TASKS = (EventKind.TASK_OPENED, EventKind.TASK_CLOSED)
_REACHED = {
    EventKind.ORDER_PLACED: "ordered",
    EventKind.RESULT_ACCEPTED: "with a result",
    EventKind.CONSULT_DRAFTED: "eConsult asked",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for counsellors at a site. half_days: half of those who wait have waited longer, None for
    nobody. came, ended: a week, of rounded counts, None where the count is small. slots: appointments a week
    as the site's policy says, None where nobody said. weeks_to_clear: of what is shown here; None where slots
    are not known, or are fewer than what comes: then the queue grows."""

    site: str
    waiting: int | str
    half_days: float | None
    came_a_week: float | None
    ended_a_week: float | None
    slots: float | None
    weeks_to_clear: float | None
    grows: bool | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people of a site: on record with this site, and reached in each way. Distance and travel are
    in no event, and are not told."""

    site: str
    people: int | str
    reached: tuple[tuple[str, int | str], ...]


def queues(house: House, at: datetime) -> tuple[Queue, ...]:
    """The counsellors' queue of every site at a moment."""
    root = house.settings.knowledge_folder
    policy, shown = load_gap_policy(root), Shown(load_small_numbers(root).least)
    sites = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    opened: dict[str, Event] = {}
    closed: dict[str, datetime] = {}
    for event in house.ledger.events(kinds=_TASKS):
        if event.valid_at > at:
            continue
        task = str(event.payload["task"])
        if event.kind is EventKind.TASK_CLOSED:
            closed[task] = event.valid_at
        elif event.payload["owner"] == policy.counsellor:
            opened[task] = event
    by_site: dict[str, list[str]] = {}
    for task, event in opened.items():
        by_site.setdefault(_site(sites, event.person), []).append(task)
    since = at - timedelta(weeks=WEEKS)
    made = []
    for site, tasks in sorted(by_site.items()):
        waits = sorted(
            (at - opened[one].valid_at).total_seconds() / 86_400 for one in tasks if one not in closed
        )
        came = sum(1 for one in tasks if since <= opened[one].valid_at <= at)
        ended = sum(1 for one in tasks if one in closed and since <= closed[one] <= at)
        told = shown.count(len(waits))
        hidden = isinstance(told, str)
        came_told, ended_told = _a_week(shown.count(came)), _a_week(shown.count(ended))
        slots = policy.slots.get(site, policy.slots.get("*"))
        known = slots is not None and came_told is not None and not hidden
        spare = slots - came_told if slots is not None and came_told is not None else 0.0
        grows = slots is not None and came / WEEKS >= slots and bool(waits)
        made.append(
            Queue(
                site,
                told,
                None if hidden or not waits else waits[len(waits) // 2],
                None if hidden else came_told,
                None if hidden else ended_told,
                slots,
                told / spare if known and not grows and spare > 0 and not isinstance(told, str) else None,
                grows if known else None,
            )
        )
    return tuple(made)


def reaches(house: House, at: datetime) -> tuple[Reach, ...]:
    """What the people of every site got until a moment, each counted once a way."""
    shown = Shown(load_small_numbers(house.settings.knowledge_folder).least)
    sites = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    reached = {word: _people(house.ledger.events(kinds=(kind,)), at) for kind, word in _REACHED.items()}
    everybody = {one.person for one in house.ledger.people(limit=max(house.ledger.count_people(), 1))}
    by_site: dict[str, set[str]] = {}
    for person in everybody:
        by_site.setdefault(_site(sites, person), set()).add(person)
    return tuple(
        Reach(
            site,
            shown.count(len(people)),
            tuple((word, shown.count(len(people & who))) for word, who in reached.items()),
        )
        for site, people in sorted(by_site.items())
    )


def _a_week(count: int | str) -> float | None:
    """A count as it may be shown, by the week."""
    return None if isinstance(count, str) else count / WEEKS


def _people(events: Iterable[Event], at: datetime) -> set[str]:
    return {event.person for event in events if event.person is not None and event.valid_at <= at}


def _site(sites: dict[str, Programme], person: str | None) -> str:
    return sites.get(person or "", Programme()).group("site")
