"""The cohort questions as expressions, written once: ibis compiles them for DuckDB in this process and for
Apache Spark on a cluster, over the same Parquet.

Tables, as the lake keeps them:

    carriers  key, pid, run, zygosity   one row a person and variant carried (1 het, 2 hom, 3 hemi)
    people    pid, person               only those who may be counted
    wanted    key                       the variants asked about
    regions   pid, chromosome, start, end, state
    groups    person, group

Lists of keys are tables and joined: as literals they are several times slower on both engines.
"""

from __future__ import annotations

from typing import Any

from bedside.genome.evidence import Seen
from bedside.genome.presence import ZYGOSITY_NUMBER, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import position_key

Table = Any
"""An `ibis` table expression of any backend."""


def carriers_of(carriers: Table, people: Table, wanted: Table) -> Table:
    """`key, person, zygosity` of everybody who carries one of the wanted variants, in that order."""
    found = carriers.join(wanted, "key").join(people, "pid")
    return found.select("key", "person", "zygosity").distinct().order_by(["key", "person"])


def carriers_between(carriers: Table, people: Table, region: Region) -> Table:
    """The same for every variant that begins in the region."""
    low, high = key_span(region)
    found = carriers.filter((carriers.key >= low) & (carriers.key < high)).join(people, "pid")
    return found.select("key", "person", "zygosity").distinct().order_by(["key", "person"])


def copies_by_group(carriers: Table, people: Table, groups: Table, region: Region) -> Table:
    """`key, group, copies`: copies of each variant in the region seen in each group of people."""
    found = carriers_between(carriers, people, region).join(groups, "person")
    homozygous = found.zygosity == ZYGOSITY_NUMBER[Zygosity.HOMOZYGOUS]
    counted = found.mutate(copies=homozygous.ifelse(2, 1))
    return (
        counted.group_by(["key", "group"]).aggregate(copies=counted.copies.sum()).order_by(["key", "group"])
    )


def tested_throughout(regions: Table, people: Table, region: Region) -> Table:
    """`person` of everybody of whom one stretch of regions, seen as reference, covers the whole region.

    Stretches do not overlap and touching ones are joined when they are written, so one must suffice; a
    variant found inside is its own evidence and is asked for with `carriers_between`.
    """
    whole = regions.filter(
        (regions.chromosome == region.number)
        & (regions.start <= region.start)
        & (regions.end >= region.end)
        & (regions.state == int(Seen.REFERENCE))
    )
    return whole.join(people, "pid").select("person").distinct().order_by("person")


def key_span(region: Region) -> tuple[int, int]:
    """The keys of variants that begin in the region: from the first, up to but without the second."""
    return position_key(region.number, region.start), position_key(region.number, region.end + 1)
