"""Reads mutation annotation format: one line for each small variant of each tumour sample.

The columns are those of the GDC's and cBioPortal's MAF. What is needed: `Hugo_Symbol`, `Chromosome`,
`Start_Position`, `End_Position`, `Reference_Allele`, `Tumor_Seq_Allele2`, `Tumor_Sample_Barcode`, and the
assembly
in `NCBI_Build` on every line.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
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
_ALLELE = re.compile(r"[ACGTN]*")
MOST_PROBLEMS = 100


def read_maf(path: Path) -> Mapping[str, tuple[SmallVariant, ...]]:
    """The small variants of each sample, in the order of the file. Raises IntakeError with every problem (the
    first hundred) when a line cannot be read; then nothing of the file is used."""
    problems: list[Problem] = []
    found: dict[str, list[SmallVariant]] = {}
    try:
        for sample, variant in _lines(path, problems):
            found.setdefault(sample, []).append(variant)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise IntakeError.one(path.name, f"cannot be read: {type(error).__name__}") from error
    if problems:
        raise IntakeError(problems)
    return {sample: tuple(several) for sample, several in found.items()}


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[str, SmallVariant]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        number, header = 0, ""
        for header in file:
            number += 1
            if not header.startswith("#"):
                break
        columns = header.rstrip("\r\n").split("\t")
        missing = [name for name in NEEDED if name not in columns]
        if missing:
            problems.append(
                Problem(path.name, f"has no column {', '.join(missing)}", number or 1, "see docs/tumours.md")
            )
            return
        place = {name: columns.index(name) for name in columns}
        protein = next((place[name] for name in PROTEIN if name in place), None)
        for line in file:
            number += 1
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(columns):
                said = f"has {len(cells)} fields where the header has {len(columns)}"
                problems.append(Problem(path.name, said, number))
            else:
                try:
                    yield _variant(cells, place, protein)
                except ValueError as error:
                    problems.append(Problem(path.name, str(error), number))
            if len(problems) >= MOST_PROBLEMS:
                problems.append(Problem(path.name, "has more problems; these are the first", number))
                return


def _variant(cells: list[str], place: Mapping[str, int], protein: int | None) -> tuple[str, SmallVariant]:
    said = {name: cells[place[name]] for name in NEEDED}
    build = BUILDS.get(said["NCBI_Build"].strip().upper())
    if build is None:
        raise ValueError(
            f"NCBI_Build {said['NCBI_Build']!r} is no assembly known here (37, GRCh37, 38, GRCh38)"
        )
    if not said["Tumor_Sample_Barcode"].strip():
        raise ValueError("names no sample")
    if not (said["Start_Position"].isdigit() and said["End_Position"].isdigit()):
        raise ValueError("Start_Position and End_Position must be whole numbers")
    start, end = int(said["Start_Position"]), int(said["End_Position"])
    reference, alternate = (said[name].replace("-", "").upper() for name in NEEDED[4:6])
    if not (_ALLELE.fullmatch(reference) and _ALLELE.fullmatch(alternate)) or reference == alternate:
        raise ValueError("the alleles are not two different strings of A, C, G, T, N or -")
    if (
        end < start
        or (reference and end - start + 1 != len(reference))
        or (not reference and end != start + 1)
    ):
        raise ValueError("the alleles do not fit the positions")
    chromosome = said["Chromosome"] if said["Chromosome"].startswith("chr") else f"chr{said['Chromosome']}"
    return said["Tumor_Sample_Barcode"], SmallVariant(
        said["Hugo_Symbol"],
        EFFECTS.get(_cell(cells, place, "Variant_Classification"), Effect.NOT_KNOWN),
        build,
        {"chr23": "chrX", "chr24": "chrY", "chrMT": "chrM"}.get(chromosome, chromosome),
        start,
        end,
        reference,
        alternate,
        written="" if protein is None else cells[protein].strip(),
        origin=_origin(_cell(cells, place, "Mutation_Status")),
        vaf=_fraction(_cell(cells, place, "t_vaf")),
        depth=_whole(_cell(cells, place, "t_depth")),
    )


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
