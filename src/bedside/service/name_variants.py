"""What somebody asks about, in files and words: variants, genes and regions, every problem at once."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from bedside.errors import InputError, Problem
from bedside.genome.region import Region, parse_region
from bedside.genome.variant import Variant, parse_variant
from bedside.knowledge.gene_regions import load_gene_regions

MOST_PROBLEMS = 50


def read_variants(path: Path) -> tuple[Variant, ...]:
    """The distinct variants of a file, in its order: one a line as chr17-43045682-T-TG (what follows a tab is
    left alone), or a VCF on GRCh38, plain or gzipped. Raises `InputError` with every line that is neither.
    """
    found: dict[Variant, None] = {}
    problems: list[Problem] = []
    try:
        for number, line in _lines(path):
            for text in _named(line):
                try:
                    found[parse_variant(text)] = None
                except ValueError as error:
                    problems.append(Problem(path.name, str(error), number))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file, or cut short"
        raise InputError.one(path.name, f"cannot be read: {reason}", remedy="check the path") from error
    if not found and not problems:
        problems.append(Problem(path.name, "names no variant", remedy="one a line, as chr17-43045682-T-TG"))
    if problems:
        more = len(problems) - MOST_PROBLEMS
        tail = [Problem(path.name, f"and {more} more lines like these")] if more > 0 else []
        raise InputError([*problems[:MOST_PROBLEMS], *tail])
    return tuple(found)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            text = line.rstrip("\r\n")
            if text.strip() and not text.startswith("#"):
                yield number, text


def _named(line: str) -> Iterator[str]:
    cells = line.split("\t")
    if len(cells) >= 5 and cells[1].isdecimal():
        for alternate in cells[4].split(","):
            yield f"{cells[0]}-{cells[1]}-{cells[3]}-{alternate}"
    else:
        yield cells[0]


def regions_of(genes: Sequence[str], spans: Sequence[str], root: Path | None = None) -> tuple[Region, ...]:
    """The regions that genes and spans (`chr13:32315086-32400268`) name; `InputError` with all wrong."""
    problems: list[Problem] = []
    regions: list[Region] = []
    try:
        regions += load_gene_regions(root).of(dict.fromkeys(genes)) if genes else ()
    except InputError as error:
        problems += error.problems
    for text in spans:
        try:
            regions.append(parse_region(text))
        except ValueError as error:
            problems.append(Problem("region", str(error)))
    if problems:
        raise InputError(problems)
    return tuple(regions)
