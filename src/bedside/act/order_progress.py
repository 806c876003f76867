"""Where an order stands, whose move it is, how old it is against its turnaround, and which steps can be taken
with its specimen now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.act.orders import HeldOrder, Outcome
from bedside.act.working_days import working_day_after
from bedside.genome.specimen import AGAIN, ALLOWED, Moved, Specimen, Stage, Step


class Standing(Enum):
    """The states an order goes through, as people say them."""

    TO_COLLECT = "no specimen yet"
    COLLECT_AGAIN = "to be collected again"
    LABELLED = "labelled"
    COLLECTED = "collected"
    SHIPPED = "on its way to the laboratory"
    RECEIVED = "at the laboratory"
    RESULT_WITHDRAWN = "its result was withdrawn"
    RESULTED = "resulted"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nobody has to move any more."""
        return self in (Standing.RESULTED, Standing.CANCELLED)


class Move(Enum):
    """What somebody has to do next; the site's policy says whose it is."""

    LABEL = "label a specimen"
    COLLECT = "collect it"
    SEND = "send it to the laboratory"
    RECEIVE = "receive it"
    RESULT = "report the result"


MOVES: Mapping[Standing, Move] = {
    Standing.TO_COLLECT: Move.LABEL,
    Standing.COLLECT_AGAIN: Move.LABEL,
    Standing.LABELLED: Move.COLLECT,
    Standing.COLLECTED: Move.SEND,
    Standing.SHIPPED: Move.RECEIVE,
    Standing.RECEIVED: Move.RESULT,
    Standing.RESULT_WITHDRAWN: Move.RESULT,
}
"""The move that each state of an open order waits for."""

_OF_STAGE = {
    Stage.LABELLED: Standing.LABELLED,
    Stage.COLLECTED: Standing.COLLECTED,
    Stage.SHIPPED: Standing.SHIPPED,
    Stage.RECEIVED: Standing.RECEIVED,
    Stage.RESULTED: Standing.RESULT_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an order stands on a day. age: days since it was placed. since: the day its state began. due: by
    when the laboratory's turnaround says a result comes, None where the test is in no catalogue or the order
    is over. why: of a rejection, a loss or a cancellation."""

    standing: Standing
    age: int
    since: date
    due: date | None = None
    late: bool = False
    why: str = ""

    @property
    def move(self) -> Move | None:
        """What somebody has to do next; None when the order is over."""
        return MOVES.get(self.standing)


def progress(held: HeldOrder, specimens: Sequence[Specimen], turnaround: int | None, today: date) -> Progress:
    """Where an order stands. turnaround: the laboratory's working days, counted from the receipt of the
    specimen, and before that from the order."""
    placed = held.placed_at.date()
    standing, last = _standing(held, specimens)
    why = held.reason if held.outcome is Outcome.CANCELLED else ""
    if standing is Standing.COLLECT_AGAIN and last is not None:
        why = last.reason
    due = None
    if turnaround is not None and not standing.over:
        due = working_day_after(_received(specimens) or placed, turnaround)
    return Progress(
        standing,
        (today - placed).days,
        placed if last is None else last.at.date(),
        due,
        due is not None and today > due,
        why,
    )


def possible(held: HeldOrder, specimens: Sequence[Specimen]) -> tuple[Step, ...]:
    """The steps that a person can take now with the specimen of an order; the result takes its own."""
    if held.outcome is not Outcome.OPEN:
        return ()
    last = specimens[-1] if specimens else None
    if last is None or last.stage in AGAIN:
        return (Step.LABEL,)
    return tuple(step for step in ALLOWED[last.stage] if step is not Step.RESULT)


def _standing(held: HeldOrder, specimens: Sequence[Specimen]) -> tuple[Standing, Moved | None]:
    last = specimens[-1] if specimens else None
    moved = None if last is None or not last.custody else last.custody[-1]
    if held.outcome is not Outcome.OPEN:
        return Standing(held.outcome.value), moved
    if last is None or last.stage is None:
        return (Standing.RESULT_WITHDRAWN if held.results else Standing.TO_COLLECT), moved
    if last.stage in AGAIN:
        return Standing.COLLECT_AGAIN, moved
    return _OF_STAGE[last.stage], moved


def _received(specimens: Sequence[Specimen]) -> date | None:
    for one in reversed(specimens):
        if one.stage in AGAIN:
            return None
        for moved in one.custody:
            if moved.step is Step.RECEIVE:
                return moved.at.date()
    return None
