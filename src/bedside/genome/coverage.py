"""Whether a plan pays for a test: three-valued truth, facts with where they stand, plans, four answers.

Unknown is a value of its own. It is never counted as false, and never as true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Truth(Enum):
    """True, false or not known, joined by Kleene's strong logic."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @property
    def opposite(self) -> Truth:
        """The truth of the negation; what is not known stays so."""
        return _OPPOSITE[self]


_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


def truth_of(value: bool) -> Truth:
    """The truth of something that is known."""
    return Truth.TRUE if value else Truth.FALSE


def at_least_of(needed: int, parts: Iterable[Truth]) -> Truth:
    """Whether at least so many parts hold: certain only when the unknown parts cannot change it."""
    held = tuple(parts)
    sure = held.count(Truth.TRUE)
    if sure >= needed:
        return Truth.TRUE
    return Truth.UNKNOWN if sure + held.count(Truth.UNKNOWN) >= needed else Truth.FALSE


def all_of(parts: Iterable[Truth]) -> Truth:
    """Whether all hold."""
    held = tuple(parts)
    return at_least_of(len(held), held)


def any_of(parts: Iterable[Truth]) -> Truth:
    """Whether one holds."""
    return at_least_of(1, parts)


class Said(Enum):
    """By whom a fact is known: the record, the order itself, a form somebody filled in, our knowledge."""

    CHART = "chart"
    ORDER = "order"
    FORM = "form"
    KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a fact stands. source: in words a reader can look for. event: its place in the ledger, None for
    what is not there. on: the day it speaks of. by: who said it, on a form."""

    said: Said
    source: str
    on: date | None = None
    event: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """Several values of one fact. complete: whether these are all; then what is not among them is absent."""

    values: frozenset[str]
    complete: bool


FactValue = bool | float | str | Listed
"""Yes or no, a number in the unit of its fact, a word of its choices, or a list."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with its value and where it stands."""

    value: FactValue
    evidence: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A fact that nothing answers, and why not."""

    reason: str


Fact = Known | NotKnown
Facts = Mapping[str, Fact]
"""The facts of one order, by the name the vocabulary gives them. A name that is not there is not known."""


class Line(Enum):
    """The line of business that a plan belongs to."""

    MEDICARE = "medicare"
    MEDICARE_ADVANTAGE = "medicare-advantage"
    MEDICAID = "medicaid"
    COMMERCIAL = "commercial"
    NOT_KNOWN = "not-known"


class Funding(Enum):
    """Who carries a plan's risk. An employer's self-funded plan is not reached by a state's insurance law."""

    GOVERNMENT = "government"
    STATE_REGULATED = "state-regulated"
    SELF_FUNDED = "self-funded"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person is insured by. "" and NOT_KNOWN: nobody said. contractor: who administers it for
    Medicare. member: the number on the card. starts, ends: the days it is in force. reference: the FHIR
    Coverage it was read from."""

    payer: str
    line: Line = Line.NOT_KNOWN
    funding: Funding = Funding.NOT_KNOWN
    state: str = ""
    contractor: str = ""
    name: str = ""
    member: str = ""
    starts: date | None = None
    ends: date | None = None
    reference: str = ""
    evidence: tuple[Pointer, ...] = ()
    cancelled: bool = False

    def in_force(self, day: date) -> bool:
        """Whether the plan was not cancelled and its own dates include a day."""
        return not self.cancelled and not (
            (self.starts and day < self.starts) or (self.ends and day > self.ends)
        )


class Answer(Enum):
    """Whether a test is covered. CONDITIONAL: a policy governs it and turns on something not settled yet.
    UNKNOWN: nothing at hand can say. Only COVERED means covered."""

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"

    @property
    def crd(self) -> str:
        """The code in Da Vinci's coverage-information extension."""
        return "indeterminate" if self is Answer.UNKNOWN else self.value


class PaNeeded(Enum):
    """Whether the payer must agree beforehand (Da Vinci CRD)."""

    NO_AUTH = "no-auth"
    AUTH_NEEDED = "auth-needed"
    SATISFIED = "satisfied"
    PERFORMER = "performpa"
    CONDITIONAL = "conditional"
    INDETERMINATE = "indeterminate"


class DocNeeded(Enum):
    """From whom something more has to be written down (Da Vinci CRD)."""

    CLINICAL = "clinical"
    ADMIN = "admin"
    PATIENT = "patient"
    CONDITIONAL = "conditional"
    INDETERMINATE = "indeterminate"


class DocPurpose(Enum):
    """What that is for (Da Vinci CRD)."""

    WITH_PA = "withpa"
    WITH_CLAIM = "withclaim"
    WITH_ORDER = "withorder"
    RETAIN = "retain-doc"


class InfoNeeded(Enum):
    """What the request itself did not say (Da Vinci CRD)."""

    PERFORMER = "performer"
    LOCATION = "location"
    TIMEFRAME = "timeframe"
    CONTRACT_WINDOW = "contract-window"
    DETAIL_CODE = "detail-code"


@dataclass(frozen=True, slots=True)
class BillingCode:
    """A code as an opaque identifier: never its descriptor, which is somebody's property."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class TestAsked:
    """The test as a payer sees it. kind: of the vocabulary's kinds of test, "" where nothing says; genes:
    those it looks at, None for all; codes: billing codes; z_code: of the DEX registry, "" when not known."""

    __test__ = False

    test: str
    kind: str
    genes: frozenset[str] | None = None
    codes: tuple[BillingCode, ...] = ()
    z_code: str = ""


@dataclass(frozen=True, slots=True)
class CoverageAsked:
    """Everything one answer depends on besides the policies. order: its number, or what the request called
    it; service_on: the day that decides which policy is in force; asked_on: the day of asking."""

    order: str
    test: TestAsked
    plan: Plan
    service_on: date
    asked_on: date
    facts: Facts
