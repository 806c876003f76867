"""From the relatives a person named to a family: each relation's word says where somebody is drawn.

Whom nobody named is drawn as an unnamed member (`~mother` of somebody), so that a cousin has grandparents in
common; unnamed members are nobody's record and are never invited. The unnamed parent of a niece, nephew,
cousin or grandchild is drawn as a woman, which matters for nothing but findings on the X chromosome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from bedside.errors import InputError, Problem
from bedside.genome.event import Event, EventKind
from bedside.genome.pedigree import Member, Pedigree, pedigree
from bedside.genome.person import Sex

UNNAMED = "~"
"""How the id of a member begins whom nobody named."""


class Relation(Enum):
    """What a relative is to the person (or to the relative named in `of`)."""

    MOTHER = "mother"
    FATHER = "father"
    DAUGHTER = "daughter"
    SON = "son"
    CHILD = "child"
    SISTER = "sister"
    BROTHER = "brother"
    SIBLING = "sibling"
    IDENTICAL_TWIN = "identical-twin"
    MATERNAL_HALF_SIBLING = "maternal-half-sibling"
    PATERNAL_HALF_SIBLING = "paternal-half-sibling"
    MATERNAL_GRANDMOTHER = "maternal-grandmother"
    MATERNAL_GRANDFATHER = "maternal-grandfather"
    PATERNAL_GRANDMOTHER = "paternal-grandmother"
    PATERNAL_GRANDFATHER = "paternal-grandfather"
    MATERNAL_AUNT = "maternal-aunt"
    MATERNAL_UNCLE = "maternal-uncle"
    PATERNAL_AUNT = "paternal-aunt"
    PATERNAL_UNCLE = "paternal-uncle"
    MATERNAL_COUSIN = "maternal-cousin"
    PATERNAL_COUSIN = "paternal-cousin"
    NIECE = "niece"
    NEPHEW = "nephew"
    GRANDDAUGHTER = "granddaughter"
    GRANDSON = "grandson"
    ADOPTED_CHILD = "adopted-child"
    PARTNER = "partner"


_WOMEN = {"mother", "daughter", "sister", "grandmother", "aunt", "niece", "granddaughter"}
_MEN = {"father", "son", "brother", "grandfather", "uncle", "nephew", "grandson"}


@dataclass(frozen=True, slots=True)
class Named:
    """A relative as named: id, what they are, of whom ("" the person), and what is known of them. person:
    their own record, "" when they have none here.
    """

    relative: str
    relation: Relation
    of: str = ""
    sex: Sex = Sex.UNKNOWN
    born: date | None = None
    deceased: bool = False
    person: str = ""
    copies: int | None = None


def named_in(events: Iterable[Event]) -> tuple[Named, ...]:
    """The relatives a person named, each as last recorded; raises `InputError` for an unknown relation."""
    latest: dict[str, Event] = {}
    for event in events:
        if event.kind is EventKind.RELATIVE_RECORDED:
            held = latest.get(event.payload["relative"])
            if held is None or (event.valid_at, event.sequence) >= (held.valid_at, held.sequence):
                latest[event.payload["relative"]] = event
    held_now = [event.payload for _, event in sorted(latest.items())]
    return tuple(named_of(held) for held in held_now if held.get("status") != "entered-in-error")


def named_of(payload: Mapping[str, Any]) -> Named:
    """The relative a `relative-recorded` payload describes."""
    try:
        born = payload.get("birth_date")
        return Named(
            str(payload["relative"]),
            Relation(payload["relation"]),
            str(payload.get("of", "")),
            Sex(payload.get("sex", Sex.UNKNOWN.value)),
            None if born is None else date.fromisoformat(born),
            bool(payload.get("deceased", False)),
            str(payload.get("person", "")),
            None if payload.get("copies") is None else int(payload["copies"]),
        )
    except ValueError as error:
        raise InputError.one(
            "relative",
            "relation, sex or birth date is not one that is known",
            remedy=f"relations are {', '.join(relation.value for relation in Relation)}",
        ) from error


def family_of(index: Member, relatives: Iterable[Named]) -> Pedigree:
    """The family around a person; raises `InputError` with everything that does not fit together."""
    drawing = _Drawing(index)
    waiting = sorted(relatives, key=lambda one: (_ORDER.get(one.relation, 1), one.relative))
    while waiting:
        ready = [one for one in waiting if (one.of or index.id) in drawing.members]
        if not ready:
            drawing.problems.append(Problem("pedigree", f"{len(waiting)} relative(s) of somebody not named"))
            break
        for one in ready:
            drawing.draw(one)
        waiting = [one for one in waiting if one not in ready]
    if drawing.problems:
        raise InputError(drawing.problems)
    return pedigree(list(drawing.members.values()))


_ORDER = {
    Relation.MOTHER: 0,
    Relation.FATHER: 0,
    Relation.PARTNER: 0,
    Relation.MATERNAL_GRANDMOTHER: 0,
    Relation.MATERNAL_GRANDFATHER: 0,
    Relation.PATERNAL_GRANDMOTHER: 0,
    Relation.PATERNAL_GRANDFATHER: 0,
}
"""Those who take the place of somebody unnamed are drawn before those who hang on them."""


class _Drawing:
    """A family while it is being drawn."""

    def __init__(self, index: Member) -> None:
        self.members: dict[str, Member] = {index.id: index}
        self.problems: list[Problem] = []
        self.index = index.id
        self.partners: dict[str, str] = {}

    def draw(self, one: Named) -> None:
        word, of = one.relation.value, one.of or self.index
        last = word.rsplit("-", 1)[-1]
        sex = one.sex
        if sex is Sex.UNKNOWN:
            sex = Sex.FEMALE if last in _WOMEN else Sex.MALE if last in _MEN else sex
        if one.relation is Relation.IDENTICAL_TWIN:
            sex = self.members[of].sex if sex is Sex.UNKNOWN else sex
        fresh = Member(one.relative, sex, born=one.born, deceased=one.deceased)
        if last in ("mother", "father", "grandmother", "grandfather"):
            self._ancestor(fresh, of, word)
        else:
            self._other(fresh, of, one.relation, word)

    def _ancestor(self, fresh: Member, of: str, word: str) -> None:
        child = of
        if "grand" in word:
            child = self.parent(of, "mother" if word.startswith("maternal") else "father")
        self.parent(child, "mother" if word.endswith("mother") else "father", fresh)

    def _other(self, fresh: Member, of: str, relation: Relation, word: str) -> None:
        if fresh.id in self.members:
            self.problems.append(Problem("pedigree", "one relative is named twice"))
        elif relation is Relation.PARTNER:
            self.members[fresh.id] = fresh
            self.partners[of] = fresh.id
        elif relation is Relation.ADOPTED_CHILD:
            self.members[fresh.id] = replace(fresh, adopted=True)
        elif word in ("son", "daughter", "child"):
            self._child(fresh, of)
        elif word in ("sister", "brother", "sibling"):
            self._sibling(fresh, of)
        elif relation is Relation.IDENTICAL_TWIN:
            self._sibling(fresh, of)
            mark = self.members[of].twins or f"twins of {of}"
            for name in (of, fresh.id):
                self.members[name] = replace(self.members[name], twins=mark)
        elif word.endswith("half-sibling"):
            self._half(fresh, of, "mother" if word.startswith("maternal") else "father")
        elif word in ("niece", "nephew"):
            self._child(fresh, self._unnamed_sibling(of, fresh.id))
        elif word in ("granddaughter", "grandson"):
            self._child(fresh, self._unnamed_child(of, fresh.id))
        else:
            side = self.parent(of, "mother" if word.startswith("maternal") else "father")
            if word.endswith("cousin"):
                self._child(fresh, self._unnamed_sibling(side, fresh.id))
            else:
                self._sibling(fresh, side)

    def parent(self, child: str, role: str, fresh: Member | None = None) -> str:
        """The mother or father of somebody: the one given, the one drawn already, or an unnamed one."""
        held = self.members[child].mother if role == "mother" else self.members[child].father
        if fresh is None:
            if held:
                return held
            sex = Sex.FEMALE if role == "mother" else Sex.MALE
            fresh = Member(f"{UNNAMED}{role} of {child}", sex)
        elif fresh.id in self.members and held != fresh.id:
            self.problems.append(Problem("pedigree", "one relative is named twice"))
            return fresh.id
        elif held and not held.startswith(UNNAMED):
            self.problems.append(Problem("pedigree", f"somebody has two persons named as {role}"))
            return held
        self._put(child, role, fresh, held)
        return fresh.id

    def _put(self, child: str, role: str, fresh: Member, held: str) -> None:
        """Draw a parent; one that takes an unnamed one's place takes over their children and parents."""
        old = self.members.pop(held, None) if held else None
        if old is not None:
            fresh = replace(fresh, mother=old.mother, father=old.father)
        self.members[fresh.id] = fresh
        for name, member in list(self.members.items()):
            of_old = held and (member.mother if role == "mother" else member.father) == held
            if name == child or of_old:
                self.members[name] = (
                    replace(member, mother=fresh.id) if role == "mother" else replace(member, father=fresh.id)
                )

    def _sibling(self, fresh: Member, of: str) -> None:
        mother, father = self.parent(of, "mother"), self.parent(of, "father")
        self.members[fresh.id] = replace(fresh, mother=mother, father=father)

    def _half(self, fresh: Member, of: str, role: str) -> None:
        shared = self.parent(of, role)
        self.members[fresh.id] = (
            replace(fresh, mother=shared) if role == "mother" else replace(fresh, father=shared)
        )

    def _child(self, fresh: Member, of: str) -> None:
        woman = self.members[of].sex is Sex.FEMALE
        other = self.partners.get(of, "")
        if self.members[of].sex not in (Sex.FEMALE, Sex.MALE):
            self.problems.append(Problem("pedigree", "somebody with a child has no recorded sex"))
        mother, father = (of, other) if woman else (other, of)
        self.members[fresh.id] = replace(fresh, mother=mother, father=father)

    def _unnamed_sibling(self, of: str, tag: str) -> str:
        name = f"{UNNAMED}parent of {tag}"
        self._sibling(Member(name, Sex.FEMALE), of)
        return name

    def _unnamed_child(self, of: str, tag: str) -> str:
        name = f"{UNNAMED}parent of {tag}"
        self._child(Member(name, Sex.FEMALE), of)
        return name
