"""Reads the fields of a TOML file one by one and gathers everything that is wrong, each with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import Any, TypeVar

from bedside.errors import Problem
from bedside.knowledge.expression import Expression, Number, parse_expression

Term = TypeVar("Term", bound=Enum)
MISSING = "add it; nothing is assumed"


@dataclass(slots=True)
class TomlFields:
    """The file's name and text, and what was found wrong in it so far."""

    label: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    def line(self, table: str, number: int = 0, name: str = "") -> int | None:
        """The line of the number-th `[[table]]` (or of `[table]`; "" is the top), or of a field in it."""
        lines = self.text.splitlines()
        heads = [i for i, one in enumerate(lines) if one.strip() in (f"[[{table}]]", f"[{table}]")]
        if table and number >= len(heads):
            return None
        first = heads[number] if table else -1
        after = [i for i, one in enumerate(lines) if i > first and one.startswith("[")]
        for at in range(first + 1, after[0] if after else len(lines)):
            if name and lines[at].split("=")[0].strip() == name:
                return at + 1
        return first + 1 if table else None

    def wrong(self, entry: Entry, name: str, reason: str, remedy: str | None = None) -> None:
        """Note that a field of an entry is wrong."""
        line = self.line(entry.table, entry.number, name)
        self.problems.append(Problem(self.label, f"{entry.words}{name} {reason}", line, remedy))


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the file. words: how a problem calls it."""

    fields: TomlFields
    held: Mapping[str, Any]
    table: str
    number: int = 0
    words: str = ""

    def wrong(self, name: str, reason: str, remedy: str | None = None) -> None:
        """Note that a field here is wrong."""
        self.fields.wrong(self, name, reason, remedy)

    def text(self, name: str, default: str | None = None) -> str:
        """A line of text; "" where it is missing or wrong, which is noted."""
        value = self.held.get(name, default)
        if value is None:
            self.wrong(name, "is missing", MISSING)
            return ""
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(name, "must be a text")
            return ""
        return value

    def number_of(
        self,
        name: str,
        default: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> float:
        """A number in its range; 0 where it is missing or wrong, which is noted."""
        value = self.held.get(name, default)
        if value is None:
            self.wrong(name, "is missing", MISSING)
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.wrong(name, "must be a number")
            return 0.0
        if (low is not None and value < low) or (high is not None and value > high):
            upper = "upwards" if high is None else f"to {high:g}"
            self.wrong(name, f"is {value:g}, outside {'-∞' if low is None else f'{low:g}'} {upper}")
        return float(value)

    def whole(self, name: str, default: int | None = None, low: int = 0) -> int:
        """A whole number from `low`; 0 where it is missing or wrong, which is noted."""
        value = self.number_of(name, default, low)
        if value != int(value):
            self.wrong(name, "must be a whole number")
        return int(value)

    def term(self, name: str, vocabulary: type[Term], default: Term) -> Term:
        """A word of a closed list; the default where it is wrong, which is noted."""
        try:
            return vocabulary(self.held.get(name, default.value))
        except ValueError:
            known = ", ".join(str(one.value) for one in vocabulary)
            self.wrong(name, f"is {self.held.get(name)!r}", f"one of {known}")
            return default

    def expression(self, name: str, default: float | None = None) -> Expression:
        """A sum of names; 0 where it is missing or wrong, which is noted."""
        value = self.held.get(name, default)
        if value is None:
            self.wrong(name, "is missing", MISSING)
            return Number(0.0)
        return self.expression_of(name, value)

    def expression_of(self, name: str, value: object) -> Expression:
        """The same for a value that stands in a list."""
        try:
            return parse_expression(value)
        except ValueError as error:
            self.wrong(name, str(error))
            return Number(0.0)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, () where there is none."""
        value = self.held.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(name, "must be a list of texts")
            return ()
        return tuple(value)

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers, () where there is none."""
        value = self.held.get(name, [])
        ok = isinstance(value, list) and all(
            isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) for one in value
        )
        if not ok:
            self.wrong(name, "must be a list of numbers")
            return ()
        return tuple(float(one) for one in value)

    def each(self, name: str, words: str, *, needed: bool = False) -> Sequence[Entry]:
        """The entries of `[[name]]`."""
        held = self.held.get(name, [])
        table = f"{self.table}.{name}" if self.table else name
        if not isinstance(held, list) or not all(isinstance(one, dict) for one in held):
            self.wrong(name, f"must be a list of [[{table}]]")
            return ()
        if needed and not held:
            self.wrong(name, "is missing", f"add a [[{table}]]")
        return [
            Entry(self.fields, one, table, number, f"{words} {one.get('name', number + 1)}: ")
            for number, one in enumerate(held)
        ]

    def part(self, name: str) -> Entry | None:
        """The entry of `[name]`; None where there is none."""
        held = self.held.get(name)
        if held is None:
            return None
        if not isinstance(held, dict):
            self.wrong(name, f"must be a [{name}]")
            return None
        return Entry(self.fields, held, name, 0, f"{name}: ")

    def only(self, *names: str) -> None:
        """Note every field that is not known: a slip of the pen must not be lost."""
        for name in self.held:
            if name not in names:
                self.wrong(name, "is not known here", f"one of {', '.join(names)}")
