"""JSON read strictly, with the bytes that every object and list stands in.

What a lenient reader would let pass is an error here, because two systems would read it differently: a name
twice in one object, numbers that are none, text that is not UTF-8, a surrogate without its half, anything
after the end. Size, depth and the number of values are limited, so that no document can exhaust the
machine.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from bedside.errors import IntakeError
from bedside.genome.reported import JsonPlace

SOURCE = "document"
MOST_BYTES = 32 << 20
MOST_VALUES = 300_000
DEEPEST = 64
LONGEST_NUMBER = 64
_NAME = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]{0,40}|\d{1,7})\Z")
_MARK = b"\xef\xbb\xbf"
_TOKEN = re.compile(
    rb"[ \t\n\r]*+(?:"
    rb'(?P<text>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")'
    rb"|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)"
    rb"|(?P<word>true|false|null)(?![A-Za-z0-9_])"
    rb"|(?P<mark>[{}\[\],:]))",
    re.DOTALL,
)
_SPACE = re.compile(rb"[ \t\n\r]*+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {b"true": True, b"false": False, b"null": None}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: 1.0 and 1 are two."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Placed:
    """A document's value, and of every object and list in it the pointer and bytes, by identity."""

    value: Any
    places: dict[int, tuple[str, int, int]]

    def of(self, value: object) -> JsonPlace:
        """Where an object or list of this document stands."""
        return JsonPlace(*self.places[id(value)])


@dataclass(slots=True)
class _Open:
    """An object or list that has begun. name: the member being read; wants: what may come next."""

    value: dict[str, Any] | list[Any]
    pointer: str
    start: int
    wants: str
    name: str = ""


@dataclass(slots=True)
class _Reader:
    content: bytes
    places: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    values: int = 0
    root: Any = None
    begun: bool = False

    def fail(self, reason: str, at: int, remedy: str = "send the document as it was made") -> IntakeError:
        line = self.content.count(b"\n", 0, at) + 1
        names = self.open[-1].pointer.split("/")[1:] if self.open else []
        where = "".join(f"/{name if _NAME.match(name) else '?'}" for name in names) or "/"
        return IntakeError.one(SOURCE, f"{where}, byte {at}: {reason}", line=line, remedy=remedy)

    def put(self, value: Any, at: int) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise self.fail(f"holds more than {MOST_VALUES} values", at, "send it in parts")
        if not self.open:
            if self.begun:
                raise self.fail("goes on after its end", at)
            self.root, self.begun = value, True
            return
        into = self.open[-1]
        if into.wants not in ("value", "first"):
            raise self.fail("is no JSON: a value where none belongs", at)
        if isinstance(into.value, dict):
            if into.wants == "first":
                raise self.fail("is no JSON: a name of a member is missing", at)
            into.value[into.name] = value
        else:
            into.value.append(value)
        into.wants = "comma"

    def begin(self, mark: bytes, at: int) -> None:
        if len(self.open) >= DEEPEST:
            raise self.fail(f"is nested more than {DEEPEST} deep", at)
        pointer = ""
        if self.open:
            into = self.open[-1]
            last = into.name if isinstance(into.value, dict) else str(len(into.value))
            pointer = f"{into.pointer}/{last.replace('~', '~0').replace('/', '~1')}"
        value: dict[str, Any] | list[Any] = {} if mark == b"{" else []
        self.put(value, at)
        self.open.append(_Open(value, pointer, at, "first"))

    def end(self, mark: bytes, at: int) -> None:
        if not self.open or isinstance(self.open[-1].value, dict) != (mark == b"}"):
            raise self.fail("is no JSON: an end without its beginning", at)
        one = self.open[-1]
        if one.wants not in ("first", "comma"):
            raise self.fail("is no JSON: something is missing before the end", at)
        self.places[id(one.value)] = (one.pointer, one.start, at + 1)
        self.open.pop()

    def text(self, written: bytes, at: int) -> None:
        said = self.plain(written, at)
        into = self.open[-1] if self.open else None
        if into is None or isinstance(into.value, list) or into.wants == "value":
            self.put(said, at)
            return
        if into.wants not in ("first", "name"):
            raise self.fail("is no JSON: a comma is missing", at)
        if said in into.value:
            raise self.fail("an object names a member twice", at, "send each element once")
        into.name, into.wants = said, "colon"

    def plain(self, written: bytes, at: int) -> str:
        if b"\\" not in written:
            return written[1:-1].decode()
        try:
            said = str(json.loads(written))
        except ValueError:
            raise self.fail("holds an escape that is none", at) from None
        if _SURROGATE.search(said):
            raise self.fail("holds half of a character", at)
        return said

    def mark(self, mark: bytes, at: int) -> None:
        if mark in b"{[":
            self.begin(mark, at)
        elif mark in b"}]":
            self.end(mark, at)
        else:
            wanted, then = ("colon", "value") if mark == b":" else ("comma", "")
            if not self.open or self.open[-1].wants != wanted:
                raise self.fail("is no JSON: a mark where none belongs", at)
            self.open[-1].wants = then or ("name" if isinstance(self.open[-1].value, dict) else "value")


def read_json(content: bytes) -> Placed:
    """The one value of a document. Raises `IntakeError` that names the place, never the value."""
    reader = _Reader(content)
    if len(content) > MOST_BYTES:
        raise IntakeError.one(SOURCE, f"is longer than {MOST_BYTES >> 20} MiB", remedy="send it in parts")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise reader.fail("is not UTF-8 text", error.start, "save it as UTF-8") from None
    at = len(_MARK) if content.startswith(_MARK) else 0
    last = len(content)
    while (at := _SPACE.match(content, at).end()) < last:  # type: ignore[union-attr]
        found = _TOKEN.match(content, at)
        if found is None:
            opens = content[at : at + 1] == b'"'
            raise reader.fail("holds a text that does not end, or is no text" if opens else "is no JSON", at)
        _take(reader, found, at)
        at = found.end()
    if reader.open or not reader.begun:
        raise reader.fail("is cut short" if reader.begun else "is empty", last, "send it whole")
    return Placed(reader.root, reader.places)


def _take(reader: _Reader, found: re.Match[bytes], at: int) -> None:
    kind, written = str(found.lastgroup), found[0]
    if kind == "text":
        reader.text(written, at)
    elif kind == "mark":
        reader.mark(written, at)
    elif kind == "number":
        if len(written) > LONGEST_NUMBER:
            raise reader.fail("holds a number of too many digits", at)
        reader.put(Number(written.decode()), at)
    else:
        reader.put(_WORDS[written], at)
