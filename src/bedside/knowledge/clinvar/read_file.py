"""A ClinVar file read whole: which release it is, on which build, and its rows."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest
from pathlib import Path

import polars as pl

from bedside.errors import InputError, PackError, Problem
from bedside.genome.liftover import Chain, parse_chain
from bedside.genome.locus import Build
from bedside.knowledge.clinvar.facts import WordsOf
from bedside.knowledge.clinvar.layout import Layout, layout_of
from bedside.knowledge.clinvar.open_text import OpenText, open_text
from bedside.knowledge.clinvar.terms import Terms
from bedside.knowledge.clinvar.understand import Understood, understand

_READERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever adds a file says of it: its date, its build, and the chain that leads from GRCh37."""

    release: str | None = None
    build: Build | None = None
    chain: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A file's release date, build and layout, its digest and that of the chain, and what was understood."""

    date: str
    build: Build
    layout: str
    sha256: str
    chain_sha256: str
    understood: Understood


@dataclass(frozen=True, slots=True)
class Settled:
    """What the file and whoever adds it agree on."""

    date: str
    build: Build
    chain: Path | None


def read_file(path: Path, asked: Asked, terms: Terms) -> Reading:
    """The release in this file; raises PackError with every problem, and then there is no release."""
    text = open_text(path)
    layout = layout_of(path.name, text.header, text.first)
    settled = settle(path.name, layout, asked)
    chain = None if settled.chain is None else read_chain(settled.chain)
    rows = _rows(text, layout, settled.build)
    if rows.is_empty():
        raise PackError.one(path.name, f"there is no record on {settled.build.value}")
    return Reading(
        date=settled.date,
        build=settled.build,
        layout=layout.name,
        sha256=digest_of(path),
        chain_sha256="" if settled.chain is None else digest_of(settled.chain),
        understood=understand(path.name, rows, layout, terms, chain),
    )


def settle(where: str, layout: Layout, asked: Asked) -> Settled:
    """Date and build of file and command together; raises PackError where they contradict or neither says."""
    problems: list[Problem] = []
    day, build = asked.release or layout.date, asked.build or layout.build
    if asked.release and layout.date and asked.release != layout.date:
        problems.append(Problem(where, f"the file is of {layout.date}, not of {asked.release}"))
    if day is None:
        problems.append(Problem(where, "the file does not say its date", remedy="give --release YYYY-MM-DD"))
    elif not _is_day(day):
        problems.append(Problem(where, f"{day!r} is no date", remedy="write it as 2026-02-26"))
    if asked.build and layout.build and asked.build is not layout.build:
        problems.append(Problem(where, f"the file is on {layout.build.value}, not on {asked.build.value}"))
    if build is None and layout.several_builds:
        build = Build.GRCH38
    if build is None:
        remedy = "give --build GRCh37 or --build GRCh38"
        problems.append(Problem(where, "the file does not say its build", remedy=remedy))
    if build is Build.GRCH37 and asked.chain is None:
        remedy = "give --chain hg19ToHg38.over.chain.gz, or the file on GRCh38"
        problems.append(Problem(where, "a file on GRCh37 needs a chain file to GRCh38", remedy=remedy))
    if problems or day is None or build is None:
        raise PackError(problems)
    return Settled(day, build, asked.chain if build is Build.GRCH37 else None)


def read_chain(path: Path) -> Chain:
    """The chain file at this path, plain or gzip; raises PackError."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt") if packed else path.open(encoding="utf-8") as lines:
            return parse_chain(lines, path.name)
    except InputError as error:
        raise PackError(error.problems) from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = "the chain file cannot be read"
        raise PackError.one(path.name, reason, remedy="check the path and the download") from error


def digest_of(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _rows(text: OpenText, layout: Layout, build: Build) -> pl.DataFrame:
    """Every record in the common columns; two blocks are read at a time, no more are held."""
    words = WordsOf()

    def parts() -> Iterator[pl.DataFrame]:
        waiting: deque[Future[pl.DataFrame]] = deque()
        with ThreadPoolExecutor(_READERS) as readers:
            for block in text.blocks():
                waiting.append(readers.submit(layout.read, text.path.name, block, words, build))
                if len(waiting) > _READERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    found = list(parts())
    if not found:
        raise PackError.one(text.path.name, "there are no records in the file")
    return pl.concat(found, rechunk=True)
