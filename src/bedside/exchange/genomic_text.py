"""Reads what laboratories and charts write about a gene in one line: `CYP2C19 *2/*2`, `CYP2B6 Intermediate
Metabolizer`.

Only exact words count: a gene symbol of the release, then a diplotype in star or HGVS names, a phenotype term
of the release, or the presence of a tested allele. Anything else is not read, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.genome.observation import OutsideCall
from bedside.knowledge.pgx import Gene, PgxPack

_PRESENCE = re.compile(
    r"(?P<allele>\*\d+:\d+)(?::\d+)*\s*:?\s*"
    r"(?P<answer>positive|negative|present|absent|detected|not detected)"
)
_ANSWERS = {"positive": "positive", "present": "positive", "detected": "positive"}
_DIPLOTYPE = re.compile(r"(?P<first>\S+?)\s*/\s*(?P<second>\S+)")
_JOIN = re.compile(r"^[\s:,=-]+|[\s.,;]+$")


@dataclass(frozen=True, slots=True, eq=False)
class GenomicWords:
    """A release's gene symbols (longest first) and each gene's phenotype terms in lower case."""

    symbols: tuple[str, ...]
    phenotypes: Mapping[str, Mapping[str, str]]
    genes: Mapping[str, Gene]

    def gene_of(self, text: str) -> str:
        """The gene symbol the text begins with, "" when it begins with none."""
        return next((symbol for symbol in self.symbols if _begins(text, symbol)), "")

    def read(self, text: str, gene: str = "") -> OutsideCall | None:
        """The call the text makes; `gene` when it is coded elsewhere. None when the text
        is not understood.
        """
        symbol = gene or self.gene_of(text)
        if symbol not in self.genes:
            return None
        rest = text[len(symbol) :] if _begins(text, symbol) else text
        return self._about(symbol, _JOIN.sub("", rest))

    def _about(self, symbol: str, rest: str) -> OutsideCall | None:
        known = self.genes[symbol]
        term = self.phenotypes[symbol].get(rest.lower())
        if term is not None:
            return OutsideCall(symbol, phenotype=term)
        presence = _PRESENCE.fullmatch(rest.lower())
        if presence is not None and presence["allele"] in known.presence_tests:
            answer = _ANSWERS.get(presence["answer"], "negative")
            return OutsideCall(symbol, phenotype=f"{presence['allele']} {answer}")
        diplotype = _DIPLOTYPE.fullmatch(rest)
        if diplotype is not None and all(map(self._allele_like, diplotype.groups())):
            return OutsideCall(symbol, diplotype=f"{diplotype['first']}/{diplotype['second']}")
        return None

    @staticmethod
    def _allele_like(name: str) -> bool:
        return name.startswith(("*", "c.", "g.", "m.", "rs")) or name == "Reference"


def _begins(text: str, symbol: str) -> bool:
    after = text[len(symbol) : len(symbol) + 1]
    return text.startswith(symbol) and not after.isalnum()


def genomic_words(pack: PgxPack) -> GenomicWords:
    """The words of a release."""
    return GenomicWords(
        symbols=tuple(sorted(pack.genes, key=len, reverse=True)),
        phenotypes={
            symbol: {rule.phenotype.lower(): rule.phenotype for rule in gene.rules}
            for symbol, gene in pack.genes.items()
        },
        genes=pack.genes,
    )
