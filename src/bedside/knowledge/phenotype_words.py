"""How the names of HPO are met in running text: spelling, endings, words alike, what negates, whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "phenotype_words"
CUES = ("negated", "uncertain", "family")


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """What turns a finding: words before it, words after it, and titles of whole sections. not_before: holds
    such words and turns nothing."""

    before: tuple[str, ...]
    not_before: tuple[str, ...]
    after: tuple[str, ...]
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PhenotypeWords:
    """The words of one language.

    silent: words that say nothing; alike: a word → the one that stands for its family; endings: what is taken
    off, what stands instead, letters that must be left; endings_alone: the same for names of one word;
    left_out: ends of labels that text leaves out; names: further names of terms; never: single words not read
    as a term; joins: words that join two findings; ends: words at which a cue stops reaching.
    """

    provenance: Provenance
    silent: frozenset[str]
    alike: Mapping[str, str]
    spelling: tuple[tuple[str, str], ...]
    endings: tuple[tuple[str, str, int], ...]
    endings_alone: tuple[tuple[str, str, int], ...]
    left_out: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    never: frozenset[str]
    never_terms: frozenset[str]
    shortest: int
    joins: frozenset[str]
    negated: Cues
    uncertain: Cues
    family: Cues
    patient_words: tuple[str, ...]
    patient_sections: tuple[str, ...]
    ends: tuple[str, ...]
    never_texts: frozenset[str]


@cache
def load_phenotype_words(root: Path | None = None, language: str = "en") -> PhenotypeWords:
    """The words of a language, a site's own file in place of the shipped one; raises PackError."""
    found = [one for one in rule_files(KIND, root) if one.document.get("language") == language]
    if not found:
        raise PackError([Problem(KIND, f"no words to read notes with in language {language!r}")])
    file = found[-1]
    document = file.document
    try:
        cues = {name: Cues(**{k: tuple(v) for k, v in document[name].items()}) for name in CUES}
        return PhenotypeWords(
            provenance=file.provenance,
            silent=frozenset(document["silent"]),
            alike={word: family[0] for family in document["alike"] for word in family},
            spelling=tuple((old, new) for old, new in document["spelling"]),
            endings=_endings(document["endings"]),
            endings_alone=_endings(document["endings_alone"]),
            left_out=tuple(document["left_out"]),
            names=tuple((str(text), str(term)) for text, term in document["names"].items()),
            never=frozenset(document["never"]),
            never_terms=frozenset(document["never_terms"]),
            shortest=int(document["shortest"]),
            joins=frozenset(document["joins"]),
            patient_words=tuple(document["patient"]["words"]),
            patient_sections=tuple(document["patient"]["sections"]),
            ends=tuple(document["ends"]),
            never_texts=frozenset(document["never_texts"]),
            **cues,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a file of words for reading notes: {error}") from error


def _endings(entries: list[list[Any]]) -> tuple[tuple[str, str, int], ...]:
    return tuple((str(end), str(instead), int(least)) for end, instead, least in entries)
