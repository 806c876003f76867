"""Reads what laboratories and charts write about a gene in one line: `CYP2C19 *2/*2`, `CYP2B6 Intermediate
Metabolizer`.

Only exact words count: a gene symbol of the release, then a diplotype in its allele names (or older
names that the knowledge holds), a phenotype term of the release, both, or the presence of a tested allele.
Anything else is not read, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.exchange.allele_words import AlleleWords, allele_words
from bedside.genome.observation import OutsideCall
from bedside.knowledge.names import OlderNames
from bedside.knowledge.pgx import Gene, PgxPack

_PRESENCE = re.compile(
    r"(?P<allele>\*\d+:\d+)(?::\d+)*\s*:?\s*"
    r"(?P<answer>positive|negative|present|absent|detected|not detected)"
)
_ANSWERS = {"positive": "positive", "present": "positive", "detected": "positive"}
_WITH_TERM = re.compile(r"(?P<diplotype>.+?)\s*(?:\((?P<inside>[^()]+)\)|[,;:-]\s+(?P<after>[^,;:]+))")
_JOIN = re.compile(r"^[\s:,=-]+|[\s.,;]+$")


@dataclass(frozen=True, slots=True, eq=False)
class GenomicWords:
    """A release's gene symbols (longest first) and each gene's phenotype terms in lower case."""

    symbols: tuple[str, ...]
    phenotypes: Mapping[str, Mapping[str, str]]
    genes: Mapping[str, Gene]
    alleles: Mapping[str, AlleleWords]
    by_hgnc: Mapping[str, str]

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
        term = self._term(symbol, rest)
        if term:
            return OutsideCall(symbol, phenotype=term)
        presence = _PRESENCE.fullmatch(rest.lower())
        if presence is not None and presence["allele"] in known.presence_tests:
            answer = _ANSWERS.get(presence["answer"], "negative")
            return OutsideCall(symbol, phenotype=f"{presence['allele']} {answer}")
        alleles = self.alleles[symbol]
        diplotype = alleles.diplotype(rest)
        if diplotype:
            return OutsideCall(symbol, diplotype=diplotype)
        both = _WITH_TERM.fullmatch(rest)
        if both is None:
            return None
        diplotype, term = (
            alleles.diplotype(both["diplotype"]),
            self._term(symbol, both["inside"] or both["after"]),
        )
        return OutsideCall(symbol, diplotype=diplotype, phenotype=term) if diplotype and term else None

    def _term(self, symbol: str, text: str) -> str:
        spoken = text.strip().lower().replace("metaboliser", "metabolizer")
        return self.phenotypes[symbol].get(spoken, "")


def _begins(text: str, symbol: str) -> bool:
    after = text[len(symbol) : len(symbol) + 1]
    return text.startswith(symbol) and not after.isalnum()


def genomic_words(pack: PgxPack, older: OlderNames) -> GenomicWords:
    """The words of a release."""
    return GenomicWords(
        symbols=tuple(sorted(pack.genes, key=len, reverse=True)),
        phenotypes={
            symbol: {rule.phenotype.lower(): rule.phenotype for rule in gene.rules}
            for symbol, gene in pack.genes.items()
        },
        genes=pack.genes,
        alleles={symbol: allele_words(gene, older) for symbol, gene in pack.genes.items()},
        by_hgnc={gene.hgnc: symbol for symbol, gene in pack.genes.items() if gene.hgnc},
    )
