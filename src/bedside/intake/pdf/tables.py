"""Finds tables of results by the words over their columns, over pages, with cells of several lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.genome.draft import FieldKind, Level
from bedside.intake.pdf.found import Found, found_in
from bedside.intake.pdf.lines import Cell, Line
from bedside.intake.pdf.page import Word
from bedside.intake.pdf.values import is_gene, plain
from bedside.knowledge.report_layouts import ReportLayout, folded

_FIRST = {"calls": FieldKind.GENE, "variants": FieldKind.VARIANT_GENE}
_SECOND = {"calls": FieldKind.GENOTYPE, "variants": FieldKind.VARIANT}
_FAR = 4.5


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its sides as its head has them, and what stands in it; None for what is not read."""

    left: float
    right: float
    kind: FieldKind | None


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a table: which table, its columns from the left, and how many lines it takes."""

    table: str
    columns: tuple[_Column, ...]
    lines: int


def tabled(
    lines: Sequence[Line], layout: ReportLayout, known: frozenset[str]
) -> tuple[list[Found], frozenset[int]]:
    """Every field of every table, and the ids of the lines they stand in."""
    found: list[Found] = []
    used: set[int] = set()
    number, row = 0, 0
    while number < len(lines):
        head = _head(lines, number, layout)
        if head is None:
            number += 1
            continue
        body, after = _body(lines, number + head.lines, head, layout, known)
        if body:
            used.update(id(line) for line in (*lines[number : number + head.lines], *body))
        for cells in _rows(body, head, known):
            row += 1
            found += _fields(cells, row)
        number = max(after, number + 1)
    return found, frozenset(used)


def _head(lines: Sequence[Line], number: int, layout: ReportLayout) -> _Head | None:
    """The head that begins at a line: of one line or of two, whichever names more columns."""
    if len(lines[number].cells) < 2:
        return None
    found = [
        head
        for count in (1, 2)
        for table in ("calls", "variants")
        if (head := _head_of(table, lines[number : number + count], count, layout)) is not None
    ]
    return max(found, key=lambda head: sum(one.kind is not None for one in head.columns), default=None)


def _head_of(table: str, lines: Sequence[Line], count: int, layout: ReportLayout) -> _Head | None:
    named = layout.columns[table]
    columns = _columns(lines, named) if len(lines) == count else None
    if columns is None:
        return None
    kinds = [named.get(folded(text)) for text, _, _ in columns]
    if _FIRST[table] not in kinds or _SECOND[table] not in kinds:
        return None
    once = [kind if kind not in kinds[:place] else None for place, kind in enumerate(kinds)]
    made = (_Column(left, right, kind) for (_, left, right), kind in zip(columns, once, strict=True))
    return _Head(table, tuple(made), count)


def _columns(lines: Sequence[Line], named: Mapping[str, FieldKind]) -> list[tuple[str, float, float]] | None:
    """The heads' texts with their sides; a second line belongs to the heads over it."""
    cells = [part for cell in lines[0].cells for part in _apart(cell, named)]
    columns = [(cell.text, cell.box.left, cell.box.right) for cell in cells]
    for line in lines[1:]:
        if line.page != lines[0].page or line.middle - lines[0].middle > 1.7 * line.height:
            return None
        for cell in line.cells:
            over = [
                place
                for place, (_, left, right) in enumerate(columns)
                if min(right, cell.box.right) > max(left, cell.box.left)
            ]
            if len(over) != 1:
                return None
            text, left, right = columns[over[0]]
            columns[over[0]] = (
                f"{text} {cell.text}",
                min(left, cell.box.left),
                max(right, cell.box.right),
            )
    return columns


def _body(
    lines: Sequence[Line], start: int, head: _Head, layout: ReportLayout, known: frozenset[str]
) -> tuple[list[Line], int]:
    """The lines under a head, over pages, and the number of the line after them."""
    body: list[Line] = []
    last = lines[start - 1]
    number = start
    while number < len(lines):
        line = lines[number]
        again = _head(lines, number, layout)
        if again is not None:
            if again.table != head.table or [c.kind for c in again.columns] != [c.kind for c in head.columns]:
                break
            if line.page == last.page:
                break
            number += again.lines
            last = lines[number - 1]
            continue
        if line.page == last.page and line.middle - last.middle > _FAR * line.height:
            break
        first = _first_cell(line, head)
        if first and not is_gene(_gene_text(first), known):
            if line.page != last.page or not _may_wrap(first):
                break
        elif not first and line.page != last.page:
            break
        body.append(line)
        last = line
        number += 1
    return body, number


def _gene_text(words: Sequence[Word]) -> str:
    """The first word, "" where a colon makes it the beginning of a sentence."""
    text = plain(words[0].text).split("(")[0]
    return "" if text.endswith(":") else text


def _may_wrap(words: Sequence[Word]) -> bool:
    """Whether what stands in the first column can belong to the gene over it: a transcript or a note."""
    text = plain(words[0].text)
    return text.startswith(("(", "NM_", "ENST", "rs", "LRG"))


def _first_cell(line: Line, head: _Head) -> tuple[Word, ...]:
    place = next(n for n, column in enumerate(head.columns) if column.kind is _FIRST[head.table])
    return tuple(word for at, word in _placed(line, head.columns) if at == place)


def _placed(line: Line, columns: Sequence[_Column]) -> Iterator[tuple[int, Word]]:
    """Each word of a line with the number of its column: by its cell where the cell is in one column, else
    by itself."""
    for cell in line.cells:
        box = cell.box
        touched = [
            place
            for place, column in enumerate(columns)
            if min(column.right, box.right) - max(column.left, box.left) > 1
        ]
        if len(touched) <= 1:
            place = touched[0] if touched else _nearest(columns, box.left, box.right)
            yield from ((place, word) for word in cell.words)
        else:
            yield from ((_column_of(columns, word), word) for word in cell.words)


def _nearest(columns: Sequence[_Column], left: float, right: float) -> int:
    def distance(place: int) -> float:
        column = columns[place]
        middle = abs((column.left + column.right) / 2 - (left + right) / 2)
        return min(abs(column.left - left), abs(column.right - right), middle)

    return min(range(len(columns)), key=distance)


def _column_of(columns: Sequence[_Column], word: Word) -> int:
    """By where the heads begin: a word belongs to the last head that begins before its middle."""
    middle = (word.left + word.right) / 2
    before = [place for place, column in enumerate(columns) if column.left - 2 <= middle]
    return before[-1] if before else 0


def _apart(cell: Cell, named: Mapping[str, FieldKind]) -> tuple[Cell, ...]:
    """A cell of heads that stand too close to be told apart by the gap between them; else the cell."""
    parts: list[Cell] = []
    place, words = 0, cell.words
    while place < len(words) and folded(cell.text) not in named:
        several = (words[place:end] for end in range(len(words), place, -1))
        found = next((part for part in several if folded(" ".join(w.text for w in part)) in named), None)
        if found is None:
            return (cell,)
        parts.append(Cell(cell.page, found, cell.read_by))
        place += len(found)
    return tuple(parts) or (cell,)


_Row = dict[FieldKind, tuple[Cell, ...]]


def _rows(body: Sequence[Line], head: _Head, known: frozenset[str]) -> Iterator[_Row]:
    """The rows of a table: one for each gene, with the lines of every other column that belong to it."""
    genes: list[tuple[int, Line, Cell]] = []
    others: dict[FieldKind, list[tuple[int, Line, Cell]]] = {}
    for number, line in enumerate(body):
        by: dict[int, list[Word]] = {}
        for place, word in _placed(line, head.columns):
            by.setdefault(place, []).append(word)
        for place, words in by.items():
            kind = head.columns[place].kind
            cell = Cell(line.page, tuple(words), line.cells[0].read_by)
            if kind is _FIRST[head.table] and is_gene(_gene_text(words), known):
                genes.append((number, line, cell))
            elif kind is not None and kind is not _FIRST[head.table]:
                others.setdefault(kind, []).append((number, line, cell))
    rows: list[dict[FieldKind, list[Cell]]] = [{_FIRST[head.table]: [cell]} for _, _, cell in genes]
    for kind, cells in others.items():
        for block in _blocks(cells):
            for place, cell in _assigned(block, genes):
                rows[place].setdefault(kind, []).append(cell)
    for row in rows:
        yield {kind: tuple(cells) for kind, cells in row.items()}


def _blocks(cells: Sequence[tuple[int, Line, Cell]]) -> Iterator[list[tuple[int, Line, Cell]]]:
    """Lines of a column that follow one another closely: what may be one cell of several lines."""
    block: list[tuple[int, Line, Cell]] = []
    for one in cells:
        if block and (
            one[1].page != block[-1][1].page or one[1].middle - block[-1][1].middle > 1.45 * one[1].height
        ):
            yield block
            block = []
        block.append(one)
    if block:
        yield block


def _assigned(
    block: Sequence[tuple[int, Line, Cell]], genes: Sequence[tuple[int, Line, Cell]]
) -> Iterator[tuple[int, Cell]]:
    """Each line of a block with the row it belongs to."""
    first, last = block[0][1], block[-1][1]
    inside = [
        place
        for place, (_, line, _) in enumerate(genes)
        if line.page == first.page
        and first.middle - 0.6 * line.height <= line.middle <= last.middle + 0.6 * line.height
    ]
    for number, line, cell in block:
        if len(inside) == 1:
            yield inside[0], cell
            continue
        above = [place for place, (at, one, _) in enumerate(genes) if one.page == line.page and at <= number]
        if above:
            yield above[-1], cell
        elif genes:
            before = [place for place, (_, one, _) in enumerate(genes) if one.page < line.page]
            yield (before[-1] if before else 0), cell


def _fields(row: Mapping[FieldKind, tuple[Cell, ...]], number: int) -> Iterator[Found]:
    for kind, cells in row.items():
        yield found_in(kind, cells, Level.HIGH, "stands under the head of its column", number)
        text = plain(" ".join(cell.text for cell in cells))
        if kind is FieldKind.VARIANT and FieldKind.PROTEIN not in row and "p." in text:
            yield found_in(FieldKind.PROTEIN, cells, Level.MEDIUM, "stands beside the DNA change", number)
