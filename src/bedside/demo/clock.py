"""The time in the story of the made-up health system."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

FIRST_DAY = date(2024, 9, 2)


class StoryClock:
    """Stands where it was set, and moves a second with every look."""

    def __init__(self) -> None:
        self._now = at(FIRST_DAY)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def go_to(self, day: date) -> None:
        """The morning of a day, unless the story is past it."""
        self._now = max(self._now, at(day))


def at(day: date) -> datetime:
    """Eight in the morning, UTC."""
    return datetime.combine(day, time(8), UTC)
