"""What is tested of a security standard, group by group: by which test, by the site, or by nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import Row, parse_table

KIND = "security"
COLUMNS = ("chapter", "group", "what", "state", "tests", "note")


class State(Enum):
    """Whether a group of requirements is shown to hold. Partly: a test shows some of it, the note says what
    is missing."""

    TESTED = "tested"
    PARTLY = "partly"
    SITE = "site"
    NOT_TESTED = "not tested"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of requirements. tests: `path::name`, or `path::*` for every test of a file."""

    chapter: str
    group: str
    what: str
    state: State
    tests: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a chapter, or of all: how many groups stand how."""

    counts: Mapping[State, int]

    @property
    def applicable(self) -> int:
        """Groups that concern Bedside at all."""
        return sum(number for state, number in self.counts.items() if state is not State.NOT_APPLICABLE)

    @property
    def tested(self) -> int:
        """Groups that tests show whole."""
        return self.counts.get(State.TESTED, 0)


@dataclass(frozen=True, slots=True)
class SecurityTable:
    """The whole pack."""

    provenance: Provenance
    chapters: Mapping[str, str]
    groups: tuple[Group, ...]

    def of(self, chapter: str) -> tuple[Group, ...]:
        """The groups of a chapter."""
        return tuple(one for one in self.groups if one.chapter == chapter)

    def coverage(self, chapter: str = "") -> Coverage:
        """How a chapter stands; all of them without one."""
        return Coverage(Counter(one.state for one in self.groups if chapter in ("", one.chapter)))


def load_security_table(root: Path | None = None) -> SecurityTable:
    """The table in force; raises `PackError` with every row that does not fit."""
    *_, chosen = rule_files(KIND, root)
    return read_security_table(chosen)


def read_security_table(file: RuleFile) -> SecurityTable:
    """The table of a rule file."""
    chapters = {str(name): str(title) for name, title in file.document.get("chapters", {}).items()}
    if file.folder is None or not file.document.get("table"):
        raise file.fail("names no table")
    name = str(file.document["table"])
    problems: list[Problem] = []
    rows = parse_table(name, (file.folder / name).read_bytes(), COLUMNS, problems)
    groups = tuple(one for row in rows if (one := _group(row, chapters, problems)) is not None)
    twice = [name for name, count in Counter(one.group for one in groups).items() if count > 1]
    problems += [Problem(name, f"group {one} stands twice") for one in twice]
    seen = {one.chapter for one in groups}
    problems += [Problem(name, f"{one} has no group") for one in chapters if one not in seen]
    for example in file.document.get("example", ()):
        if State(example["state"]).value != example["counts"]:
            problems.append(Problem(name, f"an example comes out otherwise: {example['says']}"))
    if problems:
        raise PackError(problems)
    return SecurityTable(file.provenance, chapters, groups)


def _group(row: Row, chapters: Mapping[str, str], problems: list[Problem]) -> Group | None:
    tests = tuple(row["tests"].split())
    try:
        state = State(row["state"])
    except ValueError:
        problems.append(row.problem(f"state is one of {', '.join(one.value for one in State)}"))
        return None
    wrong = []
    if row["chapter"] not in chapters or not row["group"].startswith(row["chapter"].removeprefix("V") + "."):
        wrong.append("group and chapter do not fit")
    if state is State.TESTED and not tests:
        wrong.append("what is tested names its test")
    if state in (State.SITE, State.NOT_TESTED, State.NOT_APPLICABLE) and (tests or not row["note"]):
        wrong.append("what is not tested here says why, and names no test")
    if state is State.PARTLY and not row["note"] and len(tests) < 1:
        wrong.append("what is partly tested says what is missing")
    problems += [row.problem(reason) for reason in wrong]
    return None if wrong else Group(row["chapter"], row["group"], row["what"], state, tests, row["note"])
