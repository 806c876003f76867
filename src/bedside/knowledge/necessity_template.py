"""The words of the letter of medical necessity: sentences with the facts each needs, in the payers' order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.authorisation import DenialClass
from bedside.knowledge.authorisation_policy import KIND, LETTER
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

FIRST, APPEAL = "first", "appeal"
_PLACE = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class NecessitySentence:
    """One sentence. each: the rows it is said of, "" for once. letters, denials: in which letter and after
    which refusal it is said. needs: its places; it has one at least."""

    id: str
    section: str
    text: str
    each: str
    letters: frozenset[str]
    denials: frozenset[DenialClass]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NecessityTemplate:
    """The whole pack. headings: by section, in order."""

    provenance: Provenance
    awaits: str
    titles: Mapping[str, str]
    headings: Mapping[str, str]
    sentences: tuple[NecessitySentence, ...]
    examples: tuple[Mapping[str, str], ...]

    def said_in(self, letter: str, denial: DenialClass | None) -> tuple[NecessitySentence, ...]:
        """The sentences that a letter may have, in order."""
        return tuple(
            one
            for one in self.sentences
            if letter in one.letters and (not one.denials or denial in one.denials)
        )


@cache
def load_necessity_template(root: Path | None = None) -> NecessityTemplate:
    """The shipped words, or a site's own in their place; raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == LETTER]
    if not found:
        raise PackError([Problem(KIND, "no words of the letter are at hand")])
    return read_template(found[-1])


def read_template(file: RuleFile) -> NecessityTemplate:
    """The words of a rule file; refused with every sentence that rests on nothing."""
    document = file.document
    try:
        headings = {str(name): str(words) for name, words in document["headings"].items()}
        made = NecessityTemplate(
            file.provenance,
            str(document["awaits"]),
            {name: str(document["titles"][name]) for name in (FIRST, APPEAL)},
            headings,
            tuple(_sentence(one) for one in document["sentence"]),
            tuple(document.get("example", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"these are no words of a letter: {error}") from error
    problems = [
        Problem(file.label, f"the sentence {one.id} {why}")
        for one in made.sentences
        for why in _wrong(one, made)
    ]
    if len({one.id for one in made.sentences}) != len(made.sentences):
        problems.append(Problem(file.label, "two sentences have one id"))
    if problems:
        raise PackError(problems)
    return made


def _sentence(one: Mapping[str, Any]) -> NecessitySentence:
    text = str(one["text"])
    return NecessitySentence(
        id=str(one["id"]),
        section=str(one["section"]),
        text=text,
        each=str(one.get("each", "")),
        letters=frozenset(map(str, one.get("letters", (FIRST, APPEAL)))),
        denials=frozenset(map(DenialClass, one.get("denials", ()))),
        needs=tuple(dict.fromkeys(_PLACE.findall(text))),
    )


def _wrong(one: NecessitySentence, template: NecessityTemplate) -> list[str]:
    found = []
    if not one.needs:
        found.append("rests on no fact")
    if one.section not in template.headings:
        found.append(f"stands in a section that is none: {one.section}")
    if re.search(r"\d", _PLACE.sub("", one.text)):
        found.append("has a number that is no fact")
    if "\n" in one.text or not one.text.strip():
        found.append("is not one line")
    return found
