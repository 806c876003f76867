"""Alarms about gaps between groups: raised once, closed when the gap is gone, and then quiet for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bedside.genome.event import Event, EventKind


class GapStep(Enum):
    """What happened to an alarm."""

    RAISED = "raised"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class GapAlarm:
    """An alarm. gap: what it is about, as `what/name/by/group`. closed: None while it is open."""

    gap: str
    told: str
    owner: str
    raised: datetime
    due: str
    closed: datetime | None = None


def alarms_from(events: Iterable[Event]) -> Mapping[str, GapAlarm]:
    """The last alarm of each gap, from events in the order of the ledger."""
    found: dict[str, GapAlarm] = {}
    for event in events:
        if event.kind is not EventKind.GAP_MOVED:
            continue
        gap, said = str(event.payload["gap"]), event.payload
        if said["step"] == GapStep.RAISED.value:
            found[gap] = GapAlarm(
                gap, str(said["told"]), str(said["owner"]), event.known_at, str(said["due"])
            )
        elif gap in found:
            held = found[gap]
            found[gap] = GapAlarm(gap, held.told, held.owner, held.raised, held.due, event.known_at)
    return found


def gap_moves(
    held: Mapping[str, GapAlarm],
    there: Collection[str],
    looked_at: Collection[str],
    now: datetime,
    cool_down_days: int,
) -> tuple[tuple[str, GapStep], ...]:
    """What is to be written. there: the gaps that are alarms now; looked_at: every gap that could be told. An
    alarm whose gap could not be told (too few people, no event) stays open: not seen is not gone."""
    quiet = timedelta(days=cool_down_days)
    moves = []
    for gap in sorted(there):
        before = held.get(gap)
        if before is None or (before.closed is not None and now - before.closed >= quiet):
            moves.append((gap, GapStep.RAISED))
    for gap, alarm in sorted(held.items()):
        if alarm.closed is None and gap in looked_at and gap not in there:
            moves.append((gap, GapStep.CLOSED))
    return tuple(moves)
