"""Days on which somebody is at work: Monday to Friday, without the holidays a site names."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def working_day_after(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """The working day that is `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in holidays:
            count -= 1
    return day
