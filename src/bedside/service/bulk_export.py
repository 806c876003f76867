"""Bulk export: everybody's resources as NDJSON, written in the background, some people at a time.

Who is exported is on record before their resources are written. Consent is looked at when each person's turn
comes; whoever does not allow it is left out and named among the errors, by the opaque id alone. So is
whatever could not be written: nothing is missing in silence.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from bedside.decide.recommend import Told
from bedside.errors import BedsideError, StoreError
from bedside.genome.consent import NotConsented, Purpose, consent_from, refusal_of
from bedside.genome.event import EventKind, NewEvent
from bedside.service.bulk_files import (
    Asked,
    State,
    add,
    asked_of,
    cut,
    delete,
    exports,
    held,
    keep_state,
    people_of,
    state_of,
)
from bedside.service.consented_lake import policy_of
from bedside.service.fhir_filter import fits
from bedside.service.fhir_record import FhirIds, FhirRecord
from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.service.scopes import parse_scope, visible

AT_ONCE = 50
"""People between two steps that count."""
MOST_TRIES = 3
MOST_TOLD = 50_000
"""Answers of guidance that are kept for the next person with the same calls."""
SWITCH_SECONDS = 0.0005
"""How long the export keeps others waiting at a time: the same process answers clinicians' hooks."""
PROBLEMS = "OperationOutcome"
_log = logging.getLogger("bedside.export")
_running: dict[Path, threading.Thread] = {}
_turn = threading.Lock()
_one_at_a_time = threading.Lock()


def everybody(house: House, only: frozenset[str] | None) -> tuple[str, ...]:
    """Everybody with a record, in order of id; of those the caller may open."""
    every = house.ledger.people(limit=max(1, house.ledger.count_people()))
    return tuple(sorted(one.person for one in every if only is None or one.person in only))


def ensure_running(house: House, folder: Path) -> None:
    """Go on with an export that has not ended, unless somebody is at it."""
    with _turn:
        thread = _running.get(folder)
        if thread is not None and thread.is_alive():
            return
        thread = threading.Thread(target=_in_turn, args=(house, folder), name="export", daemon=True)
        _running[folder] = thread
        thread.start()


def go_on(house: House) -> None:
    """Go on with every export that has not ended, after a start."""
    for folder in exports(house):
        if state_of(folder).ended is None:
            ensure_running(house, folder)


def _in_turn(house: House, folder: Path) -> None:
    with _one_at_a_time:
        before = sys.getswitchinterval()
        try:
            sys.setswitchinterval(SWITCH_SECONDS)
            write_export(house, folder)
        except Exception as error:  # noqa: BLE001 — a thread's end is nobody's; the state says how far it came
            _log.error("an export stopped: %s", type(error).__name__)
        finally:
            sys.setswitchinterval(before)
            with _turn:
                _running.pop(folder, None)


def write_export(house: House, folder: Path) -> None:
    """Write an export from where it stands to its end. Raises what keeps it from going on; after some tries
    it has failed."""
    with held(folder) as mine:
        if not mine:
            return
        state = state_of(folder)
        if state.ended is not None:
            return
        asked, people = asked_of(folder), people_of(folder)
        cut(folder, state)
        told: Told = {}
        try:
            while state.done < len(people) and asked_is_there(folder):
                if len(told) > MOST_TOLD:
                    told.clear()
                state = _step(house, folder, asked, people[state.done : state.done + AT_ONCE], state, told)
        except Exception as error:
            _stopped(house, folder, error)
            raise
        if asked_is_there(folder):
            keep_state(folder, replace(state, ended=house.clock(), tries=0))
        else:
            delete(folder)


def asked_is_there(folder: Path) -> bool:
    """Whether the export was not cancelled meanwhile."""
    return (folder / "asked.json").is_file()


def _stopped(house: House, folder: Path, error: Exception) -> None:
    if not asked_is_there(folder):
        return
    state = state_of(folder)
    state = replace(state, tries=state.tries + 1)
    if state.tries >= MOST_TRIES:
        state = replace(state, ended=house.clock(), failed=type(error).__name__)
    keep_state(folder, state)


def _step(house: House, folder: Path, asked: Asked, people: Sequence[str], state: State, told: Told) -> State:
    """The next people: on record, then written, then counted."""
    now = house.clock()
    seen = {"page": "fhir", "asked": "$export", "job": folder.name}
    house.audit.append([NewEvent(EventKind.ACCESSED, asked.client, now, one, seen) for one in people])
    known = record_ids(house.ledger)
    if known is None:
        raise StoreError("the record is empty")
    lines: dict[str, list[bytes]] = {kind: [] for kind in (*asked.kinds, PROBLEMS)}
    for person in people:
        for one in _of_person(house, FhirIds(known), person, asked, now, told):
            lines[one["resourceType"]].append(orjson.dumps(one))
    parts = add(folder, state.parts, lines)
    after = replace(state, done=state.done + len(people), parts=parts)
    if asked_is_there(folder):
        keep_state(folder, after)
    return after


def _of_person(
    house: House, ids: FhirIds, person: str, asked: Asked, now: datetime, told: Told
) -> Iterator[Mapping[str, Any]]:
    refused = not_consented(house, person, now)
    if refused is not None:
        why = f"left out as a whole: consent does not allow it ({refused.refusal.value})"
        yield _problem("warning", "suppressed", f"Patient/{ids.patient(person)}: {why}")
        return
    record = FhirRecord(house, ids, person, told)
    scopes = None if asked.scopes is None else [parse_scope(one) for one in asked.scopes]
    for kind in asked.kinds:
        try:
            found = record.of(kind)
        except StoreError:
            raise
        except (BedsideError, ValueError, KeyError, TypeError) as error:
            why = f"{kind} could not be written ({type(error).__name__})"
            yield _problem("error", "exception", f"Patient/{ids.patient(person)}: {why}")
            continue
        seen = visible(scopes, kind, "r", found)
        yield from (one for one in seen if _wanted(one, asked))


def not_consented(house: House, person: str, now: datetime) -> NotConsented | None:
    """Why the layers that care needs do not allow this person's data to go out; None when they do."""
    policy, known = policy_of(house), house.ledger.person(person)
    born = None if known is None else known.birth_date
    said = consent_from(person, house.ledger.consents(person), born, now.date(), policy)
    return refusal_of(said, Purpose.CARE, policy)


def _wanted(resource: Mapping[str, Any], asked: Asked) -> bool:
    if asked.since is not None:
        at = resource.get("meta", {}).get("lastUpdated")
        if at is not None and datetime.fromisoformat(at) <= asked.since:
            return False
    filters = asked.filters.get(resource["resourceType"])
    return not filters or any(fits(resource, one) for one in filters)


def _problem(severity: str, code: str, text: str) -> Mapping[str, Any]:
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return {"resourceType": PROBLEMS, "issue": [issue]}
