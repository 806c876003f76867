"""Opens a stranger's PDF in a process of its own, with a limit on time and memory, and says why when it
cannot be read. Nothing of the document is run, and nothing of it is kept here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from bedside.errors import IntakeError
from bedside.genome.draft import ReadBy
from bedside.intake.pdf.page import Opened, Page, Word

LARGEST = 20 << 20
SECONDS = 120
DRAW_SECONDS = 30
_MAGIC = b"%PDF-"
_ASK = "ask the sender for a plain copy"
REASONS: Mapping[str, tuple[str, str]] = {
    "encrypted": ("the PDF is locked with a password", "ask the sender for a copy without one"),
    "broken": ("the PDF is damaged or cut short", "ask the sender to send it again"),
    "broken-page": ("a page of the PDF is damaged", "ask the sender to send it again"),
    "no-pages": ("the PDF has no such page", _ASK),
    "too-many-pages": ("the PDF has more than 60 pages", "send the report alone"),
    "page-size": ("a page of the PDF is larger than any paper", _ASK),
    "script": ("the PDF holds a script", _ASK),
    "dynamic-form": ("the PDF is a form that builds its pages by a program", "print it to a plain PDF"),
    "too-much-text": ("a page of the PDF holds more text than a page can", _ASK),
    "memory": ("the PDF needs more memory than a report may", _ASK),
    "time": ("the PDF needs more time than a report may", _ASK),
    "failed": ("the PDF needs more memory than a report may, or is made to break its reader", _ASK),
    "not-pdf": ("the file is no PDF", "give the report as PDF"),
    "too-large": ("the PDF is larger than 20 MB", "send the report alone"),
}
"""Why a document is not read, as the worker says it, and what to do."""


def is_pdf(content: bytes) -> bool:
    """Whether bytes begin as a PDF does, within the first kilobyte as readers allow."""
    return _MAGIC in content[:1024]


def open_pdf(content: bytes, name: str) -> Opened:
    """The pages of a PDF. name: of the file, for messages. Raises `IntakeError` with the reason."""
    answer = _ask(content, name, ["read"], SECONDS)
    try:
        said = json.loads(answer)
        if "unfit" in said:
            raise unfit(name, said["unfit"])
        pages = tuple(_page(number, one) for number, one in enumerate(said["pages"], start=1))
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, IntakeError):
            raise
        raise unfit(name, "failed") from error
    return Opened(pages, tuple(_notices(said["pages"])))


def draw_page(content: bytes, number: int, name: str) -> bytes:
    """One page as a PNG. Raises `IntakeError` with the reason."""
    answer = _ask(content, name, ["draw", str(number)], DRAW_SECONDS)
    if answer.startswith(b"\x89PNG"):
        return answer
    try:
        raise unfit(name, json.loads(answer)["unfit"])
    except (ValueError, KeyError, TypeError) as error:
        raise unfit(name, "failed") from error


def unfit(name: str, why: str) -> IntakeError:
    """The error that says why a document is not read."""
    reason, remedy = REASONS.get(why, REASONS["failed"])
    return IntakeError.one(name, reason, remedy=remedy)


def _ask(content: bytes, name: str, words: list[str], seconds: int) -> bytes:
    if not is_pdf(content):
        raise unfit(name, "not-pdf")
    if len(content) > LARGEST:
        raise unfit(name, "too-large")
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no word of the document on the command line
            [sys.executable, "-m", "bedside.intake.pdf.worker", *words],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise unfit(name, "time") from error
    if done.returncode != 0:
        raise unfit(name, _ended(done.returncode, done.stderr))
    return done.stdout


def _ended(code: int, told: bytes) -> str:
    """Why the process ended by itself: its memory, its time, or a fault."""
    if b"MemoryError" in told or b"Cannot allocate" in told or b"bad_alloc" in told:
        return "memory"
    return "time" if code in (-24, -9) else "failed"


def _page(number: int, said: Mapping[str, Any]) -> Page:
    words = tuple(
        Word(str(text), float(left), float(top), float(right), float(bottom), int(sure))
        for text, left, top, right, bottom, sure in said["words"]
    )
    by = ReadBy(said["by"])
    return Page(number, float(said["width"]), float(said["height"]), words, by, said.get("unread", ""))


def _notices(pages: list[Mapping[str, Any]]) -> list[str]:
    told = []
    for number, page in enumerate(pages, start=1):
        if page["hidden"]:
            told.append(f"page {number} holds text that is not seen; it was not read")
        if page.get("unread"):
            told.append(f"page {number}: {UNREAD[page['unread']]}")
        elif page["by"] == ReadBy.PICTURE.value:
            told.append(f"page {number} is a picture; its letters were guessed by a program")
    return told


UNREAD: Mapping[str, str] = {
    "blank": "nothing is drawn on it",
    "nothing-read": "it is a picture in which no letters were found; a person must read it",
    "no-reader": "it is a picture and no program to read pictures is installed; a person must read it",
    "reader-slow": "it is a picture that took too long to read; a person must read it",
    "reader-failed": "it is a picture that could not be read; a person must read it",
}
"""Why a page has no words."""
