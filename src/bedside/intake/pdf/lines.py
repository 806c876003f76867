"""Words to lines, lines to cells, cells to paragraphs: where things stand beside and under one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bedside.genome.draft import Box, ReadBy
from bedside.intake.pdf.page import Page, Word, around, text_of

_GAP = 0.8
_SAME_LINE = 0.5
_NEXT_LINE = 1.75


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a line with no wide gap between them."""

    page: int
    words: tuple[Word, ...]
    read_by: ReadBy = ReadBy.TEXT

    @property
    def text(self) -> str:
        """The words as one text."""
        return text_of(self.words)

    @property
    def box(self) -> Box:
        """The box around them."""
        return around(self.page, self.words)


@dataclass(frozen=True, slots=True)
class Line:
    """Cells beside one another. height: of a usual letter of the page, for judging distances."""

    page: int
    cells: tuple[Cell, ...]
    height: float

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word of the line."""
        return tuple(word for cell in self.cells for word in cell.words)

    @property
    def text(self) -> str:
        """The whole line."""
        return text_of(self.words)

    @property
    def middle(self) -> float:
        """Its middle height on the page."""
        return median((word.top + word.bottom) / 2 for word in self.words)


def lines_of(page: Page) -> tuple[Line, ...]:
    """The lines of a page from top to bottom."""
    words = [word for word in page.words if word.text.strip()]
    if not words:
        return ()
    usual = median(word.height for word in words) or 1.0
    if page.read_by is ReadBy.PICTURE:
        usual *= 1.35  # boxes of a picture are around ink, those of a text around the line
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda one: ((one.top + one.bottom) / 2, one.left)):
        middle = (word.top + word.bottom) / 2
        if rows and middle - _middle(rows[-1]) < _SAME_LINE * usual:
            rows[-1].append(word)
        else:
            rows.append([word])
    return tuple(
        Line(page.number, _cells(page, sorted(row, key=lambda one: one.left), usual), usual) for row in rows
    )


def _middle(row: Sequence[Word]) -> float:
    return sum((word.top + word.bottom) / 2 for word in row) / len(row)


def _cells(page: Page, words: Sequence[Word], usual: float) -> tuple[Cell, ...]:
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.left - groups[-1][-1].right < _GAP * usual:
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(Cell(page.number, tuple(group), page.read_by) for group in groups)


def without_furniture(pages: Sequence[tuple[Line, ...]]) -> tuple[tuple[Line, ...], ...]:
    """Pages without the lines that every page repeats at its edges; the first keeps its head."""
    if len(pages) < 2:
        return tuple(pages)
    edges = [{_digitless(line.text) for line in (*page[:4], *page[-4:])} for page in pages]
    first, rest = pages[0], pages[1:]
    repeated = [
        {text for text in own if sum(text in other for other in edges) > len(pages) / 2} for own in edges
    ]
    kept = [tuple(line for line in first[:-4]) + tuple(_kept(first[-4:], repeated[0]))]
    for page, own in zip(rest, repeated[1:], strict=True):
        edge = {id(line) for line in (*page[:4], *page[-4:])}
        kept.append(tuple(one for one in page if id(one) not in edge or _digitless(one.text) not in own))
    return tuple(kept)


def _kept(lines: Iterable[Line], repeated: set[str]) -> Iterable[Line]:
    return (line for line in lines if _digitless(line.text) not in repeated)


def _digitless(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.casefold().split()))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Cells under one another without a gap: their text, and which cell each letter came from."""

    cells: tuple[Cell, ...]
    text: str
    starts: tuple[tuple[int, Word, Cell], ...]

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """The boxes of what stands between two places of the text, one for each line."""
        found: dict[int, tuple[Cell, list[Word]]] = {}
        for place, word, cell in self.starts:
            if place < end and place + len(word.text) > start:
                found.setdefault(id(cell), (cell, []))[1].append(word)
        return tuple(around(cell.page, words) for cell, words in found.values())

    def words(self, start: int, end: int) -> tuple[Word, ...]:
        """The words between two places of the text."""
        return tuple(w for at, w, _ in self.starts if at < end and at + len(w.text) > start)


def paragraphs(lines: Sequence[Line]) -> tuple[Paragraph, ...]:
    """The paragraphs of a page, each within its column."""
    open_: list[list[Cell]] = []
    done: list[list[Cell]] = []
    for line in lines:
        still: list[list[Cell]] = []
        for group in open_:
            last = group[-1]
            near = last.page == line.page and line.middle - _centre(last) < _NEXT_LINE * line.height
            (still if near else done).append(group)
        open_ = still
        for cell in line.cells:
            under = [one for one in open_ if _over(one[-1], cell) and one[-1] not in line.cells]
            if under:
                under[0].append(cell)
            else:
                open_.append([cell])
    return tuple(_paragraph(group) for group in (*done, *open_))


def _centre(cell: Cell) -> float:
    return (cell.box.top + cell.box.bottom) / 2


def _over(upper: Cell, lower: Cell) -> bool:
    """Whether a cell goes on in the one under it: they begin at one place, or share most of the narrower."""
    one, two = upper.box, lower.box
    shared = min(one.right, two.right) - max(one.left, two.left)
    narrower = min(one.right - one.left, two.right - two.left)
    return abs(one.left - two.left) < 12 or shared > 0.6 * narrower


def _paragraph(cells: Sequence[Cell]) -> Paragraph:
    text, starts = "", []
    for cell in cells:
        for word in cell.words:
            glued = text.endswith("-") and word is cell.words[0] and text[-2:-1].isalpha()
            if glued and word.text[:1].islower():
                text = text[:-1]
            elif text and not glued:
                text += " "
            starts.append((len(text), word, cell))
            text += word.text
    return Paragraph(tuple(cells), text, tuple(starts))
