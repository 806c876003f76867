"""The words of a sentence apart from its facts, and what is left of it when only wording differs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bedside.knowledge.letter_rules import LetterRules

_TOKEN = re.compile(r"\$\{?\w+\}?|[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_PAUSES = frozenset(",;:.-–—")


def own_words(line: str, values: Sequence[str]) -> str:
    """The line without the facts that stand in it."""
    for value in sorted(values, key=len, reverse=True):
        line = line.replace(value, " ", 1)
    return line


def normal(sentence: str, rules: LetterRules, values: Mapping[str, str]) -> tuple[str, ...]:
    """The sentence as its weighty words in order: facts by name, words that may stand for one another as one,
    light words and pauses left out. A word that nobody listed stands for itself."""
    for name, value in sorted(values.items(), key=lambda item: -len(item[1])):
        sentence = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f" ${name} ", sentence, count=1)
    tokens = (one.strip("${}") if one.startswith("$") else one.lower() for one in _TOKEN.findall(sentence))
    return tuple(_kind(one, rules) for one in tokens if one not in rules.light and one not in _PAUSES)


def _kind(token: str, rules: LetterRules) -> str:
    for group in rules.same:
        if token in group:
            return min(group)
    return token
