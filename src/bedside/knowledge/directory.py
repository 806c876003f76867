"""The site's directory: people with their roles and deputies, and who stands here for what others own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import RuleFile, rule_files

KIND = "directory"


class Standing(Enum):
    """Whether somebody here answers for a piece of content. OUTSIDE is known and nobody's here; NOBODY is
    a name that the directory does not have.
    """

    HERE = "owner here"
    DEPUTY = "deputy"
    LEFT = "owner has left"
    OUTSIDE = "outside owner"
    NOBODY = "not in the directory"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at this site. until: their last day, when it is known; deputy: who stands in afterwards."""

    name: str
    roles: frozenset[str]
    deputy: str = ""
    until: date | None = None

    def here(self, day: date) -> bool:
        """Whether they are still here."""
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class Directory:
    """people: by name. stand_for: owners as content names them, and the person who stands for each here.
    outside: owners known to be outside bodies."""

    people: Mapping[str, Person]
    stand_for: Mapping[str, str]
    outside: frozenset[str]

    def answers_for(self, owner: str, day: date) -> tuple[str, Standing]:
        """Who answers for an owner's content on a day ("" for nobody), and how that came about."""
        name = self.stand_for.get(owner, owner)
        person = self.people.get(name)
        if person is None:
            return ("", Standing.OUTSIDE if owner in self.outside else Standing.NOBODY)
        if person.here(day):
            return (name, Standing.HERE)
        deputy = self.people.get(person.deputy)
        if deputy is not None and deputy.here(day):
            return (deputy.name, Standing.DEPUTY)
        return ("", Standing.LEFT)

    def holders(self, role: str, day: date) -> tuple[str, ...]:
        """Everybody who holds a role on a day."""
        return tuple(sorted(one.name for one in self.people.values() if role in one.roles and one.here(day)))


def load_directory(root: Path | None = None) -> Directory:
    """Everything every directory file says; raises PackError with every contradiction."""
    people: dict[str, Person] = {}
    stand_for: dict[str, str] = {}
    outside: set[str] = set()
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        for entry in file.document.get("person", ()):
            _person(file, entry, people, problems)
        for entry in file.document.get("stands_for", ()):
            name, person = str(entry.get("owner", "")), str(entry.get("person", ""))
            if not name or not person:
                problems.append(Problem(file.label, "a [[stands_for]] names no owner or no person"))
            stand_for[name] = person
        outside.update(str(entry.get("owner", "")) for entry in file.document.get("outside", ()))
    for name, held in stand_for.items():
        if held and held not in people:
            problems.append(Problem(KIND, f"{held!r} stands for {name!r} and is not in the directory"))
    for one in people.values():
        if one.deputy and one.deputy not in people:
            problems.append(
                Problem(KIND, f"{one.deputy!r} is deputy of {one.name!r} and not in the directory")
            )
    if problems:
        raise PackError(problems)
    return Directory(people, stand_for, frozenset(outside))


def _person(
    file: RuleFile, entry: Mapping[str, Any], people: dict[str, Person], problems: list[Problem]
) -> None:
    name, roles, until = str(entry.get("name", "")).strip(), entry.get("roles"), entry.get("until")
    if not name or not isinstance(roles, list) or not all(isinstance(one, str) and one for one in roles):
        problems.append(Problem(file.label, f"a person without name or roles: {name or '?'}"))
        return
    if until is not None and type(until) is not date:
        problems.append(Problem(file.label, f"until of {name!r} must be a date such as 2027-01-31"))
        return
    if name in people:
        problems.append(Problem(file.label, f"{name!r} stands in the directory twice"))
    people[name] = Person(name, frozenset(roles), str(entry.get("deputy", "")), until)
