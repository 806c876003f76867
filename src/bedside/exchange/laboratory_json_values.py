"""Values of a document by JSON pointer, in which `*` stands for every item of a list or member of an
object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bedside.exchange.json_places import Number
from bedside.knowledge.laboratory_json import KEY


class Wrong(Exception):
    """Why a value is not what the mapping says of it; names no value."""


@dataclass(frozen=True, slots=True)
class Row:
    """A value, its pointer, and the name of the member or the number of the item that `*` last stood for."""

    pointer: str
    key: str
    value: Any


def rows(value: Any, pattern: str) -> Iterator[Row]:
    """Every value that a pattern leads to, in the document's order."""
    found = [Row("", "", value)]
    for step in pattern.split("/")[1:]:
        found = [row for one in found for row in _step(one, step)]
    yield from found


def _step(row: Row, step: str) -> Iterator[Row]:
    value = row.value
    if isinstance(value, dict):
        names = list(value) if step == "*" else [step.replace("~1", "/").replace("~0", "~")]
        for name in names:
            if name in value:
                written = name.replace("~", "~0").replace("/", "~1")
                yield Row(f"{row.pointer}/{written}", name if step == "*" else row.key, value[name])
    elif isinstance(value, list) and (step == "*" or step.isdecimal()):
        places = range(len(value)) if step == "*" else [int(step)]
        for place in places:
            if place < len(value):
                yield Row(f"{row.pointer}/{place}", str(place) if step == "*" else row.key, value[place])


def leaf(row: Row, pointer: str, claimed: set[str]) -> str:
    """The text, number or yes/no at a pointer below a row, as text; "" when it is not there or null. Several
    texts of a list are joined by "; ". Raises `Wrong` where an object or list stands."""
    if not pointer:
        return ""
    if pointer == KEY:
        return row.key
    said = []
    for one in rows(row.value, pointer):
        at = f"{row.pointer}{one.pointer}"
        claimed.add(at)
        if isinstance(one.value, dict | list):
            raise Wrong(f"{at}: is an object or a list where one value belongs")
        text = _text(one.value)
        if text:
            said.append(text)
    return "; ".join(said)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Number) else str(value).strip()
