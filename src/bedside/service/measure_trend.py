"""A measure month by month, and the stretches of time that pages and commands offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bedside.service.measure_table import plain
from bedside.service.measures import MeasureReport, Tile, Window

WHOLE = ""
"""The name of all time."""


@dataclass(frozen=True, slots=True)
class Months:
    """One month: its first moment, and the figure of what began in it, as plain values."""

    month: datetime
    figure: Mapping[str, Any]


def windows(at: datetime) -> Mapping[str, Window]:
    """The stretches of time by name: all of it, this month and quarter, and those before."""
    month = datetime(at.year, at.month, 1, tzinfo=UTC)
    quarter = datetime(at.year, 3 * ((at.month - 1) // 3) + 1, 1, tzinfo=UTC)
    return {
        WHOLE: Window(),
        "this month": Window(month, None),
        "last month": Window(_before(month, 1), month),
        "this quarter": Window(quarter, None),
        "last quarter": Window(_before(quarter, 3), quarter),
        "twelve months": Window(_before(month, 11), None),
    }


def months(report: MeasureReport, tile: Tile, number: int) -> tuple[Months, ...]:
    """The last months, oldest first, whatever the report's own stretch of time. Empty for a measure that
    cannot be computed. The youngest months hold those who still wait."""
    units, against = tile.found.units, tile.found.against
    if units is None:
        return ()
    first = datetime(report.at.year, report.at.month, 1, tzinfo=UTC)
    found = []
    for back in range(number - 1, -1, -1):
        start = _before(first, back)
        window = Window(start, _before(start, -1))
        among = window.holds(units) & tile.allowed
        other = None if against is None or tile.allowed_against is None else window.holds(against)
        if other is not None and tile.allowed_against is not None:
            other &= tile.allowed_against
        found.append(Months(start, plain("", tile.of(among, other))))
    return tuple(found)


def _before(month: datetime, number: int) -> datetime:
    """The first moment of the month so many months before."""
    place = month.year * 12 + month.month - 1 - number
    return datetime(place // 12, place % 12 + 1, 1, tzinfo=UTC)
