"""The steps of an eConsult as plain JSON, and back. Reading checks everything and says every problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar

from bedside.errors import Problem, RequestError
from bedside.genome.consult import (
    SAID,
    Closing,
    Ending,
    Information,
    Opinion,
    Packet,
    Question,
    Said,
    Section,
    Signature,
    Step,
    StepKind,
    Urgency,
    Words,
)

LONGEST_TEXT = 20_000
MOST_ROWS = 2_000
MOST_SECTIONS = 40
HIGHEST_CLOCK = 1_000_000
_NAME = 100
_SOURCE = "step"
_E = TypeVar("_E", bound=Enum)


def plain(value: Any) -> Any:
    """Plain JSON of a step or any part of it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def read_step(body: Any) -> Step:
    """The step that plain JSON describes; raises `RequestError` naming every field that is wrong."""
    reader = _Reader(body)
    kind = reader.choice("kind", StepKind)
    step = Step(
        consult=reader.text("consult", _NAME),
        asker=reader.text("asker", _NAME),
        answerer=reader.text("answerer", _NAME),
        step=reader.text("step", _NAME),
        kind=kind or StepKind.ASKED,
        clock=reader.number("clock", 1, HIGHEST_CLOCK),
        by=reader.text("by", _NAME * 2),
        role=reader.text("role", _NAME * 2, blank=True),
        at=reader.moment("at"),
        said=_said(reader, kind),
        after=reader.texts("after", _NAME, 200),
    )
    if step.kind is StepKind.ASKED and (step.step != step.consult or step.clock != 1):
        reader.wrong("step", "a question is the first step of its eConsult")
    if reader.problems:
        raise RequestError(reader.problems)
    return step


def read_packet(body: Any) -> Packet:
    """The packet that plain JSON describes; raises `RequestError`."""
    reader = _Reader(body)
    found = _packet(reader)
    if reader.problems:
        raise RequestError(reader.problems)
    return found


def read_question(body: Any) -> Question:
    """The question that plain JSON describes; raises `RequestError`."""
    reader = _Reader(body)
    found = _question(reader)
    if reader.problems:
        raise RequestError(reader.problems)
    return found


def _said(reader: _Reader, kind: StepKind | None) -> Said:
    said = reader.part("said")
    wanted = Words if kind is None else SAID[kind]
    found: Said
    if wanted is Question:
        found = _question(said)
    elif wanted is Information:
        found = Information(said.text("text", LONGEST_TEXT), _packet(said.part("packet")))
    elif wanted is Opinion:
        found = Opinion(
            said.text("text", LONGEST_TEXT), said.texts("evidence", 1000, 50), said.text("release", _NAME * 2)
        )
    elif wanted is Signature:
        found = Signature(said.text("opinion", _NAME))
    elif wanted is Ending:
        closing = said.choice("closing", Closing) or Closing.DECLINED
        found = Ending(closing, said.text("reason", LONGEST_TEXT, blank=closing is Closing.ACTED))
    else:
        found = Words(said.text("text", LONGEST_TEXT, blank=kind is StepKind.RECEIVED))
    return found


def _question(said: _Reader) -> Question:
    return Question(
        said.text("text", LONGEST_TEXT),
        said.text("reason", LONGEST_TEXT),
        said.choice("urgency", Urgency) or Urgency.ROUTINE,
        said.day("due"),
        _packet(said.part("packet")),
    )


def _packet(reader: _Reader) -> Packet:
    identified = reader.flag("identified")
    sections = tuple(_section(one) for one in reader.parts("sections", MOST_SECTIONS))
    return Packet(identified, sections)


def _section(reader: _Reader) -> Section:
    columns = reader.texts("columns", _NAME, 30)
    rows = []
    for row in reader.several("rows", MOST_ROWS):
        if not isinstance(row, list) or len(row) != len(columns):
            reader.wrong("rows", "a row has not as many cells as there are columns")
            break
        if not all(isinstance(cell, str) and len(cell) <= LONGEST_TEXT for cell in row):
            reader.wrong("rows", "a cell is no text")
            break
        rows.append(tuple(row))
    return Section(
        reader.text("kind", _NAME),
        reader.text("title", _NAME * 2),
        columns,
        tuple(rows),
        reader.text("note", LONGEST_TEXT, blank=True),
    )


class _Reader:
    """Reads fields of one object; what is wrong is collected, shared with the parts below it."""

    def __init__(self, body: Any, path: str = "", problems: list[Problem] | None = None) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self.path = path
        self.body: Mapping[str, Any] = body if isinstance(body, dict) else {}
        if not isinstance(body, dict):
            self.wrong("", "is no object")

    def wrong(self, name: str, reason: str) -> None:
        """Something is wrong with a field."""
        where = ".".join(part for part in (self.path, name) if part) or _SOURCE
        self.problems.append(Problem(where, reason, remedy="the sending program wrote it wrongly"))

    def text(self, name: str, longest: int, *, blank: bool = False) -> str:
        """A text of printable characters and line breaks."""
        value = self.body.get(name)
        if not isinstance(value, str):
            self.wrong(name, "is no text")
            return ""
        if len(value) > longest or "\x00" in value:
            self.wrong(name, f"is longer than {longest} characters, or holds what no text holds")
            return ""
        if not blank and not value.strip():
            self.wrong(name, "is blank")
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number within limits."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, f"is no whole number from {least} to {most}")
            return least
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.body.get(name)
        if not isinstance(value, bool):
            self.wrong(name, "is neither true nor false")
        return bool(value)

    def choice(self, name: str, of: type[_E]) -> _E | None:
        """One word of a closed list."""
        try:
            return of(self.body.get(name))
        except ValueError:
            self.wrong(name, f"is none of {', '.join(str(one.value) for one in of)}")
            return None

    def day(self, name: str) -> date:
        """A day."""
        try:
            return date.fromisoformat(self.body.get(name, ""))
        except (TypeError, ValueError):
            self.wrong(name, "is no day")
            return date.min

    def moment(self, name: str) -> datetime:
        """A time with its zone."""
        try:
            value = datetime.fromisoformat(self.body.get(name, ""))
        except (TypeError, ValueError):
            value = datetime.min
        if value.tzinfo is None:
            self.wrong(name, "is no time with a zone")
            return datetime.min.replace(tzinfo=UTC)
        return value

    def several(self, name: str, most: int) -> list[Any]:
        """A list of at most so many."""
        value = self.body.get(name)
        if not isinstance(value, list) or len(value) > most:
            self.wrong(name, f"is no list of at most {most}")
            return []
        return value

    def texts(self, name: str, longest: int, most: int) -> tuple[str, ...]:
        """A list of texts."""
        found = self.several(name, most)
        if not all(isinstance(one, str) and len(one) <= longest for one in found):
            self.wrong(name, "holds what is no text")
            return ()
        return tuple(found)

    def part(self, name: str) -> _Reader:
        """An object below this one."""
        return _Reader(self.body.get(name), f"{self.path}.{name}".lstrip("."), self.problems)

    def parts(self, name: str, most: int) -> list[_Reader]:
        """A list of objects below this one."""
        return [
            _Reader(one, f"{self.path}.{name}.{place}".lstrip("."), self.problems)
            for place, one in enumerate(self.several(name, most))
        ]
