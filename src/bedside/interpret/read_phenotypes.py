"""A note in plain text → the features it names, each with its place and whether it is said to be there.

What is negated, uncertain or about a relative is never observed. Nothing here is a finding of a person yet:
somebody confirms it first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bedside.genome.case import FeatureStatus
from bedside.interpret.phenotype_context import lay_out
from bedside.interpret.phenotype_find import How, Named, find_names
from bedside.interpret.phenotype_index import PhenotypeIndex
from bedside.knowledge.phenotype_words import PhenotypeWords

_SAID = {
    FeatureStatus.OBSERVED: "stated",
    FeatureStatus.EXCLUDED: "said not to be there",
    FeatureStatus.UNCERTAIN: "not certain",
    FeatureStatus.FAMILY: "said of a relative",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A feature named in a text. cue: the words that made it anything but observed, "" without; nested: it
    lies within a longer one."""

    start: int
    end: int
    text: str
    term: str
    label: str
    status: FeatureStatus
    cue: str
    how: How
    nested: bool = False

    @property
    def why(self) -> str:
        """Why it is read so, in words."""
        cue = " ".join(self.cue.split())
        return f"{self.how.value}; {_SAID[self.status]}" + (f': "{cue}"' if cue else "")


def read_phenotypes(text: str, index: PhenotypeIndex, *, nested: bool = False) -> tuple[Mention, ...]:
    """The features that a text names, in order; with `nested` also those within longer ones."""
    named = [one for one in find_names(text, index) if _counts(text, one, index.words)]
    longest = set(_longest(named))
    context = lay_out(text, index.words)
    ends: dict[int, int] = {}
    for one in named:
        ends[one.start] = max(one.end, ends.get(one.start, 0))
    found = []
    for one in named:
        if nested or one in longest:
            status, cue = context.said(one.start, one.end, ends)
            label, words = index.hpo.terms[one.term].name, text[one.start : one.end]
            within = one not in longest
            found.append(Mention(one.start, one.end, words, one.term, label, status, cue, one.how, within))
    return tuple(found)


def _counts(text: str, one: Named, words: PhenotypeWords) -> bool:
    return " ".join(text[one.start : one.end].lower().split()) not in words.never_texts


def _longest(named: Sequence[Named]) -> Iterator[Named]:
    """Of overlapping names the longest. One that shares a word with its neighbour hides nothing."""
    starts: list[int] = []
    ends: list[int] = []
    stands: list[Named] = []
    for one in sorted(named, key=lambda one: (one.how is How.SHARED, one.start - one.end, one.start)):
        at = bisect_right(ends, one.start)
        if one.how is How.SHARED:
            beside = stands[at : bisect_left(starts, one.end)]
            within = {other.term for other in beside if one.start <= other.start and other.end <= one.end}
            hidden = at < len(starts) and starts[at] <= one.start and ends[at] >= one.end
            if not hidden and one.term not in within:
                yield one
        elif at == len(starts) or starts[at] >= one.end:
            yield one
            stands.insert(at, one)
            starts.insert(at, one.start)
            ends.insert(at, one.end)
