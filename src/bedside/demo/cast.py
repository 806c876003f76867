"""What the made-up health system is made of: its names, care, laboratories, and the people to meet first.

Everything is read from the TOML files beside this module, so that a site can make its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bedside.genome.code import System
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import AncestryGroup

FOLDER = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Names:
    """Given names by sex and family names; the latter all mean "example" in some language."""

    given: Mapping[Sex, tuple[str, ...]]
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A problem: its code (ICD-10-CM mostly), our words for it, who may have it, and what they then take."""

    code: str
    words: str
    youngest: int
    oldest: int
    share: float
    medicines: Mapping[str, float]
    sex: Sex | None = None
    system: System = System.ICD10CM


@dataclass(frozen=True, slots=True)
class Care:
    """Shares of ancestry groups and sites, words and languages by group, and the conditions."""

    groups: Mapping[AncestryGroup, float]
    ancestry: Mapping[AncestryGroup, str]
    languages: Mapping[AncestryGroup, tuple[str, ...]]
    sites: Mapping[str, float]
    conditions: tuple[Condition, ...]

    def condition(self, code: str) -> Condition:
        """The condition with this code; KeyError when there is none."""
        return {condition.code: condition for condition in self.conditions}[code]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A made-up laboratory: which share of people it tests, and how it writes what it found.

    form: `vcf`, `gvcf` or `calls`. genes: those it reports, empty for all that have frequencies. batch:
    people in a file.
    """

    key: str
    name: str
    share: float
    build: Build
    form: str
    phased: bool
    batch: int
    first_day: date
    days_between: int
    genes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A result that came before: which laboratory, when, and how it differs from the later one.

    overlooked: positions it reports as reference though they are changed. leave_out: not looked at.
    """

    laboratory: str
    day: date
    overlooked: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast. `outside` maps a gene to a diplotype, or to allele → positive or negative."""

    role: str
    story: str
    group: AncestryGroup
    sex: Sex
    age: int
    laboratory: str
    problems: tuple[str, ...]
    medicines: tuple[str, ...]
    planned: tuple[str, ...] = ()
    order_sets: tuple[str, ...] = ()
    carries: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    placed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    outside: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()
    fail: frozenset[str] = frozenset()
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What was answered to the cards of a role's planned orders, and what was done about its tasks."""

    role: str
    outcome: str
    reason: str = ""
    comment: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that the made-up health system is made of."""

    names: Names
    care: Care
    laboratories: tuple[Laboratory, ...]
    outside: Mapping[str, float]
    cast: tuple[Member, ...]
    answers: tuple[CardAnswer, ...]

    def laboratory(self, key: str) -> Laboratory:
        """The laboratory with this key; KeyError when there is none."""
        return {laboratory.key: laboratory for laboratory in self.laboratories}[key]


def read_setting(folder: Path = FOLDER) -> Setting:
    """The setting in a folder's five TOML files."""
    laboratories = _toml(folder / "laboratories.toml")
    return Setting(
        names=_names(_toml(folder / "names.toml")),
        care=_care(_toml(folder / "care.toml")),
        laboratories=tuple(_laboratory(entry) for entry in laboratories["laboratories"]),
        outside=laboratories["outside"],
        cast=tuple(_member(entry) for entry in _toml(folder / "cast.toml")["members"]),
        answers=tuple(CardAnswer(**entry) for entry in _toml(folder / "clinic.toml")["answers"]),
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _names(entry: Mapping[str, Any]) -> Names:
    given = {Sex.FEMALE: tuple(entry["female"]), Sex.MALE: tuple(entry["male"])}
    return Names(given, tuple(entry["family"]))


def _care(entry: Mapping[str, Any]) -> Care:
    return Care(
        groups={AncestryGroup(code): share for code, share in entry["groups"].items()},
        ancestry={AncestryGroup(code): words for code, words in entry["ancestry"].items()},
        languages={AncestryGroup(code): tuple(tags) for code, tags in entry["languages"].items()},
        sites={site["name"]: site["share"] for site in entry["sites"]},
        conditions=tuple(_condition(problem) for problem in entry["problems"]),
    )


def _condition(entry: Mapping[str, Any]) -> Condition:
    youngest, oldest = entry["ages"]
    return Condition(
        code=entry["code"],
        words=entry["words"],
        youngest=youngest,
        oldest=oldest,
        share=entry["share"],
        medicines=entry["medicines"],
        sex=Sex(entry["sex"]) if "sex" in entry else None,
        system=System[entry.get("system", System.ICD10CM.name)],
    )


def _laboratory(entry: Mapping[str, Any]) -> Laboratory:
    return Laboratory(
        key=entry["key"],
        name=entry["name"],
        share=entry["share"],
        build=Build(entry["build"]),
        form=entry["form"],
        phased=entry["phased"],
        batch=entry["batch"],
        first_day=entry["first_day"],
        days_between=entry["days_between"],
        genes=frozenset(entry.get("genes", ())),
    )


def _member(entry: Mapping[str, Any]) -> Member:
    earlier = entry.get("earlier")
    return Member(
        role=entry["role"],
        story=entry["story"],
        group=AncestryGroup(entry["group"]),
        sex=Sex(entry["sex"]),
        age=entry["age"],
        laboratory=entry["laboratory"],
        problems=tuple(entry["problems"]),
        medicines=tuple(entry["medicines"]),
        planned=tuple(entry.get("planned", ())),
        order_sets=tuple(entry.get("order_sets", ())),
        carries=entry.get("carries", {}),
        placed=entry.get("placed", {}),
        outside=entry.get("outside", {}),
        leave_out=frozenset(entry.get("leave_out", ())),
        fail=frozenset(entry.get("fail", ())),
        earlier=None if earlier is None else _earlier(earlier),
    )


def _earlier(entry: Mapping[str, Any]) -> Earlier:
    return Earlier(
        laboratory=entry["laboratory"],
        day=entry["day"],
        overlooked=frozenset(entry.get("overlooked", ())),
        leave_out=frozenset(entry.get("leave_out", ())),
    )
