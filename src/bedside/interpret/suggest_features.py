"""Notes and codes → features to suggest, each with its status and what led to it. None is a finding yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bedside.genome.case import FeatureStatus
from bedside.genome.code import System
from bedside.interpret.phenotype_index import PhenotypeIndex
from bedside.interpret.read_phenotypes import read_phenotypes
from bedside.knowledge.code_maps import CodeMaps, Entry, Relation

MOST_BROAD = 3
"""Of a code that leads to more terms through a group, only those its own words name are suggested."""

_ALSO = {"A": ("A", "POS"), "POS": ("POS", "A")}
"""A result "abnormal" on a scale of yes or no is a yes."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A feature to suggest. quote: the words of the source; why: what led from them to the term."""

    term: str
    label: str
    status: FeatureStatus
    source: str
    why: str
    quote: str


def from_note(text: str, source: str, index: PhenotypeIndex) -> tuple[Suggested, ...]:
    """What a note names."""
    return tuple(
        Suggested(
            one.term, one.label, one.status, f"{source}, characters {one.start} to {one.end}", one.why,
            " ".join(one.text.split()),
        )
        for one in read_phenotypes(text, index)
    )  # fmt: skip


def from_codes(
    codings: Iterable[tuple[str, str, str]],
    status: FeatureStatus,
    source: str,
    maps: CodeMaps,
    index: PhenotypeIndex,
    outcome: str = "",
) -> tuple[Suggested, ...]:
    """What a coded finding means by the maps at hand, and by what the code's own words name."""
    found: dict[tuple[str, FeatureStatus], Suggested] = {}
    for system, code, display in codings:
        for one in (
            *_mapped(system, code, display, status, source, maps, index, outcome),
            *(() if outcome else _worded(system, code, display, status, source, index)),
        ):
            found.setdefault((one.term, one.status), one)
    return tuple(found.values())


def _mapped(
    system: str, code: str, display: str, status: FeatureStatus, source: str, maps: CodeMaps,
    index: PhenotypeIndex, outcome: str,
) -> Iterator[Suggested]:  # fmt: skip
    quote = f"{code} {display}".strip()
    if system == System.HPO.value:
        term = index.hpo.term(code)
        if term is not None and not outcome:
            yield Suggested(term.id, term.name, status, source, "coded in HPO", quote)
        return
    entries = [one for one in maps.of(system, code) if _fits(one, outcome)]
    near = [one for one in entries if one.relation is not Relation.BROAD]
    broad = [one for one in entries if one.relation is Relation.BROAD]
    if len(broad) > MOST_BROAD:
        named = {one.term for one in read_phenotypes(display, index)}
        broad = [one for one in broad if one.term in named]
    for one in (*near, *broad):
        term = index.hpo.terms[one.term]
        yield Suggested(one.term, term.name, _turned(status, one), source, _why(one), quote)


def _fits(one: Entry, outcome: str) -> bool:
    return one.outcome in _ALSO.get(outcome, (outcome,))


def _turned(status: FeatureStatus, one: Entry) -> FeatureStatus:
    if one.negated and status is FeatureStatus.OBSERVED:
        return FeatureStatus.EXCLUDED
    return status


def _why(one: Entry) -> str:
    relation = {
        Relation.EXACT: "the same",
        Relation.BROAD: "the code is wider than the term or beside it",
        Relation.NARROW: "the code is narrower than the term",
        Relation.UNSTATED: "how near is not stated",
    }[one.relation]
    outcome = f", result {one.outcome}" if one.outcome else ""
    group = f", through phecode {one.group}" if one.group else ""
    return f"{one.source.name} {one.source.version}{outcome}{group}; {relation}"


def _worded(
    system: str, code: str, display: str, status: FeatureStatus, source: str, index: PhenotypeIndex
) -> Iterator[Suggested]:
    if system == System.HPO.value:
        return
    for one in read_phenotypes(display, index):
        if one.status is FeatureStatus.OBSERVED:
            why = f"the code's words name it (HPO {index.hpo.version})"
            yield Suggested(one.term, one.label, status, source, why, f"{code} {display}".strip())
