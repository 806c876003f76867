"""A family as its members and their parents: checked whole, and who is related to whom how closely.

Adopted members inherit nothing from the parents they are drawn under; identical twins count as one person.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.errors import InputError, Problem
from bedside.genome.person import Sex


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a family. mother and father are members' ids, "" where not drawn. twins: a word that
    identical twins share, "" for everybody else. adopted: into this family, so that its genes say nothing.
    """

    id: str
    sex: Sex = Sex.UNKNOWN
    mother: str = ""
    father: str = ""
    born: date | None = None
    deceased: bool = False
    adopted: bool = False
    twins: str = ""

    @property
    def parents(self) -> tuple[str, str]:
        """Mother and father by blood, "" for each that is not known."""
        return ("", "") if self.adopted else (self.mother, self.father)


@dataclass(frozen=True, slots=True)
class Pedigree:
    """A checked family, by id, parents before children. Made by `pedigree`."""

    members: Mapping[str, Member]

    def kinship(self, one: str, other: str) -> float:
        """The chance that a gene drawn from each is the same by descent (parent and child: a quarter)."""
        return _Kinship(self)(one, other)

    def degree(self, one: str, other: str) -> int | None:
        """1 for parents, children, brothers and sisters, 2 for the next circle; 0 for identical twins and
        oneself; None for those not related by blood."""
        kinship = self.kinship(one, other)
        return None if kinship == 0 else max(0, round(-math.log2(min(1.0, 2 * kinship))))

    def relatives(self, index: str, degrees: Iterable[int] = (1, 2)) -> tuple[str, ...]:
        """The blood relatives of these degrees (identical twins with the first), nearest first."""
        wanted = {*degrees, *({0} if 1 in degrees else ())}
        found = [(self.degree(index, name), name) for name in self.members if name != index]
        return tuple(
            name for degree, name in sorted((d, n) for d, n in found if d is not None) if degree in wanted
        )


def pedigree(members: Sequence[Member]) -> Pedigree:
    """The family, or `InputError` with everything wrong with it; members are named by their place in it."""
    problems = [Problem("pedigree", reason, line) for line, reason in _flaws(members)]
    if problems:
        raise InputError(problems)
    by_id = {member.id: member for member in members}
    return Pedigree({name: by_id[name] for name in _parents_first(by_id)[0]})


def _flaws(members: Sequence[Member]) -> Iterator[tuple[int, str]]:
    by_id: dict[str, Member] = {}
    for line, member in enumerate(members, start=1):
        if not member.id or member.id in by_id:
            yield line, "has the id of another member, or none"
        by_id.setdefault(member.id, member)
    for line, member in enumerate(members, start=1):
        for word, name, wrong in (("mother", member.mother, Sex.MALE), ("father", member.father, Sex.FEMALE)):
            parent = by_id.get(name)
            if name and parent is None:
                yield line, f"has a {word} who is no member of the family"
            elif parent is not None and parent.sex is wrong:
                yield line, f"has a {word} who is recorded as {wrong.value}"
            if parent and parent.born and member.born and parent.born >= member.born and not member.adopted:
                yield line, f"has a {word} who is not older"
        if member.mother and member.mother == member.father:
            yield line, "has one person as mother and father"
    places = {member.id: line for line, member in enumerate(members, start=1)}
    for name in _parents_first(by_id)[1]:
        yield places[name], "is among their own ancestors"
    yield from _twin_flaws(members)


def _twin_flaws(members: Sequence[Member]) -> Iterator[tuple[int, str]]:
    first: dict[str, Member] = {}
    for line, member in enumerate(members, start=1):
        twin = first.setdefault(member.twins, member) if member.twins else member
        if twin.parents != member.parents:
            yield line, "is an identical twin with other parents"
        if {twin.sex, member.sex} >= {Sex.MALE, Sex.FEMALE}:
            yield line, "is an identical twin of the other sex"
        if twin.born and member.born and abs((twin.born - member.born).days) > 1:
            yield line, "is an identical twin born on another day"


def _parents_first(members: Mapping[str, Member]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids with parents before children; and those that no such order has, being in a circle."""
    left, order = dict(members), list[str]()
    while ready := [n for n, m in left.items() if not {m.mother, m.father} & set(left)]:
        order += ready
        left = {name: member for name, member in left.items() if name not in ready}
    circle = {n for n in left if n in _ancestors(left, n)}
    return tuple(order), tuple(sorted(circle))


def _ancestors(members: Mapping[str, Member], name: str) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        member = members.get(todo.pop())
        fresh = set() if member is None else ({member.mother, member.father} - {""} - seen)
        seen |= fresh
        todo += fresh
    return seen


class _Kinship:
    """Kinship by recursion: through the one drawn later, identical twins as one person."""

    def __init__(self, family: Pedigree) -> None:
        self.family = family
        self.place = {name: number for number, name in enumerate(family.members)}
        self.one_of = one_of_twins(family.members)
        self.known: dict[tuple[str, str], float] = {}

    def __call__(self, one: str, other: str) -> float:
        pair = sorted((self.one_of[one], self.one_of[other]), key=self.place.__getitem__)
        key = (pair[0], pair[1])
        if key not in self.known:
            self.known[key] = self._of(*key)
        return self.known[key]

    def _of(self, one: str, other: str) -> float:
        mother, father = self.family.members[other].parents
        if one == other:
            return 0.5 * (1 + (self(mother, father) if mother and father else 0.0))
        return 0.5 * sum(self(one, parent) for parent in (mother, father) if parent)


def one_of_twins(members: Mapping[str, Member]) -> dict[str, str]:
    """For each member the one who stands for them: the first of identical twins, else themselves."""
    first: dict[str, str] = {}
    return {n: first.setdefault(m.twins, n) if m.twins else n for n, m in members.items()}
