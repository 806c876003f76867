"""Functions of the two alleles → phenotype, activity score and the key that guidance is looked up with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bedside.genome.diplotype import Diplotype
from bedside.interpret.by_identity import ByIdentity
from bedside.knowledge.pgx import Gene, Lookup, NamedAllele, PhenotypeRule

NOT_ASSIGNED = "n/a"
"""What a release writes where it assigns no value; the phenotype of a pair that no rule covers."""

INDETERMINATE = frozenset({"Indeterminate", NOT_ASSIGNED})
"""Phenotype terms that say the meaning of the genotype is not known."""

_COPIES = re.compile(r"^(?P<allele>.+)x(?P<copies>\d+)$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pair of alleles means. `activity_score` is "" in genes that have none."""

    phenotype: str
    activity_score: str
    lookup_key: str

    @property
    def known(self) -> bool:
        """Whether the release assigns a phenotype at all."""
        return self.phenotype not in INDETERMINATE


@dataclass(frozen=True, slots=True, eq=False)
class Meanings:
    """The functions and rules of one gene, ready to look up."""

    gene: Gene
    alleles: Mapping[str, NamedAllele]
    spellings: Mapping[tuple[str, ...], str]
    rules: Mapping[tuple[str, str], PhenotypeRule]

    @property
    def by_score(self) -> bool:
        """Whether the gene is looked up by activity score."""
        return self.gene.lookup is Lookup.ACTIVITY_SCORE

    def canonical(self, name: str) -> str:
        """The release's spelling: copy numbers folded into their bin, tandem alleles in its order."""
        if name in self.alleles:
            return name
        copies = _COPIES.match(name)
        if copies is not None:
            least = self.gene.copy_number_bins.get(copies["allele"])
            if least is not None and int(copies["copies"]) >= least:
                return f"{copies['allele']}x≥{least}"
        return self.spellings.get(_parts(name), name)

    def term(self, name: str) -> str:
        """The activity value or function term of an allele, `n/a` or "" where none is assigned."""
        allele = self.alleles.get(self.canonical(name))
        if self.by_score:
            return (allele.activity_value if allele else "") or NOT_ASSIGNED
        return allele.function if allele else ""

    def assigned(self, name: str) -> bool:
        """Whether the release assigns the allele a function or an activity value."""
        return self.term(name) not in ("", NOT_ASSIGNED)

    def value(self, name: str) -> float | None:
        """The activity value of an allele as a number, None where none is assigned."""
        try:
            return float(self.term(name).lstrip("≥"))
        except ValueError:
            return None

    def of(self, diplotype: Diplotype) -> Meaning:
        """The meaning of a pair or of one haploid allele; none for a pair while one allele has none."""
        terms = [self.term(name) for name in diplotype.alleles]
        first, second = (terms[0], "") if len(terms) == 1 else (terms[0], terms[1])
        rule = self.rules.get((first, second)) or self.rules.get((second, first))
        if rule is None or not all(terms):
            return Meaning(NOT_ASSIGNED, NOT_ASSIGNED if self.by_score else "", NOT_ASSIGNED)
        return Meaning(rule.phenotype, rule.activity_score, rule.lookup_key)


def meanings(gene: Gene) -> Meanings:
    """The look-up of a gene, built once for as long as the gene is in use."""
    return _build(ByIdentity(gene))


@lru_cache(maxsize=64)
def _build(key: ByIdentity) -> Meanings:
    gene = key.gene
    return Meanings(
        gene=gene,
        alleles={allele.name: allele for allele in gene.alleles},
        spellings={_parts(allele.name): allele.name for allele in gene.alleles if "+" in allele.name},
        rules={(rule.first, rule.second): rule for rule in gene.rules},
    )


def _parts(name: str) -> tuple[str, ...]:
    return tuple(sorted(part.strip() for part in name.split("+")))
