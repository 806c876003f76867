"""Finds values by the label that stands before them, over them, or at the head of their part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bedside.genome.draft import CALL, FieldKind, Level
from bedside.intake.pdf.found import Found, found_in
from bedside.intake.pdf.lines import Cell, Line
from bedside.intake.pdf.page import Word
from bedside.intake.pdf.values import plain
from bedside.knowledge.report_layouts import ReportLayout, folded

_LONGEST = 5
_PARTS = frozenset({FieldKind.METHODS, FieldKind.LIMITS})
_MOST_LINES = 14


@dataclass(frozen=True, slots=True)
class _Label:
    """A label in a cell: what it names, its first word, and the word after its last."""

    kind: FieldKind
    start: int
    end: int
    closed: bool


def labels_in(cell: Cell, layout: ReportLayout) -> tuple[_Label, ...]:
    """The labels of a cell: what ends in a colon, or is all of the cell."""
    found: list[_Label] = []
    place, words = 0, cell.words
    while place < len(words):
        label = _label_at(words, place, layout)
        if label is not None and (label.closed or (label.start == 0 and label.end == len(words))):
            found.append(label)
            place = label.end
        else:
            place += 1
    return tuple(found)


def _label_at(words: Sequence[Word], place: int, layout: ReportLayout) -> _Label | None:
    for length in range(min(_LONGEST, len(words) - place), 0, -1):
        several = [word.text for word in words[place : place + length]]
        if any(text.endswith(":") for text in several[:-1]):
            continue
        closed, end = several[-1].endswith(":"), place + length
        if not closed and end < len(words) and words[end].text == ":":
            closed, end = True, end + 1
        kind = layout.labels.get(folded(" ".join(several)))
        if kind is not None:
            return _Label(kind, place, end, closed)
    return None


def labelled(
    lines: Sequence[Line], layout: ReportLayout, known: frozenset[str]
) -> tuple[list[Found], frozenset[int]]:
    """Every labelled value, and the ids of the cells that hold one. Genes found so begin a row of results,
    and so does a gene that stands alone over a genotype's label."""
    found: list[Found] = []
    used: set[int] = set()
    row = 0
    for number, line in enumerate(lines):
        for place, cell in enumerate(line.cells):
            labels = labels_in(cell, layout)
            for position, label in enumerate(labels):
                after = labels[position + 1].start if position + 1 < len(labels) else len(cell.words)
                value = _value(lines, number, place, label, after, layout)
                if not value:
                    continue
                used.update(id(one) for one in (cell, *value))
                row += label.kind is FieldKind.GENE
                if label.kind is FieldKind.GENOTYPE and (alone := _gene_over(lines, number, known)):
                    row += 1
                    used.add(id(alone))
                    why = "stands alone over the label of its genotype"
                    found.append(found_in(FieldKind.GENE, (alone,), Level.MEDIUM, why, row))
                beside = value[0].page == cell.page and abs(value[0].box.top - cell.box.top) < line.height
                level = Level.HIGH if label.closed and beside else Level.MEDIUM
                where = "beside its label" if beside else "under its label"
                of_row = row if label.kind in CALL else 0
                found.append(found_in(label.kind, value, level, f"stands {where}", of_row))
    return found, frozenset(used)


def _gene_over(lines: Sequence[Line], number: int, known: frozenset[str]) -> Cell | None:
    """The cell of the line over this one, where it is a gene's symbol and nothing else."""
    over = lines[number - 1] if number else None
    if over is None or over.page != lines[number].page or len(over.cells) != 1:
        return None
    (cell,) = over.cells
    return cell if len(cell.words) == 1 and plain(cell.text) in known else None


def _value(
    lines: Sequence[Line], number: int, place: int, label: _Label, after: int, layout: ReportLayout
) -> tuple[Cell, ...]:
    line = lines[number]
    cell = line.cells[place]
    own = cell.words[label.end : after]
    if label.kind in _PARTS:
        return _part(lines, number, cell, own, layout)
    if own:
        return (Cell(cell.page, own, cell.read_by),)
    if after < len(cell.words):
        return ()
    beside = line.cells[place + 1] if place + 1 < len(line.cells) else None
    if beside is not None and not _begins_with_label(beside, layout):
        return (beside,)
    if label.closed and beside is None and place == 0 and len(line.cells) == 1:
        return _under(lines, number, cell, layout)
    return () if label.closed and beside is None else _under(lines, number, cell, layout)


def _begins_with_label(cell: Cell, layout: ReportLayout) -> bool:
    labels = labels_in(cell, layout)
    return bool(labels) and labels[0].start == 0


def _under(lines: Sequence[Line], number: int, cell: Cell, layout: ReportLayout) -> tuple[Cell, ...]:
    if number + 1 >= len(lines):
        return ()
    below = lines[number + 1]
    if below.page != cell.page or below.middle - lines[number].middle > 2.2 * below.height:
        return ()
    for one in below.cells:
        if abs(one.box.left - cell.box.left) < 8 and not labels_in(one, layout):
            return (one,)
    return ()


def _part(
    lines: Sequence[Line], number: int, cell: Cell, own: Sequence[Word], layout: ReportLayout
) -> tuple[Cell, ...]:
    """What stands under a heading in its column, until the next heading or a wide gap."""
    cells = [Cell(cell.page, tuple(own), cell.read_by)] if own else []
    last = lines[number]
    for line in lines[number + 1 : number + 1 + _MOST_LINES]:
        if line.page != last.page or line.middle - last.middle > 2.4 * line.height:
            break
        mine = [one for one in line.cells if _in_column(cell, one)]
        if not mine:
            continue
        if heading(mine[0], layout):
            break
        cells += mine
        last = line
    return tuple(cells)


def _in_column(head: Cell, one: Cell) -> bool:
    return one.box.left > head.box.left - 12 and one.box.left < head.box.left + 150


def heading(cell: Cell, layout: ReportLayout) -> bool:
    """Whether a cell is the head of a part of the report, or begins with a label."""
    return folded(cell.text) in layout.headings or bool(labels_in(cell, layout))


def banners(lines: Sequence[Line], layout: ReportLayout) -> Iterator[Found]:
    """A report's state where no label says so: a short line of capitals or of words for it alone."""
    words = layout.meanings.get(FieldKind.STATUS, {})
    for line in lines:
        for cell in line.cells:
            if len(cell.words) <= 4 and folded(cell.text) in words:
                yield found_in(FieldKind.STATUS, (cell,), Level.MEDIUM, "stands alone, without a label")
