"""The executive page: six questions, each answered by figures that are taken from where they are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bedside.knowledge.executive import Panel, load_executive
from bedside.service.decisions import Decision, decisions
from bedside.service.house import House
from bedside.service.programme_facts import Fact, Facts, fact_or_why


@dataclass(frozen=True, slots=True)
class Answered:
    """A panel with its figures."""

    panel: Panel
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ExecutiveView:
    """The page at a moment. version: of the page's own definition."""

    at: datetime
    version: str
    review_state: str
    panels: tuple[Answered, ...]
    decided: tuple[Decision, ...]

    @property
    def lacking(self) -> tuple[Fact, ...]:
        """Figures that cannot be computed."""
        return tuple(one for panel in self.panels for one in panel.facts if one.why_not)


def executive_view(
    house: House, at: datetime, *, people: frozenset[str] | None = None, as_known_then: bool = True
) -> ExecutiveView:
    """The page. people: the only records that may be counted. as_known_then: not what was written later."""
    pack = load_executive(house.settings.knowledge_folder)
    facts = Facts(house, at, people=people, as_known_then=as_known_then)
    panels = tuple(
        Answered(one, tuple(fact_or_why(facts, name) for name in one.facts)) for one in pack.panels
    )
    version = f"{pack.provenance.name} #{pack.provenance.sha256[:8]}"
    return ExecutiveView(at, version, pack.provenance.review_state, panels, decisions(house)[:5])
