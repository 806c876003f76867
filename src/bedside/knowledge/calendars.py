"""Days on which a house works: its time zone and its holidays, as dated packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "calendars"
DEFAULT = "weekdays"
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """One calendar. until: the last day of which its holidays are known; later days count as worked, and
    whoever shows a day after it should say so. zone: where its days begin and end."""

    provenance: Provenance
    name: str
    zone: tzinfo
    holidays: frozenset[date]
    until: date

    @cached_property
    def sorted_holidays(self) -> tuple[date, ...]:
        """The holidays in order."""
        return tuple(sorted(self.holidays))

    def day(self, moment: datetime) -> date:
        """The day of a moment, as the house counts days."""
        return moment.astimezone(self.zone).date()

    def works(self, day: date) -> bool:
        """Whether the house works on a day."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def after(self, day: date, working_days: int) -> date:
        """The working day that is so many working days after a day."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.works(day)
        return day

    def end_of(self, day: date) -> datetime:
        """The moment at which a day is over, in UTC."""
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)


def load_calendars(root: Path | None = None) -> Mapping[str, Calendar]:
    """Every calendar by name, a site's own in place of a shipped one; raises PackError with every problem."""
    found: dict[str, Calendar] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        name, document = file.provenance.name, file.document
        holidays = document.get("holidays", [])
        wrong = [one for one in holidays if not isinstance(one, date)]
        until = document.get("until")
        if wrong or not isinstance(until, date):
            problems.append(Problem(file.label, "holidays and until must be dates such as 2026-12-25"))
            continue
        try:
            zone = ZoneInfo(str(document.get("zone", "UTC")))
        except (ZoneInfoNotFoundError, ValueError):
            problems.append(Problem(file.label, f"zone {document.get('zone')!r} is no time zone"))
            continue
        found[name] = Calendar(file.provenance, name, zone, frozenset(holidays), until)
    if problems:
        raise PackError(problems)
    return found
