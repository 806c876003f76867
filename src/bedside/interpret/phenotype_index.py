"""The names of HPO as a dictionary for reading text: words brought to one form, their order not minded.

A name is the sum of its words' numbers, so a stretch of text is looked up by adding word after word. Built
when it is needed from HPO's own file; nothing of it is kept on disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from bedside.knowledge.hpo import ABNORMALITY, Hpo
from bedside.knowledge.phenotype_words import PhenotypeWords

WORD = re.compile(r"[^\W\d_]+(?:['’]s(?![^\W\d_]))?|\d+")
LONGEST = 10
_MOST_MET = 200_000


Form = tuple[int, str]
"""Of a word its number (0: says nothing, -1: in no name) and the term that it names by itself, "" if none."""

_SILENT: Form = (0, "")
_UNKNOWN: Form = (-1, "")


@dataclass(frozen=True, eq=False)
class PhenotypeIndex:
    """The dictionary.

    names: of a sum of word numbers the term, how many words it has, and whether it holds an "and"; alone:
    terms named by one word, by its form; spelled: forms of short names, which count in capitals only; met:
    the forms of words already met, filled as text is read.
    """

    hpo: Hpo
    words: PhenotypeWords
    names: Mapping[int, tuple[str, int, bool]]
    known: frozenset[int]
    alone: Mapping[str, str]
    spelled: frozenset[str]
    met: dict[str, Form] = field(default_factory=dict)

    def form(self, written: str) -> Form:
        """The form of a word as written."""
        found = self.met.get(written)
        if found is None:
            found = self._form(written)
            if len(self.met) < _MOST_MET:
                self.met[written] = found
        return found

    def _form(self, written: str) -> Form:
        word = written.lower()
        number = word_number(written, self.words)
        if not number:
            return _SILENT
        alone = one_form(word, self.words, alone=True)
        term = self.alone.get(alone, "")
        if word in self.words.never or (alone in self.spelled and not written.removesuffix("s").isupper()):
            term = ""
        return (number, term) if number in self.known or term else _UNKNOWN


def build_index(
    hpo: Hpo, words: PhenotypeWords, branches: tuple[str, ...] = (ABNORMALITY,)
) -> PhenotypeIndex:
    """The dictionary of the terms below some of HPO's branches. A label goes before a synonym; of equals, the
    term that the file has first."""
    names: dict[int, tuple[str, int, bool]] = {}
    alone: dict[str, str] = {}
    spelled: set[str] = set()
    memo: dict[str, int] = {}
    known: set[int] = set()
    for name, identity in _every_name(hpo, words, branches):
        found = [one for one in WORD.findall(name) if _number(one, words, memo)]
        if not 0 < len(found) <= LONGEST:
            continue
        if len(found) > 1:
            numbers = [memo[one] for one in found]
            known.update(numbers)
            joined = not words.joins.isdisjoint(name.split()) or "/" in name
            names.setdefault(sum(numbers), (identity, len(numbers), joined))
        elif len(found[0]) >= words.shortest and found[0].lower() not in words.never:
            form = one_form(found[0].lower(), words, alone=True)
            if form not in alone and found[0].isupper():
                spelled.add(form)
            alone.setdefault(form, identity)
            known.add(memo[found[0]])
    return PhenotypeIndex(hpo, words, names, frozenset(known), alone, frozenset(spelled))


def _every_name(hpo: Hpo, words: PhenotypeWords, branches: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Labels of all terms, then what the words' file adds, synonyms, related names, shortened labels."""
    tops = frozenset(branches)
    terms = [
        term
        for term in hpo.terms.values()
        if term.id not in words.never_terms and not tops.isdisjoint(hpo.ancestors[term.id])
    ]
    yield from ((term.name, term.id) for term in terms)
    wanted = {term.id for term in terms}
    yield from ((name, identity) for name, identity in words.names if identity in wanted)
    yield from ((name, term.id) for term in terms for name, _ in term.synonyms)
    yield from ((name, term.id) for term in terms for name in term.related)
    for term in terms:
        for left_out in words.left_out:
            if term.name.endswith(left_out):
                yield term.name.removesuffix(left_out), term.id


def word_number(written: str, words: PhenotypeWords) -> int:
    """The number of a word's one form, 0 when the word says nothing. A capital letter by itself says
    something ("type A")."""
    word = written.lower()
    if word in words.silent and not (len(written) == 1 and written.isupper()):
        return 0
    return int.from_bytes(blake2b(one_form(word, words).encode(), digest_size=7).digest(), "big") | 1


def one_form(word: str, words: PhenotypeWords, *, alone: bool = False) -> str:
    """A word without its ending, in American spelling, or the word that stands for its family. alone: by the
    endings that may be taken from a name of one word, which are few."""
    plain = word.removesuffix("'s").removesuffix("’s")
    alike = words.alike.get(plain)
    if alike is not None:
        return alike
    for old, new in words.spelling:
        plain = plain.replace(old, new)
    for ending, instead, least in words.endings_alone if alone else words.endings:
        if plain.endswith(ending) and len(plain) - len(ending) >= least:
            plain = plain[: len(plain) - len(ending)] + instead
            break
    return words.alike.get(plain, plain)


def _number(word: str, words: PhenotypeWords, memo: dict[str, int]) -> int:
    found = memo.get(word)
    if found is None:
        found = memo[word] = word_number(word, words)
    return found
