"""Calls on real 1000 Genomes people beside the GeT-RM consensus, gene by gene, under today's names.

Two readings of the same panel: as it is, where a position that the panel lacks is not tested; and with its
missing single-base positions taken as reference, as published comparisons do. The second is an assumption,
made here only.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.state import Called
from bedside.intake.vcf import read_genotypes
from bedside.interpret.call_people import PeopleCalls, call_people
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.names import OlderNames, load_names
from bedside.knowledge.pgx import PgxPack

GENES = ("CYP2B6", "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "CYP4F2", "SLCO1B1", "TPMT")
FILTERED = ("rs2279343",)
"""Positions that the panel's own filters removed: never taken as reference."""

VERDICTS = ("agrees", "agrees under today's names", "among tied pairs", "no call", "differs")


def shared() -> Path:
    """The folder of public test data."""
    root = Path(__file__).resolve().parent.parent
    return Path(os.environ.get("BEDSIDE_SHARED", root.parent / "shared")) / "data"


def panel(folder: Path, pack: PgxPack, *, absent_as_reference: bool) -> GenotypeTable:
    """The 3,202 people at the release's positions."""
    table = read_genotypes([folder / "kg3202_pharmcat_positions.vcf.gz"], pack)
    if not absent_as_reference:
        return table
    with (folder / "positions_absent_from_panel.tsv").open(encoding="utf-8", newline="") as lines:
        absent = {
            (row["chrom"], int(row["pos"]))
            for row in csv.DictReader(lines, delimiter="\t")
            if row["type"] == "snv" and row["rsid"] not in FILTERED
        }
    positions = [position for gene in pack.genes.values() for position in gene.positions]
    states, codes = list(table.states), np.array(table.codes)
    for row, position in enumerate(positions):
        if (position.chromosome, position.position) in absent and not codes[row].any():
            states[row] = (states[row][0], Called((position.reference,) * 2, phased=True))
            codes[row] = 1
    return replace(table, states=tuple(states), codes=codes)


def truth(folder: Path) -> Iterator[Mapping[str, str]]:
    """The consensus of the people who are in the panel, one gene a row."""
    with (folder / "getrm_truth_all_137_samples.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["in_1kg_panel"] == "1" and row["gene"] in GENES:
                yield row


def verdict(names: OlderNames, call: GeneCall, consensus: str) -> str:
    """How a call compares with a consensus such as `1/1B`, `1/(14,43);18/24`."""
    if not call.source_diplotypes:
        return "no call"
    wanted = list(_pairs(consensus))
    today = [tuple({names.today(call.gene, one) for one in side} for side in pair) for pair in wanted]
    literal = [_among(pair.alleles, wanted) for pair in call.source_diplotypes]
    renamed = [
        _among(tuple(names.then(call.gene, one) for one in pair.alleles), today)
        for pair in call.source_diplotypes
    ]
    if all(literal):
        return "agrees"
    if all(renamed):
        return "agrees under today's names"
    return "among tied pairs" if any(literal) or any(renamed) else "differs"


def _pairs(consensus: str) -> Iterator[tuple[set[str], ...]]:
    for one in consensus.split(";"):
        sides = one.split("/")
        if len(sides) == 2:
            yield tuple({f"*{name}" for name in re.findall(r"\d+[A-Z]?", side)} for side in sides)


def _among(alleles: tuple[str, ...], wanted: list[tuple[set[str], ...]]) -> bool:
    first, second = alleles
    return any(
        (first in one and second in other) or (first in other and second in one) for one, other in wanted
    )


def concordance(folder: Path, pack: PgxPack, people: PeopleCalls) -> Mapping[str, Counter[str]]:
    """Gene → how many people have each verdict. The updated consensus counts where there is one."""
    names, places = load_names(), {sample: number for number, sample in enumerate(people.samples)}
    counts: dict[str, Counter[str]] = {gene: Counter() for gene in GENES}
    for row in truth(folder):
        gene, person = row["gene"], places.get(row["sample"])
        if person is not None:
            call = people.calls[gene][int(people.index[gene][person])]
            counts[gene][verdict(names, call, row["updated_call"] or row["getrm_consensus"])] += 1
    return counts


def main() -> int:
    """Print both readings."""
    folder, pack = shared() / "getrm", load_pgx()
    if not folder.is_dir():
        print("public test data absent: set BEDSIDE_SHARED to the folder that holds data/")
        return 0
    for absent_as_reference in (True, False):
        table = panel(folder, pack, absent_as_reference=absent_as_reference)
        people = call_people(table, pack, {}, CallOptions(missing_effects=False))
        print("missing single-base positions taken as reference" if absent_as_reference else "panel as it is")
        print(f"  {'gene':8s}" + "".join(f"{one:>28s}" for one in VERDICTS))
        for gene, counts in concordance(folder, pack, people).items():
            print(f"  {gene:8s}" + "".join(f"{counts[one]:28d}" for one in VERDICTS))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
