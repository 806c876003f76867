"""Writes down what a person allowed or took back. From the next question on it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bedside.errors import Problem, RequestError
from bedside.genome.consent import (
    Consent,
    ConsentPolicy,
    Decision,
    Giver,
    Refusal,
    Said,
    Scope,
    Stage,
    ask_again,
    consent_from,
    consent_of,
    stage_of,
)
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.person import Person
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.service.house import House

_LATER = timedelta(microseconds=1)


def record_consent(
    house: House,
    person: str,
    scope: Scope,
    decision: Decision,
    *,
    by: Giver = Giver.SELF,
    uses: Sequence[str] = (),
    emancipated: bool = False,
    document: bytes | None = None,
    valid_at: datetime | None = None,
    actor: str = "operator",
) -> Event:
    """One decision about one layer, on disk when this returns; see `record_decisions`."""
    how = Said(decision, valid_at, by, tuple(sorted(set(uses))), emancipated)
    return record_decisions(house, person, {scope: decision}, how, document=document, actor=actor)[0]


def record_decisions(
    house: House,
    person: str,
    decisions: Mapping[Scope, Decision],
    how: Said,
    *,
    document: bytes | None = None,
    actor: str = "operator",
) -> tuple[Event, ...]:
    """What was said of several layers at once, on disk when this returns. how: when it was said (None: now),
    by whom, and the uses that limit what is given. document: what was signed; it is kept. Raises
    `RequestError` with everything that is wrong, and then nothing is written.
    """
    policy = load_consent_policy(house.settings.knowledge_folder)
    now = house.clock()
    problems = _problems(house, person, decisions, how, now, policy)
    if problems:
        raise RequestError(problems)
    kept = "" if document is None else house.documents.put(document)
    before = house.ledger.consents(person)
    events = [
        NewEvent(
            EventKind.CONSENT_RECORDED,
            actor,
            how.at or _after(now, before[scope].at if scope in before else None),
            person,
            _payload(scope, decision, how, kept),
        )
        for scope, decision in decisions.items()
    ]
    return house.ledger.append(events)


def _after(now: datetime, last: datetime | None) -> datetime:
    """Now, or just after what was last said: a clock that was set back must not keep a withdrawal from
    holding."""
    return now if last is None or last < now else last + _LATER


def _payload(scope: Scope, decision: Decision, how: Said, kept: str) -> dict[str, Any]:
    payload: dict[str, Any] = {"scope": scope.value, "decision": decision.value, "by": how.by.value}
    if how.uses and decision is Decision.GIVEN:
        payload["uses"] = list(how.uses)
    if how.emancipated:
        payload["emancipated"] = True
    if kept:
        payload["document"] = kept
    return payload


def _problems(
    house: House,
    person: str,
    decisions: Mapping[Scope, Decision],
    how: Said,
    now: datetime,
    policy: ConsentPolicy,
) -> list[Problem]:
    known = _known(house, person)
    if known is None:
        return [Problem("person", "nobody of that id has a record", remedy="register the person first")]
    found: list[Problem] = []
    if not decisions:
        found.append(Problem("scope", "no layer is named", remedy=", ".join(one.value for one in Scope)))
    if Decision.NOT_ASKED in decisions.values():
        found.append(Problem("decision", "is given or withdrawn"))
    if how.at is not None and how.at > now:
        found.append(Problem("valid_at", "a decision cannot be from a later time", remedy="record it then"))
    if Decision.GIVEN in decisions.values():
        found += _of_age(known, how, how.at or now, policy)
    elif how.uses:
        found.append(Problem("uses", "limit what is given; what is withdrawn has none"))
    if policy.uses.wrong(how.uses):
        remedy = "write DUO:0000006, or DUO:0000007:MONDO:… for one disease"
        found.append(
            Problem("uses", "not terms of the Data Use Ontology that this site knows", remedy=remedy)
        )
    return found


def _of_age(person: Person, how: Said, when: datetime, policy: ConsentPolicy) -> Iterator[Problem]:
    """Nobody gives for an adult, and a child gives nothing for itself. Who may withdraw is not asked."""
    stage = stage_of(person.birth_date, when.astimezone(UTC).date(), policy.majority)
    if how.by is Giver.GUARDIAN and stage is Stage.ADULT:
        yield Problem("by", "this person is of age and speaks for themself", remedy="--by self")
    if how.by is Giver.SELF and stage is Stage.CHILD and not (how.emancipated and policy.emancipation):
        yield Problem("by", "this person is not of age; a guardian speaks for them", remedy="--by guardian")


def _known(house: House, person: str) -> Person | None:
    known = house.ledger.person(person)
    if known is None and (house.ledger.results(person) or house.ledger.genome_runs(person)):
        return Person(person)
    return known


def consent_in_force(house: House, person: str, as_of: date | None = None) -> Consent:
    """What holds for a person now, or held at the end of a past day (UTC) as it was known then. Raises
    `RequestError` when nobody has that id."""
    known = _known(house, person)
    if known is None:
        raise RequestError.one("person", "nobody of that id has a record")
    policy = load_consent_policy(house.settings.knowledge_folder)
    if as_of is None:
        day = house.clock().date()
        return consent_from(person, house.ledger.consents(person), known.birth_date, day, policy)
    end = datetime.combine(as_of, time.max, UTC)
    events = house.ledger.events(person=person, kinds=(EventKind.CONSENT_RECORDED,), known_at=end)
    return consent_of(events, end, known, policy, end)


def ask_who_came_of_age(house: House, on: date, *, actor: str = "operator") -> int:
    """Open a task for everybody whose guardian's decisions lapsed by a day; how many are new. Asked again,
    nothing is opened twice."""
    policy = load_consent_policy(house.settings.knowledge_folder)
    tasks = list(ask_again(_lapsed(house, policy, on), on, policy))
    open_before = {task.task for task in house.ledger.tasks(open_only=False)}
    new = [task for task in tasks if task.task not in open_before]
    events = [
        NewEvent(
            EventKind.TASK_OPENED,
            actor,
            house.clock(),
            task.person,
            {
                "task": task.task,
                "kind": task.kind,
                "summary": task.summary,
                "owner": task.owner,
                "due": task.due.isoformat(),
                "about": dict(task.about),
            },
            task.task,
        )
        for task in new
    ]
    house.ledger.append(events)
    return len(new)


def _lapsed(house: House, policy: ConsentPolicy, on: date) -> Iterator[tuple[Consent, date]]:
    alike = house.ledger.decisions(tuple(Scope), on, policy.majority)
    guarded = (
        one.people
        for one in alike
        if one.said.by is Giver.GUARDIAN
        and one.said.decision is Decision.GIVEN
        and one.stage is Stage.ADULT
        and one.scope not in policy.continues
    )
    for person in sorted({person for people in guarded for person in people}):
        known = house.ledger.person(person)
        if known is None or known.birth_date is None:
            continue
        consent = consent_from(person, house.ledger.consents(person), known.birth_date, on, policy)
        if any(consent.of(scope).why is Refusal.LAPSED for scope in Scope):
            yield consent, known.birth_date
