"""Every gap of a report together: which stand once it is taken into account how many were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from bedside.learn.gaps import Bools, Difference, Ints, adjusted, gaps
from bedside.learn.shares import Share
from bedside.learn.suppression import EVERY_GROUP, shown_groups


class Standing(Enum):
    """What can be said of a group beside everybody else."""

    GAP = "a gap"
    NOT_SHOWN = "no gap shown"
    FEW = "too few people to compare"
    HIDDEN = "hidden: few people"


@dataclass(frozen=True, slots=True)
class Compared:
    """A group beside the rest in one thing. mine, rest: None where they may not be shown. told: standardised
    by age and sex where that speaks of most people. over: the share of the people it then speaks of.
    chance: adjusted for every gap of the report. worse: whether the group is worse off, None where neither
    way is better."""

    what: str
    name: str
    title: str
    by: str
    group: str
    mine: Share | None
    rest: Share | None
    told: Difference | None
    standardised: bool
    over: float
    chance: float | None
    worse: bool | None
    standing: Standing

    @property
    def key(self) -> str:
        """What it is about, the same in every report."""
        return f"{self.what}/{self.name}/{self.by}/{self.group}"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in which groups are compared. met: whether it was, for each who was settled; group: the place
    of their group in `names`; strata: below 0 where age or sex is not known. higher: whether more is better,
    None for neither."""

    what: str
    name: str
    title: str
    by: str
    names: tuple[str, ...]
    met: Bools
    group: Ints
    strata: Ints
    higher: bool | None


def compared(things: Iterable[Thing], level: float, least_people: int, least_cell: int) -> list[Compared]:
    """Everything compared; a gap stands when its chance, adjusted for all of them (Benjamini and Hochberg),
    is below the level."""
    found = [one for thing in things for one in _of(thing, least_people, least_cell)]
    tested = [place for place, one in enumerate(found) if one.told is not None]
    chances = adjusted([one.told.chance for one in found if one.told is not None])
    for place, chance in zip(tested, chances, strict=True):
        standing = Standing.GAP if chance <= level else Standing.NOT_SHOWN
        found[place] = replace(found[place], chance=chance, standing=standing)
    return found


def _of(thing: Thing, least_people: int, least_cell: int) -> list[Compared]:
    number = len(thing.names)
    hits = np.bincount(thing.group[thing.met], minlength=number)
    size = np.bincount(thing.group, minlength=number)
    somebody = [place for place in range(number) if size[place]]
    cells = [(int(hits[place]), int(size[place] - hits[place])) for place in somebody]
    shown = dict(zip(somebody, shown_groups(cells, least_cell), strict=True))
    if somebody and not any(shown.values()):
        return [_nobody_shown(thing)]
    tested = {one.group: one for one in gaps(thing.met, thing.group, thing.names, thing.strata, least_people)}
    made = []
    for place in somebody:
        name = thing.names[place]
        gap = tested.get(name) if shown[place] else None
        mine = Share(int(hits[place]), int(size[place]))
        made.append(
            Compared(
                what=thing.what,
                name=thing.name,
                title=thing.title,
                by=thing.by,
                group=name,
                mine=mine if shown[place] else None,
                rest=None if gap is None else gap.rest,
                told=None if gap is None else gap.told,
                standardised=gap is not None and gap.told is gap.standardised,
                over=0.0 if gap is None else gap.over,
                chance=None,
                worse=None if gap is None else _worse(gap.told.value, thing.higher),
                standing=Standing.FEW if shown[place] else Standing.HIDDEN,
            )
        )
    return made


def _worse(difference: float, higher: bool | None) -> bool | None:
    """Whether a group is worse off; None where neither way is better, or there is no difference."""
    return None if higher is None or not difference else (difference < 0) is higher


def _nobody_shown(thing: Thing) -> Compared:
    """All groups together, where none may be shown: then none is named either."""
    return Compared(
        thing.what, thing.name, thing.title, thing.by, EVERY_GROUP, None, None, None, False, 0.0, None, None,
        Standing.HIDDEN,
    )  # fmt: skip
