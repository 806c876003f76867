"""Checklists of whether the evidence for a decision is ready: what is asked, whose it is, by when, and what
would answer it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.event import EventKind
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.toml_fields import Entry, TomlFields

KIND = "readiness"


class AnsweredFrom(Enum):
    """What answers an item: a part of the dossier, people in the record, a study that was run, an economic
    model that reproduces what it says, or somebody who stands for it."""

    DOSSIER = "dossier"
    EVENTS = "events"
    STUDY = "study"
    MODEL = "model"
    ATTESTED = "attested"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would answer an item. of: a part of the dossier, an event kind, a study, a model; least: so many
    people with that event; valid_days: how long somebody's word holds."""

    source: AnsweredFrom
    of: str = ""
    least: int = 1
    valid_days: int = 365


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One item. required: without it nothing is ready."""

    name: str
    asks: str
    owner: str
    due: date
    required: bool
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class ReadinessChecklist:
    """A checklist for a decision about the test of a dossier."""

    provenance: Provenance
    decision: str
    dossier: str
    items: tuple[ReadinessItem, ...]


def load_readiness(root: Path | None = None) -> Mapping[str, ReadinessChecklist]:
    """Every checklist by name, a site's own in place of a shipped one; raises PackError."""
    found: dict[str, ReadinessChecklist] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        try:
            found[file.provenance.name] = read_readiness(file)
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return dict(sorted(found.items()))


def read_readiness(file: RuleFile) -> ReadinessChecklist:
    """The checklist of a rule file; raises PackError with every problem."""
    path = None if file.folder is None else file.folder / file.label.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
    fields = TomlFields(file.label, text)
    top = Entry(fields, tomllib.loads(text) if text else file.document, "")
    items = tuple(_item(one) for one in top.each("item", "item", needed=True))
    names = [one.name for one in items]
    for name in {one for one in names if names.count(one) > 1}:
        top.wrong("item", f"{name} is there twice")
    made = ReadinessChecklist(file.provenance, top.text("decision"), top.text("dossier", ""), items)
    if fields.problems:
        raise PackError(fields.problems)
    return made


def _item(entry: Entry) -> ReadinessItem:
    entry.only("name", "asks", "owner", "due", "required", "from", "of", "least", "valid_days")
    due = entry.held.get("due")
    if not isinstance(due, date):
        entry.wrong("due", "must be a day such as 2027-03-31")
        due = date.min
    if not isinstance(entry.held.get("required"), bool):
        entry.wrong("required", "must be true or false")
    source = entry.term("from", AnsweredFrom, AnsweredFrom.ATTESTED)
    if "from" not in entry.held:
        entry.wrong("from", "is missing", f"one of {', '.join(one.value for one in AnsweredFrom)}")
    of = entry.text("of", "")
    if source is not AnsweredFrom.ATTESTED and not of:
        entry.wrong("of", "is missing", "say which part, event, study or model")
    if source is AnsweredFrom.EVENTS and of and of not in {one.value for one in EventKind}:
        entry.wrong("of", f"is {of!r}, which is no kind of event")
    wanted = Wanted(source, of, entry.whole("least", 1, 1), entry.whole("valid_days", 365, 1))
    required = entry.held.get("required") is True
    return ReadinessItem(entry.text("name"), entry.text("asks"), entry.text("owner"), due, required, wanted)
