"""The letter of medical necessity: sentences made of facts, each with where it stands.

What is not on record is not said. A criterion that is not known to be met is left out, and named to whoever
writes the letter instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from string import Template

from bedside.decide.coverage_answer import CriterionResult, PolicyResult, TreeResult
from bedside.genome.authorisation import DenialClass
from bedside.genome.coverage import Pointer, Said, Truth
from bedside.knowledge.coverage_policy import Join
from bedside.knowledge.necessity_template import APPEAL, FIRST, NecessitySentence, NecessityTemplate


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a fact stands: an event of the record, or a citation. on: the day it speaks of; by: who said
    it."""

    source: str
    event: int | None = None
    on: date | None = None
    by: str = ""
    citation: str = ""

    @property
    def stands(self) -> bool:
        """Whether it can be looked up."""
        return self.event is not None or bool(self.citation.strip())


@dataclass(frozen=True, slots=True)
class LetterFact:
    """One thing a sentence says, and where that stands."""

    name: str
    shown: str
    bases: tuple[Basis, ...]


Row = Mapping[str, LetterFact]


@dataclass(frozen=True, slots=True)
class NecessityFacts:
    """Everything the letter may say."""

    single: Row
    rows: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class LetterSentence:
    """A sentence as it stands in the letter, with its facts."""

    id: str
    section: str
    text: str
    facts: tuple[LetterFact, ...]


@dataclass(frozen=True, slots=True)
class NecessityLetter:
    """A letter. gaps: what it does not say although the policy asks for it, for whoever signs."""

    title: str
    awaits: str
    headings: Mapping[str, str]
    sentences: tuple[LetterSentence, ...]
    gaps: tuple[str, ...]
    words: str
    review_state: str

    @property
    def text(self) -> str:
        """The letter as plain text: title, then each section under its heading, a sentence on a line."""
        parts = [self.title, self.awaits]
        for section, heading in self.headings.items():
            said = [one.text for one in self.sentences if one.section == section]
            if said:
                parts.append("\n".join((heading, *said)))
        return "\n\n".join(parts) + "\n"


def write_letter(
    template: NecessityTemplate,
    facts: NecessityFacts,
    gaps: tuple[str, ...],
    *,
    denial: DenialClass | None = None,
) -> NecessityLetter:
    """The letter that the facts make: of appeal after a denial, else the first."""
    letter = FIRST if denial is None else APPEAL
    said = tuple(one for sentence in template.said_in(letter, denial) for one in _sentences(sentence, facts))
    return NecessityLetter(
        template.titles[letter],
        template.awaits,
        template.headings,
        said,
        gaps,
        template.provenance.sha256,
        template.provenance.review_state,
    )


def _sentences(sentence: NecessitySentence, facts: NecessityFacts) -> Iterator[LetterSentence]:
    rows = facts.rows.get(sentence.each, ()) if sentence.each else ({},)
    for row in rows:
        held = {**facts.single, **row}
        if all(name in held for name in sentence.needs):
            used = tuple(held[name] for name in sentence.needs)
            text = Template(sentence.text).substitute({one.name: one.shown for one in used})
            yield LetterSentence(sentence.id, sentence.section, text, used)


def basis_of(pointer: Pointer, citation: str = "") -> Basis:
    """The basis that a pointer of a coverage answer names. What our knowledge says is cited."""
    cited = pointer.source if pointer.said is Said.KNOWLEDGE else citation
    return Basis(pointer.source, pointer.event, pointer.on, pointer.by, cited)


def evidence_words(pointers: tuple[Pointer, ...]) -> str:
    """Where something stands, as a reader can look for it: source, who said it, day."""
    said = []
    for one in pointers:
        by = f" by {one.by}" if one.by else ""
        on = f", {one.on.isoformat()}" if one.on else ""
        said.append(f"{one.source}{by}{on}")
    return "; ".join(dict.fromkeys(said))


def met_and_open(policy: PolicyResult) -> tuple[tuple[CriterionResult, ...], tuple[CriterionResult, ...]]:
    """The criteria that are met, and those that keep the policy from being met. What stands under a `not` is
    neither: its words say the opposite of what is asked."""
    met: list[CriterionResult] = []
    lacking: list[CriterionResult] = []
    for tree in (policy.where, policy.judged):
        _walk(tree, met, lacking, wanted=True)
    return tuple(met), tuple(lacking)


def _walk(
    tree: TreeResult, met: list[CriterionResult], lacking: list[CriterionResult], *, wanted: bool
) -> None:
    if isinstance(tree, CriterionResult):
        if tree.truth is Truth.TRUE:
            met.append(tree)
        elif wanted:
            lacking.append(tree)
        return
    if tree.join is Join.NOT:
        return
    for part in tree.parts:
        _walk(part, met, lacking, wanted=wanted and tree.truth is not Truth.TRUE)
