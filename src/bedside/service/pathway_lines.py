"""Where people stand on care pathways, as lines for a table: one for each open step, one for each end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from bedside.act.pathway_guards import fired
from bedside.act.pathway_moves import moves
from bedside.act.pathway_state import states
from bedside.genome.signal import Signal
from bedside.service.pathway_check import Pathways

COLUMNS = (
    "person", "pathway", "case", "version", "state", "step", "owner", "since", "due", "overdue", "escalated",
    "action", "reason", "warnings",
)  # fmt: skip
OPEN, ENDED = "open", "ended"


def lines_of(
    held: Pathways,
    person: str,
    signals: Iterable[Signal],
    now: datetime,
    known_at: datetime | None = None,
    only: str = "",
) -> Iterator[tuple[str, ...]]:
    """The lines of one person, in the order of COLUMNS. only: this pathway."""
    told = tuple(signals)
    for pathway in held.by_name.values():
        if only and pathway.name != only:
            continue
        calendar = held.calendar(pathway)
        for state in states(pathway, person, told, now, known_at):
            warned = fired(pathway, person, state.case, told, calendar, now, known_at)
            warnings = ",".join(dict.fromkeys(one.guard for one in warned if one.holds))
            head = (person, pathway.name, state.case, pathway.version)
            if state.ended is not None:
                end = state.ended
                yield (*head, ENDED, end.by, "", _time(end.at), "", "", "", "", end.reason, warnings)
            for move in moves(pathway, state, calendar, now):
                yield (
                    *head, OPEN, move.step, move.owner, _time(move.since), _time(move.due),
                    "yes" if move.overdue else "no", str(move.rung), move.action, "", warnings,
                )  # fmt: skip


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
