"""How dates, numbers and sentences are written on a page, and the shape and class of each look."""

from __future__ import annotations

from datetime import UTC, date, datetime

from markupsafe import Markup

from bedside.service.chart import Look, Verdict

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SOURCES = {"clinvar": "ClinVar", "clingen": "ClinGen"}

SHAPES = {
    Look.ACTIONABLE: "act",
    Look.INDETERMINATE: "question",
    Look.NO_CALL: "broken",
    Look.NOTE: "info",
    Look.NOT_TESTED: "absent",
    Look.STANDARD: "check",
    Look.WITHOUT_GUIDANCE: "dash",
}
CLASSES = {
    Look.ACTIONABLE: "actionable",
    Look.INDETERMINATE: "indeterminate",
    Look.NO_CALL: "no-call",
    Look.NOTE: "info",
    Look.NOT_TESTED: "not-tested",
    Look.STANDARD: "standard",
    Look.WITHOUT_GUIDANCE: "without-guidance",
}
MEANINGS = (
    (Look.ACTIONABLE, "At least one drug should be dosed, chosen or watched differently."),
    (Look.INDETERMINATE, "A result is there, but its meaning is not known, or several fit. Never normal."),
    (Look.NO_CALL, "The gene was looked at and no answer could be given. What is known stands beside it."),
    (Look.NOTE, "Guidance goes beyond the usual, but nothing that would interrupt an order."),
    (Look.STANDARD, "The gene was called, and every guideline for it advises standard treatment."),
    (Look.WITHOUT_GUIDANCE, "The gene was called; the release has no guidance for this result."),
    (Look.NOT_TESTED, "Nobody looked. Nothing may be concluded."),
)
_OF_VERDICT = {
    Verdict.ACT: Look.ACTIONABLE,
    Verdict.CANNOT_SAY: Look.INDETERMINATE,
    Verdict.STANDARD: Look.STANDARD,
    Verdict.WITHOUT_GUIDANCE: Look.WITHOUT_GUIDANCE,
}


def shape(look: Look) -> str:
    """The icon of a look."""
    return SHAPES[look]


def css(look: Look) -> str:
    """The class of a look."""
    return CLASSES[look]


def verdict_shape(verdict: Verdict) -> str:
    """The icon of what the genome says about a medicine."""
    return SHAPES[_OF_VERDICT[verdict]]


def verdict_css(verdict: Verdict) -> str:
    """The class of what the genome says about a medicine."""
    return CLASSES[_OF_VERDICT[verdict]]


def day(value: date) -> str:
    """A date that no two countries read differently: 5 Nov 2025."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def iso_day(text: str) -> str:
    """A date written `2025-11-05` as people read it; anything else as it stands."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def moment(value: datetime) -> str:
    """A date and time in UTC: 5 Nov 2025, 14:03 UTC."""
    utc = value.astimezone(UTC)
    return f"{day(utc.date())}, {utc:%H:%M} UTC"


def thousands(number: int) -> str:
    """50,000."""
    return f"{number:,}"


def breakable(text: str) -> Markup:
    """A result whose line may break after a slash, and nowhere within an allele's name."""
    return Markup("/<wbr>").join(text.split("/"))


def sentence_case(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """A sentence: first letter large, a full stop at the end."""
    told = sentence_case(text.strip())
    return told if not told or told[-1] in ".!?" else told + "."


def release(text: str) -> str:
    """A knowledge release in short: `cpic@2025-11-05#3f2a…` is written `CPIC 5 Nov 2025`."""
    name, _, rest = text.partition("@")
    dated = rest.partition("#")[0]
    try:
        return f"{_SOURCES.get(name, name.upper())} {day(date.fromisoformat(dated))}"
    except ValueError:
        return text
