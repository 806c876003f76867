"""The people of the record as coded charts, and who is left out of the worklist and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from bedside.genome.chart_codes import NEVER, ChartCodes, LeftOut
from bedside.genome.code import System
from bedside.genome.event import Event, EventKind
from bedside.genome.person import ItemStatus, Person, Sex
from bedside.genome.record import person_of
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.phenotype_risk import RiskPolicy
from bedside.service.house import House
from bedside.service.pathway_people import everybody_known
from bedside.service.pathway_signals import meanings_of

PATHWAY = "undiagnosed"
REFERRED, NOT_NOW = "referred", "not-now"
SYSTEMS: Mapping[str, str] = {
    System.ICD10CM.value: "icd10cm",
    System.SNOMED_CT.value: "snomed",
    System.HPO.value: "hpo",
}
ENTERED = (("eligible", PATHWAY), ("referred", PATHWAY))
EPOCH = date(1970, 1, 1)


def charts_of_record(house: House, policy: RiskPolicy, as_of: date) -> ChartCodes:
    """Everybody registered, with every problem that was ever written down and not taken back.

    A code of a system that has no map keeps its system's address: it is counted, and nothing is read in it.
    """
    until = datetime.combine(as_of, time.max, UTC)
    people: dict[str, Event] = {}
    problems: dict[tuple[str, str, str], tuple[Event, date | None]] = {}
    kinds = (EventKind.PERSON_REGISTERED, EventKind.PROBLEM_RECORDED)
    for event in house.ledger.events(kinds=kinds):
        if event.person is None or event.valid_at > until:
            continue
        if event.kind is EventKind.PERSON_REGISTERED:
            held = people.get(event.person)
            if held is None or event.valid_at >= held.valid_at:
                people[event.person] = event
            continue
        key = (event.person, str(event.payload["system"]), str(event.payload["code"]))
        before = problems.get(key)
        if before is None or event.valid_at >= before[0].valid_at:
            problems[key] = (event, _earliest(None if before is None else before[1], _since(event)))
    return _columns(house, policy, as_of, {name: person_of(one) for name, one in people.items()}, problems)


def _columns(
    house: House,
    policy: RiskPolicy,
    as_of: date,
    people: Mapping[str, Person],
    problems: Mapping[tuple[str, str, str], tuple[Event, date | None]],
) -> ChartCodes:
    names = tuple(sorted(people))
    place = {name: at for at, name in enumerate(names)}
    entries = sorted(
        (place[person], (SYSTEMS.get(system, system), code), since)
        for (person, system, code), (event, since) in problems.items()
        if person in place and event.payload["status"] != ItemStatus.ENTERED_IN_ERROR.value
    )
    codes = tuple(sorted({code for _, code, _ in entries}))
    column = {code: at for at, code in enumerate(codes)}
    standing = standing_of(house, policy, as_of)
    known = everybody_known(house, meanings_of(house))
    programmes = [known.programme(name) for name in names]
    ages = [_age(people[name].birth_date, as_of) for name in names]
    female = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}
    return ChartCodes(
        names,
        np.asarray(ages, dtype=float),
        np.asarray([female.get(people[name].sex, np.nan) for name in names], dtype=float),
        tuple(standing.get(name) for name in names),
        ("",) * len(names),
        {
            "ancestry": tuple(people[name].ancestry for name in names),
            "language": tuple(one.language for one in programmes),
            "payer": tuple(one.payer for one in programmes),
        },
        codes,
        np.asarray([at for at, _, _ in entries], dtype=np.int64),
        np.asarray([column[code] for _, code, _ in entries], dtype=np.int64),
        np.asarray([_day(since) for _, _, since in entries], dtype=np.int32),
    )


def standing_of(house: House, policy: RiskPolicy, as_of: date) -> dict[str, LeftOut]:
    """Who is left out for what the record says: an exome or genome is stored, the pathway holds them, they
    declined, or somebody decided not now and the time is not over."""
    found: dict[str, LeftOut] = dict.fromkeys(house.ledger.people_with_genome(), LeftOut.TESTED)
    for person, signals in everybody_known(house, meanings_of(house)).signals.items():
        said = on_pathway(signals)
        if said is not None:
            found[person] = said
    for person, event in decisions(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_DECIDED,))).items():
        if event.payload["decision"] == NOT_NOW and (said := _waits(event, policy, as_of)) is not None:
            found.setdefault(person, said)
    return found


def standing_on(house: House, policy: RiskPolicy, as_of: date, person: str) -> LeftOut | None:
    """One person's reason to be left out; None when there is none."""
    return standing_of(house, policy, as_of).get(person)


def on_pathway(signals: Iterable[Signal]) -> LeftOut | None:
    """Whether somebody died, or where the `undiagnosed` pathway has them; None when it never had."""
    found: LeftOut | None = None
    for one in standing_signals(signals):
        said = one.attributes
        if one.name == "died":
            return LeftOut.DIED
        if (one.name, said.get("for") or said.get("to")) in ENTERED:
            found = LeftOut.UNDER_CARE
        elif found is None:
            continue
        elif one.name == "declined":
            found = LeftOut.DECLINED
        elif one.name == "returned":
            found = LeftOut.UNDER_CARE
        elif one.name == "result-reported":
            found = LeftOut.TESTED
        elif one.name == "result-reviewed" and said.get("finding") == "diagnosis":
            found = LeftOut.DIAGNOSED
    return found


def decisions(events: Iterable[Event]) -> dict[str, Event]:
    """The last decision about each person."""
    return {event.person: event for event in events if event.person is not None}


def _waits(event: Event, policy: RiskPolicy, as_of: date) -> LeftOut | None:
    reason = policy.not_now.get(str(event.payload.get("reason", "")))
    if reason is not None and reason.answered:
        return LeftOut.DECLINED if reason.name == "declined" else LeftOut.NOT_NOW
    days = 0 if reason is None else reason.days
    return LeftOut.NOT_NOW if as_of < event.valid_at.date() + timedelta(days=days) else None


def _since(event: Event) -> date | None:
    said = event.payload.get("since")
    return date.fromisoformat(str(said)[:10]) if said else event.valid_at.date()


def _earliest(before: date | None, now: date | None) -> date | None:
    return min((one for one in (before, now) if one is not None), default=None)


def _age(born: date | None, as_of: date) -> float:
    return float("nan") if born is None else (as_of - born).days / 365.25


def _day(since: date | None) -> int:
    return int(NEVER) if since is None else (since - EPOCH).days
