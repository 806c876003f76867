"""Reads clinical trials in the clinical trial markup language (CTML): JSON or YAML, one trial or a list
of them.

A trial is steps, arms and dose levels; each may have a tree of criteria joined by `and`, `or` and `!`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError, PackError, Problem
from bedside.knowledge.provenance import rule_files

MOST_BYTES = 20_000_000
OPEN = frozenset({"open to accrual", "open", "recruiting", "enrolling by invitation"})
DATES = ("_updated", "last_updated", "curated_on")


@dataclass(frozen=True, slots=True)
class Genomic:
    """A criterion about findings, as its fields were written."""

    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Clinical:
    """A criterion about the person or the tumour type, as its fields were written."""

    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    criteria: tuple[Criterion, ...]


Criterion = Genomic | Clinical | Every | Either


@dataclass(frozen=True, slots=True)
class Arm:
    """A place in a trial where somebody can be: step, arm or dose level. open: whether it takes people
    now."""

    level: str
    code: str
    title: str
    open: bool
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial. as_of: when what we hold of it was last brought up to date; None where the file does
    not say."""

    name: str
    title: str
    phase: str
    open: bool
    as_of: date | None
    arms: tuple[Arm, ...]
    file: str


def read_trials(folder: Path) -> tuple[Trial, ...]:
    """Every trial of a folder (or a file). Raises IntakeError with every problem; then none is used."""
    paths = [folder] if folder.is_file() else sorted(_trial_files(folder))
    if not paths:
        raise IntakeError.one(folder.name, "holds no trial", remedy="files ending in .json, .yml or .yaml")
    problems: list[Problem] = []
    found: list[Trial] = []
    for path in paths:
        for document in _documents(path, problems):
            if not (isinstance(document, dict) and _is_trial(document)):
                problems.append(
                    Problem(path.name, "is no trial: it has neither a number nor a treatment_list")
                )
                continue
            try:
                found.append(_trial(path.name, document))
            except (KeyError, TypeError, ValueError) as error:
                problems.append(Problem(path.name, f"cannot be read as CTML: {error}"))
    if problems:
        raise IntakeError(problems)
    return tuple(found)


def _trial_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.suffix in (".json", ".yml", ".yaml"):
            yield path


def _documents(path: Path, problems: list[Problem]) -> list[Any]:
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise ValueError("is larger than is read here")
        read = _yaml(content) if path.suffix in (".yml", ".yaml") else json.loads(content)
    except (OSError, ValueError) as error:
        problems.append(Problem(path.name, f"cannot be read: {error}"[:200]))
        return []
    return read if isinstance(read, list) else [read]


def _yaml(content: bytes) -> Any:
    import yaml

    if content.count(b"&") + content.count(b"*") > 1000:
        raise ValueError("has more anchors than a trial needs")
    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(f"is no YAML: {error}") from error


def _is_trial(document: Mapping[str, Any]) -> bool:
    return bool(document.get("nct_id") or document.get("protocol_no") or document.get("treatment_list"))


def _trial(file: str, document: Mapping[str, Any]) -> Trial:
    name = str(document.get("nct_id") or document.get("protocol_no") or Path(file).stem)
    return Trial(
        name,
        str(document.get("short_title") or document.get("long_title") or ""),
        str(document.get("phase") or ""),
        _status(document) in OPEN,
        _date(document),
        tuple(_arms(name, document)),
        file,
    )


def _status(document: Mapping[str, Any]) -> str:
    said = document.get("status") or (document.get("_summary") or {}).get("status") or ""
    if isinstance(said, list):
        said = said[0].get("value", "") if said and isinstance(said[0], dict) else ""
    return str(said).strip().casefold()


def _date(document: Mapping[str, Any]) -> date | None:
    for name in DATES:
        text = document.get(name)
        if isinstance(text, dict):
            text = text.get("$date")
        if isinstance(text, date):
            return date(text.year, text.month, text.day)
        if isinstance(text, str):
            for form in (text[:10], " ".join(text.split()[:3])):
                try:
                    return date.fromisoformat(form)
                except ValueError:
                    continue
    return None


def _arms(name: str, document: Mapping[str, Any]) -> Iterator[Arm]:
    yield from _arm("trial", document, name, True)
    for number, step in enumerate((document.get("treatment_list") or {}).get("step") or (), 1):
        code = str(step.get("step_code") or number)
        yield from _arm("step", step, code, True)
        for arm in step.get("arm") or ():
            code = str(arm.get("arm_code") or arm.get("arm_internal_id") or "")
            open_arm = str(arm.get("arm_suspended", "N")).upper() != "Y"
            yield from _arm("arm", arm, code, open_arm)
            for dose in arm.get("dose_level") or ():
                taken = str(dose.get("level_suspended", "N")).upper() == "Y"
                yield from _arm("dose", dose, f"{code}/{dose.get('level_code', '')}", open_arm and not taken)


def _arm(level: str, part: Mapping[str, Any], code: str, is_open: bool) -> Iterator[Arm]:
    if part.get("match"):
        title = str(
            part.get("arm_description") or part.get("level_description") or part.get("short_title") or ""
        )
        yield Arm(level, code, title, is_open, criterion_of(part["match"]))


def criterion_of(node: Any) -> Criterion:
    """The criteria of a `match`: a list is all of its members; raises ValueError for what is no criterion."""
    if isinstance(node, list):
        parts = tuple(criterion_of(one) for one in node)
        if not parts:
            raise ValueError("a list of criteria is empty")
        return parts[0] if len(parts) == 1 else Every(parts)
    if not isinstance(node, dict) or not node:
        raise ValueError(f"{str(node)[:40]!r} is no criterion")
    parts = tuple(_part(str(key), value) for key, value in node.items())
    return parts[0] if len(parts) == 1 else Every(parts)


def _part(key: str, value: Any) -> Criterion:
    match key:
        case "and":
            return Every(tuple(criterion_of(one) for one in value))
        case "or":
            return Either(tuple(criterion_of(one) for one in value))
        case "genomic":
            return Genomic(_asked(value))
        case "clinical":
            return Clinical(_asked(value))
        case _:
            raise ValueError(f"{key!r} is neither and, or, genomic nor clinical")


def _asked(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not value:
        raise ValueError("a criterion asks for nothing")
    found = []
    for key, said in value.items():
        words = "|".join(str(one) for one in said) if isinstance(said, list) else str(said)
        found.append((str(key).casefold(), words))
    return tuple(sorted(found))


def load_most_days(root: Path | None = None) -> int:
    """How many days old what we hold of a trial may be; raises PackError."""
    files = [file for file in rule_files("therapies", root) if file.provenance.name == "trials"]
    if not files:
        raise PackError([Problem("therapies/trials.toml", "no such rule file")])
    days = files[-1].document.get("most_days")
    if not isinstance(days, int) or days < 1:
        raise files[-1].fail("most_days must be a whole number from 1 upwards")
    return days


def refuse_stale(trials: Sequence[Trial], on: date, most_days: int) -> None:
    """Raises IntakeError naming every trial that does not say when it was brought up to date, or was not
    lately: a trial that has closed meanwhile must not be offered."""
    problems = []
    for one in trials:
        if one.as_of is None:
            said = "does not say when it was last brought up to date"
            problems.append(Problem(one.file, f"{one.name} {said}", remedy=f"add {DATES[1]}"))
        elif (on - one.as_of).days > most_days:
            said = f"{one.name} is as of {one.as_of}, more than {most_days} days before {on}"
            problems.append(Problem(one.file, said, remedy="fetch the trials again"))
    if problems:
        raise IntakeError(problems)
