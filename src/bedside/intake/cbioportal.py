"""Reads cBioPortal's tables beside a MAF: discrete copy numbers (`data_cna`) and structural variants
(`data_sv`)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.tumour import CopyNumber, CopyState, Fusion

STATES = {
    "2": CopyState.AMPLIFIED, "1": CopyState.GAIN, "0": CopyState.NEUTRAL, "-1": CopyState.LOSS,
    "-1.5": CopyState.LOSS, "-2": CopyState.DELETED,
}  # fmt: skip
NOT_MEASURED = frozenset({"NA", "", "NaN"})
NAMES = ("Hugo_Symbol", "Entrez_Gene_Id", "Cytoband")
SV_NEEDED = ("Sample_Id", "Site1_Hugo_Symbol", "Site2_Hugo_Symbol")
FRAMES = {"in-frame": True, "in_frame": True, "inframe": True, "frameshift": False, "out-of-frame": False}
MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of each sample, and in which genes each was measured."""

    found: Mapping[str, tuple[CopyNumber, ...]]
    genes: Mapping[str, frozenset[str]]


def read_cna(path: Path) -> Copies:
    """A table of genes and samples with -2, -1, 0, 1, 2 or NA. Raises IntakeError with every problem."""
    problems: list[Problem] = []
    lines = _table(path)
    _, header = next(lines, (1, [""]))
    samples = {place: name for place, name in enumerate(header) if name not in NAMES}
    if header[0] != "Hugo_Symbol" or not samples or len(set(samples.values())) != len(samples):
        raise IntakeError.one(path.name, "does not begin with Hugo_Symbol and name each sample once", line=1)
    found: dict[str, list[CopyNumber]] = {name: [] for name in samples.values()}
    for number, cells in lines:
        if len(cells) != len(header) or not cells[0]:
            problems.append(Problem(path.name, "has not as many fields as the header, or no gene", number))
            continue
        for place, name in samples.items():
            word = cells[place].strip()
            if word in STATES:
                found[name].append(CopyNumber(cells[0], STATES[word]))
            elif word not in NOT_MEASURED:
                problems.append(Problem(path.name, "has a value that is none of -2, -1, 0, 1, 2, NA", number))
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise IntakeError(problems)
    genes = {name: frozenset(one.gene for one in several) for name, several in found.items()}
    return Copies({name: tuple(several) for name, several in found.items()}, genes)


def read_sv(path: Path) -> Mapping[str, tuple[Fusion, ...]]:
    """The fusions of each sample: joins of two genes that are somatic, or of which nobody said. What lies
    within one gene is not a fusion. Raises IntakeError with every problem."""
    lines = _table(path)
    _, header = next(lines, (1, [""]))
    missing = [name for name in SV_NEEDED if name not in header]
    if missing:
        raise IntakeError.one(path.name, f"has no column {', '.join(missing)}", line=1)
    problems: list[Problem] = []
    found: dict[str, list[Fusion]] = {}
    for number, cells in lines:
        if len(cells) != len(header):
            problems.append(Problem(path.name, "has not as many fields as the header", number))
            continue
        row = {
            name: "" if cell.strip() in NOT_MEASURED else cell.strip()
            for name, cell in zip(header, cells, strict=True)
        }
        five, three = row["Site1_Hugo_Symbol"], row["Site2_Hugo_Symbol"]
        if not row["Sample_Id"] or not (five or three):
            problems.append(Problem(path.name, "names no sample, or no gene", number))
            continue
        several = found.setdefault(row["Sample_Id"], [])
        if five != three and row.get("SV_Status", "").upper() != "GERMLINE":
            frame = FRAMES.get(row.get("Site2_Effect_On_Frame", "").lower())
            several.append(Fusion(five, three, frame, rna=_support(row)))
    if problems:
        raise IntakeError(problems[:MOST_PROBLEMS])
    return {sample: tuple(several) for sample, several in found.items()}


def _support(row: Mapping[str, str]) -> bool | None:
    rna, dna = (row.get(name, "").lower() for name in ("RNA_Support", "DNA_Support"))
    if rna in ("yes", "true"):
        return True
    return False if dna in ("yes", "true") else None


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not comments, with their numbers."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip() and not line.startswith("#"):
                    yield number, line.rstrip("\r\n").split("\t")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise IntakeError.one(path.name, f"cannot be read: {type(error).__name__}") from error
