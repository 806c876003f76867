"""Where X and Y are alike, so that everybody has two copies there: a pack of facts for both assemblies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.genome.locus import Build
from bedside.genome.region import Region
from bedside.knowledge.provenance import DATA, Provenance, read_rule_file

PLOIDY_PACK = DATA / "ploidy" / "sex_chromosomes.toml"


@dataclass(frozen=True, slots=True)
class PloidyPack:
    """The pseudoautosomal regions of each assembly, on X and on Y."""

    provenance: Provenance
    pseudoautosomal: Mapping[Build, tuple[Region, ...]]


def read_ploidy(path: Path) -> PloidyPack:
    """The pack at this path; raises `PackError` naming the file."""
    rules = read_rule_file(path, "ploidy")
    try:
        regions = {
            build: tuple(
                Region(chromosome, int(start), int(end))
                for entry in rules.document["pseudoautosomal"]
                for chromosome, (start, end) in entry[build.value].items()
            )
            for build in Build
        }
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        raise rules.fail(f"not a usable ploidy pack: {reason}") from reason
    return PloidyPack(rules.provenance, regions)


@cache
def shipped_ploidy() -> PloidyPack:
    """The pack that is shipped."""
    return read_ploidy(PLOIDY_PACK)
