"""Scoring files of the PGS Catalog: as published, harmonised (`hmPOS`), or as the calculator normalises them.

Read strictly. What cannot be scored for one variant (no place, no bases, another contig) is kept as such and
counts against the match; what would make the whole sum wrong (interactions, haplotypes, ratios as weights, a
file cut short, a variant twice) refuses the file, with every line told.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bedside.errors import InputError, Problem
from bedside.genome.locus import Build
from bedside.genome.observation import digest
from bedside.knowledge.scoring_rows import Placing, RowReader, ScoreRow

BUILD_WORDS = {
    "grch38": Build.GRCH38,
    "hg38": Build.GRCH38,
    "grch37": Build.GRCH37,
    "hg19": Build.GRCH37,
}
_NOT_STATED = frozenset({"", "nr", "na", "not reported"})
_RATIOS = frozenset({"or", "hr", "odds ratio", "hazard ratio"})
PROBLEMS_TOLD = 50


class ScoringFileError(InputError):
    """A scoring file cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoringFile:
    """A score. weights: for each variant what 0, 1 and 2 copies of the effect allele add. other: "" where the
    file does not name the other allele. chromosome: 1 to 22, 23 X, 24 Y, 25 M, 0 for none. line: in the file.
    """

    source: str
    sha256: str
    score: str
    trait: str
    build: Build
    weight_type: str
    licence: str
    citation: str
    chromosome: NDArray[np.int8]
    position: NDArray[np.int64]
    effect: tuple[str, ...]
    other: tuple[str, ...]
    weights: NDArray[np.float64]
    placing: NDArray[np.int8]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.effect)

    @property
    def release(self) -> str:
        """The score by name and content."""
        return f"{self.score}#{self.sha256[:12]}"


def read_scoring_file(path: Path, build: Build | None = None) -> ScoringFile:
    """A scoring file, plain or gzipped. `build` is what somebody says where the file does not. Raises
    `ScoringFileError` with every problem."""
    content = _content(path)
    lines = _text(path, content).splitlines()
    start = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    header = _header(lines[:start])
    problems: list[Problem] = []
    if start == len(lines):
        raise ScoringFileError.one(path.name, "holds no table", remedy="download the scoring file again")
    columns = lines[start].split("\t")
    reader = RowReader.of(path.name, columns, start + 1, problems)
    if reader is None:
        raise ScoringFileError(problems)
    found_build = _build(path.name, header, reader.harmonised, build, problems)
    rows = [
        row
        for number, cells in _cells(lines, start + 1)
        if (row := reader.read(cells, number, problems)) is not None
    ]
    _whole(path.name, header, len(rows), problems)
    _ratios(path.name, header, problems)
    _once(path.name, rows, problems)
    if len({row.accession for row in rows}) > 1:
        problems.append(Problem(path.name, "holds several scores", remedy="give one score at a time"))
    if problems or found_build is None:
        more = len(problems) - PROBLEMS_TOLD
        told = problems[:PROBLEMS_TOLD]
        told += [Problem(path.name, f"and {more} more problems of this file")] if more > 0 else []
        raise ScoringFileError(told)
    return _assembled(path.name, digest(content), header, found_build, rows)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ScoringFileError.one(
            path.name, "the gzip is cut or damaged", remedy="download it again"
        ) from error
    except OSError as error:
        raise ScoringFileError.one(
            path.name, f"cannot be read: {error.strerror}", remedy="check the path and rights"
        ) from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"is not text: byte {error.start} is no UTF-8"
        raise ScoringFileError.one(path.name, reason, remedy="download the scoring file again") from error


def _header(lines: Sequence[str]) -> Mapping[str, str]:
    """`#key=value` lines; keys in lower case."""
    pairs = (line.lstrip("#").partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, sign, value in pairs if sign}


def _cells(lines: Sequence[str], start: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines[start:], start=start + 1):
        if line.strip():
            yield number, line.split("\t")


def _build(
    source: str,
    header: Mapping[str, str],
    harmonised: bool,
    told: Build | None,
    problems: list[Problem],
) -> Build | None:
    key = "hmpos_build" if harmonised else "genome_build"
    stated = BUILD_WORDS.get(header.get(key, "").lower())
    if stated is not None and told is not None and stated is not told:
        reason = f"the header says {stated.value}, --build says {told.value}"
        problems.append(Problem(source, reason, remedy="leave --build out or give the other file"))
    written = header.get(key, "")
    found = stated or (told if written.lower() in _NOT_STATED else None)
    if found is None:
        reason = f"the build is {written!r}" if written else "the build is not stated"
        problems.append(
            Problem(source, reason, remedy="use the harmonised file, or give --build GRCh37 or GRCh38")
        )
    return found


def _whole(source: str, header: Mapping[str, str], rows: int, problems: list[Problem]) -> None:
    """A file with fewer or more variants than its header says was cut or put together."""
    stated = header.get("variants_number", "")
    if stated.isdecimal() and int(stated) != rows and not problems:
        reason = f"the header says {stated} variants, the table holds {rows}"
        problems.append(Problem(source, reason, remedy="download the whole scoring file"))
    if not rows and not problems:
        problems.append(Problem(source, "holds no variant", remedy="download the scoring file again"))


def _ratios(source: str, header: Mapping[str, str], problems: list[Problem]) -> None:
    if header.get("weight_type", "").lower() in _RATIOS:
        problems.append(
            Problem(source, "the weights are ratios, which cannot be added up", remedy="use their logarithms")
        )


def _once(source: str, rows: Sequence[ScoreRow], problems: list[Problem]) -> None:
    """One variant stands once: twice it would count twice."""
    seen: dict[tuple[int, int, frozenset[str]], int] = {}
    for row in rows:
        if row.placing is not Placing.PLACED:
            continue
        alleles = frozenset((row.effect, row.other or row.effect))
        first = seen.setdefault((row.chromosome, row.position, alleles), row.line)
        if first != row.line:
            reason = f"the same variant as in line {first}"
            problems.append(Problem(source, reason, row.line, "ask the score's authors which is meant"))


def _assembled(
    source: str,
    sha256: str,
    header: Mapping[str, str],
    build: Build,
    rows: Sequence[ScoreRow],
) -> ScoringFile:
    named = [header.get(key, "") for key in ("pgs_id", "omicspred_id", "pgs_name")]
    return ScoringFile(
        source=source,
        sha256=sha256,
        score=next((name for name in [*named, rows[0].accession] if name), source),
        trait=header.get("trait_reported", ""),
        build=build,
        weight_type=header.get("weight_type", ""),
        licence=header.get("license", ""),
        citation=header.get("citation", ""),
        chromosome=np.array([row.chromosome for row in rows], np.int8),
        position=np.array([row.position for row in rows], np.int64),
        effect=tuple(row.effect for row in rows),
        other=tuple(row.other for row in rows),
        weights=np.array([row.weights for row in rows], np.float64).reshape(len(rows), 3),
        placing=np.array([row.placing for row in rows], np.int8),
        line=np.array([row.line for row in rows], np.int64),
    )
