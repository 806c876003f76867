"""Reports that come as PDF inside a message: each becomes a draft of its own, for the message's person."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from bedside.errors import IntakeError
from bedside.service.house import House
from bedside.service.receive_report import Drafted, receive_report

_BEGINS = b"JVBERi0"
_CODED = re.compile(rb"JVBERi0[A-Za-z0-9+/=\s~\\.]*")
_ESCAPED = re.compile(rb"\\(?:\.br|X0[AD](?:0[AD])?)\\|[^A-Za-z0-9+/]")


def has_pdf(segments: Iterable[bytes]) -> bool:
    """Whether a PDF in base64 begins in any of the segments."""
    return any(_BEGINS in segment for segment in segments)


def pdfs_in(segment: bytes) -> Iterator[bytes]:
    """The PDFs that stand in base64 in the bytes of a segment, whatever its data type says."""
    for found in _CODED.finditer(segment):
        coded = _ESCAPED.sub(b"", found[0])
        try:
            yield base64.b64decode(coded + b"=" * (-len(coded) % 4), validate=True)
        except binascii.Error:
            continue


def draft_attached(
    house: House, pdfs: Iterable[bytes], person: str, message: str
) -> tuple[Drafted | IntakeError, ...]:
    """A draft of each, taken for the message's person until the signature asks again; or why it cannot be
    read. The message is in the record either way, and the task to read it stays open."""
    made: list[Drafted | IntakeError] = []
    for number, content in enumerate(pdfs, start=1):
        try:
            made.append(receive_report(house, content, f"document {number} of a message", person, message))
        except IntakeError as error:
            made.append(error)
    return tuple(made)
