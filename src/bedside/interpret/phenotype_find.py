"""Names of HPO in running text: every stretch that is one, the nested ones too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bedside.interpret.phenotype_index import LONGEST, PhenotypeIndex

_TOKEN = re.compile(r"[^\W\d_]+(?:['’]s(?![^\W\d_]))?|\d+|[^\w\s/-]|\n\s*\n")
_EXPLAINED = re.compile(r" \((?P<short>[A-Z][A-Za-z]?[A-Z]{1,5})s?[);,]")
_MOST_EXPLAINED = 50
_APART = 3
_SIDE = 4


class How(Enum):
    """How a stretch of text names a term."""

    NAME = "a name of the term"
    SHARED = "a name that shares a word with the one beside it"
    SHORT_FORM = "a short form that the text explains"


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of text that names a term."""

    start: int
    end: int
    term: str
    how: How = How.NAME


_Word = tuple[int, int, int, int, str]
"""The number of a word, where it begins and ends, what stands before it (0 nothing, 1 "and", 2 a comma), and
the term that it names by itself."""


def find_names(text: str, index: PhenotypeIndex) -> list[Named]:
    """Every stretch that names a term, in order; of nested ones each. In a text all in capitals a word in
    capitals is no short form."""
    lower = text.lower()
    if text.isupper() and len(lower) == len(text):
        text = lower
    found: dict[tuple[int, int, str], Named] = {}
    for run in _runs(text, index):
        for one in (*_plain(run, index), *_shared(run, index)):
            found.setdefault((one.start, one.end, one.term), one)
    for one in _short_forms(text, tuple(found.values())):
        found.setdefault((one.start, one.end, one.term), one)
    return sorted(found.values(), key=lambda one: (one.start, -one.end))


def _runs(text: str, index: PhenotypeIndex) -> Iterator[list[_Word]]:
    """Stretches of words that occur in names, without what says nothing."""
    met, form, joins = index.met, index.form, index.words.joins
    run: list[_Word] = []
    before = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word == ",":
            before = 2
            continue
        number, alone = met.get(word) or form(word)
        if number > 0:
            run.append((number, match.start(), match.end(), before if run else 0, alone))
            before = 0
        elif number == 0:
            if word in joins:
                before = 1
        elif run:
            yield run
            run, before = [], 0
    if run:
        yield run


def _plain(run: list[_Word], index: PhenotypeIndex) -> Iterator[Named]:
    names = index.names
    for first, (total, start, end, _, alone) in enumerate(run):
        if alone:
            yield Named(start, end, alone)
        crossed = False
        for last in range(first + 1, min(first + LONGEST, len(run))):
            number, _, end, before, _ = run[last]
            if before == 2:
                break
            crossed = crossed or before == 1
            total += number
            found = names.get(total)
            if found is not None and found[1] == last - first + 1 and (found[2] or not crossed):
                yield Named(start, end, found[0])


def _shared(run: list[_Word], index: PhenotypeIndex) -> Iterator[Named]:
    """What borrows its last or first word from a name beside it: "skin and genital anomalies", "aplasia of
    thumb and radius"."""
    for at in range(1, len(run)):
        if run[at][3] == 1:
            yield from _borrow_right(run, at, index)
            yield from _borrow_left(run, at, index)


def _borrow_right(run: list[_Word], at: int, index: PhenotypeIndex) -> Iterator[Named]:
    names = index.names
    for last in range(at + 1, min(at + _SIDE, len(run))):
        if run[last][3]:
            return
        right = _name(run, at, last, index)
        if not right:
            continue
        total = run[last][0]
        for first in range(at - 1, max(-1, at - 1 - _APART), -1):
            total += run[first][0]
            found = names.get(total)
            if found is not None and found[1] == at - first + 1 and found[0] != right:
                yield Named(run[first][1], run[last][2], found[0], How.SHARED)
            if run[first][3]:
                break


def _borrow_left(run: list[_Word], at: int, index: PhenotypeIndex) -> Iterator[Named]:
    names = index.names
    for first in range(at - 2, max(-1, at - 1 - _SIDE), -1):
        if run[first + 1][3]:
            return
        left = _name(run, first, at - 1, index)
        if not left:
            continue
        total = run[first][0]
        for last in range(at, min(at + _APART, len(run))):
            if last > at and run[last][3]:
                break
            total += run[last][0]
            found = names.get(total)
            if found is not None and found[1] == last - at + 2 and found[0] != left:
                yield Named(run[first][1], run[last][2], found[0], How.SHARED)


def _name(run: list[_Word], first: int, last: int, index: PhenotypeIndex) -> str:
    if first == last:
        return run[first][4]
    found = index.names.get(sum(one[0] for one in run[first : last + 1]))
    return found[0] if found is not None and found[1] == last - first + 1 else ""


def _short_forms(text: str, found: tuple[Named, ...]) -> Iterator[Named]:
    """Short forms that the text itself explains: "basal cell carcinoma (BCC)" makes every BCC one."""
    explained: dict[str, str] = {}
    by_end = {one.end: one for one in sorted(found, key=lambda one: -one.start)}
    for match in _EXPLAINED.finditer(text):
        named = by_end.get(match.start())
        if named is not None and _initials(match["short"], text[named.start : named.end]):
            explained.setdefault(match["short"], named.term)
        if len(explained) == _MOST_EXPLAINED:
            break
    for short, term in explained.items():
        for match in re.finditer(rf"(?<![\w-]){re.escape(short)}s?(?![\w-])", text):
            yield Named(match.start(), match.end(), term, How.SHORT_FORM)


def _initials(short: str, name: str) -> bool:
    letters = iter(name.lower())
    return short[0].lower() == name[0].lower() and all(one in letters for one in short.lower())
