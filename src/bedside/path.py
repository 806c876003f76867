"""The whole journey on one screen: a laboratory's file goes in, guidance comes out, what was done is kept.

Each line is one step of the clinic and one call of the house; `docs/path.md` follows a real sample along it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.genome.task import Task
from bedside.interpret.gene_call import GeneCall
from bedside.service.accept_result import Accepted, accept_files
from bedside.service.answer_hook import answer
from bedside.service.house import House
from bedside.service.show_person import PersonView, show
from bedside.service.take_feedback import take_feedback


@dataclass(frozen=True, slots=True)
class Journey:
    """What each step left behind."""

    result: Accepted
    meanings: Mapping[str, GeneCall]
    response: Mapping[str, Any]
    tasks: tuple[Task, ...]
    record: PersonView


def walk(
    house: House,
    files: Sequence[Path],
    person: str,
    hook: str,
    request: Mapping[str, Any],
    feedback: Mapping[str, Any] | None = None,
) -> Journey:
    """From the laboratory's files to what the clinician did about the order in `request`."""
    (result,) = accept_files(house, files, person)  # specimen → result → record: all, or nothing
    meanings = house.ledger.person_calls(person)  # record + knowledge release → meaning
    response = answer(house, hook, request)  # meaning + moment → recommendation, or a reasoned silence
    if feedback is not None:
        take_feedback(house, hook, feedback)  # recommendation → act
    tasks = house.ledger.tasks(person)  # act → what must happen next, with owner and due date
    return Journey(result, meanings, response, tasks, show(house, person))
