"""The worklist as pages show it: one line for each open step, the board by step, and who is to be reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.knowledge.care_pathway import CarePathway
from bedside.knowledge.worklist_words import Draft, WorklistWords
from bedside.service.house import House
from bedside.service.pathway_worklist import WorkItem, Worklist
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds

MOST_LINES = 100
NO_DRAFT = Draft("", "", "")


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One open step of one person, with who it is. barriers: in words."""

    item: WorkItem
    record_id: str
    name: str
    waited: timedelta
    over: timedelta
    barriers: tuple[str, ...]
    warnings: tuple[str, ...]
    draft: Draft

    @property
    def stuck(self) -> bool:
        """Whether the time is over in which somebody should have acted."""
        return self.item.move.overdue


@dataclass(frozen=True, slots=True)
class RoleLoad:
    """How much one role has to do: all, what is past its time, and how long the oldest of that is."""

    role: str
    moves: int
    overdue: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Column:
    """One step of a board with the people there, the most urgent first."""

    step: str
    title: str
    overdue: int
    lines: tuple[BoardLine, ...]
    total: int


def board_lines(
    house: House, ids: RecordIds | None, found: Worklist, items: Sequence[WorkItem], words: WorklistWords
) -> tuple[BoardLine, ...]:
    """Items with who they are about."""
    return () if ids is None else tuple(_line(house, ids, found.at, item, words) for item in items)


def _line(house: House, ids: RecordIds, at: datetime, item: WorkItem, words: WorklistWords) -> BoardLine:
    move = item.move
    person = house.ledger.person(move.person)
    return BoardLine(
        item,
        ids.of(move.person),
        ("" if person is None else name_of(person)) or move.person,
        max(at - move.since, timedelta()),
        at - move.due,
        tuple(words.barriers.get(one, one) for one in item.barriers),
        tuple(dict.fromkeys(one.title for one in item.warnings)),
        words.drafts.get(move.draft, NO_DRAFT),
    )


def loads(found: Worklist, items: Iterable[WorkItem]) -> tuple[RoleLoad, ...]:
    """What each role has to do, the one with most past its time first."""
    by_role: dict[str, list[WorkItem]] = {}
    for item in items:
        by_role.setdefault(item.move.owner, []).append(item)
    made = []
    for role, several in by_role.items():
        late = [found.at - one.move.due for one in several if one.move.overdue]
        made.append(RoleLoad(role, len(several), len(late), max(late, default=timedelta())))
    return tuple(sorted(made, key=lambda one: (-one.overdue, -one.longest, -one.moves, one.role)))


def to_reach(items: Iterable[WorkItem]) -> tuple[WorkItem, ...]:
    """Whose next move is to reach the person, or who missed an appointment: each case once."""
    found: dict[tuple[str, str, str], WorkItem] = {}
    for item in items:
        if item.contact or item.missed is not None:
            found.setdefault((item.move.person, item.move.pathway, item.move.case), item)
    return tuple(found.values())


def columns(
    house: House, ids: RecordIds | None, found: Worklist, pathway: CarePathway, words: WorklistWords
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The board of one pathway, and the titles of the steps at which nobody is."""
    by_step: dict[str, list[WorkItem]] = {name: [] for name in pathway.steps}
    for item in found.items:
        if item.move.pathway == pathway.name:
            by_step[item.move.step].append(item)
    made = tuple(
        Column(
            name,
            pathway.steps[name].title,
            sum(item.move.overdue for item in several),
            board_lines(house, ids, found, several[:MOST_LINES], words),
            len(several),
        )
        for name, several in by_step.items()
        if several
    )
    empty = tuple(
        step.title for name, step in pathway.steps.items() if not by_step[name] and not step.on_call
    )
    return made, empty
