"""Something that happened to a person on a care pathway, as one dated, sourced and correctable word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

RETRACTED = "retracted"
"""The signal that takes another back: it never happened, or not so."""

OF = "of"
"""The attribute that says of which kinds of test an order, a specimen or a result is, separated by blanks."""


class TestKind(Enum):
    """What a genetic test tells about: a medicine's way through the body, a person's own genome, or a
    tumour. `UNKNOWN` is none that a pathway can wait for."""

    __test__ = False

    PHARMACOGENES = "pharmacogenes"
    GERMLINE = "germline"
    TUMOUR = "tumour"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that happened.

    at: when it was true. known_at: when we learned it. signal_id: the same thing told twice has one id.
    source: who says so (a laboratory's feed, a pharmacy, a person). case: which of a person's cases it is
    about; "" is all of them. retracts: the id of the signal it takes back.
    """

    name: str
    at: datetime
    known_at: datetime
    signal_id: str
    source: str = ""
    case: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    retracts: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or self.known_at.tzinfo is None:
            raise ValueError("a signal's times must carry their zone")
        if (self.name == RETRACTED) != bool(self.retracts):
            raise ValueError(f"a signal that takes another back is named {RETRACTED} and says which")

    @property
    def content(self) -> tuple[datetime, str, str, tuple[tuple[str, str], ...]]:
        """What it says; two signals of one content are one."""
        return (self.at, self.name, self.case, tuple(sorted(self.attributes.items())))


def standing_signals(signals: Iterable[Signal], known_at: datetime | None = None) -> tuple[Signal, ...]:
    """The signals that hold, as known at a moment: each once, none taken back, in the order of what happened.

    The order does not depend on the order in which they became known. A signal taken back before it arrived
    stays taken back.
    """
    known = [one for one in signals if known_at is None or one.known_at <= known_at]
    gone = {one.retracts for one in known if one.retracts}
    held: dict[tuple[datetime, str, str, tuple[tuple[str, str], ...]], Signal] = {}
    for one in known:
        if one.retracts or one.signal_id in gone:
            continue
        before = held.get(one.content)
        if before is None or (one.known_at, one.signal_id) < (before.known_at, before.signal_id):
            held[one.content] = one
    return tuple(held[content] for content in sorted(held))
