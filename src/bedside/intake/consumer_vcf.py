"""A VCF that a person brings is read for its letters only: no quality, no reference blocks, no absence."""

from __future__ import annotations

from collections.abc import Sequence

from bedside.errors import Problem
from bedside.genome.genotypes import Notice
from bedside.genome.region import chromosome_name
from bedside.intake.consumer_rows import Markers

_FIXED = 9


def is_vcf(lines: Sequence[str]) -> bool:
    """Whether the text says that it is a VCF."""
    return bool(lines) and lines[0].startswith("##fileformat=VCF")


def read_vcf_rows(
    source: str, lines: Sequence[str], problems: list[Problem], notices: list[Notice]
) -> Markers:
    """The rows of a VCF with one sample; contigs that are no chromosome are left out and counted."""
    markers = Markers()
    elsewhere = 0
    width = 0
    for number, line in enumerate(lines, start=1):
        if line.startswith("#CHROM"):
            width = len(line.split("\t"))
            if width != _FIXED + 1:
                reason = f"holds {max(0, width - _FIXED)} samples where one belongs"
                problems.append(Problem(source, reason, number, "give one person's file"))
                return markers
        if line.startswith("#") or not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != width or not cells[1].isdecimal():
            problems.append(Problem(source, "is no row of this VCF", number, "download the file again"))
            continue
        try:
            chromosome = chromosome_name(cells[0])
        except ValueError:
            elsewhere += 1
            continue
        name = cells[2].split(";")[0]
        letters = _letters(cells)
        if letters is None:
            problems.append(Problem(source, "the genotype is not one of this row's alleles", number))
        else:
            markers.add(
                f"{cells[0]}:{cells[1]}" if name == "." else name, chromosome, int(cells[1]), letters, number
            )
    if elsewhere:
        notices.append(Notice("elsewhere", f"{elsewhere} rows stand on no chromosome", source))
    if not len(markers) and not problems:
        problems.append(Problem(source, "holds no genotype", remedy="give the raw-data file"))
    return markers


def _letters(cells: Sequence[str]) -> str | None:
    """The letters of the genotype, "" when any strand is not called or its allele is not spelled."""
    keys = cells[8].split(":")
    if "GT" not in keys:
        return ""
    values = cells[9].split(":")
    place = keys.index("GT")
    genotype = values[place] if place < len(values) else "."
    alleles = [cells[3], *cells[4].split(",")]
    found = []
    for index in genotype.replace("|", "/").split("/"):
        if index == ".":
            return ""
        if not index.isdecimal() or int(index) >= len(alleles):
            return None
        found.append(alleles[int(index)].upper())
    if any(set(allele) - set("ACGT") or not allele for allele in found):
        return ""
    return ("" if all(len(allele) == 1 for allele in found) else "/").join(found)
