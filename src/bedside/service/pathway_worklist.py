"""Who is stuck, how long, whose move: the open steps of everybody on every pathway, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from bedside.act.pathway_guards import Fired, fired
from bedside.act.pathway_moves import Move, moves
from bedside.act.pathway_state import PathwayState, of_case, states
from bedside.genome.programme import NOT_KNOWN
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.worklist_words import WorklistWords
from bedside.service.house import House
from bedside.service.pathway_check import Pathways
from bedside.service.pathway_people import everybody_known
from bedside.service.pathway_rules import PathwayRules, pathway_rules
from bedside.store.sql_ledger import SqlLedger

BARRIER, REMOVED, ATTEMPT = "barrier-noted", "barrier-removed", "contact-attempted"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One open step of one person: whose move it is, and what warns beside it. barriers: what stands in the
    way, as noted and not removed. contact: whether the next move is to reach the person; missed: when an
    appointment was missed and not made good; site: who cares for the person, "" when not known."""

    move: Move
    pathway_title: str
    started: datetime
    warnings: tuple[Fired, ...]
    barriers: tuple[str, ...]
    contact: bool = False
    missed: datetime | None = None
    attempts: int = 0
    site: str = ""

    @property
    def order(self) -> tuple[int, datetime, str]:
        """Overdue first, then what a guard warns of, then what is due first."""
        rank = 0 if self.move.overdue else 1 if self.warnings else 2
        return (rank, self.move.due, self.move.person)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The items that fit, and how many open cases there are in all. roles, sites: those of every item that
    the asker may see, whatever was asked for."""

    at: datetime
    items: tuple[WorkItem, ...]
    cases: int
    ended: int
    roles: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


def worklist(
    house: House,
    now: datetime | None = None,
    *,
    role: str = "",
    pathway: str = "",
    person: str = "",
    site: str = "",
    only: frozenset[str] | None = None,
    without: frozenset[str] = frozenset(),
) -> Worklist:
    """Everybody's open steps at a moment. role: only whose move it is now; pathway, person, site: only these;
    only: the records the asker may open; without: pathways that the asker may not see."""
    rules, at = pathway_rules(house.settings.knowledge_folder), now or house.clock()
    every, kept = everybody_known(house, rules.meanings), _kept(house, rules)
    items, cases, ended = list[WorkItem](), 0, 0
    for one, signals in every.signals.items():
        if (person and one != person) or (only is not None and one not in only):
            continue
        place = every.programme(one).site
        for state, work in _cases(kept, one, signals, at):
            if state.pathway in without or (pathway and state.pathway != pathway):
                continue
            cases += state.ended is None
            ended += state.ended is not None
            items += [replace(item, site=place) for item in work]
    roles, sites = ({item.move.owner for item in items}, {item.site or NOT_KNOWN for item in items})
    fitting = [
        item
        for item in items
        if (not role or item.move.owner == role) and (not site or (item.site or NOT_KNOWN) == site)
    ]
    ordered = tuple(sorted(fitting, key=lambda item: item.order))
    return Worklist(at, ordered, cases, ended, tuple(sorted(roles)), tuple(sorted(sites)))


Case = tuple[PathwayState, tuple[WorkItem, ...]]
"""One case of a person, with its open steps."""

HOLDS_FOR = timedelta(minutes=1)
"""So long what was worked out of a person holds while nothing new is said: time alone makes things late."""


@dataclass(slots=True)
class _Kept:
    """What was last worked out of each person, with these rules: from which signals, and when."""

    rules: PathwayRules
    found: dict[str, tuple[tuple[Signal, ...], datetime, tuple[Case, ...]]] = field(default_factory=dict)


_KEPT: WeakKeyDictionary[SqlLedger, _Kept] = WeakKeyDictionary()
_LOCK = Lock()


def _kept(house: House, rules: PathwayRules) -> _Kept:
    with _LOCK:
        kept = _KEPT.get(house.ledger)
        if kept is None or kept.rules is not rules:
            kept = _KEPT[house.ledger] = _Kept(rules)
        return kept


def _cases(kept: _Kept, person: str, signals: tuple[Signal, ...], at: datetime) -> tuple[Case, ...]:
    """A person's cases, worked out again when something was said since or the minute is over."""
    held = kept.found.get(person)
    if held is not None and held[0] is signals and timedelta() <= at - held[1] < HOLDS_FOR:
        return held[2]
    made = tuple(cases_of(kept.rules.held, person, signals, at, words=kept.rules.words))
    kept.found[person] = (signals, at, made)
    return made


def cases_of(
    held: Pathways,
    person: str,
    signals: tuple[Signal, ...],
    at: datetime,
    only: str = "",
    words: WorklistWords | None = None,
) -> Iterator[Case]:
    """Every case of a person with its open steps. words: what counts as reaching a person, where asked."""
    names = {one.name for one in signals}
    for pathway in held.by_name.values():
        if (only and pathway.name != only) or not any(one.signal in names for one in pathway.starts):
            continue
        calendar = held.calendar(pathway)
        for state in states(pathway, person, signals, at):
            if state.ended is not None:
                yield state, ()
                continue
            warned = fired(pathway, person, state.case, signals, calendar, at)
            standing = tuple(one for one in warned if one.holds)
            barred, mine = barriers(signals, at), of_case(pathway, state.case, signals)
            missed = None if words is None else missed_at(mine, at, words)
            tried = attempts(mine, at, words) if words is not None else 0
            yield (
                state,
                tuple(
                    WorkItem(
                        move,
                        pathway.title,
                        state.started,
                        standing,
                        barred,
                        words is not None and words.is_contact(pathway.steps[move.step]),
                        missed,
                        tried,
                    )
                    for move in moves(pathway, state, calendar, at)
                ),
            )


def missed_at(signals: Iterable[Signal], at: datetime, words: WorklistWords) -> datetime | None:
    """When the person missed an appointment, unless it was made good since."""
    found = None
    for one in standing_signals(signals):
        if one.at > at:
            break
        if one.name in words.missed_by:
            found = one.at
        elif one.name in words.met_by:
            found = None
    return found


def attempts(signals: Iterable[Signal], at: datetime, words: WorklistWords) -> int:
    """How often somebody tried to reach the person since they were last reached."""
    found = 0
    for one in standing_signals(signals):
        if one.at > at:
            break
        found = 0 if one.name in words.met_by else found + (one.name == ATTEMPT)
    return found


def barriers(signals: tuple[Signal, ...], at: datetime) -> tuple[str, ...]:
    """What stands in a person's way at a moment."""
    found: dict[str, None] = {}
    for one in standing_signals(signals):
        name = one.attributes.get("barrier", "")
        if one.at > at or not name:
            continue
        if one.name == BARRIER:
            found[name] = None
        elif one.name == REMOVED:
            found.pop(name, None)
    return tuple(found)
