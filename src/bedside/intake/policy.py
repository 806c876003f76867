"""What intake believes of a laboratory's file: a dated policy from the knowledge packs, and a site's choices
about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import bedside.knowledge
from bedside.errors import PackError
from bedside.genome.locus import Build
from bedside.knowledge.provenance import parse_rule_file

INTAKE_PACK = Path(bedside.knowledge.__file__).parent / "data" / "intake" / "intake.toml"


@dataclass(frozen=True, slots=True)
class Chromosome:
    """A chromosome's length in base pairs and its RefSeq accession in each build."""

    name: str
    lengths: Mapping[Build, int]
    accessions: Mapping[Build, str]


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """Thresholds for reference blocks, filters that count as passed, symbols, and the assemblies'
    signatures.

    minimum_genotype_quality is Phred-scaled, minimum_depth counts reads. ignore_filters believes every
    record whatever its FILTER says, as PharmCAT does. Everything else comes from the pack
    `knowledge/data/intake/intake.toml`.
    """

    minimum_genotype_quality: int
    minimum_depth: int
    genotype_quality_fields: tuple[str, ...]
    depth_fields: tuple[str, ...]
    passing_filters: frozenset[str]
    any_allele: frozenset[str]
    deletion_symbols: tuple[str, ...]
    minimum_contradicting_positions: int
    build_words: Mapping[Build, tuple[str, ...]]
    chromosomes: tuple[Chromosome, ...]
    owner: str = ""
    source: str = ""
    review_state: str = ""
    retrieved: str = ""
    ignore_filters: bool = False
    chromosome_names: Mapping[str, str] = field(default_factory=dict)

    def ignoring_filters(self) -> IntakePolicy:
        """The same policy, believing every record whatever its FILTER says."""
        return replace(self, ignore_filters=True)

    def chromosome(self, name: str) -> str | None:
        """`chr7` for `7`, `chr7` and `NC_000007.14`; None for anything but a primary chromosome."""
        return self.chromosome_names.get(name)

    def is_any_allele(self, alternate: str) -> bool:
        """Whether an ALT means "any other allele", as in a gVCF's reference block."""
        return alternate in self.any_allele

    def is_deletion_symbol(self, alternate: str) -> bool:
        """Whether a symbolic ALT takes the bases it spans away."""
        return alternate.startswith(self.deletion_symbols)


def read_policy(path: Path) -> IntakePolicy:
    """A policy from its TOML pack; raises `PackError` naming the file."""
    try:
        return _policy(parse_rule_file(path.name, path.read_bytes(), "intake").document)
    except (OSError, KeyError, TypeError, ValueError) as reason:
        raise PackError.one(path.name, f"not a usable intake policy: {reason}") from reason


@cache
def default_policy() -> IntakePolicy:
    """The policy that is shipped."""
    return read_policy(INTAKE_PACK)


def _policy(pack: Mapping[str, Any]) -> IntakePolicy:
    block = pack["reference_block"]
    chromosomes = tuple(_chromosome(entry) for entry in pack["chromosome"])
    return IntakePolicy(
        minimum_genotype_quality=int(block["minimum_genotype_quality"]),
        minimum_depth=int(block["minimum_depth"]),
        genotype_quality_fields=tuple(block["genotype_quality_fields"]),
        depth_fields=tuple(block["depth_fields"]),
        passing_filters=frozenset(pack["filters"]["passing"]),
        any_allele=frozenset(pack["symbols"]["any_allele"]),
        deletion_symbols=tuple(pack["symbols"]["deletion"]),
        minimum_contradicting_positions=int(pack["build"]["minimum_contradicting_positions"]),
        build_words={
            Build.GRCH38: tuple(pack["build"]["grch38_words"]),
            Build.GRCH37: tuple(pack["build"]["grch37_words"]),
        },
        chromosomes=chromosomes,
        owner=str(pack["owner"]),
        source=str(pack["source"]),
        review_state=str(pack["review_state"]),
        retrieved=str(pack["retrieved"]),
        chromosome_names=_names(chromosomes),
    )


def _chromosome(entry: Mapping[str, Any]) -> Chromosome:
    return Chromosome(
        name=str(entry["name"]),
        lengths={build: int(entry[build.value]["length"]) for build in Build},
        accessions={build: str(entry[build.value]["accession"]) for build in Build},
    )


def _names(chromosomes: tuple[Chromosome, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for chromosome in chromosomes:
        bare = chromosome.name.removeprefix("chr")
        spellings = {chromosome.name, bare, f"Chr{bare}", f"CHR{bare}", *chromosome.accessions.values()}
        if bare == "M":
            spellings |= {"MT", "chrMT"}
        names.update(dict.fromkeys(spellings, chromosome.name))
    return names
