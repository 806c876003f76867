"""The four answers of a genomics operation, and how several are joined. Not tested is never absent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bedside.genome.presence import Absent, NotCallable, Presence, Present, Uncalled


class Answer(Enum):
    """What is said about a subject."""

    PRESENT = "present"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its reason. no_call: the caller looked and gave none, which has a code of its own."""

    answer: Answer
    reason: str = ""
    no_call: bool = False


PRESENT, ABSENT = Told(Answer.PRESENT), Told(Answer.ABSENT)
NOT_TESTED = Told(Answer.NOT_TESTED, "nothing says that this was looked at; not tested is not absent")
_WHY = {
    Uncalled.NO_CALL: "looked at, and not called",
    Uncalled.HALF_CALL: "one copy was called, the other was not",
    Uncalled.FILTERED: "a record is there that failed its filters",
    Uncalled.LOW_QUALITY: "looked at, with too low a quality to use",
    Uncalled.STATED: "the laboratory states that it could not be called",
}


def told(presence: Presence) -> Told:
    """What a stored genome says of a variant, as an answer."""
    match presence:
        case Present():
            return PRESENT
        case Absent():
            return ABSENT
        case NotCallable(reason=reason):
            return Told(Answer.INDETERMINATE, _WHY[reason], no_call=reason is Uncalled.NO_CALL)
    return NOT_TESTED


def any_of(answers: Iterable[Answer]) -> Answer:
    """Of alternatives: present when one is, absent only when every one is."""
    return _joined(answers, Answer.PRESENT, Answer.ABSENT)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Of conditions that must hold together: absent when one is, present only when every one is."""
    return _joined(answers, Answer.ABSENT, Answer.PRESENT)


def _joined(answers: Iterable[Answer], settles: Answer, otherwise: Answer) -> Answer:
    every = set(answers)
    if settles in every:
        return settles
    if every <= {otherwise}:
        return otherwise
    return Answer.NOT_TESTED if every <= {otherwise, Answer.NOT_TESTED} else Answer.INDETERMINATE
