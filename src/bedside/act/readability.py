"""How easy a letter reads: Flesch-Kincaid's grade for English, Fernández-Huerta's score for Spanish, counted
here so that it can be asked for at the moment a letter is released.

Syllables are counted by rule (groups of vowels), which differs from a dictionary by a few in a hundred; the
tests hold the result against textstat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedside.knowledge.letter_rules import LetterRules

GRADE, EASE = "flesch-kincaid", "fernandez-huerta"
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
_SPANISH = re.compile(r"(?:[iuü]?[aáeéoó][iuyü]?(?![aáeéoóíú])|[iuü]?[aáeéoó]|[íú]|[iuü]+|y(?![aeiouáéíóú]))")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured. score: a grade (lower is easier) or an ease (higher is easier), by the formula."""

    formula: str
    score: float
    longest: int
    words: int


def syllables(word: str) -> int:
    """The syllables of an English word, at least one."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    count = len(_VOWELS.findall(plain))
    if re.search(r"[^aeiouy]e$", plain) and not re.search(r"[^aeiouy]le$", plain):
        count -= 1
    if re.search(r"[^aeiouytd]ed$", plain) or re.search(r"[^aeiouysxzchgl]es$", plain):
        count -= 1
    if re.search(r"i[ao]|(?<!p)eo|ua", plain) and not re.search(r"[tsc]i[ao]|qua|gua", plain):
        count += 1
    return max(1, count)


def spanish_syllables(word: str) -> int:
    """The syllables of a Spanish word, at least one: strong vowels part, and so does an accent."""
    plain = re.sub(r"(?<=[qg])u(?=[eéií])", "", word.lower())
    return max(1, len(_SPANISH.findall(plain)))


_FORMULAS: dict[str, tuple[Callable[[str], int], Callable[[float, float], float]]] = {
    GRADE: (syllables, lambda length, parts: 0.39 * length + 11.8 * parts - 15.59),
    EASE: (spanish_syllables, lambda length, parts: 206.84 - 60 * parts - 1.02 * length),
}


def read(sentences: Sequence[str], formula: str) -> Reading:
    """How easy some sentences read by a formula."""
    count, score = _FORMULAS[formula]
    words = [_WORD.findall(one) for one in sentences]
    every = [word for several in words for word in several]
    if not every:
        return Reading(formula, 0.0, 0, 0)
    parts = sum(map(count, every)) / len(every)
    return Reading(
        formula,
        round(score(len(every) / len(words), parts), 1),
        max(map(len, words)),
        len(every),
    )


def too_hard(sentences: Sequence[str], rules: LetterRules) -> tuple[str, ...]:
    """Why some sentences are too hard to read by the rules of their language; nothing when they are not."""
    asked = rules.readable
    found = read(sentences, asked.formula)
    faults = []
    if asked.formula == GRADE and found.score > asked.limit:
        faults.append(f"reads at grade {found.score}; at most {asked.limit:g} is allowed")
    if asked.formula == EASE and found.score < asked.limit:
        faults.append(f"reads with an ease of {found.score}; at least {asked.limit:g} is asked for")
    faults += [
        f"a sentence of {length} words; at most {asked.most_words} are allowed"
        for one in sentences
        if (length := len(_WORD.findall(one))) > asked.most_words
    ]
    return tuple(faults)
