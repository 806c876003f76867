"""What a note says about a name in it: there, not there, uncertain, a relative's; by words around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bedside.genome.case import FeatureStatus
from bedside.knowledge.phenotype_words import Cues, PhenotypeWords

REACH_WORDS, REACH_LETTERS = 12, 200
MOST_JOINED = 25
_BOUNDARY = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|;|\n(?![ \t]*[a-z])")
_ORDER = (FeatureStatus.FAMILY, FeatureStatus.UNCERTAIN, FeatureStatus.EXCLUDED)
Said = tuple[FeatureStatus, str]
"""What is said, and the words that say it ("" where nothing turns the finding)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    before: tuple[re.Pattern[str], ...]
    after: tuple[re.Pattern[str], ...]
    ends: re.Pattern[str]
    patient: re.Pattern[str]
    between: re.Pattern[str]
    sections: re.Pattern[str]
    of_section: Mapping[str, FeatureStatus]


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """A text laid out for asking. lower: in small letters, as long as the text; cues: of each status, in
    order, where each begins and ends; sections: where each begins, its status and title."""

    text: str
    lower: str
    bounds: Sequence[int]
    cues: Sequence[Sequence[tuple[int, int]]]
    sections: Sequence[tuple[int, FeatureStatus, str]]
    rules: _Rules

    def said(self, start: int, end: int, named: Mapping[int, int]) -> Said:
        """What is said of the name from `start` to `end`. named: of every name its begin and end."""
        section = bisect_right(self.sections, start, key=lambda one: one[0])
        if section and self.sections[section - 1][1] is not FeatureStatus.OBSERVED:
            return self.sections[section - 1][1:]
        at = bisect_right(self.bounds, start)
        begin = self.bounds[at - 1] if at else 0
        stop = self.bounds[at] if at < len(self.bounds) else len(self.text)
        follows = self._follows(end, stop, named)
        for status, cues, trailing in zip(_ORDER, self.cues, self.rules.after, strict=True):
            found = self._leading(begin, start, cues, status is FeatureStatus.FAMILY)
            if found is None and (match := trailing.match(self.lower, follows, stop)):
                found = match.span()
            if found is not None:
                return status, self.text[slice(*found)].strip()
        return FeatureStatus.OBSERVED, ""

    def _leading(
        self, begin: int, start: int, cues: Sequence[tuple[int, int]], family: bool
    ) -> tuple[int, int] | None:
        """The last cue before a name that reaches it."""
        for at in range(bisect_right(cues, (start, 0)) - 1, -1, -1):
            cue = cues[at]
            if cue[0] < begin or start - cue[1] > REACH_LETTERS:
                return None
            if cue[1] > start:
                continue
            between = self.lower[cue[1] : start]
            if len(between.split()) > REACH_WORDS:
                return None
            if not (self.rules.patient if family else self.rules.ends).search(between):
                return cue
        return None

    def _follows(self, at: int, stop: int, named: Mapping[int, int]) -> int:
        """Where the text goes on after a name and the names joined to it."""
        for _ in range(MOST_JOINED):
            gap = self.rules.between.match(self.lower, at, stop)
            follows = gap.end() if gap else at
            further = named.get(follows, stop + 1)
            if further > stop:
                return at
            at = further
        return at


def lay_out(text: str, words: PhenotypeWords) -> Context:
    """The text with its sentences, cues and sections."""
    rules = _rules(words)
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return Context(
        text,
        lower,
        [match.end() for match in _BOUNDARY.finditer(text)],
        [
            [match.span() for match in pattern.finditer(lower) if match["none"] is None]
            for pattern in rules.before
        ],
        tuple(_sections(text, lower, rules)),
        rules,
    )


def _sections(text: str, lower: str, rules: _Rules) -> Iterator[tuple[int, FeatureStatus, str]]:
    for match in rules.sections.finditer(lower):
        title = text[match.start("title") : match.end("title")]
        yield match.end(), rules.of_section[" ".join(match["title"].split())], title


@lru_cache(maxsize=8)
def _rules(words: PhenotypeWords) -> _Rules:
    cues: dict[FeatureStatus, Cues] = {
        FeatureStatus.FAMILY: words.family,
        FeatureStatus.UNCERTAIN: words.uncertain,
        FeatureStatus.EXCLUDED: words.negated,
    }
    titles = {title: status for status, one in cues.items() for title in one.sections}
    titles |= dict.fromkeys(words.patient_sections, FeatureStatus.OBSERVED)
    return _Rules(
        before=tuple(
            re.compile(f"(?P<none>{_any_of(cues[one].not_before)})|{_any_of(cues[one].before)}")
            for one in _ORDER
        ),
        after=tuple(re.compile(rf"\s*(?:{_any_of(cues[one].after)})") for one in _ORDER),
        ends=re.compile(_any_of(words.ends)),
        patient=re.compile(_any_of(words.patient_words)),
        between=re.compile(rf"(?:[\s,/()]|{_any_of((*words.joins, 'the', 'a', 'any', 'also'))})*"),
        sections=re.compile(rf"^[ \t#*•-]*(?P<title>{_any_of(titles)})[ \t*]*(?::|$)", re.M),
        of_section=titles,
    )


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern of phrases, the longest first, whole words only, quick to fail on other letters."""
    longest = sorted(set(phrases), key=len, reverse=True)
    words = [_spaced(one) for one in longest if one[0].isalnum() and one[-1].isalnum()]
    signs = [_spaced(one) for one in longest if not (one[0].isalnum() and one[-1].isalnum())]
    first = "".join(sorted({one[0] for one in longest if one[0].isalnum()}))
    parts = [rf"(?<!\w)(?=[{first}])(?:{'|'.join(words)})(?!\w)"] if words else []
    return "|".join((*parts, *signs))


def _spaced(phrase: str) -> str:
    return r"\s+".join(map(re.escape, phrase.split()))
