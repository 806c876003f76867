"""Which looks at a genome stored in childhood are due on a day: none is forgotten, none comes too early."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bedside.act.disclosure_shown import OWN_CONSENT, May
from bedside.genome.consent import Decision, Scope, comes_of_age
from bedside.genome.event import Event, EventKind
from bedside.knowledge.moments import Moment, Moments

NEWBORN = "newborn"
LOOKED = "looked-again"
PLANNED = "planned"
AGE_UNKNOWN = "age-unknown"


@dataclass(frozen=True, slots=True)
class DueLook:
    """One look at a stored genome: since when it may be done, by when it is due, whether it comes late.

    waits_for: why it cannot be done now (`own-consent-not-given`, `age-unknown`), "" when it can. since and
    due are None where the birth date is not known.
    """

    person: str
    moment: str
    owner: str
    action: str
    since: date | None
    due: date | None
    late: bool = False
    waits_for: str = ""
    panel: str = ""
    genes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Childhood:
    """Somebody whose genome was stored as a child's: when born, what was looked at, what is planned.

    looked: for each moment when the last look was (or the person's no). planned: for each kind of event when
    it was planned and for which day.
    """

    person: str
    born: date | None
    looked: Mapping[str, datetime]
    planned: Mapping[str, tuple[tuple[datetime, date], ...]]


def childhood_of(person: str, born: date | None, events: Iterable[Event]) -> Childhood:
    """What a person's events say about looks done and events planned."""
    looked: dict[str, datetime] = {}
    planned: dict[str, set[tuple[datetime, date]]] = {}
    for event in events:
        held = event.payload
        if event.kind is not EventKind.STEP_TAKEN or held["pathway"] != NEWBORN:
            continue
        if held["step"] == LOOKED:
            name = str(held["moment"])
            looked[name] = max(looked.get(name, event.valid_at), event.valid_at)
        elif held["step"] == PLANNED:
            plan = (event.valid_at, date.fromisoformat(held["day"]))
            planned.setdefault(str(held["outcome"]), set()).add(plan)
    return Childhood(person, born, looked, {name: tuple(sorted(days)) for name, days in planned.items()})


def due_on(child: Childhood, day: date, moments: Moments, majority: int, may: May) -> tuple[DueLook, ...]:
    """The looks due on a day, in order of time. A moment looked at is not due again; an event planned after
    the last look is. Of somebody whose birth date is not known every moment waits for it.
    """
    looks = (_look(child, day, moment, majority, may) for moment in moments.by_name.values())
    found = [look for look in looks if look is not None]
    return tuple(sorted(found, key=lambda look: (look.since or date.min, look.moment)))


def _look(child: Childhood, day: date, moment: Moment, majority: int, may: May) -> DueLook | None:
    if moment.event:
        return _planned(child, day, moment)
    if moment.name in child.looked:
        return None
    if child.born is None:
        return _made(child, moment, None, None, waits_for=AGE_UNKNOWN)
    since = _from(child.born, moment, majority)
    if day < since or day < child.born:
        return None
    until = _until(child.born, moment)
    waits = ""
    if moment.own_consent and may(child.person, Scope.RECONTACT, day) is not Decision.GIVEN:
        waits = OWN_CONSENT
    due = since + timedelta(days=moment.due_in_days)
    return _made(child, moment, since, due, late=until is not None and day > until, waits_for=waits)


def _planned(child: Childhood, day: date, moment: Moment) -> DueLook | None:
    """The look before the first event that was planned since the last look."""
    looked = child.looked.get(moment.name)
    plans = child.planned.get(moment.event, ())
    open_ = [(on, plan.date()) for plan, on in plans if looked is None or plan > looked]
    if not open_:
        return None
    on, since = min(open_)
    return _made(child, moment, since, on, late=day > on)


def _made(
    child: Childhood,
    moment: Moment,
    since: date | None,
    due: date | None,
    *,
    late: bool = False,
    waits_for: str = "",
) -> DueLook:
    return DueLook(
        child.person,
        moment.name,
        moment.owner,
        moment.action,
        since,
        due,
        late,
        waits_for,
        moment.panel,
        moment.genes,
    )


def _from(born: date, moment: Moment, majority: int) -> date:
    if moment.at_majority:
        return comes_of_age(born, majority)
    if moment.from_years is not None:
        return comes_of_age(born, moment.from_years)
    return born + timedelta(days=moment.from_days or 0)


def _until(born: date, moment: Moment) -> date | None:
    """The last day of the age at which it helps most."""
    if moment.until_years is not None:
        return comes_of_age(born, moment.until_years) - timedelta(days=1)
    return None if moment.until_days is None else born + timedelta(days=moment.until_days)
