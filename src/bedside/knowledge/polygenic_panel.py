"""A reference panel for a polygenic score: everybody's sum over the same variants, principal components and
group, from the tables that the calculator writes.

Ids are text, also where they are numbers. A person of the panel who lacks a sum, a component or a group is
left out; a table that contradicts itself is refused with every line told.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bedside.errors import InputError, Problem
from bedside.genome.observation import digest

Floats = NDArray[np.float64]
PROBLEMS_TOLD = 50
_IDS = ("IID", "#IID")
_GROUPS = ("SuperPop", "Population", "group")


class PanelError(InputError):
    """A reference panel cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A panel scored with the same variants: for each person the sum, the components and the group.

    sites: how many variants went into every sum. release: the panel by name and content; score: which one.
    """

    release: str
    score: str
    people: tuple[str, ...]
    sums: Floats
    components: Floats
    groups: tuple[str, ...]
    sites: int

    def __post_init__(self) -> None:
        if not len(self.people) == len(self.sums) == len(self.components) == len(self.groups):
            raise ValueError("sums, components and groups belong to the same people")

    def some(self, places: NDArray[np.intp]) -> Panel:
        """The panel with only the people at these places."""
        return Panel(
            self.release,
            self.score,
            tuple(self.people[place] for place in places),
            self.sums[places],
            self.components[places],
            tuple(self.groups[place] for place in places),
            self.sites,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PanelGenotypes:
    """A panel by its genotypes, to be scored on the very variants that a person has answers for. copies: of
    each effect allele, people by variants of the score, -1 where not known."""

    release: str
    score: str
    people: tuple[str, ...]
    copies: NDArray[np.int8]
    components: Floats
    groups: tuple[str, ...]

    @property
    def answered(self) -> NDArray[np.bool_]:
        """The variants that everybody of the panel has an answer at."""
        return np.asarray((self.copies >= 0).all(axis=0), np.bool_)


def with_genotypes(
    name: str,
    score: str,
    people: tuple[str, ...],
    copies: NDArray[np.int8],
    components: Path,
    groups: Path,
) -> PanelGenotypes:
    """The panel of people whose genotypes were read from the file `name`, with their components and groups
    from tables; raises `PanelError`."""
    problems: list[Problem] = []
    placed, grouped = _components(components, problems), _grouped(groups, problems)
    rows = [row for row, person in enumerate(people) if person in placed and person in grouped]
    if not rows and not problems:
        problems.append(Problem(name, "nobody of the panel has components and a group"))
    if problems:
        raise PanelError(_told(components, problems))
    chosen = tuple(people[row] for row in rows)
    content = copies[rows].tobytes() + components.read_bytes() + groups.read_bytes()
    return PanelGenotypes(
        release=f"{name}#{digest(content)[:12]}",
        score=score,
        people=chosen,
        copies=copies[rows],
        components=np.array([placed[person] for person in chosen]),
        groups=tuple(grouped[person] for person in chosen),
    )


def read_panel(sums: Path, components: Path, groups: Path) -> Panel:
    """The panel of three tables; raises `PanelError` with every problem of every table."""
    problems: list[Problem] = []
    scored = _table(sums, problems, ("SUM", "DENOM"))
    placed = _components(components, problems)
    grouped = _grouped(groups, problems)
    people = [person for person in scored if person in placed and person in grouped]
    values: dict[str, float] = {}
    strands: set[str] = set()
    for person in people:
        cells, line = scored[person]
        values[person] = _number(sums, cells["SUM"], line, "SUM", problems)
        strands.add(cells["DENOM"])
    scores = {scored[person][0].get("PGS", "") for person in people}
    if not people and not problems:
        problems.append(Problem(sums.name, "nobody stands in all three tables"))
    if people and (len(strands) != 1 or not next(iter(strands)).isdecimal()):
        reason = "DENOM is not the same whole number for everybody: the sums are over different variants"
        problems.append(Problem(sums.name, reason, remedy="score the whole panel on the same variants"))
    if len(scores) > 1:
        problems.append(Problem(sums.name, "holds several scores", remedy="give one score at a time"))
    if problems:
        raise PanelError(_told(sums, problems))
    content = b"".join(path.read_bytes() for path in (sums, components, groups))
    return Panel(
        release=f"{sums.name}#{digest(content)[:12]}",
        score=scores.pop(),
        people=tuple(people),
        sums=np.array([values[person] for person in people]),
        components=np.array([placed[person] for person in people]),
        groups=tuple(grouped[person] for person in people),
        sites=int(strands.pop()) // 2,
    )


def read_components(path: Path) -> Mapping[str, Floats]:
    """The principal components of each person of a table; raises `PanelError`."""
    problems: list[Problem] = []
    found = _components(path, problems)
    if problems:
        raise PanelError(_told(path, problems))
    return found


def _components(path: Path, problems: list[Problem]) -> dict[str, Floats]:
    table = _table(path, problems, ("PC1",))
    found = {}
    for person, (cells, line) in table.items():
        names = [f"PC{number}" for number in range(1, len(cells) + 1) if f"PC{number}" in cells]
        found[person] = np.array([_number(path, cells[name], line, name, problems) for name in names])
    return found


def _grouped(path: Path, problems: list[Problem]) -> dict[str, str]:
    table = _table(path, problems, ())
    first = next(iter(table.values()), ({}, 0))[0]
    name = next((one for one in _GROUPS if one in first), None)
    if name is None:
        if table:
            problems.append(Problem(path.name, f"no column {' or '.join(_GROUPS)}", 1))
        return {}
    return {person: cells[name] for person, (cells, _) in table.items() if cells[name]}


def _number(path: Path, text: str, line: int, name: str, problems: list[Problem]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        problems.append(Problem(path.name, f"{name} is not a number", line))
    return value


def _table(
    path: Path, problems: list[Problem], columns: tuple[str, ...]
) -> dict[str, tuple[dict[str, str], int]]:
    """The rows by person, each with its line; the first column called IID names the person."""
    lines = _lines(path, problems)
    heading = next(lines, None)
    if heading is None:
        return {}
    names = heading[1].split("\t")
    who = next((name for name in _IDS if name in names), None)
    lacking = [name for name in columns if name not in names] + ([] if who else ["IID"])
    if lacking or who is None:
        problems.append(Problem(path.name, f"no column {', '.join(lacking)}", 1))
        return {}
    rows: dict[str, tuple[dict[str, str], int]] = {}
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) != len(names):
            problems.append(Problem(path.name, f"{len(cells)} cells where {len(names)} belong", number))
            continue
        row = dict(zip(names, cells, strict=True))
        if row[who] in rows:
            problems.append(Problem(path.name, f"the person of line {rows[row[who]][1]} again", number))
        rows.setdefault(row[who], (row, number))
    return rows


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        text = content.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        problems.append(
            Problem(path.name, f"cannot be read: {type(error).__name__}", remedy="check the file")
        )
        return
    yield from ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _told(path: Path, problems: list[Problem]) -> list[Problem]:
    more = len(problems) - PROBLEMS_TOLD
    if more <= 0:
        return problems
    return [*problems[:PROBLEMS_TOLD], Problem(path.name, f"and {more} more problems")]
