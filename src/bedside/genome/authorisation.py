"""Prior authorisation: where a request to a payer stands, what was sent, what the payer said, and what of it
could not be believed.

A failure, a silence and an answer that nobody understands are words of their own here; none of them is a
denial, and none is an approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any


class Status(Enum):
    """Where an authorisation stands. SENDING: it was going to be sent and nobody wrote down that it was.
    UNKNOWN: the payer answered, and the answer cannot be understood or contradicts another."""

    DRAFTED = "drafted"
    SENDING = "sending"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    PENDED = "pended"
    MORE_SENT = "more-information-sent"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly-approved"
    DENIED = "denied"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed-out"
    UNKNOWN = "unknown"

    @property
    def agreed(self) -> bool:
        """Whether the payer agreed, to all of it or to a part."""
        return self in (Status.APPROVED, Status.PARTLY_APPROVED, Status.OVERTURNED)

    @property
    def refused(self) -> bool:
        """Whether the payer said no and nobody has asked again."""
        return self in (Status.DENIED, Status.UPHELD)

    @property
    def waits_for_payer(self) -> bool:
        """Whether the next move is the payer's."""
        return self in (Status.SUBMITTED, Status.ACKNOWLEDGED, Status.MORE_SENT, Status.APPEALED)


class Move(Enum):
    """What happened, as the event says it. HEARD: the payer said something; SETTLED: a person asked the
    payer which of two answers holds. TRIED: an inquiry that got no answer."""

    DRAFTED = "drafted"
    SENDING = "sending"
    SENT = "sent"
    NO_ANSWER = "no-answer"
    HEARD = "heard"
    NOT_BELIEVED = "not-believed"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    TRIED = "tried-in-vain"


class Purpose(Enum):
    """What is sent."""

    FIRST = "first-request"
    MORE = "more-information"
    APPEAL = "appeal"


class Verdict(Enum):
    """What a payer can say."""

    ACKNOWLEDGED = "acknowledged"
    PENDED = "pended"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly-approved"
    DENIED = "denied"

    @property
    def final(self) -> bool:
        """Whether it decides."""
        return self not in (Verdict.ACKNOWLEDGED, Verdict.PENDED)

    @property
    def agrees(self) -> bool:
        """Whether it agrees, wholly or in part."""
        return self in (Verdict.APPROVED, Verdict.PARTLY_APPROVED)


class DenialClass(Enum):
    """Why a payer refuses. NOT_CLASSED: a reason was given that no table at hand classes; NOT_GIVEN: none
    was, which some payers owe."""

    NOT_NECESSARY = "not-medically-necessary"
    INVESTIGATIONAL = "investigational"
    NOT_A_BENEFIT = "not-a-benefit"
    MISSING_INFORMATION = "missing-information"
    DUPLICATE = "duplicate"
    NOT_ELIGIBLE = "not-eligible"
    OUT_OF_NETWORK = "out-of-network"
    NOT_CLASSED = "not-classed"
    NOT_GIVEN = "not-given"


class Channel(Enum):
    """How it goes and comes. Everything but FHIR is a person's word of what the payer said."""

    FHIR = "fhir"
    PORTAL = "portal"
    PAPER = "paper"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Reason:
    """A coded reason as the payer gave it: whose code, the code, its own words."""

    system: str
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """One thing sent. claim: our number for it, which the answer must name. level: 0 for the request, 1 for
    the first appeal. place: of its event in the ledger. sent: when the payer had it, None until known. clock:
    the rule that due is by, "" for none or not known."""

    claim: str
    purpose: Purpose
    level: int
    place: int
    at: datetime
    document: str
    channel: Channel
    sent: datetime | None = None
    due: datetime | None = None
    failed: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a payer said, as it was read. message: its own number or the digest of what came. created: when
    the payer says it said so. by, reference: who wrote it down and where it can be looked up, for what a
    machine did not read."""

    message: str
    claim: str
    person: str
    service: str
    verdict: Verdict
    channel: Channel
    place: int = 0
    at: datetime | None = None
    created: datetime | None = None
    number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    units: int | None = None
    reason: Reason | None = None
    denial: DenialClass | None = None
    asked: tuple[str, ...] = ()
    document: str = ""
    by: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that came and is not believed, or two answers that cannot both hold: why, and when."""

    place: int
    at: datetime
    why: tuple[str, ...]
    document: str = ""


def plain_heard(heard: Heard) -> dict[str, Any]:
    """What a payer said, as an event keeps it."""
    reason = heard.reason
    return {
        "message": heard.message,
        "claim": heard.claim,
        "person": heard.person,
        "service": heard.service,
        "verdict": heard.verdict.value,
        "channel": heard.channel.value,
        "created": None if heard.created is None else heard.created.isoformat(),
        "number": heard.number,
        "valid_from": None if heard.valid_from is None else heard.valid_from.isoformat(),
        "valid_until": None if heard.valid_until is None else heard.valid_until.isoformat(),
        "units": heard.units,
        "reason": None if reason is None else [reason.system, reason.code, reason.text],
        "denial": None if heard.denial is None else heard.denial.value,
        "asked": list(heard.asked),
        "document": heard.document,
        "by": heard.by,
        "reference": heard.reference,
    }


def heard_of(said: Mapping[str, Any], place: int = 0, at: datetime | None = None) -> Heard:
    """What an event keeps of it. KeyError, TypeError or ValueError when that is nothing a payer can say."""
    created, reason, denial = said["created"], said["reason"], said["denial"]
    units = said["units"]
    if units is not None and (not isinstance(units, int) or isinstance(units, bool)):
        raise ValueError("units are a whole number")
    return Heard(
        message=_text(said["message"]),
        claim=_text(said["claim"]),
        person=_text(said["person"]),
        service=_text(said["service"]),
        verdict=Verdict(said["verdict"]),
        channel=Channel(said["channel"]),
        place=place,
        at=at,
        created=None if created is None else datetime.fromisoformat(created),
        number=_text(said["number"]),
        valid_from=_day(said["valid_from"]),
        valid_until=_day(said["valid_until"]),
        units=units,
        reason=None if reason is None else Reason(*map(_text, reason)),
        denial=None if denial is None else DenialClass(denial),
        asked=tuple(map(_text, said["asked"])),
        document=_text(said["document"]),
        by=_text(said["by"]),
        reference=_text(said["reference"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("is not text")
    return value


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
