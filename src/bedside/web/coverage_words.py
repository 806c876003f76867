"""How a coverage answer looks. Only what is covered looks as if all were well."""

from __future__ import annotations

from bedside.decide.coverage_judge import in_words
from bedside.genome.coverage import Answer, PaNeeded
from bedside.service.coverage_view import style_of

_SHAPES = {
    Answer.COVERED: "check",
    Answer.NOT_COVERED: "act",
    Answer.CONDITIONAL: "question",
    Answer.UNKNOWN: "absent",
}
_AUTHORISATION = {
    PaNeeded.NO_AUTH: "no authorisation beforehand",
    PaNeeded.AUTH_NEEDED: "the payer must authorise it beforehand",
    PaNeeded.SATISFIED: "the payer has authorised it",
    PaNeeded.PERFORMER: "the laboratory must have it authorised beforehand",
    PaNeeded.CONDITIONAL: "whether it must be authorised is not settled",
    PaNeeded.INDETERMINATE: "whether it must be authorised beforehand is not known",
}


def coverage_style(answer: Answer) -> str:
    """The style of an answer."""
    return style_of(answer)


def coverage_shape(answer: Answer) -> str:
    """The icon of an answer."""
    return _SHAPES[answer]


def pa_words(needed: PaNeeded) -> str:
    """Whether the payer must agree beforehand, in words."""
    return _AUTHORISATION[needed]


FILTERS = (coverage_style, coverage_shape, pa_words, in_words)
