"""The genotypes of a reference panel at the places of a score, from one VCF or BCF of many people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.errors import IntakeError
from bedside.genome.region import CHROMOSOME_NUMBER, chromosome_name
from bedside.knowledge.scoring_file import ScoringFile
from bedside.knowledge.scoring_rows import Placing

_BCF = b"BCF"
_VCF = b"##fileformat=VCF"


def is_variant_file(path: Path) -> bool:
    """Whether a file holds genotypes (VCF or BCF, also compressed) and not a table of sums."""
    from bedside.intake.compression import peek

    _, start = peek(path)
    return start.startswith((_BCF, _VCF))


def read_panel_copies(path: Path, score: ScoringFile) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """The people of a panel and their copies of each effect allele: people by variants, -1 where the file has
    no answer (no record, several records, another allele, a strand not called). Raises `IntakeError`."""
    from cyvcf2 import VCF

    try:
        reader: Any = VCF(str(path), gts012=True)
    except OSError as error:
        raise IntakeError.one(path.name, "cannot be read as VCF or BCF", remedy="check the file") from error
    people = tuple(reader.samples)
    if not people:
        raise IntakeError.one(path.name, "holds nobody's genotypes", remedy="give the panel's genotypes")
    places: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(score.placing == Placing.PLACED).tolist():
        places.setdefault((int(score.chromosome[row]), int(score.position[row])), []).append(row)
    copies = np.full((len(people), len(score)), -1, np.int8)
    numbers: dict[str, int] = {}
    seen: set[tuple[int, int]] = set()
    for record in reader:
        spot = (numbers.setdefault(record.CHROM, _number(record.CHROM)), record.POS)
        rows = places.get(spot, ())
        if rows and spot in seen:  # alleles split over records: each record hides those of the others
            copies[:, rows] = -1
            continue
        for row in rows:
            seen.add(spot)
            alleles = [record.REF.upper(), *(one.upper() for one in record.ALT)]
            pair = _pair(alleles, score.effect[row], score.other[row])
            if pair:
                copies[:, row] = _copies(record.genotype.array(), pair)
    reader.close()
    return people, copies


def _number(contig: str) -> int:
    try:
        return CHROMOSOME_NUMBER[chromosome_name(contig)]
    except ValueError:
        return 0


def _pair(alleles: Sequence[str], effect: str, other: str) -> tuple[int, ...]:
    """The numbers of the effect allele and of the others that may stand beside it; empty when the record has
    not both of the score's alleles."""
    if effect not in alleles or (other and other not in alleles):
        return ()
    number = alleles.index(effect)
    beside = [alleles.index(other)] if other else [one for one in range(len(alleles)) if one != number]
    return (number, *beside)


def _copies(genotypes: NDArray[np.int16], pair: tuple[int, ...]) -> NDArray[np.int8]:
    """Copies of an allele in each diploid genotype; -1 where a strand is not called, carries a third allele,
    or there is only one."""
    strands = genotypes[:, :-1]
    if strands.shape[1] != 2:
        return np.full(len(strands), -1, np.int8)
    unclear = ~np.isin(strands, pair).all(axis=1)
    return np.where(unclear, -1, (strands == pair[0]).sum(axis=1)).astype(np.int8)
