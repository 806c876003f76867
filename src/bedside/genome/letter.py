"""A letter that explains a result to the person it is about: its class, the typed facts it is filled with and
where each comes from, its lines, and which letters were released, as a fold over events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.genome.event import Event, EventKind


class ResultClass(Enum):
    """What kind of answer a letter tells. One letter tells one kind."""

    WITHDRAWN = "withdrawn"
    FINDING = "finding"
    SECONDARY = "secondary"
    CARRIER = "carrier"
    UNCERTAIN = "uncertain"
    INCONCLUSIVE = "inconclusive"
    DRUGS = "drugs"
    NOTHING = "nothing-found"


class Section(Enum):
    """The parts of a letter, in their order. DETAILS is for the person's clinicians."""

    FOUND = "found"
    MEANS = "means"
    NOW = "now"
    NOT_MEANS = "not-means"
    ASK = "ask"
    DETAILS = "details"


class FactKind(Enum):
    """What a fact is. MEANING and ADVICE are shown in the plain words of a pack, DATE in the words of a
    language, COPIES likewise; every other is shown as the record has it."""

    NAME = "name"
    GENE = "gene"
    VARIANT = "variant"
    GENOTYPE = "genotype"
    PHENOTYPE = "phenotype"
    MEANING = "meaning"
    COPIES = "copies"
    CONDITION = "condition"
    DRUG = "drug"
    ADVICE = "advice"
    DATE = "date"
    LABORATORY = "laboratory"
    LIMIT = "limit"
    METHOD = "method"
    CONTACT = "contact"
    GENES = "genes"
    RELEASE = "release"
    FLAG = "flag"


class Holder(Enum):
    """Who holds a fact: a piece of content of the ledger, a result, the person, rows of guidance, the rules
    of letters, or whoever writes it."""

    CONTENT = "content"
    RESULT = "result"
    PERSON = "person"
    GUIDANCE = "guidance"
    RULES = "rules"
    WRITER = "writer"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands: who holds it, under which key (a digest, an id), and in which field."""

    holder: Holder
    key: str = ""
    path: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.holder.value, self.key, self.path)))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the record holds. value: as held; shown: as the letter says it."""

    name: str
    kind: FactKind
    value: str
    shown: str
    source: Source


Row = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a letter may say: single facts by name, and lists of rows by name."""

    single: Mapping[str, Fact] = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def every(self) -> tuple[Fact, ...]:
        """All facts, single ones first."""
        listed = (fact for rows in self.rows.values() for row in rows for fact in row.values())
        return (*self.single.values(), *listed)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a letter: the template sentence it comes from, the row it tells of (-1 when none), and
    its words."""

    sentence: str
    section: Section
    row: int
    text: str


class Standing(Enum):
    """How far a letter is. Only RELEASED may reach the person."""

    AWAITS_REVIEW = "awaits review"
    RELEASED = "released"
    CHANGED = "changed since it was released: awaits review"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Released:
    """A letter that a clinician released. document: the digest of its bytes. version: from 1, for this
    result, class and language. withdrawn: why it no longer stands, "" while it does. words: the digests of
    the template and the rules it was written with."""

    letter: str
    result: str
    about: ResultClass
    language: str
    version: int
    document: str
    by: str
    at: datetime
    withdrawn: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()
    words: tuple[str, str] = ("", "")


LETTER_EVENTS = (EventKind.LETTER_RELEASED, EventKind.LETTER_WITHDRAWN, EventKind.RESULT_WITHDRAWN)
"""The kinds of event that the letters of a person are made of."""

RESULT_TAKEN_BACK = "its result was withdrawn"


def letters_of(events: Iterable[Event]) -> tuple[Released, ...]:
    """Every letter that was ever released, in the order of release. One that tells of a result is withdrawn
    with the result; the letter that says so is not."""
    found: list[Released] = []
    for event in events:
        payload = event.payload
        if event.kind is EventKind.LETTER_RELEASED:
            found.append(_released(event, found))
        elif event.kind is EventKind.LETTER_WITHDRAWN:
            found = [
                replace(one, withdrawn=payload["reason"])
                if one.letter == payload["letter"] and not one.withdrawn
                else one
                for one in found
            ]
        elif event.kind is EventKind.RESULT_WITHDRAWN:
            found = [
                replace(one, withdrawn=RESULT_TAKEN_BACK)
                if one.result == payload["result"]
                and one.about is not ResultClass.WITHDRAWN
                and not one.withdrawn
                else one
                for one in found
            ]
    return tuple(found)


def _released(event: Event, before: Iterable[Released]) -> Released:
    payload = event.payload
    return Released(
        payload["letter"],
        payload["result"],
        ResultClass(payload["class"]),
        payload["language"],
        1 + sum(one.letter == payload["letter"] for one in before),
        payload["document"],
        event.actor,
        event.valid_at,
        facts=tuple(payload["facts"]),
        words=(payload.get("template", ""), payload.get("rules", "")),
    )


def plain_facts(facts: Facts) -> list[dict[str, str]]:
    """Facts as an event keeps them: what was said, and from where."""
    return [
        {"name": one.name, "kind": one.kind.value, "value": one.value, "source": str(one.source)}
        for one in facts.every()
    ]
