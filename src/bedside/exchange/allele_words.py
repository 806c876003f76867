"""The alleles that a written diplotype names, in the release's words; what it does not hold is not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bedside.interpret.outside_names import copies_unknown, strand_parts, two_fields
from bedside.interpret.phenotype import meanings
from bedside.knowledge.names import OlderNames
from bedside.knowledge.pgx import Gene, Lookup

_TWO_NAMES = re.compile(r"(?P<main>.+?) \((?P<other>[^()]{2,})\)")
_COPIES = re.compile(r"(?P<allele>.+?)\s*x\s*(?P<count>N|≥?\d+)", re.IGNORECASE)
_ZYGOSITY = re.compile(r"(?P<allele>.+?) \((?P<said>heterozygous|homozygous)\)")
"""How a gene that is printed by its variants is printed: the other strand is the reference, or the same."""
_BRACKETED = re.compile(r"\((?P<inside>[^()]+)\)")


@dataclass(frozen=True, slots=True, eq=False)
class AlleleWords:
    """One gene's allele names as they are written. synonyms: the halves of names like `c.1905+1G>A (*2A)`."""

    gene: Gene
    synonyms: Mapping[str, str]
    older: OlderNames

    def diplotype(self, written: str) -> str:
        """`first/second` in the release's names, or one name where one copy is enough; "" when unread."""
        gene = self.gene
        copies = _ZYGOSITY.fullmatch(written.strip())
        if copies is not None and gene.shown_by_variant:
            one = self.allele(copies["allele"])
            other = gene.reference_allele.name if copies["said"] == "heterozygous" else one
            return f"{one}/{other}" if one else ""
        parts = [self.allele(part) for part in written.split("/")]
        enough = (1, 2) if gene.single_allele or gene.haploid_in_males else (2,)
        if not all(parts) or len(parts) not in enough or (gene.single_allele and len(parts) > 1):
            return ""
        return "/".join(parts)

    def allele(self, written: str) -> str:
        """The release's name of one allele, "" for what it does not hold."""
        name = written.strip()
        bracketed = _BRACKETED.fullmatch(name)
        name = (bracketed["inside"] if bracketed else name).removeprefix(self.gene.symbol).strip()
        if self.gene.lookup is Lookup.ALLELE_PRESENCE:
            return name if two_fields(name) is not None else ""
        strand = strand_parts(name)
        if len(strand) > 1:
            held = [self._one(part) for part in strand]
            return f"[{' + '.join(held)}]" if all(held) else ""
        return self._one(name)

    def _one(self, name: str) -> str:
        known = meanings(self.gene)
        if self.gene.shown_by_variant and name == "Reference":
            return self.gene.reference_allele.name
        today = self.synonyms.get(name) or self.older.today(self.gene.symbol, name)
        if known.canonical(today) in known.alleles:
            return today
        copies = _COPIES.fullmatch(name)
        base = self._one(copies["allele"]) if copies is not None else ""
        if copies is None or not base:
            return ""
        counted = f"{base}x{copies['count']}"
        return counted if copies_unknown(counted) or known.canonical(counted) in known.alleles else ""


def allele_words(gene: Gene, older: OlderNames) -> AlleleWords:
    """The names of a gene; a half that several names share stands for none of them."""
    halves: list[tuple[str, str]] = []
    for allele in gene.alleles:
        both = _TWO_NAMES.fullmatch(allele.name)
        if both is not None:
            halves += [(both["main"], allele.name), (both["other"], allele.name)]
    counted = Counter(half for half, _ in halves)
    held = {allele.name for allele in gene.alleles}
    synonyms = {half: name for half, name in halves if counted[half] == 1 and half not in held}
    return AlleleWords(gene, synonyms, older)
