"""Pages of words: what reading a PDF gives, whatever the report means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bedside.genome.draft import Box, ReadBy


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a gap, where they stand, and how sure the reader of a picture was (100 for text)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    sure: int = 100

    @property
    def height(self) -> float:
        """From the lowest to the highest letter."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its size in points, its words in reading order. unread: why it has none,
    "" when it was read."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    read_by: ReadBy = ReadBy.TEXT
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A PDF as read. notices: what whoever confirms it should know of the document as a whole."""

    pages: tuple[Page, ...]
    notices: tuple[str, ...] = ()


def around(page: int, words: Iterable[Word]) -> Box:
    """The box around some words of a page."""
    several = tuple(words)
    return Box(
        page,
        min(one.left for one in several),
        min(one.top for one in several),
        max(one.right for one in several),
        max(one.bottom for one in several),
    )


def text_of(words: Sequence[Word]) -> str:
    """Words as one line of text."""
    return " ".join(one.text for one in words)
