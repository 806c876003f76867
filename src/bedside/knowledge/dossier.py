"""An evidence dossier of a test for an indication: who, what, instead of what, to which end; what is shown
and how surely; how far it can be acted on; sources, gaps and who closes them.

The fields follow ACCE (four domains), EGAPP (certainty, recommendation), PICOTS and ClinGen's actionability.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.toml_fields import Entry, TomlFields

KIND = "dossiers"
PICOTS = ("population", "intervention", "comparator", "outcomes", "timing", "setting")
SCORED = ("severity", "likelihood", "effectiveness", "nature")
"""What of an outcome and its intervention is scored 0 to 3, each with a letter of evidence A to E."""


class Domain(Enum):
    """The four domains of ACCE."""

    ANALYTIC = "analytic-validity"
    CLINICAL = "clinical-validity"
    UTILITY = "clinical-utility"
    ETHICAL = "ethical-legal-social"


class Certainty(Enum):
    """How sure the evidence of a question makes one, in EGAPP's grades; NOT_ASSESSED is not the lowest."""

    CONVINCING = "convincing"
    ADEQUATE = "adequate"
    INADEQUATE = "inadequate"
    NOT_ASSESSED = "not-assessed"


@dataclass(frozen=True, slots=True)
class Source:
    """A source by its short name. read: how much of it was read."""

    name: str
    citation: str
    read: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a domain. answer: "" is open."""

    domain: Domain
    asks: str
    answer: str
    certainty: Certainty
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """An outcome and what is done about it. scores: by SCORED, value and letter; what is missing was not
    scored."""

    outcome: str
    intervention: str
    scores: Mapping[str, tuple[int, str]]

    @property
    def total(self) -> int | None:
        """0 to 12; None unless all four were scored."""
        if set(self.scores) != set(SCORED):
            return None
        return sum(value for value, _ in self.scores.values())


@dataclass(frozen=True, slots=True)
class Trial:
    """Counts of a trial: events of people, treated and not. confirmed: at the source. control_for: the trial
    of which this one is the whole, so that the rest of it is a negative control; "" for none."""

    name: str
    title: str
    treated: tuple[int, int]
    control: tuple[int, int]
    confirmed: bool
    source: str
    whole_of: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known, who closes it, by when, and how one will see that it is closed."""

    name: str
    what: str
    owner: str
    due: date
    closes: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A whole dossier. picots: by PICOTS, "" where nothing is said. models: economic models by name. net,
    recommendation: certainty of net benefit, and what follows; "" is open."""

    provenance: Provenance
    test: str
    indication: str
    picots: Mapping[str, str]
    questions: tuple[Question, ...]
    scored: tuple[Scored, ...]
    trials: tuple[Trial, ...]
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...]
    models: tuple[str, ...]
    caveats: tuple[str, ...]
    net: str
    recommendation: str


def load_dossiers(root: Path | None = None) -> Mapping[str, Dossier]:
    """Every dossier by name, a site's own in place of a shipped one; raises PackError with every problem."""
    found: dict[str, Dossier] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        try:
            found[file.provenance.name] = read_dossier(file)
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return dict(sorted(found.items()))


def read_dossier(file: RuleFile) -> Dossier:
    """The dossier of a rule file; raises PackError with every problem."""
    path = None if file.folder is None else file.folder / file.label.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
    fields = TomlFields(file.label, text)
    top = Entry(fields, file.document if not text else tomllib.loads(text), "")
    picots = top.part("picots") or Entry(fields, {}, "picots")
    picots.only(*PICOTS)
    made = Dossier(
        provenance=file.provenance,
        test=top.text("test"),
        indication=top.text("indication"),
        picots={name: picots.text(name, "") for name in PICOTS},
        questions=tuple(_question(one) for one in top.each("question", "question")),
        scored=tuple(_scored(one) for one in top.each("outcome", "outcome")),
        trials=tuple(_trial(one) for one in top.each("trial", "trial")),
        sources=tuple(_source(one) for one in top.each("evidence", "source")),
        gaps=tuple(_gap(one) for one in top.each("gap", "gap")),
        models=top.texts("models"),
        caveats=top.texts("caveats"),
        net=top.text("net", ""),
        recommendation=top.text("recommendation", ""),
    )
    known = {one.name for one in made.sources}
    for number, question in enumerate(made.questions):
        entry = Entry(fields, {}, "question", number, f"question {number + 1}: ")
        for name in question.sources:
            if name not in known:
                entry.wrong("sources", f"name {name!r}", "add an [[evidence]] of that name")
        if question.answer and not question.sources:
            entry.wrong("answer", "stands without a source", "name one, or leave the question open")
    trials = {one.name for one in made.trials}
    for number, trial in enumerate(made.trials):
        entry = Entry(fields, {}, "trial", number, f"trial {trial.name}: ")
        if trial.whole_of and trial.whole_of not in trials:
            entry.wrong("whole_of", f"is {trial.whole_of!r}, which is no trial here")
        if trial.source not in known:
            entry.wrong("source", f"is {trial.source!r}", "add an [[evidence]] of that name")
    if fields.problems:
        raise PackError(fields.problems)
    return made


def _question(entry: Entry) -> Question:
    entry.only("domain", "asks", "answer", "certainty", "sources")
    return Question(
        entry.term("domain", Domain, Domain.ANALYTIC),
        entry.text("asks"),
        entry.text("answer", ""),
        entry.term("certainty", Certainty, Certainty.NOT_ASSESSED),
        entry.texts("sources"),
    )


def _scored(entry: Entry) -> Scored:
    entry.only("outcome", "intervention", *SCORED)
    scores = {}
    for name in SCORED:
        said = entry.held.get(name)
        if said is None:
            continue
        right = isinstance(said, list) and len(said) == 2 and said[0] in (0, 1, 2, 3)
        if not right or said[1] not in ("A", "B", "C", "D", "E"):
            entry.wrong(name, "must be a score and a letter", 'such as [2, "B"]: 0 to 3, A to E')
            continue
        scores[name] = (int(said[0]), str(said[1]))
    return Scored(entry.text("outcome"), entry.text("intervention"), scores)


def _trial(entry: Entry) -> Trial:
    entry.only("name", "title", "treated", "control", "confirmed", "source", "whole_of")
    counts = []
    for name in ("treated", "control"):
        said = entry.numbers(name)
        if len(said) != 2 or not 0 <= said[0] <= said[1] or said[1] < 1:
            entry.wrong(name, "must be [events, people]")
            said = (0.0, 1.0)
        counts.append((int(said[0]), int(said[1])))
    return Trial(
        entry.text("name"),
        entry.text("title"),
        counts[0],
        counts[1],
        entry.held.get("confirmed") is True,
        entry.text("source"),
        entry.text("whole_of", ""),
    )


def _source(entry: Entry) -> Source:
    entry.only("name", "citation", "read")
    return Source(entry.text("name"), entry.text("citation"), entry.text("read"))


def _gap(entry: Entry) -> Gap:
    entry.only("name", "what", "owner", "due", "closes")
    due = entry.held.get("due")
    if not isinstance(due, date):
        entry.wrong("due", "must be a day such as 2027-03-31")
        due = date.min
    return Gap(entry.text("name"), entry.text("what"), entry.text("owner"), due, entry.text("closes"))
