"""Reads care pathways: one TOML file each, refused with every problem unless it has no dead end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.signal import TestKind
from bedside.knowledge.care_pathway import (
    CarePathway,
    Condition,
    End,
    Exit,
    Guard,
    ReasonCode,
    Return,
    Rung,
    Span,
    Step,
)
from bedside.knowledge.check_care_pathway import flaws, signals_of
from bedside.knowledge.provenance import RuleFile, rule_files

KIND = "pathways"
REASONS = "reasons"
SIGNALS = "signals"


def load_care_pathways(root: Path | None = None) -> Mapping[str, CarePathway]:
    """The care pathways in force by name, a site's own in place of a shipped one of the same name. Raises
    PackError with every problem of every file."""
    files = {file.provenance.name: file for file in rule_files(KIND, root)}
    if REASONS not in files:
        raise PackError([Problem(f"{KIND}/{REASONS}.toml", "no such rule file")])
    if SIGNALS not in files:
        raise PackError([Problem(f"{KIND}/{SIGNALS}.toml", "no such rule file")])
    reasons, known = _reasons(files[REASONS]), frozenset(files[SIGNALS].document["signal"])
    found: dict[str, CarePathway] = {}
    problems: list[Problem] = []
    for name, file in files.items():
        if "pathway" not in file.document:
            continue
        try:
            found[name] = read_care_pathway(file, reasons, known)
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return found


def read_care_pathway(
    file: RuleFile, reasons: Mapping[str, ReasonCode], known: frozenset[str]
) -> CarePathway:
    """The pathway of a rule file; raises PackError with everything that makes it unfit. known: the names of
    the signals that the house can hear."""
    document = file.document
    try:
        written = [_step(entry) for entry in document["step"]]
        pathway = CarePathway(
            file.provenance,
            str(document["pathway"]),
            file.provenance.title,
            str(document["calendar"]),
            _conditions(document["starts"]),
            in_order(written),
            {str(step): str(reason) for step, reason in document["goals"].items()},
            tuple(_return(entry) for entry in document.get("return", ())),
            tuple(_exit(entry, reasons) for entry in document.get("exit", ())),
            tuple(_guard(entry) for entry in document.get("guard", ())),
            tuple(map(str, document.get("binds", ()))),
            tuple(TestKind(one).value for one in document.get("of", ())),
            reasons,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise file.fail(f"not a care pathway: {said}") from error
    found = [*flaws(pathway, [step.name for step in written])]
    found += [
        f"speaks of the signal {one}, which {SIGNALS}.toml does not list"
        for one in sorted({condition.signal for condition in signals_of(pathway)} - known)
    ]
    if not document.get("example"):
        found.append("has no [[example]]")
    if found:
        raise PackError(Problem(file.label, reason) for reason in found)
    return pathway


def in_order(steps: Iterable[Step]) -> Mapping[str, Step]:
    """The steps so that none stands before what it waits for, else as written; raises ValueError for a circle
    or for a step that is not there."""
    left = {step.name: step for step in steps}
    names, found = set(left), dict[str, Step]()
    for step in left.values():
        for name in (*step.after, *step.after_any):
            if name not in names:
                raise ValueError(f"{step.name} waits for {name}, which is no step")
    while left:
        ready = [s for s in left.values() if not {*s.after, *s.after_any} & set(left)]
        if not ready:
            raise ValueError(f"{', '.join(sorted(left))} wait for one another")
        found |= {ready[0].name: left.pop(ready[0].name)}
    return found


def span(entry: Mapping[str, Any], prefix: str = "") -> Span:
    """`hours`, `days` or `working_days`, after a prefix; exactly one of them, and more than none."""
    said = {
        name: entry[prefix + name] for name in ("hours", "days", "working_days") if prefix + name in entry
    }
    if len(said) != 1:
        raise ValueError(f"{entry.get('name', entry)} says {prefix}time in {len(said)} ways, not in one")
    ((name, value),) = said.items()
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"{entry.get('name', entry)}: {prefix}{name} must be a number above 0")
    if name == "hours":
        return Span(hours=float(value))
    return Span(days=int(value)) if name == "days" else Span(working_days=int(value))


def conditions(entries: Any) -> tuple[Condition, ...]:
    """Conditions as written: a signal's name, or a table of its name and the attributes asked for."""
    return _conditions(entries)


def _conditions(entries: Any) -> tuple[Condition, ...]:
    if not isinstance(entries, list):
        raise ValueError(f"{entries!r} is no list of signals")
    return tuple(_condition(entry) for entry in entries)


def _condition(entry: Any) -> Condition:
    if isinstance(entry, str):
        return Condition(entry)
    asked = {key: value for key, value in entry.items() if key != "signal"}
    return Condition(
        str(entry["signal"]),
        tuple((key, _values(value)) for key, value in sorted(asked.items())),
    )


def _values(value: Any) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def _step(entry: Mapping[str, Any]) -> Step:
    return Step(
        str(entry["name"]),
        str(entry["title"]),
        str(entry["owner"]),
        str(entry["action"]),
        span(entry, "due_in_"),
        tuple(_rungs(entry)),
        tuple(entry.get("after", ())),
        tuple(entry.get("after_any", ())),
        _conditions(entry["done_by"]),
        _conditions(entry.get("not_needed_by", [])),
        bool(entry.get("on_call", False)),
        str(entry.get("draft", "")),
    )


def _rungs(entry: Mapping[str, Any]) -> Iterator[Rung]:
    for rung in entry.get("escalate", ()):
        yield Rung(span(rung, "after_"), str(rung["to"]))


def _return(entry: Mapping[str, Any]) -> Return:
    return Return(
        str(entry["name"]),
        _conditions(entry["on"]),
        tuple(entry["opens"]),
        int(entry["at_most"]),
        str(entry["beyond"]),
        frozenset(entry.get("keeps", ())),
        bool(entry.get("after_end", False)),
    )


def _exit(entry: Mapping[str, Any], reasons: Mapping[str, ReasonCode]) -> Exit:
    given = frozenset(map(str, entry.get("reasons", ())))
    return Exit(
        str(entry["name"]),
        _conditions(entry["on"]),
        str(entry.get("reason", "")),
        given,
        _conditions(entry.get("revoked_by", [])),
    )


def _guard(entry: Mapping[str, Any]) -> Guard:
    rung = entry.get("escalate")
    return Guard(
        str(entry["name"]),
        str(entry["title"]),
        str(entry["owner"]),
        str(entry["action"]),
        span(entry, "due_in_"),
        None if rung is None else Rung(span(rung, "after_"), str(rung["to"])),
        _conditions(entry.get("on", [])),
        str(entry.get("step", "")),
        span(entry, "open_for_") if "step" in entry else None,
        tuple(entry.get("before", ())),
        tuple(entry.get("after", ())),
        _conditions(entry.get("unless", [])),
    )


def _reasons(file: RuleFile) -> Mapping[str, ReasonCode]:
    try:
        return {
            str(code): ReasonCode(
                str(code), str(entry["title"]), End(entry["end"]), bool(entry.get("censors", False))
            )
            for code, entry in file.document["reason"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"not a list of coded reasons: {error}") from error


@dataclass(frozen=True, slots=True)
class SignalWord:
    """A signal that the house can hear: what it says, and the attributes it may carry."""

    name: str
    title: str
    attributes: tuple[str, ...]


def load_signal_words(root: Path | None = None) -> Mapping[str, SignalWord]:
    """The vocabulary of signals by name; raises PackError."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == SIGNALS]
    if not files:
        raise PackError([Problem(f"{KIND}/{SIGNALS}.toml", "no such rule file")])
    try:
        return {
            str(name): SignalWord(str(name), str(entry["title"]), tuple(entry["attributes"]))
            for name, entry in files[-1].document["signal"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise files[-1].fail(f"not a vocabulary of signals: {error}") from error


def load_therapy_classes(root: Path | None = None) -> Mapping[str, str]:
    """Of drugs by RxNorm ingredient, the class that conditions ask for; PackError for a drug in two."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == "therapy_classes"]
    if not files:
        raise PackError([Problem(f"{KIND}/therapy_classes.toml", "no such rule file")])
    found: dict[str, str] = {}
    for name, drugs in files[-1].document.get("class", {}).items():
        for code in drugs:
            if found.setdefault(str(code), str(name)) != name:
                raise files[-1].fail(f"{code} is in two classes")
    return found


def load_specimen_kinds(root: Path | None = None) -> Mapping[str, str]:
    """HL7 specimen types as the kinds that conditions ask for; raises PackError."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == SIGNALS]
    if not files:
        raise PackError([Problem(f"{KIND}/{SIGNALS}.toml", "no such rule file")])
    return {str(code): str(kind) for code, kind in files[-1].document.get("specimen_kinds", {}).items()}
