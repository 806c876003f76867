"""What a VCF's header says: its samples, its contigs, and anything that tells which reference assembly it is
on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bedside.errors import Problem

_CONTIG = re.compile(r"^##contig=<(.*)>\s*$")
_PAIR = re.compile(r'([A-Za-z0-9_.]+)=("(?:[^"\\]|\\.)*"|[^,]*)')
_ASSEMBLY_LINES = re.compile(
    r"^##(reference|assembly|source_genome_reference|genome_build)=(.*)$", re.IGNORECASE
)
_FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")


@dataclass(frozen=True, slots=True)
class Contig:
    """A declared contig: its length in base pairs when given, and the assembly it claims."""

    name: str
    line: int
    length: int | None = None
    assembly: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A VCF's header. `lines` is how many lines it has; `assemblies` are (line, text) that may name the
    assembly.
    """

    samples: tuple[str, ...]
    lines: int
    contigs: Mapping[str, Contig] = field(default_factory=dict)
    assemblies: tuple[tuple[int, str], ...] = ()


def read_header(source: str, text_lines: Sequence[bytes], problems: list[Problem]) -> Header | None:
    """The header from its `#` lines; what is wrong is added to `problems`, None when there is no usable
    header.
    """
    decoded: list[str] = []
    for number, raw in enumerate(text_lines, start=1):
        try:
            decoded.append(raw.decode("utf-8"))
        except UnicodeDecodeError:
            problems.append(Problem(source, "the header is not UTF-8 text", number, "save the file as UTF-8"))
            return None
    if not decoded or not decoded[-1].startswith("#CHROM"):
        problems.append(
            Problem(
                source, "the header has no #CHROM line", len(decoded) or None, "send a complete VCF 4 file"
            )
        )
        return None
    samples = _samples(source, decoded[-1], len(decoded), problems)
    contigs: dict[str, Contig] = {}
    assemblies: list[tuple[int, str]] = []
    for number, line in enumerate(decoded, start=1):
        if found := _CONTIG.match(line):
            contig = _contig(source, number, found[1], problems)
            if contig is not None:
                contigs.setdefault(contig.name, contig)
        elif found := _ASSEMBLY_LINES.match(line):
            assemblies.append((number, found[2]))
    return Header(samples, len(decoded), contigs, tuple(assemblies))


def _samples(source: str, line: str, number: int, problems: list[Problem]) -> tuple[str, ...]:
    columns = line.split("\t")
    if tuple(columns[:8]) != _FIXED:
        reason = "the #CHROM line does not name the eight fixed columns in order, separated by tabs"
        problems.append(Problem(source, reason, number, "write the file with a VCF tool"))
        return ()
    if len(columns) < 10 or columns[8] != "FORMAT":
        reason = "the file has no sample: no FORMAT column followed by a sample name"
        problems.append(Problem(source, reason, number, "send a file with genotypes, not a sites-only file"))
        return ()
    names = columns[9:]
    first: dict[str, int] = {}
    for column, name in enumerate(names, start=10):
        if not name.strip():
            problems.append(
                Problem(source, f"column {column} has no sample name", number, "name every sample")
            )
        elif not name.isprintable():
            reason = f"the sample name in column {column} holds a character that cannot be printed"
            problems.append(Problem(source, reason, number, "name samples with letters, digits and signs"))
        elif name in first:
            reason = f"a sample name stands twice, in columns {first[name]} and {column}"
            problems.append(Problem(source, reason, number, "give every sample its own name"))
        first.setdefault(name, column)
    return tuple(names)


def _contig(source: str, number: int, text: str, problems: list[Problem]) -> Contig | None:
    values = {key: value.strip('"') for key, value in _PAIR.findall(text)}
    if not values.get("ID"):
        problems.append(Problem(source, "a ##contig line has no ID", number, "repair the header"))
        return None
    length = values.get("length", "")
    if length and not length.isdigit():
        problems.append(Problem(source, "a contig's length is not a number", number, "repair the header"))
        length = ""
    return Contig(values["ID"], number, int(length) if length else None, values.get("assembly", ""))
