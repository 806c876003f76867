"""Reads a picture of a page with Tesseract, where it is installed: words with their places."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

SECONDS = 60
_WORD = "5"


class Unreadable(Exception):
    """The picture was not read, with the reason as a word."""


Sides = tuple[float, float, float, float]


def installed() -> bool:
    """Whether pictures can be read on this machine."""
    return shutil.which("tesseract") is not None


def read_picture(png: bytes) -> tuple[tuple[str, Sides, int], ...]:
    """Words with their sides in pixels and Tesseract's confidence from 0 to 100; raises `Unreadable`."""
    program = shutil.which("tesseract")
    if program is None:
        raise Unreadable("no-reader")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command over a picture that we drew
            [program, "stdin", "stdout", "--psm", "3", "tsv"],
            input=png,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("reader-slow") from error
    if done.returncode != 0:
        raise Unreadable("reader-failed")
    return tuple(_words(done.stdout.decode("utf-8", "replace")))


def _words(table: str) -> Iterator[tuple[str, Sides, int]]:
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) == 12 and cells[0] == _WORD and cells[11].strip():
            left, top, width, height = (float(cell) for cell in cells[6:10])
            sure = max(0, min(100, int(float(cells[10]))))
            yield cells[11].strip(), (left, top, left + width, top + height), sure
