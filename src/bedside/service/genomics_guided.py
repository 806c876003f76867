"""Whether guidance follows from somebody's pharmacogenes: of one person, or of everybody at once.

People who are alike in a drug's genes are judged together, so that the work grows with distinct genotypes and
not with people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.decide.distinct import genes_of, recommend_distinct
from bedside.decide.recommendation import Recommendation
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.service.genomics_answers import Answer
from bedside.service.genomics_haplotypes import AskedHaplotype, judge
from bedside.service.house import House
from bedside.service.rules import rules_of

_NOBODY = -1
_Index = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Question:
    """Guidance about any of these drugs, from one of these haplotypes, or from any when none is named."""

    drugs: tuple[str, ...]
    haplotypes: Sequence[AskedHaplotype] = ()


def implied(
    house: House, calls: Mapping[str, GeneCall], question: Question, genes: Collection[str]
) -> Answer:
    """The answer of one person's calls."""
    if any(_speaks(house, calls, drug, question) for drug in question.drugs):
        return Answer.PRESENT
    states = {_state(calls.get(gene)) for gene in genes}
    if Answer.INDETERMINATE in states:
        return Answer.INDETERMINATE
    return Answer.NOT_TESTED if Answer.NOT_TESTED in states else Answer.ABSENT


def implied_for(
    house: House,
    people: Sequence[str],
    answers: Mapping[str, Mapping[str, frozenset[str]]],
    question: Question,
) -> dict[str, Answer]:
    """The answer of each of these people, who have at most one answer a gene. answers: by gene and person."""
    columns = {gene: _Column(house, people, mine) for gene, mine in answers.items()}
    present = np.zeros(len(people), np.bool_)
    alike: dict[tuple[str, ...], _Index] = {}
    for drug in question.drugs:
        genes = tuple(gene for gene in genes_of(house.pgx, drug) if gene in columns)
        if genes not in alike:
            alike[genes] = _alike([columns[gene] for gene in genes], len(people))
        first, whose = alike[genes]
        said = [
            _speaks(house, {g: call for g in genes if (call := columns[g].call(at))}, drug, question)
            for at in first.tolist()
        ]
        present |= np.array(said, np.bool_)[whose]
    unsure, untested = (
        np.logical_or.reduce([one.states == word for one in columns.values()], initial=np.False_)
        for word in (_UNSURE, _UNTESTED)
    )
    found = np.where(present, 0, np.where(unsure, 1, np.where(untested, 2, 3)))
    words = (Answer.PRESENT, Answer.INDETERMINATE, Answer.NOT_TESTED, Answer.ABSENT)
    return {person: words[at] for person, at in zip(people, found.tolist(), strict=True)}


_SURE, _UNSURE, _UNTESTED = 0, 1, 2


class _Column:
    """One gene over everybody: which of the distinct calls each person has."""

    def __init__(self, house: House, people: Sequence[str], mine: Mapping[str, frozenset[str]]) -> None:
        digests = sorted({digest for found in mine.values() for digest in found})
        place = {digest: at for at, digest in enumerate(digests)}
        held = house.ledger.calls(digests)
        self.distinct = [held[digest] for digest in digests]
        self.codes = np.array(
            [place[next(iter(mine[one]))] if one in mine else _NOBODY for one in people], np.int64
        )
        words = {Answer.ABSENT: _SURE, Answer.INDETERMINATE: _UNSURE, Answer.NOT_TESTED: _UNTESTED}
        kinds = np.array([*(words[_state(call)] for call in self.distinct), _UNTESTED], np.int8)
        self.states = kinds[self.codes]

    def call(self, person: int) -> GeneCall | None:
        """The call of a person by place."""
        code = int(self.codes[person])
        return None if code == _NOBODY else self.distinct[code]


def _alike(columns: Sequence[_Column], people: int) -> _Index:
    """The first person of each kind, and of which kind everybody is."""
    key = np.zeros(people, np.int64)
    for column in columns:
        key = np.unique(key * (len(column.distinct) + 1) + column.codes + 1, return_inverse=True)[1]
    _, first, whose = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), whose.astype(np.int64)


def _speaks(house: House, calls: Mapping[str, GeneCall], drug: str, question: Question) -> bool:
    """Whether guidance about the drug follows from these calls, and from a haplotype asked for."""
    held = {
        one.gene.symbol
        for one in question.haplotypes
        if one.gene is not None and judge(one, calls.get(one.gene.symbol)).answer is Answer.PRESENT
    }
    rules = rules_of(house).ruleset
    for one in recommend_distinct(rules.pgx, rules.phrases, calls, drug):
        if isinstance(one, Recommendation):
            basis = {each.gene for each in one.basis if each.gene not in one.unknown_genes}
            if basis & held or (not question.haplotypes and basis & set(calls)):
                return True
    return False


def _state(call: GeneCall | None) -> Answer:
    """What a gene without guidance is answered with."""
    if call is None or call.status is CallStatus.NOT_TESTED:
        return Answer.NOT_TESTED
    return Answer.ABSENT if call.status is CallStatus.CALLED else Answer.INDETERMINATE
