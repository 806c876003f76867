"""While a house is read only, looking is still on record and nothing else is written.

One place decides: every event passes through the ledger's `append`, whichever page, hook or message it comes
from.
"""

from __future__ import annotations

from collections.abc import Sequence

from bedside.errors import StoreError
from bedside.genome.event import EventKind, NewEvent

LOOKING = frozenset(
    {
        EventKind.ACCESSED,
        EventKind.ACCESS_REFUSED,
        EventKind.HOOK_ANSWERED,
        EventKind.ORDER_SET_FILTERED,
        EventKind.GLASS_BROKEN,
    }
)
"""That somebody looked, was refused, was warned, or opened a record in an emergency."""
_WITH_A_TASK = frozenset({EventKind.HOOK_ANSWERED, EventKind.GLASS_BROKEN})


class ReadOnly(StoreError):
    """The house is read only: what was asked would change the record, and was not done."""


def demand_looking(events: Sequence[NewEvent]) -> None:
    """Raises `ReadOnly` unless the events only say that somebody looked. A warning and an emergency opening
    bring their task along."""
    kinds = {event.kind for event in events}
    allowed = LOOKING | ({EventKind.TASK_OPENED} if kinds & _WITH_A_TASK else set())
    if kinds - allowed:
        raise ReadOnly("the record is read only for now; nothing was changed")
