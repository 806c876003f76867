"""How a consumer's file is laid out: which line holds the headings, which column is which, what separates
them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bedside.errors import Problem
from bedside.knowledge.consumer_policy import ConsumerPolicy

_SEARCHED = 500
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Layout:
    """The headings' columns by what they hold, how many columns there are, what separates the cells of a row
    (None: any white space), and the index of the first row."""

    columns: Mapping[str, int]
    width: int
    separator: str | None
    first: int


def seller(header: Sequence[str], policy: ConsumerPolicy) -> str:
    """Who sold the file, by its opening lines; `seller not named` when they do not say."""
    return sellers_named(header, policy) or "a seller that the file does not name"


def sellers_named(header: Sequence[str], policy: ConsumerPolicy) -> str | None:
    """The first seller of raw data that the lines name; None when they name none."""
    text = "\n".join(header).lower()
    found = (vendor.name for vendor in policy.vendors if any(word in text for word in vendor.words))
    return next(found, None)


def cells(line: str, separator: str | None) -> list[str]:
    """The cells of a row, without quotes (some sellers' files double or misplace them) and outer spaces."""
    bare = line.replace('"', "")
    if separator is None:
        return bare.split()
    parts = bare.split(separator)
    return [part.strip() for part in parts] if " " in bare else parts


def find_layout(
    source: str, lines: Sequence[str], policy: ConsumerPolicy, problems: list[Problem]
) -> Layout | None:
    """The layout; None with the reason added to `problems` when no line holds headings that are
    understood."""
    nearest: tuple[int, dict[str, int]] | None = None
    for number, line in enumerate(lines[:_SEARCHED]):
        for separator in ("\t", ",", None):
            headings = cells(line.lstrip("#"), separator)
            columns = _columns(headings, policy)
            if _complete(columns):
                following = _separator(lines[number + 1 :], separator)
                return Layout(columns, len(headings), following, number + 1)
            if len(columns) > (len(nearest[1]) if nearest else 1):
                nearest = (number, columns)
    problems.append(_not_understood(source, nearest))
    return None


def _columns(headings: Sequence[str], policy: ConsumerPolicy) -> dict[str, int]:
    """What each column holds; where two mean the same (a marker's name and its rsID), the heading that the
    policy puts first."""
    places = {heading.lower(): place for place, heading in reversed(list(enumerate(headings)))}
    found = {
        what: next((places[word] for word in words if word in places), None)
        for what, words in policy.columns.items()
    }
    return {what: place for what, place in found.items() if place is not None}


def _complete(columns: Mapping[str, int]) -> bool:
    alleles = "genotype" in columns or {"allele1", "allele2"} <= columns.keys()
    placed = {"chromosome", "position"} <= columns.keys()
    return "name" in columns and alleles and (placed or "genotype" not in columns)


def _separator(rows: Sequence[str], of_headings: str | None) -> str | None:
    """What separates the rows' cells, which may differ from what separates the headings."""
    first = next((row for row in rows if row.strip()), "")
    for separator in ("\t", ","):
        if separator in first:
            return separator
    return of_headings if of_headings is None or of_headings in first else None


def _not_understood(source: str, nearest: tuple[int, dict[str, int]] | None) -> Problem:
    if nearest is None:
        return Problem(
            source,
            "no line holds the headings of a raw-data file",
            remedy="give the raw-data file itself, with its headings",
        )
    line, columns = nearest
    asked = ("name", "chromosome", "position", "genotype")
    lacking = [name for name in asked if name not in columns]
    return Problem(
        source,
        f"no column holds the {' or the '.join(lacking)}",
        line + 1,
        "a column is never guessed from its place: head it rsid, chromosome, position, genotype "
        "(or allele1 and allele2)",
    )


def collapsed(line: str) -> list[str]:
    """The cells of a row whose separators are repeated or mixed: whatever stands between white space."""
    return [part for part in _WHITE.split(line.replace('"', "").strip()) if part]
