"""What happened, when it happened, when we learned it, who did it: the one kind of thing the ledger holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class EventKind(Enum):
    """The closed vocabulary of the ledger."""

    PERSON_REGISTERED = "person-registered"
    MEDICATION_RECORDED = "medication-recorded"
    PROBLEM_RECORDED = "problem-recorded"
    RESULT_ACCEPTED = "result-accepted"
    RESULT_WITHDRAWN = "result-withdrawn"
    MEANINGS_DERIVED = "meanings-derived"
    HOOK_ANSWERED = "hook-answered"
    FEEDBACK_RECEIVED = "feedback-received"
    ORDER_SET_FILTERED = "order-set-filtered"
    TASK_OPENED = "task-opened"
    TASK_CLOSED = "task-closed"
    RELEASE_ADOPTED = "release-adopted"
    ACCESSED = "accessed"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event not yet written. Times are aware UTC; `person` is None for what concerns nobody in particular.

    `key` makes the event idempotent: a second append with the same kind and key writes nothing.
    """

    kind: EventKind
    actor: str
    valid_at: datetime
    person: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A written event: its place in the ledger, the time it became known, and its link in the hash chain."""

    sequence: int
    kind: EventKind
    actor: str
    valid_at: datetime
    known_at: datetime
    person: str | None
    payload: Mapping[str, Any]
    key: str | None
    hash: str
