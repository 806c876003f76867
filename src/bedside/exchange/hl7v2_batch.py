"""Files and batches of HL7 v2 messages (FHS, BHS … BTS, FTS): the messages in them, all or none. A batch that
is cut short, or that holds another number of messages than it says, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bedside.errors import IntakeError, Problem
from bedside.exchange.hl7v2_text import split_messages

SOURCE = "batch"
_LINE = re.compile(rb"[^\r\n]+")
_FRAMES = frozenset({b"FHS", b"BHS", b"BTS", b"FTS"})
_AROUND = b"\x0b\x1c \t"


@dataclass(slots=True)
class _Batch:
    """What has been seen so far. mine: messages of the batch that is open."""

    messages: list[list[bytes]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    in_batch: bool = False
    in_file: bool = False
    mine: int = 0
    batches: int = 0

    def fail(self, reason: str, line: int) -> None:
        self.problems.append(Problem(SOURCE, reason, line, "send the file whole, as it was made"))


def unbatched(content: bytes) -> tuple[bytes, ...]:
    """The messages of a file. Raises `IntakeError` for a batch that is not whole."""
    lines = [line.strip(_AROUND) for line in _LINE.findall(content.removeprefix(b"\xef\xbb\xbf"))]
    if not any(line[:3] in _FRAMES for line in lines):
        return split_messages(content)
    seen = _Batch()
    for number, line in enumerate(lines, start=1):
        if line:
            _take(seen, line, number)
    if seen.in_batch or seen.in_file:
        seen.fail(f"does not end: {'BTS' if seen.in_batch else 'FTS'} is missing", len(lines))
    if not seen.messages and not seen.problems:
        seen.fail("holds no message", len(lines))
    if seen.problems:
        raise IntakeError(seen.problems)
    return tuple(b"\r".join(message) + b"\r" for message in seen.messages)


def _take(seen: _Batch, line: bytes, number: int) -> None:
    name = line[:3]
    if name == b"FHS":
        seen.in_file = _begun(seen, seen.in_file or seen.in_batch, number)
    elif name == b"BHS":
        seen.in_batch = _begun(seen, seen.in_batch, number)
        seen.mine, seen.batches = 0, seen.batches + 1
    elif name == b"BTS":
        _ended(seen, seen.in_batch, (line, seen.mine, "messages"), number)
        seen.in_batch = False
    elif name == b"FTS":
        _ended(seen, seen.in_file and not seen.in_batch, (line, seen.batches, "batches"), number)
        seen.in_file = False
    elif name == b"MSH":
        seen.messages.append([line])
        seen.mine += 1
    elif seen.messages and seen.mine:
        seen.messages[-1].append(line)
    else:
        seen.fail("a segment stands outside any message", number)


def _begun(seen: _Batch, already: bool, number: int) -> bool:
    if already:
        seen.fail("begins again before it ended", number)
    return True


def _ended(seen: _Batch, begun: bool, said: tuple[bytes, int, str], number: int) -> None:
    line, found, what = said
    if not begun:
        seen.fail("ends without having begun", number)
    stated = line.split(line[3:4])[1].strip() if len(line) > 4 else b""
    if stated and stated != str(found).encode():
        seen.fail(f"does not hold as many {what} as it says", number)
