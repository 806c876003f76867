"""Acknowledgements of HL7 v2 messages: accepted, refused for what they say, or not taken now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bedside.errors import Problem
from bedside.exchange.hl7v2_text import Separators, write_segments, written_time

_MOST_REASONS = 20
_S = Separators()


class Answer(Enum):
    """HL7 table 0008, by its second letter: the first is A, or C where the sender asks for a commit
    acknowledgement (MSH-15)."""

    ACCEPT = "A"
    ERROR = "E"
    REJECT = "R"


class Condition(Enum):
    """HL7 table 0357."""

    ACCEPTED = ("0", "Message accepted")
    SEQUENCE = ("100", "Segment sequence error")
    DATA_TYPE = ("102", "Data type error")
    UNSUPPORTED = ("200", "Unsupported message type")
    INTERNAL = ("207", "Application internal error")


@dataclass(frozen=True, slots=True)
class Addressed:
    """What of a message's header an answer needs, read also where the rest cannot be: empty when not
    there."""

    control_id: str = ""
    application: str = ""
    facility: str = ""
    processing: str = "P"
    version: str = "2.5.1"
    commit: bool = False


def addressed(content: bytes) -> Addressed:
    """The header of whatever arrived, as far as it can be read."""
    line = content.lstrip(b"\x0b\r\n").split(b"\r", 1)[0].split(b"\n", 1)[0][:4096]
    text = line.decode("utf-8", errors="replace")
    if not text.startswith("MSH") or len(text) < 9:
        return Addressed()
    fields = [text[3], *text.split(text[3])[1:]]
    fields += [""] * (20 - len(fields))
    plain = [one if one.isprintable() else "" for one in fields]
    return Addressed(
        control_id=plain[9][:199],
        application=plain[2],
        facility=plain[3],
        processing=plain[10] or "P",
        version=plain[11] or "2.5.1",
        commit=plain[14] in ("AL", "ER", "SU"),
    )


def write_ack(
    to: Addressed,
    answer: Answer,
    condition: Condition,
    text: str,
    reasons: Sequence[Problem | str],
    sent_at: datetime,
    number: str,
) -> bytes:
    """The answer to a message; `reasons` one by one, `number` its own control id. Patient data are in none of
    them."""
    code = ("C" if to.commit else "A") + answer.value
    severity = "E" if answer is not Answer.ACCEPT else "W"
    segments = [
        (
            "MSH", "^~\\&", "BEDSIDE", "", to.application, to.facility, written_time(sent_at), "",
            "ACK^R01^ACK", _S.escaped(number), to.processing, to.version, *[""] * 5, "UNICODE UTF-8",
        ),
        ("MSA", code, to.control_id, _S.escaped(text)),
    ]  # fmt: skip
    named = f"{condition.value[0]}^{condition.value[1]}^HL70357"
    segments += [
        ("ERR", "", "", named, severity, "", "", "", _S.escaped(str(reason)))
        for reason in reasons[:_MOST_REASONS]
    ]
    return write_segments(segments)
