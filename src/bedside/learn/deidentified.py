"""Rows about people without who they are: which columns, how dates and ages are blurred, and how small groups
are hidden.

What Safe Harbor (45 CFR 164.514(b)(2)) names is not among the columns: names, numbers, places, dates other
than the year, ages above 89. A genome tells who somebody is, so none of it is: the columns are settled
phenotypes of a few genes, and a rare one is hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

OLDEST = 90
"""From this age on everybody is of one group."""
BAND = 10
MOST_GENES = 3
"""More phenotypes of one person side by side would tell people apart like a genome."""
HIDDEN = "hidden"
NOT_TESTED = "not tested"
NO_RESULT = "none settled"
LONGEST_SHIFT = 364


class Dates(Enum):
    """How a date is given: its year only (Safe Harbor), or moved by a secret number of days of the person's
    (intervals stay true; this is not Safe Harbor)."""

    YEAR = "year"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class PlainRow:
    """One person before anything is hidden. shift: the secret days of this person in this release."""

    ident: str
    sex: str
    born: date | None
    tested: date | None
    shift: int
    phenotypes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BlurredRow:
    """One person as given away."""

    ident: str
    sex: str
    age: str
    tested: str
    phenotypes: Mapping[str, str]


def age_band(born: date | None, on: date) -> str:
    """The ten years an age lies in, `90+` from 90 on, `unknown` without a birth date."""
    if born is None:
        return "unknown"
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if age >= OLDEST:
        return f"{OLDEST}+"
    low = max(0, age) // BAND * BAND
    return f"{low}-{low + BAND - 1}"


def blurred_date(day: date | None, shift: int, how: Dates) -> str:
    """A date as given away; "" when there is none."""
    if day is None:
        return ""
    return str(day.year) if how is Dates.YEAR else (day + timedelta(days=shift)).isoformat()


def blurred(rows: Sequence[PlainRow], on: date, how: Dates, least: int) -> tuple[BlurredRow, ...]:
    """The rows in which no value, and no combination of sex, age and year, is of fewer than `least` people.

    First a phenotype of fewer people is hidden, then age, then sex, then the date, of whoever is in too small
    a group. Who is still in one is left out.
    """
    out = [
        BlurredRow(
            row.ident,
            row.sex,
            age_band(row.born, on),
            blurred_date(row.tested, row.shift, how),
            row.phenotypes,
        )
        for row in rows
    ]
    for gene in sorted({gene for row in out for gene in row.phenotypes}):
        rare = _rare(Counter(row.phenotypes[gene] for row in out), least)
        out = [
            replace(row, phenotypes={**row.phenotypes, gene: HIDDEN}) if row.phenotypes[gene] in rare else row
            for row in out
        ]
    for hide in (_without_age, _without_sex, _without_date):
        small = _small(out, how, least)
        out = [hide(row) if small[place] else row for place, row in enumerate(out)]
    small = _small(out, how, least)
    return tuple(row for place, row in enumerate(out) if not small[place])


def _rare(counts: Counter[str], least: int) -> frozenset[str]:
    """The values of fewer than `least` people, and of further ones the least frequent until those hidden are
    together not fewer either: one person alone among the hidden would be as plain as before."""
    rare = {value for value, count in counts.items() if count < least}
    for value, _ in sorted(counts.items(), key=lambda one: (one[1], one[0])):
        if not rare or sum(counts[one] for one in rare) >= least:
            break
        rare.add(value)
    return frozenset(rare)


def _without_age(row: BlurredRow) -> BlurredRow:
    return replace(row, age=HIDDEN)


def _without_sex(row: BlurredRow) -> BlurredRow:
    return replace(row, sex=HIDDEN)


def _without_date(row: BlurredRow) -> BlurredRow:
    return replace(row, tested=HIDDEN)


def _small(rows: Sequence[BlurredRow], how: Dates, least: int) -> list[bool]:
    """Whether each row's group is too small. A shifted date says nothing of the true one: no group."""
    keys = [(row.sex, row.age, row.tested if how is Dates.YEAR else bool(row.tested)) for row in rows]
    counts = Counter(keys)
    return [counts[key] < least for key in keys]


def cross_table(
    rows: Sequence[PlainRow], gene: str, on: date, least: int
) -> tuple[tuple[str, str, str, str], ...]:
    """For each phenotype, sex and age band how many, a count below `least` as `fewer than …`; no totals, from
    which a hidden count could be computed."""
    counts = Counter((row.phenotypes[gene], row.sex, age_band(row.born, on)) for row in rows)
    return tuple(
        (*key, str(count) if count >= least else f"fewer than {least}")
        for key, count in sorted(counts.items())
    )
