"""Prior authorisation as dated facts: by when a payer must answer and whom that binds, what its coded answers
mean, by when to appeal, and whose task what is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.authorisation import DenialClass, Reason, Verdict
from bedside.genome.coverage import Line
from bedside.knowledge.calendars import Calendar, load_calendars
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import TaskPolicy

KIND = "authorisation"
CLOCKS, ANSWERS, WORK, LETTER = "clocks", "answers", "work", "letter"


@dataclass(frozen=True, slots=True)
class AnswerClock:
    """By when payers of some lines must answer. drugs: whether requests for drugs are bound too. reason_owed:
    whether each denial needs a specific reason. confirmed: whether a source at hand says so; else it is from
    memory."""

    clock: str
    title: str
    lines: frozenset[Line]
    since: date
    drugs: bool
    expedited_hours: int
    standard_days: int
    reason_owed: bool
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class AppealClock:
    """By when a refusal is appealed at a level, in calendar days from the day it was known."""

    appeal: str
    title: str
    lines: frozenset[Line]
    level: int
    days: int
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class ClockExample:
    """A worked example. due: an instant, `none`, or `not known`."""

    says: str
    line: Line
    drug: bool
    expedited: bool
    sent: datetime
    due: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every clock, and worked examples of them."""

    provenance: Provenance
    answers: tuple[AnswerClock, ...]
    appeals: tuple[AppealClock, ...]
    examples: tuple[ClockExample, ...]


@dataclass(frozen=True, slots=True)
class DenialWords:
    """What a class of denial is called, what follows from it, and whether an appeal can help."""

    words: str
    next: str
    appeal: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What coded answers mean. asks: why a code has no verdict of its own."""

    provenance: Provenance
    actions: Mapping[tuple[str, str], Verdict]
    asks: Mapping[tuple[str, str], str]
    reasons: Mapping[tuple[str, str], DenialClass]
    denials: Mapping[DenialClass, DenialWords]
    examples: tuple[Mapping[str, str], ...]

    def denial(self, reason: Reason | None) -> DenialClass:
        """The class of a reason; a code that no table knows is not guessed."""
        if reason is None:
            return DenialClass.NOT_GIVEN
        return self.reasons.get((reason.system, reason.code), DenialClass.NOT_CLASSED)


@dataclass(frozen=True, slots=True)
class Requestor:
    """Who asks, as requests and letters say it. "" where the site has not said."""

    name: str
    npi: str = ""
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A task that a standing opens: whose it is, by when, and what it says."""

    policy: TaskPolicy
    summary: str


@dataclass(frozen=True, slots=True)
class Work:
    """The site's way of working. calendar: its time zone and the days it works. soon_hours: before a clock
    ends. appeal_margin_days: left of an appeal's time when it counts as late. tasks: by `TASKS`."""

    provenance: Provenance
    calendar: Calendar
    soon_hours: int
    appeal_margin_days: int
    requestor: Requestor
    tasks: Mapping[str, TaskWords]
    examples: tuple[Mapping[str, str], ...]


TASKS = ("overdue", "doubt", "pended", "denied", "unsent")
"""What can need somebody."""


@dataclass(frozen=True, slots=True)
class AuthorisationPolicy:
    """Everything that is read with a prior authorisation."""

    clocks: Clocks
    answers: Answers
    work: Work


@cache
def load_authorisation(root: Path | None = None) -> AuthorisationPolicy:
    """The packs, a site's own in place of shipped ones; raises PackError."""
    files = {file.provenance.name: file for file in rule_files(KIND, root)}
    if missing := [name for name in (CLOCKS, ANSWERS, WORK) if name not in files]:
        raise PackError([Problem(KIND, f"{name} is not at hand") for name in missing])
    return AuthorisationPolicy(
        read_clocks(files[CLOCKS]), read_answers(files[ANSWERS]), read_work(files[WORK], load_calendars(root))
    )


def read_clocks(file: RuleFile) -> Clocks:
    """The clocks of a rule file."""
    document = file.document
    try:
        made = Clocks(
            file.provenance,
            tuple(_clock(one) for one in document["clock"]),
            tuple(_appeal(one) for one in document["appeal"]),
            tuple(
                ClockExample(
                    str(one["says"]), Line(one["line"]), bool(one["drug"]), bool(one["expedited"]),
                    _instant(one["sent"]), str(one["due"]),
                )
                for one in document.get("example", ())
            ),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"these are no clocks: {error}") from error
    bound = frozenset[Line]().union(
        *(one.lines for one in made.answers), *(one.lines for one in made.appeals)
    )
    if Line.NOT_KNOWN in bound:
        raise file.fail("a clock binds plans of a kind that nobody knows", "name the lines of business")
    if any(min(one.expedited_hours, one.standard_days) < 1 for one in made.answers):
        raise file.fail("a clock runs at least an hour, or a day")
    return made


def _clock(one: Mapping[str, Any]) -> AnswerClock:
    return AnswerClock(
        clock=str(one["id"]),
        title=str(one["title"]),
        lines=frozenset(map(Line, one["lines"])),
        since=_date(one["from"]),
        drugs=bool(one["drugs"]),
        expedited_hours=int(one["expedited_hours"]),
        standard_days=int(one["standard_days"]),
        reason_owed=bool(one["reason_owed"]),
        confirmed=bool(one["confirmed"]),
        source=_said(one["source"]),
    )


def _appeal(one: Mapping[str, Any]) -> AppealClock:
    return AppealClock(
        appeal=str(one["id"]),
        title=str(one["title"]),
        lines=frozenset(map(Line, one["lines"])),
        level=int(one["level"]),
        days=int(one["days"]),
        confirmed=bool(one["confirmed"]),
        source=_said(one["source"]),
    )


def read_answers(file: RuleFile) -> Answers:
    """The codes of a rule file."""
    document = file.document
    actions: dict[tuple[str, str], Verdict] = {}
    asks: dict[tuple[str, str], str] = {}
    try:
        for one in document["action"]:
            key = (str(one["system"]), str(one["code"]))
            if one["verdict"]:
                actions[key] = Verdict(one["verdict"])
            else:
                asks[key] = _said(one["why"])
        denials = {
            one: DenialWords(
                _said(document["denials"][one.value]["words"]),
                _said(document["denials"][one.value]["next"]),
                bool(document["denials"][one.value]["appeal"]),
            )
            for one in DenialClass
        }
        reasons = {
            (str(one["system"]), str(one["code"])): DenialClass(one["class"]) for one in document["reason"]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"these are no coded answers: {error}") from error
    return Answers(file.provenance, actions, asks, reasons, denials, tuple(document.get("example", ())))


def read_work(file: RuleFile, calendars: Mapping[str, Calendar]) -> Work:
    """The way of working of a rule file."""
    document = file.document
    try:
        tasks = {}
        for name in TASKS:
            said = dict(document["task"][name])
            summary = _said(said.pop("summary"))
            tasks[name] = TaskWords(TaskPolicy(**said), summary)
        return Work(
            file.provenance,
            calendars[str(document["calendar"])],
            int(document["soon_hours"]),
            int(document["appeal_margin_days"]),
            Requestor(**{str(name): str(text) for name, text in document["requestor"].items()}),
            tasks,
            tuple(document.get("example", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"this is no way of working: {error}") from error


def _date(value: object) -> date:
    if type(value) is not date:
        raise ValueError("from is a date such as 2026-01-01")
    return value


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("sent is an instant with its zone")
    return value


def _said(text: object) -> str:
    if not str(text).strip():
        raise ValueError("words are missing")
    return str(text)
