"""From pages of words to the fields of a draft: which layout, what was found, and what is missing and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bedside.genome.draft import CALL, VARIANT, Absence, DraftField, FieldKind, Level, ReadBy
from bedside.intake.pdf.found import Found
from bedside.intake.pdf.labels import banners, labelled
from bedside.intake.pdf.lines import Line, lines_of, without_furniture
from bedside.intake.pdf.page import Page
from bedside.intake.pdf.prose import said_in_prose
from bedside.intake.pdf.tables import tabled
from bedside.intake.pdf.values import Reading, plain, read_value
from bedside.knowledge.report_layouts import ReportLayout

ALWAYS = (
    FieldKind.PATIENT,
    FieldKind.BIRTH_DATE,
    FieldKind.SEX,
    FieldKind.NUMBER,
    FieldKind.ACCESSION,
    FieldKind.STATUS,
    FieldKind.LABORATORY,
    FieldKind.TEST,
    FieldKind.COLLECTED,
    FieldKind.RECEIVED,
    FieldKind.REPORTED,
    FieldKind.METHODS,
    FieldKind.LIMITS,
)
"""What every draft has a field for, found or not."""
_LONGEST = 2_000
_SURE = 80


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report as read: its fields, and the layout it was read with."""

    layout: str
    fields: tuple[DraftField, ...]


def choose_layout(pages: Sequence[Page], layouts: Sequence[ReportLayout]) -> ReportLayout:
    """The first layout all of whose texts stand on the report; the last one is the generic one."""
    text = plain(" ".join(word.text for page in pages for word in page.words)).casefold()
    for layout in layouts[:-1]:
        if layout.recognised_by and all(one.casefold() in text for one in layout.recognised_by):
            return layout
    return layouts[-1]


def read_report(pages: Sequence[Page], layouts: Sequence[ReportLayout], known: frozenset[str]) -> ReadReport:
    """The fields of a report. known: every gene symbol there is, to tell genes from other capitals."""
    layout = choose_layout(pages, layouts)
    by_page = without_furniture([lines_of(page) for page in pages])
    lines = [line for page in by_page for line in page]
    found, in_tables = tabled(lines, layout, known)
    rest = [line for line in lines if id(line) not in in_tables]
    beside, used = labelled(rest, layout, known)
    last = max((one.row for one in found), default=0)
    found += [replace(one, row=one.row + last if one.row else 0) for one in beside]
    if not any(one.kind is FieldKind.STATUS for one in beside):
        found += banners(rest, layout)
    for page in by_page:
        own = [_without(line, used) for line in page if id(line) not in in_tables]
        last = max((one.row for one in found), default=0)
        found += said_in_prose([line for line in own if line.cells], layout, known, last)
    return ReadReport(layout.name, tuple(_fields(found, layout, known, bool(lines), pages)))


def _without(line: Line, used: frozenset[int]) -> Line:
    return replace(line, cells=tuple(cell for cell in line.cells if id(cell) not in used))


def _fields(
    found: Sequence[Found],
    layout: ReportLayout,
    known: frozenset[str],
    any_text: bool,
    pages: Sequence[Page],
) -> Iterator[DraftField]:
    single = [one for one in found if one.row == 0 and one.kind is not FieldKind.NEGATIVE]
    for kind in (*ALWAYS, FieldKind.ORDER):
        mine = [one for one in single if one.kind is kind]
        if mine:
            yield _one(kind, mine, layout, known)
        elif kind is FieldKind.LABORATORY and layout.laboratory:
            reason = "the layout is this laboratory's"
            yield DraftField(
                kind.value, kind, 0, layout.laboratory, layout.laboratory, (), Level.MEDIUM, reason
            )
        elif kind in ALWAYS:
            yield _missing(kind, any_text and not any(page.unread for page in pages))
    for kinds in (CALL, VARIANT):
        yield from _rows([one for one in found if one.row and one.kind in kinds], kinds, layout, known)
    negatives = [one for one in found if one.kind is FieldKind.NEGATIVE]
    texts = list(dict.fromkeys(plain(one.text) for one in negatives))
    for number, text in enumerate(texts, start=1):
        one = next(each for each in negatives if plain(each.text) == text)
        yield _field(f"negative-{number}", one, Reading(text[:_LONGEST]), number)


def _missing(kind: FieldKind, all_read: bool) -> DraftField:
    absence = Absence.NOT_FOUND if all_read else Absence.UNREADABLE
    reason = "no label of this layout stands on the report" if all_read else "not every page could be read"
    return DraftField(kind.value, kind, absence=absence, reason=reason)


def _one(kind: FieldKind, found: Sequence[Found], layout: ReportLayout, known: frozenset[str]) -> DraftField:
    """The one field of several places that say it: ambiguous when they say different things."""
    readings = [(one, read_value(kind, one.text, layout, known)) for one in found]
    good = [(one, reading) for one, reading in readings if reading.value]
    if not good:
        return _field(kind.value, readings[0][0], readings[0][1])
    if len({reading.value.casefold() for _, reading in good}) > 1:
        boxes = tuple(box for one, _ in good for box in one.boxes)
        text = " / ".join(dict.fromkeys(plain(one.text) for one, _ in good))
        reason = "the report says different things in different places"
        return DraftField(
            kind.value, kind, 0, text, "", boxes, Level.LOW, reason, good[0][0].read_by, Absence.AMBIGUOUS
        )
    best = max(good, key=lambda pair: (pair[0].level is Level.HIGH, pair[1].level is Level.HIGH))
    return _field(kind.value, *best)


def _field(key: str, one: Found, reading: Reading, row: int = 0) -> DraftField:
    level = max(one.level, reading.level, key=(Level.HIGH, Level.MEDIUM, Level.LOW).index)
    reason = "; ".join(filter(None, (one.reason, reading.reason)))
    if one.read_by is ReadBy.PICTURE:
        level = Level.LOW
        sure = "" if one.sure >= _SURE else f", and it was {one.sure} in 100 sure of the worst word"
        reason += f"; letters were guessed from a picture{sure}"
    if reading.absence is not None:
        reason = reading.reason
    return DraftField(
        key,
        one.kind,
        row,
        plain(one.text)[:_LONGEST],
        reading.value[:_LONGEST],
        one.boxes,
        level,
        reason,
        one.read_by,
        reading.absence,
    )


def _rows(
    found: Sequence[Found], kinds: Sequence[FieldKind], layout: ReportLayout, known: frozenset[str]
) -> Iterator[DraftField]:
    """Rows of results, each once: said again is left out, said otherwise is ambiguous."""
    rows: dict[int, dict[FieldKind, tuple[Found, Reading]]] = {}
    for one in found:
        reading = read_value(one.kind, one.text, layout, known)
        rows.setdefault(one.row, {}).setdefault(one.kind, (one, reading))
    kept: dict[tuple[str, str], tuple[int, dict[FieldKind, tuple[Found, Reading]]]] = {}
    disputed: set[tuple[int, FieldKind]] = set()
    number = 0
    for row in rows.values():
        name = _identity(row, kinds)
        if name is not None and name in kept:
            at, before = kept[name]
            disputed |= {(at, kind) for kind in kinds if _contradicts(before, row, kind)}
            for kind, pair in row.items():
                before.setdefault(kind, pair)
            continue
        number += 1
        kept[name or ("", str(number))] = (number, row)
    for at, row in kept.values():
        for kind in kinds:
            if kind in row:
                one, reading = row[kind]
                if (at, kind) in disputed:
                    reason = "the report says something else of it in another place"
                    reading = Reading(absence=Absence.AMBIGUOUS, reason=reason)
                yield _field(f"{kind.value}-{at}", one, reading, at)
            elif kind is not FieldKind.PROTEIN:
                yield replace(_missing(kind, True), key=f"{kind.value}-{at}", row=at)


def _identity(
    row: dict[FieldKind, tuple[Found, Reading]], kinds: Sequence[FieldKind]
) -> tuple[str, str] | None:
    """What makes two rows the same: a call's gene, a variant's change."""
    key = FieldKind.GENE if FieldKind.GENE in kinds else FieldKind.VARIANT
    value = row[key][1].value if key in row else ""
    return (key.value, value.rpartition(":")[2].strip()) if value else None


def _contradicts(
    before: dict[FieldKind, tuple[Found, Reading]],
    row: dict[FieldKind, tuple[Found, Reading]],
    kind: FieldKind,
) -> bool:
    one, two = before.get(kind), row.get(kind)
    return (
        one is not None
        and two is not None
        and bool(one[1].value and two[1].value)
        and one[1].value != two[1].value
        and kind not in (FieldKind.VARIANT,)
    )
