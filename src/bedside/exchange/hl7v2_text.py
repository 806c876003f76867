"""HL7 v2 messages as text: segments with the bytes they stand in, fields, repetitions, components, escapes.

Nothing of a message is repaired: what cannot be read is said, segment by segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from bedside.errors import IntakeError, Problem

SOURCE = "message"
MOST_BYTES = 64 << 20
MOST_SEGMENTS = 200_000
START, END = b"\x0b", b"\x1c"
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_BEGINS = re.compile(rb"(?:\A\xef\xbb\xbf|\A|[\r\n\x0b])(?=MSH[^A-Za-z0-9\s])")
_ESCAPED = re.compile(r"\\([^\\]*)\\")
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d{1,4})?([+-]\d{4})?\Z")
CHARSETS: Mapping[str, str] = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
}
"""HL7 table 0211 → the codec; a message in another is refused."""


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters a message separates by, as its first segment names them."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def escaped(self, text: str) -> str:
        """Text as it stands in a field; separators and control characters are escaped."""
        if text == '""':
            return f'{self.escape}X22{self.escape}"'
        names = {self.field: "F", self.component: "S", self.repetition: "R"}
        names |= {self.escape: "E", self.subcomponent: "T"}
        return "".join(self._one(character, names) for character in text)

    def _one(self, character: str, names: Mapping[str, str]) -> str:
        name = names.get(character)
        if name is None and (ord(character) < 32 or ord(character) == 127):
            name = f"X{ord(character):02X}"
        return character if name is None else f"{self.escape}{name}{self.escape}"

    def plain(self, field: str) -> str:
        """The text of an escaped field; an escape that is not known stays as it is written."""
        if self.escape not in field:
            return field
        known = {"F": self.field, "S": self.component, "R": self.repetition}
        known |= {"E": self.escape, "T": self.subcomponent, ".br": "\n"}
        pattern = _ESCAPED if self.escape == "\\" else _escapes(self.escape)
        return pattern.sub(lambda found: _unescaped(found, known), field)


def _escapes(character: str) -> re.Pattern[str]:
    one = re.escape(character)
    return re.compile(f"{one}([^{one}]*){one}")


def _unescaped(found: re.Match[str], known: Mapping[str, str]) -> str:
    name = found[1]
    if name in known:
        return known[name]
    if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", name):
        try:
            return bytes.fromhex(name[1:]).decode("utf-8")
        except UnicodeDecodeError:
            return found[0]
    return found[0]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its number from 1, the bytes `start` to `end` of the document, and its fields as
    written."""

    name: str
    number: int
    start: int
    end: int
    fields: tuple[str, ...]
    separators: Separators

    def raw(self, field: int) -> str:
        """A field as written; "" when the segment has none of this number."""
        return self.fields[field] if 0 <= field < len(self.fields) else ""

    def repeats(self, field: int) -> tuple[str, ...]:
        """The repetitions of a field, as written; none when it is empty."""
        raw = self.raw(field)
        return tuple(raw.split(self.separators.repetition)) if raw else ()

    def text(self, field: int, component: int = 1, repetition: int = 0) -> str:
        """A component of a field in plain text; its subcomponents too, when there are any, as written."""
        raw = self.raw(field)
        if raw.isalnum():
            return raw if component == 1 and repetition == 0 else ""
        repeats = self.repeats(field)
        return self.part(repeats[repetition], component) if repetition < len(repeats) else ""

    def parts(self, field: int) -> tuple[str, ...]:
        """The components of the first repetition of a field in plain text, three at least."""
        marks = self.separators
        first = self.raw(field).split(marks.repetition, 1)[0]
        parts = first.split(marks.component)
        if marks.escape in first:
            parts = [marks.plain(one) for one in parts]
        if '""' in first:
            parts = ["" if one == '""' else one for one in parts]
        return (*parts, "", "", "")

    def part(self, repeat: str, component: int, subcomponent: int = 0) -> str:
        """A component, or one of its subcomponents, of a repetition as written, in plain text."""
        parts = repeat.split(self.separators.component)
        if component > len(parts):
            return ""
        part = parts[component - 1]
        if subcomponent:
            below = part.split(self.separators.subcomponent)
            part = below[subcomponent - 1] if subcomponent <= len(below) else ""
        plain = self.separators.plain(part)
        return "" if part == '""' else plain


@dataclass(frozen=True, slots=True)
class Message:
    """A message as read; `header` is its MSH segment."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """The type of message and event, as in `ORU^R01`."""
        return "^".join(filter(None, (self.header.text(9, 1), self.header.text(9, 2))))

    def named(self, name: str) -> tuple[Segment, ...]:
        """Every segment of a name."""
        return tuple(one for one in self.segments if one.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of a name, None when there is none."""
        return next((one for one in self.segments if one.name == name), None)


def read_message(content: bytes) -> Message:
    """The one message of a document; raises `IntakeError` with everything that cannot be read."""
    if len(content) > MOST_BYTES:
        raise IntakeError.one(SOURCE, f"is longer than {MOST_BYTES >> 20} MiB", remedy="send it in parts")
    lines = _lines(content)
    header = content[lines[0][0] : lines[0][1]] if lines else b""
    if not header.startswith(b"MSH") or len(header) < 9:
        raise IntakeError.one(SOURCE, "does not begin with an MSH segment", remedy="send one HL7 v2 message")
    if len(lines) > MOST_SEGMENTS:
        raise IntakeError.one(SOURCE, f"has more than {MOST_SEGMENTS} segments")
    separators, codec = _separators(header), _codec(header)
    problems: list[Problem] = []
    segments = []
    plain = content.decode("ascii") if content.isascii() and b"\x00" not in content else None
    for number, (start, end) in enumerate(lines, start=1):
        text = _text(content[start:end], number, codec, problems) if plain is None else plain[start:end]
        if text is not None:
            read = _segment(text, number, (start, end), separators, problems)
            if read is not None:
                segments.append(read)
    if sum(one.name == "MSH" for one in segments) > 1:
        problems.append(Problem(SOURCE, "holds several messages", remedy="send them one by one"))
    if problems:
        raise IntakeError(problems[:50])
    return Message(tuple(segments))


def split_messages(content: bytes) -> tuple[bytes, ...]:
    """The messages of a file, each from its MSH segment to before the next, without the frames of MLLP. A
    file without any is one piece, which `read_message` refuses."""
    starts = [found.end() for found in _BEGINS.finditer(content)]
    if not starts or starts == [0]:
        return (content,)
    first = () if not content[: starts[0]].strip(b"\x0b\x1c\r\n\t \xef\xbb\xbf") else (content[: starts[0]],)
    pieces = (content[at:end] for at, end in zip(starts, [*starts[1:], len(content)], strict=True))
    return (*first, *(piece.rstrip(b"\x0b\x1c\r\n") + b"\r" for piece in pieces))


def _lines(content: bytes) -> list[tuple[int, int]]:
    """Where each segment begins and ends; the frame of MLLP around the message is left out."""
    begin = 1 if content[:1] == START else 0
    end = len(content.rstrip(b"\r\n"))
    end -= content[:end].endswith(END)
    found = []
    for match in re.finditer(rb"[^\r\n]+", content[begin:end]):
        found.append((begin + match.start(), begin + match.end()))
    return found


def _separators(line: bytes) -> Separators:
    written = line[3:8].decode("latin-1")
    given = Separators(*written)
    distinct = len(set(written)) == len(written) and not any(
        one.isalnum() or one.isspace() or ord(one) > 126 or ord(one) < 33 for one in written
    )
    if len(written) < 5 or not distinct or line[8:9] not in (written[:1].encode("latin-1"), b"#"):
        raise IntakeError.one(
            SOURCE, "MSH-1 and MSH-2 do not name five distinct separators", line=1, remedy="send |^~\\&"
        )
    return given


def _codec(line: bytes) -> str:
    fields = line.split(line[3:4])
    name = fields[17].split(b"~")[0].decode("latin-1").strip().upper() if len(fields) > 17 else ""
    if name not in CHARSETS:
        known = ", ".join(one for one in CHARSETS if one)
        raise IntakeError.one(SOURCE, "MSH-18 names a character set that is not read", line=1, remedy=known)
    return CHARSETS[name]


def _text(line: bytes, number: int, codec: str, problems: list[Problem]) -> str | None:
    if b"\x00" in line:
        problems.append(Problem(SOURCE, "holds a NUL byte", number))
        return None
    try:
        return line.decode(codec)
    except UnicodeDecodeError:
        remedy = "name the character set in MSH-18"
        problems.append(Problem(SOURCE, f"is not text in {codec}", number, remedy))
        return None


def _segment(
    text: str, number: int, place: tuple[int, int], separators: Separators, problems: list[Problem]
) -> Segment | None:
    fields = text.split(separators.field)
    if not _NAME.match(fields[0]):
        problems.append(
            Problem(SOURCE, "the line does not begin with a segment's name", number, "escape line breaks")
        )
        return None
    if fields[0] == "MSH":
        fields = ["MSH", separators.field, *fields[1:]]
    return Segment(fields[0], number, *place, tuple(fields), separators)


def day_of(written: str) -> date | None:
    """The day of an HL7 time, None when it names none."""
    found = _TIME.match(written.strip())
    if found is None or found[3] is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def time_of(written: str) -> datetime | None:
    """An HL7 time with at least a day, aware; without an offset it is taken as UTC. None when it is none."""
    found = _TIME.match(written.strip())
    if found is None or found[3] is None:
        return None
    numbers = [int(one or 0) for one in found.groups()[:6]]
    zone: timezone = UTC
    if found[7]:
        minutes = int(found[7][1:3]) * 60 + int(found[7][3:5])
        if minutes >= 24 * 60:
            return None
        zone = timezone(timedelta(minutes=minutes if found[7][0] == "+" else -minutes))
    try:
        return datetime(*numbers[:6], tzinfo=zone)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None


def written_time(moment: datetime) -> str:
    """A time as HL7 writes it, to the second, with its offset."""
    return f"{moment.year:04d}{moment:%m%d%H%M%S%z}"


def write_segments(segments: Iterable[Iterable[str]]) -> bytes:
    """Segments of fields already escaped, as the bytes of a message."""
    return b"".join(
        ("|".join(fields).rstrip("|") + "\r").encode() for fields in (tuple(one) for one in segments)
    )
