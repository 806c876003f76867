"""The record of those who allow research as rows of OMOP's tables. Nothing of a genome but named phenotypes
and diplotypes; no name, no number of a person, no day of birth.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person, Sex
from bedside.knowledge.study_cohorts import CohortDefinition
from bedside.learn.studies.cohort import build_cohort
from bedside.service.house import House
from bedside.service.omop_vocabulary import Vocabulary
from bedside.service.study_people import EPOCH, StudyPeople

Row = dict[str, Any]
MOST_DAYS = 182
"""Dates are shifted by at most so many days, each person's by the same."""
OLDEST = 90
"""Who would be older is given the year of birth of somebody of this age."""
_ENDED = {"ended", "entered-in-error"}


@dataclass(slots=True)
class Export:
    """The rows of each table, with the numbers people got."""

    numbers: Mapping[str, int]
    shifts: Mapping[str, int]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, row: Row) -> None:
        """One more row; what has a key of its own gets the next number."""
        self.tables.setdefault(table, []).append(row)

    def day(self, person: str, days: int) -> date:
        """A person's day, shifted."""
        return date.fromordinal(EPOCH + days) + timedelta(days=self.shifts.get(person, 0))


def shifts_of(people: tuple[str, ...], secret: str) -> dict[str, int]:
    """Each person's shift in days, from a secret that is not exported; the same secret gives the same."""
    made = {}
    for person in people:
        made[person] = int.from_bytes(_hidden(person, secret)[:8]) % (2 * MOST_DAYS + 1) - MOST_DAYS
    return made


def _hidden(person: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), person.encode(), "sha256").digest()


def omop_rows(
    house: House,
    people: StudyPeople,
    vocabulary: Vocabulary,
    cohorts: Mapping[str, CohortDefinition],
    secret: str = "",
) -> Export:
    """Every table's rows. secret: dates are shifted when it is given."""
    everybody = people.happened.people
    shifts = shifts_of(everybody, secret) if secret else {}
    order = sorted(everybody, key=lambda one: _hidden(one, secret)) if secret else everybody
    export = Export({one: place + 1 for place, one in enumerate(order)}, shifts)
    registered = {one.person: one for one in house.ledger.people(limit=max(house.ledger.count_people(), 1))}
    sites = sorted({str(one) for one in people.known.groups["site"] if one})
    for place, site in enumerate(sites):
        row = {"care_site_id": place + 1, "care_site_name": site, "care_site_source_value": site[:50]}
        export.add("care_site", row)
    for place, name in enumerate(everybody):
        _person(export, people, place, registered.get(name, Person(name)), sites, vocabulary)
    _events(house, export, vocabulary)
    _genes(export, people)
    _cohorts(export, people, cohorts)
    return export


def _person(
    export: Export, people: StudyPeople, place: int, person: Person, sites: list[str], vocabulary: Vocabulary
) -> None:
    known, number, name = people.known, export.numbers[person.person], person.person
    last = export.day(name, int(known.last[place]))
    born = person.birth_date
    year = None if born is None else (born + timedelta(days=export.shifts.get(name, 0))).year
    letter = {Sex.FEMALE: "F", Sex.MALE: "M"}.get(person.sex, "")
    site = str(known.groups["site"][place])
    concept = vocabulary.of("gender", letter)
    if year is None:
        return  # OMOP has no person without a year of birth; counted by the caller
    export.add(
        "person",
        {
            "person_id": number,
            "gender_concept_id": concept.standard,
            "year_of_birth": max(year, last.year - OLDEST),
            "race_concept_id": 0,
            "ethnicity_concept_id": 0,
            "care_site_id": sites.index(site) + 1 if site else None,
            "gender_source_value": person.sex.value,
            "gender_source_concept_id": concept.source,
            "race_source_value": person.ancestry[:50] or None,
        },
    )
    first = export.day(name, int(known.first[place]))
    export.add(
        "observation_period",
        {
            "observation_period_id": number,
            "person_id": number,
            "observation_period_start_date": first,
            "observation_period_end_date": max(first, last),
            "period_type_concept_id": 0,
        },
    )
    died = known.died[place]
    if died == died:
        day = export.day(name, int(died))
        export.add("death", {"person_id": number, "death_date": day, "death_type_concept_id": 0})
    for part in ("language", "payer", "deprivation"):
        value = str(known.groups[part][place])
        if value:
            _observe(export, number, first, part, value)


def _observe(export: Export, number: int, day: date, name: str, value: str) -> None:
    export.add(
        "observation",
        {
            "observation_id": len(export.tables.get("observation", ())) + 1,
            "person_id": number,
            "observation_concept_id": 0,
            "observation_date": day,
            "observation_type_concept_id": 0,
            "value_as_string": value[:60] or None,
            "observation_source_value": name[:50],
            "value_source_value": value[:50] or None,
        },
    )


def _events(house: House, export: Export, vocabulary: Vocabulary) -> None:
    kinds = (EventKind.MEDICATION_RECORDED, EventKind.PROBLEM_RECORDED)
    told: dict[tuple[str, EventKind, str, str], list[Event]] = {}
    here = {row["person_id"] for row in export.tables.get("person", ())}
    for event in house.ledger.events(kinds=kinds):
        if event.person is not None and export.numbers.get(event.person) in here:
            key = (event.person, event.kind, event.payload["system"], event.payload["code"])
            told.setdefault(key, []).append(event)
    for (person, kind, system, code), events in sorted(told.items(), key=lambda one: _order(export, one[0])):
        if any(one.payload["status"] == "entered-in-error" for one in events):
            continue
        for start, end in _spells(events):
            _coded(export, person, kind, vocabulary, (system, code), start, end)


def _order(export: Export, key: tuple[str, EventKind, str, str]) -> tuple[int, str, str, str]:
    person, kind, system, code = key
    return export.numbers[person], kind.value, system, code


def _spells(events: list[Event]) -> Iterator[tuple[date, date | None]]:
    """From each start to the end that somebody wrote down; None where nobody did."""
    start: date | None = None
    for one in sorted(events, key=lambda event: (event.valid_at, event.sequence)):
        since = one.payload.get("since")
        day = date.fromisoformat(str(since)[:10]) if since else one.valid_at.date()
        if one.payload["status"] in _ENDED:
            yield (start or day), max(start or day, one.valid_at.date())
            start = None
        elif start is None:
            start = day
    if start is not None:
        yield start, None


def _coded(
    export: Export,
    person: str,
    kind: EventKind,
    vocabulary: Vocabulary,
    code: tuple[str, str],
    start: date,
    end: date | None,
) -> None:
    number, concept = export.numbers[person], vocabulary.of(*code)
    shift = timedelta(days=export.shifts.get(person, 0))
    drug = kind is EventKind.MEDICATION_RECORDED
    table, word = ("drug_exposure", "drug") if drug else ("condition_occurrence", "condition")
    begins = "drug_exposure" if drug else "condition"
    ends = None if end is None else end + shift
    export.add(
        table,
        {
            f"{table}_id": len(export.tables.get(table, ())) + 1,
            "person_id": number,
            f"{word}_concept_id": concept.standard,
            f"{begins}_start_date": start + shift,
            # OMOP asks for an end of every drug exposure: where nobody wrote one, the day it started
            f"{begins}_end_date": (start + shift) if drug and ends is None else ends,
            f"{word}_type_concept_id": 0,
            f"{word}_source_value": code[1][:50],
            f"{word}_source_concept_id": concept.source,
        }
        | ({"verbatim_end_date": ends} if drug else {}),
    )


def _genes(export: Export, people: StudyPeople) -> None:
    """Phenotypes and diplotypes as measurements, and what happened on care pathways as observations."""
    here = {row["person_id"] for row in export.tables.get("person", ())}
    happened = people.happened
    columns = (happened.person.tolist(), happened.day.tolist(), happened.name.tolist())
    rows = [(person, day, happened.names[name]) for person, day, name in zip(*columns, strict=True)]
    told = {(person, day, word.split(":")[1]) for person, day, word in rows if _said_more(word)}
    for person, day, word in rows:
        number = export.numbers[happened.people[person]]
        if number not in here:
            continue
        when = export.day(happened.people[person], day)
        kind, _, rest = word.partition(":")
        if kind in ("phenotype", "diplotype"):
            gene, _, value = rest.partition(":")
            export.add(
                "measurement",
                {
                    "measurement_id": len(export.tables.get("measurement", ())) + 1,
                    "person_id": number,
                    "measurement_concept_id": 0,
                    "measurement_date": when,
                    "measurement_type_concept_id": 0,
                    "measurement_source_value": f"{gene} {kind}"[:50],
                    "value_source_value": value[:50],
                },
            )
        elif kind == "signal":
            name_of, _, value = rest.partition(":")
            if value or (person, day, name_of) not in told:
                _observe(export, number, when, f"signal {name_of}", value)


def _said_more(word: str) -> bool:
    """Whether a signal's name has an attribute with it; the bare name is then not told again."""
    return word.startswith("signal:") and word.count(":") > 1


def _cohorts(export: Export, people: StudyPeople, cohorts: Mapping[str, CohortDefinition]) -> None:
    here = {row["person_id"] for row in export.tables.get("person", ())}
    for number, (_, definition) in enumerate(sorted(cohorts.items()), start=1):
        export.add(
            "cohort_definition",
            {
                "cohort_definition_id": number,
                "cohort_definition_name": definition.provenance.title[:255],
                "cohort_definition_description": definition.version,
                "definition_type_concept_id": 0,
                "subject_concept_id": 0,
            },
        )
        found = build_cohort(definition, people.happened, people.known)
        for person, zero in zip(found.person.tolist(), found.zero.tolist(), strict=True):
            name = people.happened.people[person]
            if export.numbers[name] in here:
                start = export.day(name, zero)
                export.add(
                    "cohort",
                    {
                        "cohort_definition_id": number,
                        "subject_id": export.numbers[name],
                        "cohort_start_date": start,
                        "cohort_end_date": max(start, export.day(name, int(people.known.last[person]))),
                    },
                )
