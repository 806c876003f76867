"""Reads measures: one TOML file each, refused with every problem at once when it cannot be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from bedside.errors import PackError, Problem
from bedside.genome.event import EventKind
from bedside.knowledge.measure import (
    WHOLE,
    Direction,
    Lead,
    Measure,
    MeasureKind,
    Pattern,
    Prevails,
    Shape,
    State,
    Story,
)
from bedside.knowledge.provenance import RuleFile, rule_files

KIND = "measures"
STORIES = ("positive", "negative", "unknown")
_OTHERWISE = {"waiting": State.WAITING, "failed": State.FAILED, "unknown": State.UNKNOWN}
_NEEDS = {
    Shape.INTERVAL: ("counted", "met"),
    Shape.SHARE: ("counted",),
    Shape.RATE: ("counted", "against"),
    Shape.DISTRIBUTION: ("counted", "value"),
    Shape.NO_EVENT: ("missing",),
}
_WORDS = ("version", "unit", "counts", "numerator", "excludes")
_LISTS = ("counted", "met", "failed", "ended", "against")
_FIELDS = frozenset(
    {"measure", "lead", "shape", "direction", "known", "within_hours", "deadline", "otherwise", "prevails"}
    | {"latest", "value", "per", "missing", "example", *_WORDS, *_LISTS}
)
_HEADER = frozenset(
    {"kind", "name", "title", "owner", "licence", "source", "retrieved", "review_due", "review_state"}
    | {"evidence_level", "approval"}
)
_PATTERN = frozenset({"event", "signal", "where", "each", "key", "of", "by_person", "reason"})

E = TypeVar("E", bound=Enum)


def load_measures(root: Path | None = None) -> Mapping[str, Measure]:
    """Every measure by name, a site's own in place of the shipped one of the same name; raises PackError."""
    found: dict[str, Measure] = {}
    for file in rule_files(KIND, root):
        one = read_measure(file)
        found[one.name] = one
    return dict(sorted(found.items()))


def read_measure(file: RuleFile) -> Measure:
    """The measure in a rule file; raises PackError with every problem."""
    held, problems = file.document, list[Problem]()

    def wrong(reason: str, remedy: str | None = None) -> None:
        problems.append(Problem(file.label, reason, remedy=remedy))

    lists = {name: _patterns(held.get(name, ()), name, wrong) for name in _LISTS}
    shape = _word(Shape, held.get("shape"), "shape", wrong) or Shape.NO_EVENT
    stories = tuple(_story(one, wrong) for one in held.get("example", ()))
    _check(held, shape, stories, wrong)
    measure = Measure(
        provenance=file.provenance,
        version=str(held.get("version", "")),
        kind=_word(MeasureKind, held.get("measure"), "measure", wrong) or MeasureKind.PROCESS,
        lead=_word(Lead, held.get("lead"), "lead", wrong) or Lead.LAGGING,
        shape=shape,
        unit=str(held.get("unit", "")),
        direction=_word(Direction, held.get("direction"), "direction", wrong) or Direction.NEITHER,
        counts=str(held.get("counts", "")),
        numerator=str(held.get("numerator", "")),
        excludes=str(held.get("excludes", "")),
        counted=lists["counted"],
        met=lists["met"],
        failed=lists["failed"],
        ended=lists["ended"],
        against=lists["against"],
        known=tuple(held.get("known", ())),
        within_hours=None if held.get("within_hours") is None else float(held["within_hours"]),
        deadline=str(held.get("deadline", "")),
        otherwise=_OTHERWISE.get(str(held.get("otherwise", _usual(held))), State.WAITING),
        prevails=_word(Prevails, held.get("prevails", "first"), "prevails", wrong) or Prevails.FIRST,
        latest=bool(held.get("latest", False)),
        value=str(held.get("value", "")),
        per=int(held.get("per", 100)),
        missing=str(held.get("missing", "")),
        examples=stories,
    )
    if problems:
        raise PackError(problems)
    return measure


def _check(held: Mapping[str, Any], shape: Shape, stories: tuple[Story, ...], wrong: Any) -> None:
    """Tell what a file says that no measure can say, and what it leaves out."""
    for name in sorted(set(held) - _FIELDS - _HEADER):
        wrong(f"{name} is no word of a measure")
    for name in (one for one in _WORDS if not held.get(one)):
        wrong(f"{name} is missing", f'add {name} = "…"')
    for name in (one for one in _NEEDS[shape] if not held.get(one)):
        wrong(f"a measure told as {shape.value} says {name}")
    if shape is Shape.SHARE and not held.get("met"):
        wrong("a share says what is met")
    if shape is not Shape.NO_EVENT and {one.kind for one in stories} != set(STORIES):
        wrong(f"has no example of each of {', '.join(STORIES)}", "add [[example]]s")
    if str(held.get("otherwise", "waiting")) not in _OTHERWISE:
        wrong(f"otherwise is one of {', '.join(_OTHERWISE)}")


def _usual(held: Mapping[str, Any]) -> str:
    """What nothing settled in time is, where the file does not say."""
    return "failed" if held.get("within_hours") is not None or held.get("deadline") else "waiting"


def _word(words: type[E], said: object, name: str, wrong: Any) -> E | None:
    try:
        return words(said)
    except ValueError:
        wrong(f"{name} is {said!r}", f"one of {', '.join(str(one.value) for one in words)}")
        return None


def _patterns(entries: Any, name: str, wrong: Any) -> tuple[Pattern, ...]:
    found = []
    for entry in entries:
        where = {path: _either(said) for path, said in entry.get("where", {}).items()}
        said = entry.get("event")
        if "signal" in entry:
            said, where = EventKind.SIGNAL_RECORDED.value, {"signal": _either(entry["signal"]), **where}
        kind = _word(EventKind, said, f"event of {name}", wrong)
        for extra in sorted(set(entry) - _PATTERN):
            wrong(f"{extra} is no word of a pattern ({name})")
        if kind is None:
            continue
        found.append(
            Pattern(
                kind,
                where,
                str(entry.get("each", "")),
                str(entry.get("key", "")),
                str(entry.get("of", "")),
                bool(entry.get("by_person", False)),
                str(entry.get("reason", "")),
            )
        )
        if any(one.startswith(WHOLE) for one in where) and not found[-1].each:
            wrong(f"{WHOLE} leads from an entry of a list to its event ({name})", "say each, or leave it out")
        if name in ("met", "failed", "ended") and not found[-1].key and not found[-1].by_person:
            wrong(f"a pattern of {name} says by what it is linked (key, or by_person)")
        if name == "ended" and not found[-1].reason:
            wrong("a pattern of ended says its reason")
    return tuple(found)


def _either(said: object) -> tuple[str, ...]:
    return tuple(str(one) for one in said) if isinstance(said, list) else (str(said),)


def _story(entry: Mapping[str, Any], wrong: Any) -> Story:
    at = entry.get("at")
    if not isinstance(at, datetime):
        wrong("an example says at, a moment such as 2026-03-10T00:00:00Z")
        at = datetime(1970, 1, 1, tzinfo=UTC)
    if entry.get("kind") not in STORIES:
        wrong(f"an example is of a kind: one of {', '.join(STORIES)}")
    if not entry.get("expect"):
        wrong("an example says what it expects")
    return Story(
        str(entry.get("title", "")),
        str(entry.get("kind", "")),
        at,
        tuple(entry.get("events", ())),
        dict(entry.get("expect", {})),
    )
