"""One person's cases on care pathways as the page shows them: where they stand, what is open, what may be
written down, and everything that was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bedside.act.pathway_choices import Choice, closing, ending, sending_back, taking_up
from bedside.act.pathway_moves import Move
from bedside.act.pathway_state import PathwayState, of_case
from bedside.act.pathway_timeline import Stretch, timeline
from bedside.genome.event import EventKind
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway
from bedside.knowledge.worklist_words import Draft
from bedside.service.access import Permission
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.pathway_board import NO_DRAFT
from bedside.service.pathway_rules import PathwayRules, pathway_rules
from bedside.service.pathway_signals import signals_of
from bedside.service.pathway_worklist import WorkItem, cases_of


@dataclass(frozen=True, slots=True)
class OpenStep:
    """An open step with what is prepared for it and what would close it."""

    move: Move
    draft: Draft
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said. by_hand: whether it stands as a signal of its own and can be taken back here;
    what another event says is put right where it stands."""

    signal: Signal
    title: str
    detail: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case. key: its name in the page; barriers: code and words of what stands in the way."""

    key: str
    pathway: CarePathway
    calendar: Calendar
    state: PathwayState
    at: datetime
    stretches: tuple[Stretch, ...]
    steps: tuple[OpenStep, ...]
    items: tuple[WorkItem, ...]
    back: tuple[Choice, ...]
    ends: tuple[Choice, ...]
    up: tuple[Choice, ...]
    said: tuple[Said, ...]
    barriers: tuple[tuple[str, str], ...]

    @property
    def choices(self) -> Mapping[str, Choice]:
        """Every signal that fits this case by its key."""
        every = [*self.back, *self.ends, *self.up, *(one for step in self.steps for one in step.choices)]
        return {one.key: one for one in every}


def kept_from(rules: PathwayRules, permissions: frozenset[Permission]) -> frozenset[str]:
    """The pathways that somebody with these permissions may not see people on."""
    held = {one.value for one in permissions}
    return frozenset(name for name, needed in rules.words.kept.items() if needed not in held)


def cases_shown(
    house: House, person: str, at: datetime, without: frozenset[str] = frozenset()
) -> tuple[CaseView, ...]:
    """A person's cases, the open ones first, then the newest. without: pathways the asker may not see."""
    rules = pathway_rules(house.settings.knowledge_folder)
    told = signals_of(house, person, rules.meanings)
    written = house.ledger.events(person=person, kinds=(EventKind.SIGNAL_RECORDED,))
    by_hand = {str(event.payload.get("id") or f"event-{event.sequence}") for event in written}
    views = [
        _view(rules, state, items, told, at, by_hand)
        for state, items in cases_of(rules.held, person, told, at, words=rules.words)
        if state.pathway not in without
    ]
    views.sort(key=lambda one: one.state.started, reverse=True)
    return tuple(sorted(views, key=lambda one: one.state.ended is not None))


def case_key(pathway: str, case: str) -> str:
    """How a case is named within its page."""
    return page_key(f"{pathway}\x00{case}")[:12]


def _view(
    rules: PathwayRules,
    state: PathwayState,
    items: tuple[WorkItem, ...],
    told: Sequence[Signal],
    at: datetime,
    by_hand: set[str],
) -> CaseView:
    pathway = rules.held.by_name[state.pathway]
    calendar, words = rules.held.calendar(pathway), rules.signals
    steps = tuple(
        OpenStep(
            item.move,
            rules.words.drafts.get(item.move.draft, NO_DRAFT),
            closing(pathway, item.move.step, words),
        )
        for item in items
    )
    barred = items[0].barriers if items else ()
    mine = of_case(pathway, state.case, standing_signals(told))
    return CaseView(
        case_key(state.pathway, state.case),
        pathway,
        calendar,
        state,
        at,
        timeline(pathway, state, calendar, at),
        steps,
        items,
        sending_back(pathway, state, words),
        ending(pathway, state, words),
        taking_up(pathway, state, words),
        tuple(_said(rules, one, by_hand) for one in mine if one.at <= at),
        tuple((code, rules.words.barriers.get(code, code)) for code in barred),
    )


def _said(rules: PathwayRules, one: Signal, by_hand: set[str]) -> Said:
    word = rules.signals.get(one.name)
    known = {**rules.words.barriers, **rules.words.channels}
    detail = ", ".join(
        known.get(value, value.replace("-", " "))
        for key, value in one.attributes.items()
        if key not in ("result", "test")
    )
    return Said(one, one.name if word is None else word.title, detail, one.signal_id in by_hand)
