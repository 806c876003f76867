"""The care pathways at hand, whole and in agreement with their examples, or not loaded at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.act.pathway_example import differences
from bedside.errors import PackError, Problem
from bedside.knowledge.calendars import Calendar, load_calendars
from bedside.knowledge.care_pathway import CarePathway
from bedside.knowledge.care_pathways import load_care_pathways
from bedside.knowledge.pathway_examples import PathwayExample, pathway_examples


@dataclass(frozen=True, slots=True)
class Pathways:
    """The pathways in force, the calendars they count by, and their examples."""

    by_name: Mapping[str, CarePathway]
    calendars: Mapping[str, Calendar]
    examples: tuple[PathwayExample, ...]

    def calendar(self, pathway: CarePathway) -> Calendar:
        """Whose working days a pathway counts."""
        return self.calendars[pathway.calendar]


def load_pathways(root: Path | None = None) -> Pathways:
    """Every care pathway; raises PackError when one is unfit or names a calendar that is not there."""
    by_name, calendars = load_care_pathways(root), load_calendars(root)
    problems = [
        Problem(f"pathways/{name}.toml", f"counts by the calendar {one.calendar}, which is not there")
        for name, one in by_name.items()
        if one.calendar not in calendars
    ]
    if problems:
        raise PackError(problems)
    return Pathways(by_name, calendars, pathway_examples(root))


def check_pathways(root: Path | None = None) -> tuple[Pathways, tuple[Problem, ...]]:
    """The pathways, and everything in which they do not do what their examples say."""
    held = load_pathways(root)
    problems = [
        Problem(f"pathways/{example.pathway}.toml", said)
        for example in held.examples
        if example.pathway in held.by_name
        for said in differences(held.by_name[example.pathway], example, held.calendars)
    ]
    return held, tuple(problems)
