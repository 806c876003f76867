"""The list of people: search by name or number, filter by a gene's phenotype or a current drug, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bedside.genome.diplotype import allele_order

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the list: who, which genes change treatment, which current medicines need a decision."""

    record_id: str
    name: str
    identifier: str
    born: str = ""
    sex: str = ""
    medicines: tuple[str, ...] = ()
    phenotypes: tuple[tuple[str, str], ...] = ()
    to_act_on: tuple[str, ...] = ()

    def matches(self, search: Search) -> bool:
        """Whether every word and filter of the search fits this person."""
        text = f"{self.name} {self.identifier} {self.record_id}".casefold()
        return (
            all(word in text for word in search.text.casefold().split())
            and (not search.drug or search.drug.casefold() in (medicine.casefold() for medicine in self.medicines))
            and (not (search.gene or search.phenotype) or any(
                search.gene in ("", gene) and search.phenotype in ("", phenotype)
                for gene, phenotype in self.phenotypes
            ))
        )


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for; empty means anything. Sent by POST, so that it never stands in an address or a log."""

    text: str = ""
    gene: str = ""
    phenotype: str = ""
    drug: str = ""
    page: int = 1

    @property
    def empty(self) -> bool:
        """Whether everybody is asked for."""
        return not (self.text or self.gene or self.phenotype or self.drug)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the list, how many were found, how many there are, and what can be filtered by."""

    search: Search
    lines: tuple[PersonLine, ...]
    found: int
    everybody: int
    pages: int
    genes: tuple[str, ...] = ()
    phenotypes: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The number of the first person shown, counted from 1; 0 when nobody is."""
        return (self.search.page - 1) * PAGE_SIZE + 1 if self.lines else 0

    @property
    def last(self) -> int:
        """The number of the last person shown."""
        return (self.search.page - 1) * PAGE_SIZE + len(self.lines)


def find(people: Iterable[PersonLine], search: Search) -> PeoplePage:
    """The page of the people who fit. A page beyond the last is the last."""
    everybody = tuple(people)
    found = tuple(line for line in everybody if line.matches(search))
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, search.page), pages)
    asked = Search(search.text, search.gene, search.phenotype, search.drug, page)
    pairs = {pair for line in everybody for pair in line.phenotypes}
    return PeoplePage(
        asked,
        found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        len(found),
        len(everybody),
        pages,
        genes=tuple(sorted({gene for gene, _ in pairs}, key=allele_order)),
        phenotypes=tuple(sorted({phenotype for _, phenotype in pairs})),
        drugs=tuple(sorted({medicine for line in everybody for medicine in line.medicines}, key=str.casefold)),
    )
