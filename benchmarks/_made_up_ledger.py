"""A ledger of made-up people for timing: orders, specimens, results, cards, tasks, signals, steps, answers of
payers and a great deal of access, in the proportions of a busy programme."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bedside.genome.event import EventKind, NewEvent
from bedside.store.sql_ledger import SqlLedger

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 500
BATCH = 50_000
SITES = tuple(f"site-{number}" for number in range(1, 13))
PAYERS = ("public", "private", "self-pay", "employer")
LANGUAGES = ("en", "es", "so", "vi")
ANCESTRIES = ("group-a", "group-b", "group-c", "group-d", "")
DRUGS = tuple(str(number) for number in range(30_000, 30_040))
_DIGEST = "0123456789abcdef" * 4
_GENES = {f"G{number}": [_DIGEST] for number in range(18)}
_CALLS = {f"G{number}": _DIGEST for number in range(18)}
_INPUTS = {"moment": {"drugs": list(DRUGS), "problems": list(DRUGS)}, "calls": _CALLS, "note": "x" * 400}


def write(ledger: SqlLedger, people: int, events: int, seed: int = 1) -> int:
    """Write the ledger; how many events it holds."""
    chance = random.Random(seed)
    held: list[NewEvent] = []
    written, each = 0, events // people
    for number in range(people):
        held += person_events(chance, number, each)
        if len(held) >= BATCH:
            written += len(ledger.append(held))
            held = []
    written += len(ledger.append(held)) if held else 0
    return written


def person_events(chance: random.Random, number: int, each: int) -> list[NewEvent]:
    """One person's events, filled up with looks at the chart to `each`."""
    person = f"person-{number:07d}"
    story = [NewEvent(kind, "made-up", at, person, said) for kind, at, said in _story(chance, number)]
    missing = each - len(story)
    for place in range(max(missing, 0)):
        at = BEGIN + timedelta(minutes=chance.randrange(DAYS * 1440))
        page = ("chart", "people", "tasks", "report", "fhir")[place % 5]
        story.append(NewEvent(EventKind.ACCESSED, "dr", at, person, {"page": page, "asked": "GET"}))
    return story[:each]


_Said = tuple[EventKind, datetime, dict[str, Any]]


def _story(chance: random.Random, number: int) -> Iterator[_Said]:
    begin = BEGIN + timedelta(minutes=chance.randrange(DAYS * 1440))
    born = f"{1930 + number % 90}-0{1 + number % 9}-11"
    registered = {
        "given": "A", "family": f"B{number}", "birth_date": born, "sex": ("female", "male")[number % 2],
        "ancestry": chance.choice(ANCESTRIES), "identifiers": [{"system": "urn:mrn", "value": str(number)}],
    }  # fmt: skip
    yield EventKind.PERSON_REGISTERED, begin, registered
    yield (
        EventKind.PROGRAMME_RECORDED,
        begin,
        {
            "site": chance.choice(SITES), "payer": chance.choice(PAYERS),
            "language": chance.choice(LANGUAGES), "deprivation": str(chance.randrange(1, 6)),
        },
    )  # fmt: skip
    for place in range(8):
        drug = {"system": "rxnorm", "code": DRUGS[(number + place) % 40], "status": "active"}
        yield EventKind.MEDICATION_RECORDED, begin + timedelta(days=place), drug
        problem = {"system": "sct", "code": DRUGS[(number * 3 + place) % 40], "status": "active"}
        yield EventKind.PROBLEM_RECORDED, begin, problem
    for place in range(2):
        yield from _order(chance, f"{number}-{place}", begin + timedelta(days=place * 40))
    for place in range(6):
        yield from _card(chance, f"{number}-{place}", begin + timedelta(days=place * 9))
    for place in range(3):
        yield from _task(chance, f"task-{number}-{place}", begin + timedelta(days=place * 20))
    for name, days in (
        ("eligible", 0), ("admitted", 1), ("therapy-ordered", 9), ("provisional-result", 4),
        ("first-dose-confirmed", 20), ("management-changed", 22), ("disclosed", 30), ("response-checked", 90),
    ):  # fmt: skip
        if chance.random() < 0.8:
            said = {"unit": "nicu"} if name == "admitted" else {}
            at = begin + timedelta(days=days, minutes=chance.randrange(4000))
            yield (
                EventKind.SIGNAL_RECORDED,
                at,
                {"signal": name, "attributes": said, "case": "", "source": "x"},
            )
    if number % 5 == 0:
        yield from _finding(chance, f"finding-{number}", begin + timedelta(days=30))


def _order(chance: random.Random, order: str, at: datetime) -> Iterator[_Said]:
    wanted = {
        "order": order, "test": f"test-{chance.randrange(6)}", "laboratory": f"lab-{chance.randrange(3)}",
        "priority": "routine", "placed_at": at.isoformat(),
        "answers": [["q", "a question", "yes", "chart"]] * 4,
    }  # fmt: skip
    yield EventKind.ORDER_PLACED, at, {"order": wanted, "digest": _DIGEST, "advice": "go", "gaps": []}
    answer = chance.choice(("covered", "not-covered", "conditional", "indeterminate"))
    yield EventKind.COVERAGE_ANSWERED, at, {"order": order, "payer": "p", "answer": answer}
    yield from _authorisation(chance, order, at)
    when = at
    for step in ("label", "collect", "send", "receive"):
        when += timedelta(minutes=chance.randrange(2000))
        yield EventKind.SPECIMEN_MOVED, when, {"specimen": f"s-{order}", "order": order, "step": step}
    if chance.random() < 0.05:
        yield EventKind.ORDER_ENDED, when, {"order": order, "outcome": "cancelled", "reason": "x"}
        return
    when += timedelta(minutes=chance.randrange(30_000))
    result = f"result-{order}"
    accepted = {
        "result": result, "sample": "s", "documents": [_DIGEST], "assay": _DIGEST, "confirmation": "clinical",
        "observations": _GENES if chance.random() < 0.8 else {},
    }  # fmt: skip
    yield EventKind.RESULT_ACCEPTED, when, accepted
    yield EventKind.MEANINGS_DERIVED, when, {"result": result, "release": "cpic@x", "calls": _CALLS}
    yield EventKind.ORDER_ENDED, when, {"order": order, "outcome": "resulted", "result": result}
    if chance.random() < 0.01:
        yield EventKind.RESULT_WITHDRAWN, when + timedelta(days=1), {"result": result, "reason": "x"}
    elif chance.random() < 0.9:
        seen = {"item": result, "standing": "final", "how": "acknowledged"}
        yield EventKind.RESULT_ACKNOWLEDGED, when + timedelta(minutes=chance.randrange(9000)), seen


def _authorisation(chance: random.Random, order: str, at: datetime) -> Iterator[_Said]:
    for place, status in enumerate(
        ("submitted", chance.choice(("approved", "approved", "denied", "pended")))
    ):
        said = {"authorisation": f"auth-{order}", "order": order, "status": status, "payer": "p"}
        yield EventKind.AUTHORISATION_MOVED, at + timedelta(days=place * chance.randrange(1, 9)), said


def _card(chance: random.Random, name: str, at: datetime) -> Iterator[_Said]:
    drug, uuid = chance.choice(DRUGS), f"card-{name}"
    cards: list[dict[str, Any]] = []
    if chance.random() < 0.4:
        indicator = chance.choice(("critical", "warning", "info"))
        about = {"order": "o", "drug": "d", "rxnorm": drug, "rules": ["r"]}
        cards = [
            {"uuid": uuid, "indicator": indicator, "summary": "s" * 80, "detail": "d" * 900, "about": about}
        ]
    payload = {
        "service": "bedside-pgx-order-sign", "user": "Practitioner/1", "inputs": _INPUTS, "cards": cards,
        "silences": [{"rule": "r", "drug": "d", "reason": "not-a-new-start", "detail": "x"}] * 3,
    }  # fmt: skip
    yield EventKind.HOOK_ANSWERED, at, payload
    if cards and chance.random() < 0.8:
        outcome = chance.choice(("accepted", "overridden"))
        yield EventKind.FEEDBACK_RECEIVED, at + timedelta(minutes=2), {"card": uuid, "outcome": outcome}
    if cards and chance.random() < 0.5:
        ended = {"system": "rxnorm", "code": drug, "status": "ended"}
        yield EventKind.MEDICATION_RECORDED, at + timedelta(hours=chance.randrange(40)), ended


def _task(chance: random.Random, task: str, at: datetime) -> Iterator[_Said]:
    due = (at + timedelta(days=14)).date().isoformat()
    opened = {
        "task": task,
        "kind": "k",
        "summary": "s" * 60,
        "owner": "nurse",
        "due": due,
        "about": {"order": "o"},
    }
    yield EventKind.TASK_OPENED, at, opened
    if chance.random() < 0.8:
        closed = {"task": task, "outcome": "done"}
        yield EventKind.TASK_CLOSED, at + timedelta(days=chance.randrange(20)), closed


def _finding(chance: random.Random, finding: str, at: datetime) -> Iterator[_Said]:
    found = {"pathway": "disclosure", "step": "screen-positive", "outcome": "found", "finding": finding}
    yield EventKind.STEP_TAKEN, at, found
    for place, (step, outcome) in enumerate(
        (
            ("sign-off", "signed-off"),
            ("disclosure", "disclosed"),
            ("letter", "sent"),
            ("risk-management", "done"),
        )
    ):
        if chance.random() < 0.85:
            said = {"pathway": "disclosure", "step": step, "outcome": outcome, "finding": finding}
            yield EventKind.STEP_TAKEN, at + timedelta(days=10 * place + chance.randrange(30)), said
