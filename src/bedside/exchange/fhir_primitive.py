"""The forms of FHIR R4's primitive types, and which fixed values and patterns a value has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DATE = r"(\d(\d(\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_FULL_DATE = r"(\d(\d(\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"

FORMS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.DOTALL)
    for name, pattern in {
        "base64Binary": r"(\s*([0-9a-zA-Z+/=]){4}\s*)+",
        "canonical": r"\S+",
        "code": r"[^\s]+( [^\s]+)*",
        "date": _DATE,
        "dateTime": rf"{_DATE}|{_FULL_DATE}T{_TIME}{_ZONE}",
        "id": r"[A-Za-z0-9\-.]{1,64}",
        "instant": rf"{_FULL_DATE}T{_TIME}{_ZONE}",
        "markdown": r".*\S.*",
        "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
        "string": r".*\S.*",
        "time": _TIME,
        "uri": r"\S+",
        "url": r"\S+",
        "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "xhtml": r"\s*<div[\s>].*</div>\s*",
    }.items()
}
"""Of each type that is text in JSON, the form of the whole of it."""

NUMBERS: Mapping[str, tuple[int, int]] = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
}
PRIMITIVES = frozenset({*FORMS, *NUMBERS, "boolean", "decimal"})


def wrong_primitive(value: object, kind: str) -> str:
    """Why this is no value of a primitive type; empty when it is one."""
    if kind == "boolean":
        return "" if isinstance(value, bool) else "is no boolean"
    if kind == "decimal":
        return "" if isinstance(value, int | float) and not isinstance(value, bool) else "is no number"
    if kind in NUMBERS:
        least, most = NUMBERS[kind]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole and least <= value <= most else f"is no {kind}"  # type: ignore[operator]
    if not isinstance(value, str):
        return "is no text"
    return "" if FORMS[kind].fullmatch(value) else f"has not the form of a {kind}"


def has_pattern(value: object, pattern: object) -> bool:
    """Whether a value has everything that a pattern has."""
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and has_pattern(value[name], part) for name, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(has_pattern(one, part) for one in value) for part in pattern
        )
    return value == pattern


def many(value: Any) -> list[Any]:
    """The values of an element, however many it may have."""
    return value if isinstance(value, list) else [value]
