"""The programmes whose account is drawn from the record: who belongs to each, and what its lines are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.event import EventKind
from bedside.genome.nicu import CostKind
from bedside.knowledge.economic_model_file import KIND
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.toml_fields import Entry, TomlFields

NAME = "programmes"


class Drawn(Enum):
    """Where a line's amounts come from: what people entered, the price of tests that were ordered, a unit
    cost for each of some tasks, or nothing that is measured (which leaves it not known)."""

    OUTCOMES = "outcomes"
    ORDERS = "orders"
    TASKS = "tasks"
    NOT_MEASURED = "not-measured"


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """One line. avoided: whether it is care that was avoided. kinds: of cost lines on an outcome form;
    tasks: of that kind; unit: the unit cost of each."""

    name: str
    title: str
    avoided: bool
    drawn: Drawn
    kinds: tuple[CostKind, ...]
    tasks: str
    unit: str


@dataclass(frozen=True, slots=True)
class ProgrammeDefinition:
    """A programme: people with an order of one of `tests` (not cancelled) or an event of one of `events`."""

    name: str
    title: str
    tests: tuple[str, ...]
    events: tuple[EventKind, ...]
    lines: tuple[ProgrammeLine, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programmes:
    """All of them by name."""

    provenance: Provenance
    by_name: Mapping[str, ProgrammeDefinition]


def load_programmes(root: Path | None = None) -> Programmes:
    """The programmes in force; a site's own file replaces the shipped one. Raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not found:
        raise PackError([Problem(NAME, "no programmes are at hand")])
    file = found[-1]
    path = None if file.folder is None else file.folder / file.label.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
    fields = TomlFields(file.label, text)
    top = Entry(fields, file.document, "")
    made = {}
    for entry in top.each("programme", "programme", needed=True):
        one = _programme(entry)
        made[one.name] = one
    if fields.problems:
        raise PackError(fields.problems)
    return Programmes(file.provenance, made)


def _programme(entry: Entry) -> ProgrammeDefinition:
    entry.only("name", "title", "tests", "events", "line", "caveats")
    kinds = {one.value: one for one in EventKind}
    events = entry.texts("events")
    for name in events:
        if name not in kinds:
            entry.wrong("events", f"name {name!r}, which is no kind of event")
    return ProgrammeDefinition(
        entry.text("name"),
        entry.text("title"),
        entry.texts("tests"),
        tuple(kinds[name] for name in events if name in kinds),
        tuple(_line(one) for one in entry.each("line", f"{entry.words}line", needed=True)),
        entry.texts("caveats"),
    )


def _line(entry: Entry) -> ProgrammeLine:
    entry.only("name", "title", "side", "from", "kinds", "tasks", "unit")
    if entry.held.get("side") not in ("spent", "avoided"):
        entry.wrong("side", "must be spent or avoided")
    drawn = entry.term("from", Drawn, Drawn.NOT_MEASURED)
    kinds = {one.value: one for one in CostKind}
    said = entry.texts("kinds")
    for name in said:
        if name not in kinds:
            entry.wrong("kinds", f"name {name!r}", f"one of {', '.join(kinds)}")
    if drawn is Drawn.OUTCOMES and not said:
        entry.wrong("kinds", "is missing", f"one of {', '.join(kinds)}")
    if drawn is Drawn.TASKS:
        entry.text("tasks")
        entry.text("unit")
    return ProgrammeLine(
        entry.text("name"),
        entry.text("title"),
        entry.held.get("side") == "avoided",
        drawn,
        tuple(kinds[name] for name in said if name in kinds),
        entry.text("tasks", ""),
        entry.text("unit", ""),
    )
