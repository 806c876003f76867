"""The transcripts in which the consequence of a variant is told: MANE Select and MANE Plus Clinical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import Row, parse_table, whole_number, words

KIND = "transcripts"
COLUMNS = (
    "gene",
    "transcript",
    "protein",
    "ensembl",
    "status",
    "chromosome",
    "strand",
    "cds_start",
    "cds_end",
    "exons",
)


@dataclass(frozen=True, slots=True)
class Transcript:
    """One coding transcript on GRCh38, 1-based with both ends included.

    exons run in genome order; cds_start and cds_end are the lowest and highest coding base, the stop codon
    included. `coding` holds the coding stretches in the order they are read, `introns` likewise.
    """

    gene: str
    accession: str
    protein: str
    ensembl: str
    status: str
    chromosome: str
    forward: bool
    cds_start: int
    cds_end: int
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...] = field(init=False)
    introns: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        coding = [
            (max(start, self.cds_start), min(end, self.cds_end))
            for start, end in self.exons
            if start <= self.cds_end and end >= self.cds_start
        ]
        introns = [(left[1] + 1, right[0] - 1) for left, right in pairwise(self.exons)]
        step = 1 if self.forward else -1
        object.__setattr__(self, "coding", tuple(coding[::step]))
        object.__setattr__(self, "introns", tuple(introns[::step]))

    @property
    def start(self) -> int:
        """The lowest base of the transcript."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """The highest base of the transcript."""
        return self.exons[-1][1]

    @property
    def coding_length(self) -> int:
        """Coding bases, the stop codon included."""
        return sum(end - start + 1 for start, end in self.coding)


@dataclass(frozen=True, slots=True)
class Transcripts:
    """The transcripts of a pack by gene, MANE Select first."""

    provenance: Provenance
    version: str
    by_gene: Mapping[str, tuple[Transcript, ...]]


def load_transcripts(root: Path | None = None) -> Transcripts:
    """The shipped transcripts, or a site's own in their place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    status = _table_of(chosen).stat() if _table_of(chosen).is_file() else None
    if status is None:
        return read_transcripts(chosen)
    stands = (chosen.provenance.sha256, str(_table_of(chosen)), status.st_mtime_ns, status.st_size)
    if stands not in _READ:
        _READ.clear()
        _READ[stands] = read_transcripts(chosen)
    return _READ[stands]


_READ: dict[tuple[str, str, int, int], Transcripts] = {}
"""The last table read: it is read again when its file changes."""


def _table_of(file: RuleFile) -> Path:
    return (file.folder or Path()) / "transcripts.tsv"


def read_transcripts(file: RuleFile) -> Transcripts:
    """The transcripts of a rule file and the table beside it; PackError with every problem."""
    path = _table_of(file)
    if file.folder is None or not path.is_file():
        raise file.fail("transcripts.tsv is missing beside it")
    problems: list[Problem] = []
    found: dict[str, tuple[Transcript, ...]] = {}
    for row in parse_table(f"{KIND}/transcripts.tsv", path.read_bytes(), COLUMNS, problems):
        transcript = _transcript(row, problems)
        if transcript is not None:
            found[transcript.gene] = (*found.get(transcript.gene, ()), transcript)
    if problems:
        raise PackError(problems)
    ordered = {
        gene: tuple(sorted(mine, key=lambda one: (one.status != "MANE Select", one.accession)))
        for gene, mine in found.items()
    }
    return Transcripts(file.provenance, str(file.document.get("version", "")), ordered)


def _transcript(row: Row, problems: list[Problem]) -> Transcript | None:
    cds_start, cds_end = (whole_number(row, name, problems) for name in ("cds_start", "cds_end"))
    try:
        exons = tuple(_span(part) for part in words(row["exons"]))
    except ValueError:
        problems.append(row.problem("exons are written 100-200;300-400"))
        return None
    if cds_start is None or cds_end is None or not exons:
        problems.append(row.problem("a transcript has a coding start, a coding end and exons"))
        return None
    if row["strand"] not in ("+", "-") or row["chromosome"] not in CHROMOSOME_NUMBER:
        problems.append(row.problem("strand is + or -, the chromosome one of chr1 … chrM"))
        return None
    places = [place for exon in exons for place in exon]
    if places != sorted(places):
        problems.append(row.problem("exons stand in genome order and do not overlap"))
        return None
    transcript = Transcript(
        gene=row["gene"],
        accession=row["transcript"],
        protein=row["protein"],
        ensembl=row["ensembl"],
        status=row["status"],
        chromosome=row["chromosome"],
        forward=row["strand"] == "+",
        cds_start=cds_start,
        cds_end=cds_end,
        exons=exons,
    )
    if transcript.coding_length % 3:
        problems.append(row.problem("the coding bases are not whole codons"))
    return transcript


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return int(start), int(end)
