"""Which rows an event writes beside itself, in its own transaction: for each question, the event that
governs.

Every statement gives the same tables whether events come one by one or many at once, so a rebuild equals the
original.
"""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from typing import Any

from bedside.genome.consent import day_number
from bedside.genome.event import Event, EventKind
from bedside.genome.record import person_of, source_of
from bedside.store.chain import to_micros

Step = tuple[str, list[tuple[Any, ...]]]
"""A statement, and the rows to run it for."""

TABLES = (
    *("person", "identifier", "medication", "problem", "result", "card", "feedback", "task", "release"),
    *("consent", "genome_run"),
)


def steps(kind: EventKind, events: Sequence[Event]) -> Iterator[Step]:
    """The statements that bring the projections up to date with some events of one kind, in the order to run
    them."""
    return _PROJECTIONS[kind](events)


def _person(events: Sequence[Event]) -> Iterator[Step]:
    people = [(event, person_of(event)) for event in events]
    yield (
        "INSERT INTO person (person, registered, valid_at, family, given, search, born) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (person) DO UPDATE SET registered = excluded.registered, valid_at = excluded.valid_at, "
        "family = excluded.family, given = excluded.given, search = excluded.search, "
        "born = excluded.born "
        "WHERE person.valid_at IS NULL OR excluded.valid_at >= person.valid_at",
        [
            (
                person.person,
                event.sequence,
                to_micros(event.valid_at),
                person.family,
                person.given,
                _search(person.given, person.family, person.person, *(i.value for i in person.identifiers)),
                None if person.birth_date is None else day_number(person.birth_date),
            )
            for event, person in people
        ],
    )
    governs = "EXISTS (SELECT 1 FROM person WHERE person = ? AND registered = ?)"
    yield (
        f"DELETE FROM identifier WHERE person = ? AND {governs}",
        [(person.person, person.person, event.sequence) for event, person in people],
    )
    yield (
        f"INSERT INTO identifier (system, value, person) SELECT ?, ?, ? WHERE {governs}",
        [
            (identifier.system, identifier.value, person.person, person.person, event.sequence)
            for event, person in people
            for identifier in person.identifiers
        ],
    )
    yield (
        "UPDATE consent SET born = (SELECT born FROM person WHERE person = ?) WHERE person = ?",
        [(person.person, person.person) for _, person in people],
    )


def _search(*words: str) -> str:
    return " ".join(word.lower() for word in words if word)


def _item(table: str) -> Callable[[Sequence[Event]], Iterator[Step]]:
    def project(events: Sequence[Event]) -> Iterator[Step]:
        yield (
            f"INSERT INTO {table} (person, system, code, status, valid_at, recorded) "
            "VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (person, system, code) DO UPDATE SET status = excluded.status, "
            "valid_at = excluded.valid_at, recorded = excluded.recorded "
            f"WHERE excluded.valid_at >= {table}.valid_at",
            [
                (
                    event.person,
                    event.payload["system"],
                    event.payload["code"],
                    event.payload["status"],
                    to_micros(event.valid_at),
                    event.sequence,
                )
                for event in events
            ],
        )

    return project


def _accepted(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO person (person, search) VALUES (?, ?) ON CONFLICT (person) DO NOTHING",
        [(event.person, _search(event.person or "")) for event in events],
    )
    yield (
        "INSERT INTO result (result, person, confirmation, accepted) VALUES (?, ?, ?, ?)",
        [
            (event.payload["result"], event.person, event.payload["confirmation"], event.sequence)
            for event in events
        ],
    )


def _result(column: str) -> Callable[[Sequence[Event]], Iterator[Step]]:
    def project(events: Sequence[Event]) -> Iterator[Step]:
        yield (
            f"UPDATE result SET {column} = ? WHERE result = ?",
            [(event.sequence, event.payload["result"]) for event in events],
        )

    return project


def _answered(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO card (card, person, answered, place) VALUES (?, ?, ?, ?)",
        [
            (card["uuid"], event.person, event.sequence, place)
            for event in events
            for place, card in enumerate(event.payload["cards"])
        ],
    )


def _feedback(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO feedback (received, card) VALUES (?, ?)",
        [(event.sequence, event.payload["card"]) for event in events],
    )


def _opened(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO task (task, person, owner, due, opened) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (task) DO NOTHING",
        [
            (
                event.payload["task"],
                event.person,
                event.payload["owner"],
                event.payload["due"],
                event.sequence,
            )
            for event in events
        ],
    )


def _closed(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "UPDATE task SET closed = ? WHERE task = ?",
        [(event.sequence, event.payload["task"]) for event in events],
    )


def _adopted(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO release (adopted, source, release) VALUES (?, ?, ?)",
        [(event.sequence, source_of(event.payload["release"]), event.payload["release"]) for event in events],
    )


def _consented(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO consent (person, scope, decision, given_by, uses, emancipated, said_at, said_on, "
        "recorded, born) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT born FROM person WHERE person = ?)) "
        "ON CONFLICT (person, scope) DO UPDATE SET decision = excluded.decision, "
        "given_by = excluded.given_by, uses = excluded.uses, emancipated = excluded.emancipated, "
        "said_at = excluded.said_at, said_on = excluded.said_on, recorded = excluded.recorded "
        "WHERE excluded.said_at >= consent.said_at",
        [
            (
                event.person,
                event.payload["scope"],
                event.payload["decision"],
                event.payload["by"],
                " ".join(event.payload.get("uses", ())),
                int(event.payload.get("emancipated", False)),
                to_micros(event.valid_at),
                day_number(event.valid_at.astimezone(UTC)),
                event.sequence,
                event.person,
            )
            for event in events
        ],
    )


def _stored(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "INSERT INTO genome_run (run, person, result, evidence, records, stored) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (run) DO UPDATE SET person = excluded.person, result = excluded.result, "
        "evidence = excluded.evidence, records = excluded.records, stored = excluded.stored, erased = NULL",
        [
            (
                event.payload["run"],
                event.person,
                event.payload["result"],
                event.payload["evidence"],
                event.payload["records"],
                event.sequence,
            )
            for event in events
        ],
    )


def _erased(events: Sequence[Event]) -> Iterator[Step]:
    yield (
        "UPDATE genome_run SET erased = ? WHERE person = ? AND erased IS NULL",
        [(event.sequence, event.person) for event in events],
    )


def _nothing(events: Sequence[Event]) -> Iterator[Step]:
    return iter(())


_PROJECTIONS: dict[EventKind, Callable[[Sequence[Event]], Iterator[Step]]] = {
    EventKind.PERSON_REGISTERED: _person,
    EventKind.MEDICATION_RECORDED: _item("medication"),
    EventKind.PROBLEM_RECORDED: _item("problem"),
    EventKind.RESULT_ACCEPTED: _accepted,
    EventKind.RESULT_WITHDRAWN: _result("withdrawn"),
    EventKind.MEANINGS_DERIVED: _result("meanings"),
    EventKind.HOOK_ANSWERED: _answered,
    EventKind.FEEDBACK_RECEIVED: _feedback,
    EventKind.ORDER_SET_FILTERED: _nothing,
    EventKind.TASK_OPENED: _opened,
    EventKind.TASK_CLOSED: _closed,
    EventKind.RELEASE_ADOPTED: _adopted,
    EventKind.ACCESSED: _nothing,
    EventKind.ACCESS_REFUSED: _nothing,
    EventKind.GLASS_BROKEN: _nothing,
    EventKind.CONSENT_RECORDED: _consented,
    EventKind.GENOME_STORED: _stored,
    EventKind.GENOME_ERASED: _erased,
    EventKind.GENOME_SCREENED: _nothing,
    EventKind.REANALYSED: _nothing,
    EventKind.RELATIVE_RECORDED: _nothing,
    EventKind.STEP_TAKEN: _nothing,
    EventKind.ORDER_PLACED: _nothing,
    EventKind.ORDER_ENDED: _nothing,
    EventKind.ORDER_ANSWERED: _nothing,
    EventKind.SPECIMEN_MOVED: _nothing,
    EventKind.MESSAGE_RECEIVED: _nothing,
    EventKind.MESSAGE_QUARANTINED: _nothing,
    EventKind.MESSAGE_SETTLED: _nothing,
    EventKind.SIGNAL_RECORDED: _nothing,
    EventKind.FEATURE_SUGGESTED: _nothing,
    EventKind.FEATURE_DECIDED: _nothing,
    EventKind.CASE_RANKED: _nothing,
    EventKind.PROGRAMME_RECORDED: _nothing,
    EventKind.UNDIAGNOSED_LISTED: _nothing,
    EventKind.UNDIAGNOSED_DECIDED: _nothing,
    EventKind.TUMOUR_RECORDED: _nothing,
    EventKind.BOARD_STEP: _nothing,
    EventKind.BOARD_MET: _nothing,
    EventKind.RANKING_RECORDED: _nothing,
    EventKind.MANAGEMENT_NOTED: _nothing,
    EventKind.OUTCOME_RECORDED: _nothing,
    EventKind.CONSULT_DRAFTED: _nothing,
    EventKind.SITE_QUEUED: _nothing,
    EventKind.SITE_RECEIVED: _nothing,
    EventKind.SITE_SETTLED: _nothing,
    EventKind.DRAFT_OWED: _nothing,
    EventKind.DRAFT_SETTLED: _nothing,
    EventKind.DRAFT_MADE: _nothing,
    EventKind.DRAFT_GIVEN: _nothing,
    EventKind.FIELD_ADDED: _nothing,
    EventKind.FIELD_DECIDED: _nothing,
    EventKind.DRAFT_SIGNED: _nothing,
    EventKind.DRAFT_REJECTED: _nothing,
    EventKind.RESULT_ACKNOWLEDGED: _nothing,
    EventKind.LETTER_RELEASED: _nothing,
    EventKind.LETTER_WITHDRAWN: _nothing,
    EventKind.COVERAGE_ANSWERED: _nothing,
    EventKind.AUTHORISATION_MOVED: _nothing,
    EventKind.COST_ESTIMATED: _nothing,
    EventKind.COST_SETTLED: _nothing,
    EventKind.PROPOSAL_MADE: _nothing,
    EventKind.PROPOSAL_DECIDED: _nothing,
    EventKind.HARM_AUDITED: _nothing,
    EventKind.CYCLE_MOVED: _nothing,
    EventKind.STUDY_REGISTERED: _nothing,
    EventKind.STUDY_RUN: _nothing,
    EventKind.PLAYBOOK_CHANGED: _nothing,
    EventKind.DECISION_LOGGED: _nothing,
    EventKind.ASSESSMENT_RECORDED: _nothing,
    EventKind.BACKUP_MADE: _nothing,
    EventKind.CHECKPOINT_KEPT: _nothing,
    EventKind.KEY_ROTATED: _nothing,
    EventKind.RETENTION_APPLIED: _nothing,
    EventKind.DATA_RELEASED: _nothing,
    EventKind.GAP_MOVED: _nothing,
}
