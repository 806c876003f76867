"""Four answers to a question about a tumour. What was not reported is not wild type."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Answer(Enum):
    """Yes, no, not reported (nothing at hand looked there), undetermined (looked at, and cannot be told)."""

    YES = "yes"
    NO = "no"
    NOT_REPORTED = "not-reported"
    UNDETERMINED = "undetermined"

    @property
    def negated(self) -> Answer:
        """The answer to the opposite question; what is not known stays so."""
        return _OPPOSITE.get(self, self)


_OPPOSITE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}
_ALL = (Answer.NO, Answer.NOT_REPORTED, Answer.UNDETERMINED, Answer.YES)
"""In a conjunction the first of these that occurs is the answer: one no decides; then what a test could
settle
comes before what it could not."""
_ANY = (Answer.YES, Answer.UNDETERMINED, Answer.NOT_REPORTED, Answer.NO)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Whether all hold; of none, yes."""
    given = set(answers)
    return next((one for one in _ALL if one in given), Answer.YES)


def any_of(answers: Iterable[Answer]) -> Answer:
    """Whether one holds; of none, no."""
    given = set(answers)
    return next((one for one in _ANY if one in given), Answer.NO)
