"""The tasks of a person as a chart may show them: what no clinical laboratory has seen is not named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bedside.act.disclosure_events import standings
from bedside.act.disclosure_shown import May, why_not_shown
from bedside.genome.task import Task
from bedside.service.disclose import events_of, pathway_of
from bedside.service.disclose_consent import may_of
from bedside.service.house import House

CHECKED = "A finding is being checked; nothing can be said of it yet"


def chart_tasks(
    house: House, person: str, tasks: Iterable[Task], day: date | None = None, *, may: May | None = None
) -> tuple[Task, ...]:
    """The tasks for a chart, a page or an export about the person. A task about a finding that may not be
    shown keeps its id, owner and day, and loses its words and particulars (gene, variant, disease).
    """
    every = tuple(tasks)
    if not every:
        return every
    pathway = pathway_of(house)
    if not any(task.kind in pathway.changes for task in every):
        return every
    on, asked = day or house.clock().date(), may or may_of(house)
    places = {one.finding.finding: one for one in standings(pathway, events_of(house, person))}

    def shown(task: Task) -> bool:
        if task.kind not in pathway.changes:
            return True
        place = places.get(task.task)
        return place is not None and not why_not_shown(place, on, asked)

    return tuple(
        task if shown(task) else replace(task, summary=CHECKED, about={"why": "not-shown"}) for task in every
    )
