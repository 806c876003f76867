"""Where results leave a choice: what each choice would advise, and whether that makes a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from bedside.decide.evidence import Evidence, most_specific
from bedside.knowledge.pgx import Guidance, Strength

MORE_TO_READ = "READ_GUIDELINE"
_WEAKEST_LAST = tuple(Strength)


def choices(rows: Sequence[Guidance], evidence: Mapping[str, Evidence]) -> tuple[tuple[Guidance, ...], ...]:
    """The rows that fit each choice among the candidates of all genes; empty where nothing fits a choice."""
    return tuple(tuple(most_specific(_fitting(rows, chosen))) for chosen in _chosen(evidence))


def _chosen(evidence: Mapping[str, Evidence]) -> Iterator[Mapping[str, frozenset[str]]]:
    for keys in product(*(one.candidates for one in evidence.values())):
        yield dict(zip(evidence, keys, strict=True))


def _fitting(rows: Sequence[Guidance], keys: Mapping[str, frozenset[str]]) -> Iterator[Guidance]:
    return (row for row in rows if all(key in keys[gene] for gene, key in row.criteria.items()))


def agreed(found: Sequence[Sequence[Guidance]]) -> tuple[Guidance, ...]:
    """One row for each population when every choice leads to the same advice for it; none otherwise.

    The same means action and dose. The strength is the weakest of them, which holds for every choice.
    Monitoring and further advice are kept where every choice gives them; where some do not, the row says that
    there is more to read.
    """
    by_population: dict[str, list[Guidance]] = {}
    for rows in found:
        for row in rows:
            by_population.setdefault(row.population, []).append(row)
    several = by_population.values()
    complete = all({row.population for row in rows} == by_population.keys() for rows in found)
    same = all(len({(row.source, row.action, row.dose) for row in rows}) == 1 for rows in several)
    return tuple(map(_common, several)) if complete and same else ()


def _common(rows: Sequence[Guidance]) -> Guidance:
    first = max(rows, key=lambda row: _WEAKEST_LAST.index(row.strength))
    monitor = tuple(code for code in first.monitor if all(code in row.monitor for row in rows))
    further = tuple(code for code in first.further if all(code in row.further for row in rows))
    if any((row.monitor, row.further) != (first.monitor, first.further) for row in rows):
        further = tuple(dict.fromkeys((*further, MORE_TO_READ)))
    return replace(first, monitor=monitor, further=further)
