"""The record as a pure fold over events: what was true of a person at one time, as known at another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bedside.genome.code import Code, System
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Problem, Sex
from bedside.genome.result import Confirmation
from bedside.genome.task import Task


@dataclass(frozen=True, slots=True)
class HeldResult:
    """A result as the ledger holds it: everything of content named by digest.

    documents: sha256 of what arrived. observations: gene → digests (a genotype pattern, outside calls, or
    both). calls: gene → digest of the meaning in force; empty before any was derived. release: the
    knowledge release it holds under, which is the one last adopted, also where adopting it changed nothing
    here. withdrawn: why it no longer counts, "" while it does. order: its place among results, oldest
    first. reported: digests of what the laboratory itself reported, which is never interpreted.
    """

    result: str
    person: str
    sample: str
    laboratory: str
    documents: tuple[str, ...]
    assay: str
    confirmation: Confirmation
    observations: Mapping[str, tuple[str, ...]]
    valid_at: datetime
    known_at: datetime
    order: tuple[datetime, int]
    calls: Mapping[str, str]
    release: str = ""
    withdrawn: str = ""
    reported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonState:
    """All that is in force about one person; results oldest first, withdrawn ones included and marked."""

    person: Person | None
    medications: tuple[Medication, ...] = ()
    problems: tuple[Problem, ...] = ()
    results: tuple[HeldResult, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """The events of one person, and the adoptions of releases, in the order written."""

    events: Sequence[Event]

    def as_of(self, valid_at: datetime | None = None, known_at: datetime | None = None) -> PersonState:
        """What held at `valid_at`, from what was known at `known_at`; None means no limit on that axis."""
        seen = [
            event
            for event in self.events
            if (valid_at is None or event.valid_at <= valid_at)
            and (known_at is None or event.known_at <= known_at)
        ]
        registered = _latest(seen, EventKind.PERSON_REGISTERED, lambda event: "")
        medications = _latest(seen, EventKind.MEDICATION_RECORDED, _code_key)
        problems = _latest(seen, EventKind.PROBLEM_RECORDED, _code_key)
        return PersonState(
            person=person_of(registered[0]) if registered else None,
            medications=tuple(medication_of(event) for event in medications),
            problems=tuple(problem_of(event) for event in problems),
            results=_results(seen),
            tasks=_tasks(seen),
        )


def _code_key(event: Event) -> str:
    return f"{event.payload['system']}|{event.payload['code']}"


def _latest(events: Iterable[Event], kind: EventKind, key: Callable[[Event], str]) -> list[Event]:
    """For each key the event that governs: the one true latest, then learned latest; in order of key."""
    governing: dict[str, Event] = {}
    for event in events:
        if event.kind is kind:
            held = governing.get(key(event))
            if held is None or event.valid_at >= held.valid_at:
                governing[key(event)] = event
    return [governing[name] for name in sorted(governing)]


def _results(events: Iterable[Event]) -> tuple[HeldResult, ...]:
    held: dict[str, HeldResult] = {}
    for event in events:
        name = event.payload.get("result")
        if event.kind is EventKind.RESULT_ACCEPTED:
            held[event.payload["result"]] = result_of(event)
        elif event.kind is EventKind.MEANINGS_DERIVED and name in held:
            held[name] = with_meanings(held[name], event.payload)
        elif event.kind is EventKind.RESULT_WITHDRAWN and name in held:
            held[name] = replace(held[name], withdrawn=event.payload["reason"])
        elif event.kind is EventKind.RELEASE_ADOPTED:
            held = {name: under_release(result, event.payload["release"]) for name, result in held.items()}
    return tuple(sorted(held.values(), key=lambda result: result.order))


def _tasks(events: Iterable[Event]) -> tuple[Task, ...]:
    tasks: dict[str, Task] = {}
    for event in events:
        name = event.payload.get("task")
        if event.kind is EventKind.TASK_OPENED and event.payload["task"] not in tasks:
            tasks[event.payload["task"]] = task_of(event)
        elif event.kind is EventKind.TASK_CLOSED and name in tasks:
            tasks[name] = replace(tasks[name], outcome=event.payload["outcome"])
    return tuple(tasks[name] for name in sorted(tasks))


def person_of(event: Event) -> Person:
    """The person a `person-registered` event describes."""
    payload = event.payload
    return Person(
        person=str(event.person),
        given=payload.get("given", ""),
        family=payload.get("family", ""),
        birth_date=_day(payload.get("birth_date")),
        sex=Sex(payload.get("sex", Sex.UNKNOWN.value)),
        identifiers=tuple(Identifier(i["system"], i["value"]) for i in payload.get("identifiers", ())),
        ancestry=payload.get("ancestry", ""),
    )


def medication_of(event: Event) -> Medication:
    """The medication a `medication-recorded` event describes."""
    return Medication(
        _code(event.payload), ItemStatus(event.payload["status"]), _day(event.payload.get("since"))
    )


def problem_of(event: Event) -> Problem:
    """The problem a `problem-recorded` event describes."""
    return Problem(
        _code(event.payload), ItemStatus(event.payload["status"]), _day(event.payload.get("since"))
    )


def result_of(event: Event) -> HeldResult:
    """The result a `result-accepted` event describes, before any meaning was derived."""
    payload = event.payload
    return HeldResult(
        result=payload["result"],
        person=str(event.person),
        sample=payload["sample"],
        laboratory=payload.get("laboratory", ""),
        documents=tuple(payload["documents"]),
        assay=payload["assay"],
        confirmation=Confirmation(payload["confirmation"]),
        observations={gene: tuple(digests) for gene, digests in payload["observations"].items()},
        valid_at=event.valid_at,
        known_at=event.known_at,
        order=(event.valid_at, event.sequence),
        calls={},
        reported=tuple(payload.get("reported", ())),
    )


def with_meanings(result: HeldResult, payload: Mapping[str, Any]) -> HeldResult:
    """The result with the meanings that a `meanings-derived` payload gives it."""
    return replace(result, calls=payload["calls"], release=payload["release"])


def under_release(result: HeldResult, adopted: str) -> HeldResult:
    """The result after a release was adopted: its meanings were derived again, and hold under that
    release.
    """
    same_source = bool(result.release) and source_of(result.release) == source_of(adopted)
    return replace(result, release=adopted) if same_source else result


def source_of(release: str) -> str:
    """The source a release comes from: `cpic` of `cpic@2025-11-05#3f2a…`."""
    return release.split("@", 1)[0]


def task_of(event: Event) -> Task:
    """The open task a `task-opened` event describes."""
    payload = event.payload
    return Task(
        task=payload["task"],
        person=str(event.person),
        kind=payload["kind"],
        summary=payload["summary"],
        owner=payload["owner"],
        due=date.fromisoformat(payload["due"]),
        about=payload.get("about", {}),
    )


def _code(payload: Mapping[str, Any]) -> Code:
    return Code(System(payload["system"]), payload["code"], payload.get("display", ""))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
