"""An order for a genetic test: what is asked of a laboratory, about whom, why, by whom, and every answer that
goes with it. The same content has the same digest in every format it is sent in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from bedside.genome.code import Code, System
from bedside.genome.observation import digest
from bedside.genome.person import Identifier, Sex


class Priority(Enum):
    """How soon the laboratory is asked to begin."""

    ROUTINE = "routine"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class LocalCode:
    """A code that a laboratory or a site gives itself: the code, what a person reads, whose it is."""

    code: str
    name: str
    system: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the order is about, as the order states it and as the result must name them again."""

    person: str
    family: str
    given: str
    birth_date: date | None
    sex: Sex
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedAnswer:
    """The answer to a question that the laboratory asks of every order. source: `chart`, `fhir` (the EHR's
    chart, where ours said nothing) or `clinician`."""

    question: str
    text: str
    value: str
    source: str = "chart"


@dataclass(frozen=True, slots=True)
class SpecimenWanted:
    """What is to be collected, by HL7's specimen type, and in what."""

    kind: str
    name: str
    container: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `order` is our number for it (the placer's), `despite` why it was placed although the
    record advised against it, "" when it did not."""

    order: str
    subject: Subject
    test: str
    code: LocalCode
    laboratory: str
    reasons: tuple[Code, ...]
    specimen: SpecimenWanted
    orderer: str
    placed_at: datetime
    answers: tuple[AskedAnswer, ...] = ()
    priority: Priority = Priority.ROUTINE
    despite: str = ""

    @property
    def digest(self) -> str:
        """The sha256 of what the order says: equal in every format, changed by any change."""
        written = json.dumps(plain_order(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return digest(written.encode())

    def at_whole_second(self) -> Order:
        """The same order, placed at a whole second: no format of the field carries less with certainty."""
        return replace(self, placed_at=self.placed_at.replace(microsecond=0))


def plain_order(order: Order) -> dict[str, Any]:
    """The order as plain values."""
    subject = order.subject
    return {
        "order": order.order,
        "subject": {
            "person": subject.person,
            "family": subject.family,
            "given": subject.given,
            "birth_date": None if subject.birth_date is None else subject.birth_date.isoformat(),
            "sex": subject.sex.value,
            "identifiers": [[one.system, one.value] for one in subject.identifiers],
        },
        "test": order.test,
        "code": [order.code.code, order.code.name, order.code.system],
        "laboratory": order.laboratory,
        "reasons": [[one.system.value, one.code, one.display] for one in order.reasons],
        "specimen": [order.specimen.kind, order.specimen.name, order.specimen.container],
        "orderer": order.orderer,
        "placed_at": order.placed_at.isoformat(),
        "answers": [[one.question, one.text, one.value, one.source] for one in order.answers],
        "priority": order.priority.value,
        "despite": order.despite,
    }


def order_of(plain: Mapping[str, Any]) -> Order:
    """The order that plain values describe; KeyError, TypeError or ValueError when they describe none."""
    subject = plain["subject"]
    born = subject["birth_date"]
    return Order(
        order=plain["order"],
        subject=Subject(
            person=subject["person"],
            family=subject["family"],
            given=subject["given"],
            birth_date=None if born is None else date.fromisoformat(born),
            sex=Sex(subject["sex"]),
            identifiers=tuple(Identifier(system, value) for system, value in subject["identifiers"]),
        ),
        test=plain["test"],
        code=LocalCode(*plain["code"]),
        laboratory=plain["laboratory"],
        reasons=tuple(Code(System(system), code, shown) for system, code, shown in plain["reasons"]),
        specimen=SpecimenWanted(*plain["specimen"]),
        orderer=plain["orderer"],
        placed_at=datetime.fromisoformat(plain["placed_at"]),
        answers=tuple(AskedAnswer(*one) for one in plain["answers"]),
        priority=Priority(plain["priority"]),
        despite=plain["despite"],
    )
