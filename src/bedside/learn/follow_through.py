"""Whether an order changed after a card: from later orders and medicines, never from a click.

What was seen last within the hours that the policy gives holds. Nothing seen is not known: neither followed
nor ignored.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

from bedside.learn.alert_log import Drafted, Firing, QuietOne


class Followed(Enum):
    """What became of the order that a card was about."""

    CHANGED = "changed"
    KEPT = "kept"
    NOT_KNOWN = "not known"
    WAITING = "waiting"


def followed(
    one: Firing | QuietOne, drafted: Mapping[str, Sequence[Drafted]], hours: int, now: datetime
) -> Followed:
    """What became of the order. WAITING: nothing was seen yet and the hours are not over."""
    until = one.at + timedelta(hours=hours)
    offered = one.offered if isinstance(one, Firing) else ()
    later = drafted.get(one.whom, ())
    start = bisect_right(later, one.at, key=lambda seen: seen.at)
    found: Followed | None = None
    for seen in later[start:]:
        if seen.at > until:
            break
        found = _says(seen, one.drug, one.order, one.dose, offered) or found
    if found is not None:
        return found
    return Followed.WAITING if now < until else Followed.NOT_KNOWN


def _says(seen: Drafted, drug: str, order: str, dose: str, offered: Sequence[str]) -> Followed | None:
    """What one later draft or medicine says, None when it says nothing of it."""
    if seen.order:
        if not order or seen.order != order:
            return None
        same = drug in seen.drugs and (not dose or seen.dose == dose)
        return Followed.KEPT if same else Followed.CHANGED
    if drug in seen.drugs:
        return Followed.CHANGED if seen.stopped else Followed.KEPT
    if not seen.stopped and seen.drugs & set(offered):
        return Followed.CHANGED
    return None


def heeded(one: Firing, became: Followed) -> bool | None:
    """Whether a card made a difference: by the order where that was seen, else by what the clinician said;
    None when neither is known."""
    if became is Followed.CHANGED:
        return True
    if became is Followed.KEPT:
        return False
    if one.feedback is None:
        return None
    return one.feedback.outcome == "accepted"
