"""Diseases alike by name or gene: from them a disease that nobody has described borrows its features.

New diseases are named before they are annotated. "Spastic paraplegia 92" is likely to look like other spastic
paraplegias, and so it can be ranked, and said to be borrowed, instead of being impossible to find.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bedside.knowledge.hpo_annotations import Disease

MOST_ALIKE = 60
LEAST_SHARE = 0.05
_ASIDE = re.compile(
    r"\b(autosomal|dominant|recessive|x-linked|susceptibility to|type|somatic|digenic|congenital)\b"
)
_NUMBER = re.compile(r"\b\d+[a-z]?\b|\b[ivx]+[a-z]?\b")


def series_of(name: str) -> str:
    """The name of a disease without its number: what diseases of one series share."""
    head = name.lower().split(";")[0]
    return re.sub(r"[^a-z]+", " ", _NUMBER.sub("", _ASIDE.sub("", head))).strip()


class Families:
    """Which described diseases are alike to a disease."""

    def __init__(self, diseases: Sequence[Disease]) -> None:
        self._series: dict[str, list[int]] = {}
        self._genes: dict[str, list[int]] = {}
        for at, one in enumerate(diseases):
            if not one.rows:
                continue
            self._series.setdefault(series_of(one.name), []).append(at)
            for gene in one.genes:
                self._genes.setdefault(gene, []).append(at)
        self._id = [one.id for one in diseases]

    def alike(self, disease: Disease) -> tuple[int, ...]:
        """The places of diseases of the same series or gene, without the disease itself."""
        series = series_of(disease.name)
        found = set(self._series.get(series, ())) if series else set()
        for gene in disease.genes:
            found.update(self._genes.get(gene, ()))
        return tuple(at for at in sorted(found) if self._id[at] != disease.id)[:MOST_ALIKE]

    def borrowed(self, disease: Disease, profiles: Sequence[Mapping[int, float]]) -> dict[int, float]:
        """The mean of what is known of alike diseases, without what only few of them show."""
        alike = self.alike(disease)
        total: dict[int, float] = {}
        for one in alike:
            for term, share in profiles[one].items():
                total[term] = total.get(term, 0.0) + share
        return {term: share / len(alike) for term, share in total.items() if share / len(alike) > LEAST_SHARE}
