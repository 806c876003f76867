"""What a person allowed, in layers, for what somebody asks, and whether the one permits the other.

A decision is read with the age of the person: a guardian speaks for a child and until majority only, a child
does not speak for itself, and of somebody whose birth date is not known neither is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from bedside.genome.data_use import DataUses, UseRefusal
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.genome.task import Task


class Scope(Enum):
    """The layers of consent. Each is given or withdrawn by itself."""

    CLINICAL = "clinical"
    RESEARCH = "research"
    RECONTACT = "recontact"
    FAMILY = "family"
    COMMERCIAL = "commercial"


class Decision(Enum):
    """What was said about a layer. Nobody asked yet is `NOT_ASKED`; only a site's policy turns that into
    `GIVEN`."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    NOT_ASKED = "not-asked"


class Giver(Enum):
    """Who spoke."""

    SELF = "self"
    GUARDIAN = "guardian"


class Purpose(Enum):
    """For what a genome is read. Which layers each needs is the site's policy, not code."""

    CARE = "care"
    SCREENING = "screening"
    RETURN = "return"
    RESEARCH = "research"
    FAMILY = "family"
    COMMERCIAL = "commercial"
    OPERATIONS = "operations"


class Stage(Enum):
    """Whether somebody is of age; `UNKNOWN` without a birth date, and then neither is assumed."""

    CHILD = "child"
    ADULT = "adult"
    UNKNOWN = "unknown"


class Refusal(Enum):
    """Why a genome may not be read. None of these says anything about what the genome holds."""

    NOT_ASKED = "not-asked"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed-at-majority"
    SAID_BY_MINOR = "said-by-a-minor"
    AGE_UNKNOWN = "age-unknown"
    NOT_YET = "given-from-a-later-day"
    USE_NOT_PERMITTED = "use-not-permitted"
    USE_NOT_STATED = "use-not-stated"
    USE_UNKNOWN = "use-unknown"
    USE_CONDITION = "use-has-a-condition-that-cannot-be-checked"
    ERASED = "erased"
    NOT_GRANTED = "caller-may-not-open-this-record"


@dataclass(frozen=True, slots=True)
class Said:
    """One layer's decision in force: when it was given, by whom, limited to which uses (GA4GH DUO codes such
    as `DUO:0000007` with their disease; empty is no limit).

    why: why the layer is closed, None when it is open. Once weighed, the decision alone is safe to go by:
    what age leaves closed is `NOT_ASKED` (a guardian's decision that lapsed with `LAPSED`), and a layer that
    nobody was asked about is `GIVEN`, with no time, only where the site's policy gives it.
    """

    decision: Decision
    at: datetime | None = None
    by: Giver = Giver.SELF
    uses: tuple[str, ...] = ()
    emancipated: bool = False
    why: Refusal | None = None


NOT_ASKED = Said(Decision.NOT_ASKED, why=Refusal.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's decisions in force, one for each layer."""

    person: str
    said: Mapping[Scope, Said] = field(default_factory=dict)

    def of(self, scope: Scope) -> Said:
        """The decision about a layer."""
        return self.said.get(scope, NOT_ASKED)


@dataclass(frozen=True, slots=True)
class NotConsented:
    """A person's genome may not be read for this, because of one layer (None: not because of a layer)."""

    person: str
    refusal: Refusal
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Who asks a person again who came of age, and within how many days."""

    kind: str
    owner: str
    days: int
    summary: str


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """What a site decided. unasked: the decision where nobody was asked. needs: all layers a purpose needs.
    continues: layers in which a decision does not depend on age. limited: purposes that uses limit.
    """

    release: str
    unasked: Mapping[Scope, Decision]
    needs: Mapping[Purpose, tuple[Scope, ...]]
    continues: frozenset[Scope]
    limited: frozenset[Purpose]
    majority: int
    emancipation: bool
    uses: DataUses
    ask_again: AskAgain


def stage_of(born: date | None, on: date, majority: int) -> Stage:
    """Whether somebody born then is of age on a day. Who was born on 29 February comes of age on 1 March."""
    if born is None or born > on:
        return Stage.UNKNOWN
    return Stage.ADULT if day_number(born) + majority * 10_000 <= day_number(on) else Stage.CHILD


def day_number(day: date) -> int:
    """A day as 20260301: numbers in the order of days, which make adding years simple."""
    return day.year * 10_000 + day.month * 100 + day.day


def closed(said: Said, scope: Scope, stage: Stage, policy: ConsentPolicy) -> Refusal | None:
    """Why a decision leaves its layer closed. stage: of a guardian's decision on the day of asking, of a
    person's own decision on the day it was said. A withdrawal counts whoever said it, at any age."""
    if said.decision is Decision.WITHDRAWN:
        return Refusal.WITHDRAWN
    if said.decision is Decision.NOT_ASKED:
        return None if policy.unasked[scope] is Decision.GIVEN else Refusal.NOT_ASKED
    if scope in policy.continues:
        return None
    if said.by is Giver.GUARDIAN:
        return {Stage.ADULT: Refusal.LAPSED, Stage.UNKNOWN: Refusal.AGE_UNKNOWN}.get(stage)
    if said.emancipated and policy.emancipation:
        return None
    return {Stage.CHILD: Refusal.SAID_BY_MINOR, Stage.UNKNOWN: Refusal.AGE_UNKNOWN}.get(stage)


def said_of(event: Event) -> Said:
    """The decision a `consent-recorded` event describes, before age is looked at."""
    payload = event.payload
    return Said(
        Decision(payload["decision"]),
        event.valid_at,
        Giver(payload["by"]),
        tuple(payload.get("uses", ())),
        bool(payload.get("emancipated", False)),
    )


def weighed(said: Said, scope: Scope, born: date | None, on: date, policy: ConsentPolicy) -> Said:
    """The decision as it stands on a day, with the reason why its layer is closed."""
    at = said.at.astimezone(UTC).date() if said.by is Giver.SELF and said.at is not None else on
    why = closed(said, scope, stage_of(born, at, policy.majority), policy)
    effective = {None: Decision.GIVEN, Refusal.WITHDRAWN: Decision.WITHDRAWN}.get(why, Decision.NOT_ASKED)
    return replace(said, decision=effective, why=why)


def consent_of(
    events: Iterable[Event],
    on: datetime,
    person: Person,
    policy: ConsentPolicy,
    known_at: datetime | None = None,
) -> Consent:
    """What held at `on`, from what was known at `known_at` (None: all that is known now); events in the
    order written; those of other kinds and other people are passed over. Days are those of UTC."""
    latest: dict[Scope, Event] = {}
    for event in events:
        if event.kind is not EventKind.CONSENT_RECORDED or event.person != person.person:
            continue
        if event.valid_at > on or (known_at is not None and event.known_at > known_at):
            continue
        scope = Scope(event.payload["scope"])
        held = latest.get(scope)
        if held is None or event.valid_at >= held.valid_at:
            latest[scope] = event
    return consent_from(
        person.person,
        {s: said_of(e) for s, e in latest.items()},
        person.birth_date,
        on.astimezone(UTC).date(),
        policy,
    )


def consent_from(
    person: str, said: Mapping[Scope, Said], born: date | None, on: date, policy: ConsentPolicy
) -> Consent:
    """The consent that a person's last decisions make on a day, every layer filled in."""
    unasked = Said(Decision.NOT_ASKED)
    return Consent(person, {s: weighed(said.get(s, unasked), s, born, on, policy) for s in Scope})


def refusal_of(
    consent: Consent, purpose: Purpose, policy: ConsentPolicy, use: str = ""
) -> NotConsented | None:
    """Why this purpose (and use, a DUO code) is not permitted by a consent; None when it is."""
    for scope in policy.needs[purpose]:
        said = consent.of(scope)
        why = said.why or use_refusal(said.uses, purpose, policy, use)
        if why is not None:
            return NotConsented(consent.person, why, scope)
    return None


def use_refusal(
    uses: tuple[str, ...], purpose: Purpose, policy: ConsentPolicy, use: str = ""
) -> Refusal | None:
    """Why the limits a person set do not permit a use."""
    if purpose not in policy.limited:
        return None
    found = policy.uses.refusal(uses, use, purpose.value)
    return None if found is None else _USE_REFUSALS[found]


_USE_REFUSALS = {
    UseRefusal.NOT_PERMITTED: Refusal.USE_NOT_PERMITTED,
    UseRefusal.NOT_STATED: Refusal.USE_NOT_STATED,
    UseRefusal.UNKNOWN: Refusal.USE_UNKNOWN,
    UseRefusal.CONDITION: Refusal.USE_CONDITION,
}


def comes_of_age(born: date, majority: int) -> date:
    """The first day on which somebody is of age."""
    try:
        return born.replace(year=born.year + majority)
    except ValueError:
        return date(born.year + majority, 3, 1)


def ask_again(consents: Iterable[tuple[Consent, date]], on: date, policy: ConsentPolicy) -> Iterator[Task]:
    """The tasks due on a day: people (with their birth dates) who came of age and whose guardian's decisions
    lapsed; one task a person, the same however often it is asked for."""
    plan = policy.ask_again
    for consent, born in consents:
        lapsed = [scope.value for scope in Scope if consent.of(scope).why is Refusal.LAPSED]
        day = comes_of_age(born, policy.majority)
        if lapsed and day <= on:
            yield Task(
                task=f"{plan.kind}:{consent.person}",
                person=consent.person,
                kind=plan.kind,
                summary=plan.summary,
                owner=plan.owner,
                due=day + timedelta(days=plan.days),
                about={"scopes": lapsed, "of_age": day.isoformat(), "policy": policy.release},
            )
