"""Raw data that somebody bought (23andMe, AncestryDNA, …): what stands in the file, and nothing that follows
from it.

A build is never guessed. Every problem is told at once, with its line; what is odd but readable is a notice.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.intake.compression import Wrapping, chunks, wrapping
from bedside.intake.consumer_build import BuildFrom, Known, decide_build
from bedside.intake.consumer_layout import Layout, find_layout, seller
from bedside.intake.consumer_rows import Markers, read_rows
from bedside.intake.consumer_vcf import is_vcf, read_vcf_rows
from bedside.knowledge.consumer_policy import ConsumerPolicy

PROBLEMS_TOLD = 50
VCF_SELLER = "a VCF that the person brought"


class Trust(Enum):
    """How far the letters at a position may be repeated to somebody who will confirm them."""

    COMMON = "common position: read well by chips, still unconfirmed"
    UNKNOWN = "rare or unknown frequency: most such calls of chips are false"


@dataclass(frozen=True, slots=True)
class SeenPosition:
    """A pharmacogene's position that the file lists: the letters as they stand there, without a meaning.

    differs: some letter is not the reference genome's; also that is no finding.
    """

    gene: str
    name: str
    letters: str
    trust: Trust
    line: int
    differs: bool


@dataclass(frozen=True, slots=True)
class ConsumerFile:
    """A file read whole. markers: everything it lists, no-calls included. seen: pharmacogene positions."""

    seller: str
    build: Build
    build_from: BuildFrom
    markers: Markers
    seen: tuple[SeenPosition, ...]
    notices: tuple[Notice, ...]


def read_consumer(
    path: Path,
    policy: ConsumerPolicy,
    positions: Iterable[Known] = (),
    build: Build | None = None,
) -> ConsumerFile:
    """A consumer's file. `positions` are the pharmacogenes' (they prove a build, and are named when seen);
    `build` is what the person who gives the file says. Raises `IntakeError` with every problem.
    """
    known = {one.name: one for one in positions if one.name}
    lines = _text(path, policy).split("\n")
    problems: list[Problem] = []
    notices: list[Notice] = []
    header, sold_by, markers = _rows(path, lines, policy, problems, notices)
    if not len(markers):
        raise IntakeError(_told(path, problems))
    found = decide_build(path.name, header, markers, build, policy, known, problems, notices)
    if problems:
        raise IntakeError(_told(path, problems))
    if found is None:
        raise AssertionError("a build that is not decided is a problem")
    seen = tuple(_seen(markers, known, found[0], policy, path.name, notices))
    return ConsumerFile(sold_by, *found, markers, seen, tuple(notices))


def _rows(
    path: Path,
    lines: Sequence[str],
    policy: ConsumerPolicy,
    problems: list[Problem],
    notices: list[Notice],
) -> tuple[Sequence[str], str, Markers]:
    if is_vcf(lines):
        header = [line for line in lines[:5000] if line.startswith("##")]
        return header, VCF_SELLER, read_vcf_rows(path.name, lines, problems, notices)
    layout = find_layout(path.name, lines, policy, problems)
    if not isinstance(layout, Layout):
        return (), "", Markers()
    opening = lines[: layout.first]
    return opening, seller(opening, policy), read_rows(path.name, lines, layout, policy, problems, notices)


def _seen(
    markers: Markers,
    known: Mapping[str, Known],
    build: Build,
    policy: ConsumerPolicy,
    source: str,
    notices: list[Notice],
) -> Iterable[SeenPosition]:
    for place, name in enumerate(markers.names):
        one = known.get(name)
        letters, line = markers.letters[place], markers.lines[place]
        if one is None or not letters:
            continue
        expected = one.positions.get(build.value)
        if (markers.chromosomes[place], markers.positions[place]) != (one.chromosome, expected):
            reason = f"{name} does not stand where {build.value} has it; it is not used"
            notices.append(Notice("misplaced", reason, source, line))
        elif one.unfit(letters):
            reason = f"{name}: the letters are of the other strand or of an allele nobody described; not used"
            notices.append(Notice("strand", reason, source, line))
        else:
            trust = Trust.COMMON if name in policy.common else Trust.UNKNOWN
            yield SeenPosition(one.gene, name, letters, trust, line, one.differs(letters))


def _told(path: Path, problems: list[Problem]) -> list[Problem]:
    """All of them, or the first fifty and how many more there are."""
    more = len(problems) - PROBLEMS_TOLD
    if more <= 0:
        return problems
    return [*problems[:PROBLEMS_TOLD], Problem(path.name, f"and {more} more problems of this file")]


def _text(path: Path, policy: ConsumerPolicy) -> str:
    """The file's text, whatever it is wrapped in: plain, gzip, or a zip that holds one file."""
    try:
        with path.open("rb") as file:
            start = file.read(18)
    except OSError as error:
        raise IntakeError.one(
            path.name, f"cannot be read: {error.strerror}", remedy="check the path and rights"
        ) from error
    pieces = _unzipped(path, policy) if start[:4] == b"PK\x03\x04" else chunks(path)
    content, most = BytesIO(), policy.largest_megabytes << 20
    for piece in pieces:
        if content.tell() + len(piece) > most:
            reason = f"holds more than {policy.largest_megabytes} MB of text, which no consumer file does"
            raise IntakeError.one(path.name, reason, remedy="give the raw-data file itself")
        content.write(piece)
    if not content.tell():
        raise IntakeError.one(path.name, "the file is empty", remedy="download it again")
    try:
        text = content.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        how = "" if wrapping(start) is Wrapping.PLAIN else " (after unpacking)"
        reason = f"is not text: byte {error.start}{how} is no UTF-8"
        raise IntakeError.one(path.name, reason, remedy="give the raw-data file as downloaded") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unzipped(path: Path, policy: ConsumerPolicy) -> Iterable[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one for one in archive.infolist() if not one.is_dir()]
            if len(names) != 1:
                reason = f"the zip holds {len(names)} files where one belongs"
                raise IntakeError.one(path.name, reason, remedy="unpack it and give the raw-data file")
            with archive.open(names[0]) as file:
                while piece := file.read(1 << 20):
                    yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise IntakeError.one(
            path.name, "the zip is damaged or locked", remedy="download it again"
        ) from error
