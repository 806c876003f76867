"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum

from bedside.intake.outside_calls import is_table


class ContentKind(Enum):
    """The kinds of file that bring results; UNKNOWN is left to the reader that its name suggests."""

    VARIANTS = "variant file"
    OUTSIDE_CALLS = "table of calls made elsewhere"
    FHIR = "FHIR JSON"
    HL7V2 = "HL7 v2"
    PDF = "PDF"
    LABORATORY_JSON = "laboratory JSON"
    UNKNOWN = "unknown"


_MARK = b"\xef\xbb\xbf"
_HL7 = re.compile(rb"[\x0b\r\n\s]*(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")
_PDF_WITHIN = 1024
_GAP = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def content_kind(head: bytes) -> ContentKind:
    """The kind of a file by its first bytes, unwrapped where it was compressed; some 64 KB of them are
    enough."""
    text = head.removeprefix(_MARK)
    start = text.lstrip()
    if start.startswith((b"##fileformat=VCF", b"#CHROM", b"BCF\x02")):
        return ContentKind.VARIANTS
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return ContentKind.PDF
    if _HL7.match(text):
        return ContentKind.HL7V2
    if start[:1] in (b"{", b"["):
        return ContentKind.FHIR if _names_its_type(start) else ContentKind.LABORATORY_JSON
    return ContentKind.OUTSIDE_CALLS if is_table(text.decode("utf-8", "replace")) else ContentKind.UNKNOWN


def _names_its_type(start: bytes) -> bool:
    """Whether the first object of JSON has a `resourceType` of its own. Of one whose end is not in sight, any
    `resourceType` counts."""
    text = start.decode("utf-8", "replace")
    deepest = 0
    for depth, name in _names(text):
        deepest = depth
        if depth == 1 and name == "resourceType":
            return True
    return deepest > 0 and '"resourceType"' in text


def _names(text: str) -> Iterator[tuple[int, str]]:
    """The names of members as they come, each with how deep its object stands; (0, "") where the first object
    ends."""
    depth = at = 0
    while at < len(text):
        character = text[at]
        if character == '"':
            found = _STRING.match(text, at)
            if found is None:
                return
            at = found.end()
            if text[at : at + _GAP].lstrip().startswith(":"):
                yield depth, _unescaped(found[0])
            continue
        depth += (character in "{[") - (character in "}]")
        if depth == 0 and character in "}]":
            yield 0, ""
            return
        at += 1


def _unescaped(written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError:
        return written
