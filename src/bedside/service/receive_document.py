"""Documents that say themselves whose result they bring: each kind has one reader, named here.

A reader takes the bytes, raises `IntakeError` with everything that keeps them from being read (then nothing
is stored), and answers what `receive_kept` takes: one `Kept` for every result of one person. A report as PDF
is none of them: it becomes a draft (`receive_report`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.intake.content_kind import ContentKind, content_kind
from bedside.service.house import House
from bedside.service.message_events import Decided
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_hl7 import keep_messages
from bedside.service.receive_laboratory_json import keep_laboratory_json
from bedside.service.receive_result import Kept, Received, receive_kept

Reader = Callable[[House, bytes], tuple[Kept, ...]]
MOST_BYTES = 64 << 20


READERS: Mapping[ContentKind, Reader] = {
    ContentKind.HL7V2: keep_messages,
    ContentKind.FHIR: keep_fhir,
    ContentKind.LABORATORY_JSON: keep_laboratory_json,
}
"""The one place where a kind of document gets its reader."""


def read_files(house: House, files: Mapping[Path, ContentKind]) -> tuple[tuple[str, Kept], ...]:
    """Every result that documents bring, each with its file's name, to be given to `receive_kept` one by
    one. Raises `IntakeError` with every problem of every file."""
    problems: list[Problem] = []
    kept: list[tuple[str, Kept]] = []
    for path, kind in files.items():
        try:
            kept += [(path.name, one) for one in READERS[kind](house, document_bytes(path))]
        except IntakeError as error:
            problems += [_of_file(path.name, problem) for problem in error.problems]
    if problems:
        raise IntakeError(problems)
    return tuple(kept)


def _of_file(source: str, problem: Problem) -> Problem:
    if problem.source == source:
        return problem
    reason = problem.reason if problem.source == "input" else f"{problem.source}: {problem.reason}"
    return Problem(source, reason, problem.line, problem.remedy)


def document_bytes(path: Path) -> bytes:
    """The bytes of a document's file; raises `IntakeError`."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise IntakeError.one(path.name, reason, remedy="check the path and rights") from error
    if len(content) > MOST_BYTES:
        raise IntakeError.one(path.name, f"is longer than {MOST_BYTES >> 20} MiB", remedy="send it in parts")
    if content[:2] == b"\x1f\x8b":
        raise IntakeError.one(path.name, "a compressed document is not read", remedy="give it unpacked")
    return content


def receive_again(house: House, content: bytes, number: str, decided: Decided) -> Received:
    """Take a result that was kept before, of the document it came in. number: what its content is named
    by."""
    kept: Sequence[Kept] = READERS[content_kind(content)](house, content)
    (one,) = (each for each in kept if each.said.content == number)
    return receive_kept(house, one, decided=decided)
