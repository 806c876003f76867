"""What the record says of everybody whose consent allows research, as a study reads it: what happened when,
and what is known of each. Nothing of a genome beyond phenotype names leaves here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from bedside.genome.consent import Purpose
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person, Sex
from bedside.genome.programme import PARTS, Programme, programmes_from
from bedside.genome.signal import standing_signals
from bedside.learn.studies.occurrences import Known, Occurrences, occurrences_of
from bedside.service.consented_lake import policy_of
from bedside.service.counted_people import counted_people
from bedside.service.house import House
from bedside.service.pathway_people import everybody_known
from bedside.service.pathway_rules import pathway_rules

EPOCH = date(1970, 1, 1).toordinal()
ATTRIBUTES = ("drug", "class", "outcome", "tier", "of", "reason")
"""Of signals, what becomes part of a name: `signal:therapy-ordered:drug=32968`."""
DIED, GONE = "signal:died", ("signal:moved", "signal:lost-to-follow-up")
_READ = (
    EventKind.PERSON_REGISTERED,
    EventKind.MEDICATION_RECORDED,
    EventKind.PROBLEM_RECORDED,
    EventKind.RESULT_ACCEPTED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.MEANINGS_DERIVED,
    EventKind.PROGRAMME_RECORDED,
    EventKind.SIGNAL_RECORDED,
    EventKind.HOOK_ANSWERED,
    EventKind.FEEDBACK_RECEIVED,
    EventKind.ORDER_PLACED,
    EventKind.CONSENT_RECORDED,
)
"""What a study reads; the place of the last of these is the head of its data."""

Row = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class StudyPeople:
    """What a study may read. left_out: people by why their consent does not allow it. head: place and hash of
    the last event read; day: the last day anything read was true."""

    happened: Occurrences
    known: Known
    left_out: Mapping[str, int]
    head: str
    day: int


def study_people(house: House, up_to: int | None = None, use: str = "") -> StudyPeople:
    """Everybody who allows research, today. up_to: events after this place count as not yet written. use: a
    DUO code. Consent is that of today, also for a study of the past: who withdrew is not read."""
    events = [one for one in house.ledger.events(kinds=_READ) if up_to is None or one.sequence <= up_to]
    today = house.clock().date()
    counted = counted_people(house.ledger, policy_of(house), Purpose.RESEARCH, use, today)
    everybody = frozenset(one.person for one in events if one.person is not None)
    allowed, refused = counted.divided(everybody)
    own = [one for one in events if one.person in allowed]
    rows = [*_coded(own), *_phenotypes(house, own), *_signals(house, allowed, up_to)]
    head = f"{events[-1].sequence}:{events[-1].hash}" if events else "0:"
    day = max((row[1] for row in rows), default=0)
    happened = occurrences_of(rows, sorted(allowed))
    known = _known(house, happened, own, day)
    return StudyPeople(happened, known, {why.value: count for why, count in refused.items()}, head, day)


def day_of(moment: datetime | date) -> int:
    """Days since 1970."""
    return moment.toordinal() - EPOCH


def _coded(events: list[Event]) -> Iterator[Row]:
    """Drugs and problems as recorded, taken back where entered in error."""
    kinds = {EventKind.MEDICATION_RECORDED: "drug", EventKind.PROBLEM_RECORDED: "problem"}
    wrong = {
        (one.person, one.kind, one.payload["code"])
        for one in events
        if one.kind in kinds and one.payload["status"] == "entered-in-error"
    }
    for one in events:
        if one.kind in kinds and (one.person, one.kind, one.payload["code"]) not in wrong:
            since = one.payload.get("since")
            day = day_of(date.fromisoformat(str(since)[:10])) if since else day_of(one.valid_at)
            ended = "-ended" if one.payload["status"] == "ended" else ""
            system = short_system(str(one.payload["system"]))
            yield str(one.person), day, f"{kinds[one.kind]}{ended}:{system}:{one.payload['code']}"


def short_system(uri: str) -> str:
    """A terminology's last name: rxnorm, sct, icd-10-cm, atc."""
    return uri.rstrip("/").rsplit("/", 1)[-1].lower()


def _phenotypes(house: House, events: list[Event]) -> Iterator[Row]:
    """Phenotype and diplotype of each gene by clinical results in force, from the day of the result; where
    several are possible none is named."""
    gone = {one.payload["result"] for one in events if one.kind is EventKind.RESULT_WITHDRAWN}
    days: dict[str, int] = {}
    calls: dict[tuple[str, str], Mapping[str, str]] = {}
    for one in events:
        if one.payload.get("result") in gone:
            continue
        if one.kind is EventKind.RESULT_ACCEPTED and one.payload["confirmation"] == "clinical":
            days[one.payload["result"]] = day_of(one.valid_at)
            yield str(one.person), day_of(one.valid_at), "result:clinical"
        elif one.kind is EventKind.MEANINGS_DERIVED:
            calls[str(one.person), one.payload["result"]] = one.payload["calls"]
    meant = house.ledger.calls({digest for held in calls.values() for digest in held.values()})
    for (person, result), held in sorted(calls.items()):
        for gene, digest in sorted(held.items()):
            if result in days:
                call = meant[digest]
                if len(call.source_diplotypes) == 1:
                    yield person, days[result], f"diplotype:{gene}:{call.source_diplotypes[0]}"
                if len(call.phenotypes) == 1:
                    yield person, days[result], f"phenotype:{gene}:{call.phenotypes[0]}"


def _signals(house: House, allowed: frozenset[str], up_to: int | None) -> Iterator[Row]:
    """What happened on care pathways, by name and by name with one attribute."""
    every = everybody_known(house, pathway_rules(house.settings.knowledge_folder).meanings)
    until = None
    if up_to is not None:
        last = [one for one in house.ledger.events(after=max(up_to - 1, 0)) if one.sequence == up_to]
        until = last[0].known_at if last else None
    for person, signals in every.signals.items():
        if person not in allowed:
            continue
        for one in standing_signals(signals, until):
            day = day_of(one.at)
            yield person, day, f"signal:{one.name}"
            for key in ATTRIBUTES:
                if one.attributes.get(key):
                    yield person, day, f"signal:{one.name}:{key}={one.attributes[key]}"


def _known(house: House, happened: Occurrences, events: list[Event], day: int) -> Known:
    registered = {one.person: one for one in house.ledger.people(limit=max(house.ledger.count_people(), 1))}
    programmes = programmes_from(events)
    people = [registered.get(one, Person(one)) for one in happened.people]
    first = np.full(len(people), day, np.int64)
    np.minimum.at(first, happened.person, happened.day)
    died = _first(happened, (DIED,), len(people))
    gone = _first(happened, GONE, len(people))
    known = [programmes.get(one, Programme()) for one in happened.people]
    groups = {part: np.array([getattr(one, part) for one in known], object) for part in PARTS}
    sexes = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}
    return Known(
        born=np.array(
            [np.nan if one.birth_date is None else float(day_of(one.birth_date)) for one in people]
        ),
        female=np.array([sexes.get(one.sex, np.nan) for one in people], np.float64),
        groups=groups,
        first=first,
        last=np.fmin(gone, float(day)).astype(np.int64),
        died=died,
    )


def _first(
    happened: Occurrences, names: tuple[str, ...], people: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.full(people, np.nan)
    person, day = happened.days(names)
    for place, when in zip(person[::-1].tolist(), day[::-1].tolist(), strict=True):
        found[place] = when
    return found
