"""Reads mutation annotation format: one line for each small variant of each tumour sample.

The columns are those of the GDC's and cBioPortal's MAF. What is needed: `Hugo_Symbol`, `Chromosome`,
`Start_Position`, `End_Position`, `Reference_Allele`, `Tumor_Seq_Allele2`, `Tumor_Sample_Barcode`, and the
assembly in `NCBI_Build` on every line.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.genome.tumour import Effect, Origin, SmallVariant

NEEDED = (
    "Hugo_Symbol", "Chromosome", "Start_Position", "End_Position", "Reference_Allele", "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode", "NCBI_Build",
)  # fmt: skip
BUILDS = {
    "37": Build.GRCH37, "GRCH37": Build.GRCH37, "HG19": Build.GRCH37,
    "38": Build.GRCH38, "GRCH38": Build.GRCH38, "HG38": Build.GRCH38,
}  # fmt: skip
EFFECTS = {
    "Missense_Mutation": Effect.MISSENSE,
    "Nonsense_Mutation": Effect.NONSENSE,
    "Frame_Shift_Del": Effect.FRAMESHIFT,
    "Frame_Shift_Ins": Effect.FRAMESHIFT,
    "In_Frame_Del": Effect.INFRAME_DELETION,
    "In_Frame_Ins": Effect.INFRAME_INSERTION,
    "Splice_Site": Effect.SPLICE,
    "Splice_Region": Effect.OTHER,
    "Translation_Start_Site": Effect.START_LOST,
    "Nonstop_Mutation": Effect.STOP_LOST,
    "Silent": Effect.SYNONYMOUS,
}
PROTEIN = ("HGVSp_Short", "Protein_Change", "HGVSp", "Amino_Acid_Change")
READ = frozenset(
    {
        *NEEDED,
        *PROTEIN,
        "Variant_Classification",
        "Mutation_Status",
        "t_vaf",
        "t_depth",
        "t_alt_count",
        "t_ref_count",
    }
)
_ALLELE = re.compile(r"[ACGTN]*")
MOST_PROBLEMS = 100
_ONE = frozenset("ACGT")


@dataclass(frozen=True, slots=True)
class MafRead:
    """The small variants of each sample, in the order of the file. outside: of genes that were not wanted,
    how many lines; such a line is read as strictly and then let go."""

    samples: Mapping[str, tuple[SmallVariant, ...]]
    outside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns are that are read."""

    count: int
    needed: Callable[[list[str]], tuple[str, ...]]
    place: Mapping[str, int]
    protein: int | None


def read_maf(path: Path) -> Mapping[str, tuple[SmallVariant, ...]]:
    """The small variants of each sample, in the order of the file. Raises IntakeError with every problem
    (the first hundred) when a line cannot be read; then nothing of the file is used."""
    return read_maf_of(path, None).samples


def read_maf_of(path: Path, wanted: Container[str] | None) -> MafRead:
    """As `read_maf`, of the wanted genes; a sample without any of them has no variant, and is there."""
    problems: list[Problem] = []
    found: dict[str, list[SmallVariant]] = {}
    outside: dict[str, int] = {}
    try:
        for sample, gene, variant in _lines(path, wanted, problems):
            of_sample = found.setdefault(sample, [])
            if variant is None:
                outside[gene] = outside.get(gene, 0) + 1
            else:
                of_sample.append(variant)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise IntakeError.one(path.name, f"cannot be read: {type(error).__name__}") from error
    if problems:
        raise IntakeError(problems)
    return MafRead({sample: tuple(several) for sample, several in found.items()}, outside)


def _lines(
    path: Path, wanted: Container[str] | None, problems: list[Problem]
) -> Iterator[tuple[str, str, SmallVariant | None]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        number, header = 0, ""
        for header in file:
            number += 1
            if not header.startswith("#"):
                break
        columns = _columns(path.name, header, number or 1, problems)
        if columns is None:
            return
        for line in file:
            number += 1
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != columns.count:
                said = f"has {len(cells)} fields where the header has {columns.count}"
                problems.append(Problem(path.name, said, number))
            else:
                try:
                    yield _line(cells, columns, wanted)
                except ValueError as error:
                    problems.append(Problem(path.name, str(error), number))
            if len(problems) >= MOST_PROBLEMS:
                problems.append(Problem(path.name, "has more problems; these are the first", number))
                return


def _columns(source: str, header: str, number: int, problems: list[Problem]) -> _Columns | None:
    names = header.rstrip("\r\n").split("\t")
    missing = [name for name in NEEDED if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1 and name in READ})
    if missing:
        problems.append(Problem(source, f"has no column {', '.join(missing)}", number, "see docs/tumours.md"))
    if twice:
        problems.append(Problem(source, f"has the column {', '.join(twice)} twice", number))
    if missing or twice:
        return None
    place = {name: names.index(name) for name in READ if name in names}
    protein = next((place[name] for name in PROTEIN if name in place), None)
    return _Columns(len(names), itemgetter(*(place[name] for name in NEEDED)), place, protein)


def _line(
    cells: list[str], columns: _Columns, wanted: Container[str] | None
) -> tuple[str, str, SmallVariant | None]:
    gene, chromosome, first, last, old, new, sample, assembly = columns.needed(cells)
    build = BUILDS.get(assembly) or BUILDS.get(assembly.strip().upper())
    if build is None:
        raise ValueError(f"NCBI_Build {assembly!r} is no assembly known here (37, GRCh37, 38, GRCh38)")
    if not sample.strip():
        raise ValueError("names no sample")
    if not (first.isdigit() and last.isdigit()):
        raise ValueError("Start_Position and End_Position must be whole numbers")
    start, end = int(first), int(last)
    if not (old in _ONE and new in _ONE and old != new and start == end):
        old, new = _alleles(old, new, start, end)
    if wanted is not None and gene not in wanted:
        return sample, gene, None
    name = chromosome if chromosome.startswith("chr") else f"chr{chromosome}"
    place = columns.place
    vaf, depth = _reads(cells, place)
    return (
        sample,
        gene,
        SmallVariant(
            gene,
            EFFECTS.get(_cell(cells, place, "Variant_Classification"), Effect.NOT_KNOWN),
            build,
            {"chr23": "chrX", "chr24": "chrY", "chrMT": "chrM"}.get(name, name),
            start,
            end,
            old,
            new,
            written="" if columns.protein is None else cells[columns.protein].strip(),
            origin=_origin(_cell(cells, place, "Mutation_Status")),
            vaf=vaf,
            depth=depth,
        ),
    )


def _alleles(old: str, new: str, start: int, end: int) -> tuple[str, str]:
    """The alleles without dashes, in capitals; raises ValueError where they are none, or do not fit the
    place."""
    reference, alternate = (one.replace("-", "").upper() for one in (old, new))
    if not (_ALLELE.fullmatch(reference) and _ALLELE.fullmatch(alternate)) or reference == alternate:
        raise ValueError("the alleles are not two different strings of A, C, G, T, N or -")
    if (
        end < start
        or (reference and end - start + 1 != len(reference))
        or (not reference and end != start + 1)
    ):
        raise ValueError("the alleles do not fit the positions")
    return reference, alternate


def _reads(cells: list[str], place: Mapping[str, int]) -> tuple[float | None, int | None]:
    """The share of reads and the depth, as given, or from the counts of both alleles."""
    vaf, depth = _fraction(_cell(cells, place, "t_vaf")), _whole(_cell(cells, place, "t_depth"))
    with_it = _whole(_cell(cells, place, "t_alt_count"))
    without = _whole(_cell(cells, place, "t_ref_count"))
    if depth is None and with_it is not None and without is not None:
        depth = with_it + without
    if vaf is None and with_it is not None and depth:
        vaf = _fraction(str(with_it / depth))
    return vaf, depth


def _cell(cells: list[str], place: Mapping[str, int], name: str) -> str:
    return cells[place[name]].strip() if name in place else ""


def _origin(text: str) -> Origin:
    return {"somatic": Origin.SOMATIC, "germline": Origin.GERMLINE}.get(text.lower(), Origin.NOT_SAID)


def _fraction(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None
