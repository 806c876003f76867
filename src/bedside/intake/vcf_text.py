"""A VCF as text: only the lines that touch a wanted position, and those that are ill formed, are looked
into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.intake.compression import Unended, chunks
from bedside.intake.header import Header, read_header
from bedside.intake.line_scan import LineScan
from bedside.intake.policy import IntakePolicy
from bedside.intake.row import Row, is_reference_block
from bedside.intake.sample_columns import BadGenotype, read_sample_columns
from bedside.intake.target import Targets

_END = re.compile(rb"(?:^|;)END=([0-9]+)(?:;|$)")
_MOST_PROBLEMS = 20
_REPAIR = "repair or re-export the file"


class VcfText:
    """An open text VCF: its header, then its records as `Row`s. Problems of single lines are gathered in
    `problems`.
    """

    def __init__(self, path: Path, policy: IntakePolicy) -> None:
        self.path, self.policy = path, policy
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []
        self.records = 0
        self.undeclared: set[str] = set()
        self._chunks = chunks(path)
        header_lines, self._body, self._number = self._header_lines()
        header = read_header(path.name, header_lines, self.problems)
        if header is None or self.problems:
            raise IntakeError(self.problems)
        self.header: Header = header

    def _header_lines(self) -> tuple[list[bytes], bytes, int]:
        """The lines of the header, the bytes at hand behind it, and the number of their first line."""
        kept: list[bytes] = []
        text, place = b"", 0
        while True:
            end = text.find(b"\n", place)
            if end < 0 and (more := next(self._chunks, None)) is not None:
                text, place = text[place:] + more, 0
                continue
            line = text[place:end].removesuffix(b"\r") if end >= 0 else text[place:]
            if len(kept) == 0:
                self._demand_vcf(line)
            if not line.startswith(b"#"):
                return kept, text[place:], len(kept) + 1
            if end < 0:
                reason = "the file ends inside its header"
                raise IntakeError.one(
                    self.path.name, reason, line=len(kept) + 1, remedy="send the file again"
                )
            kept.append(line)
            place = end + 1

    def _demand_vcf(self, line: bytes) -> None:
        if line.startswith(b"##fileformat=VCFv4"):
            return
        if line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise IntakeError.one(
                self.path.name, "the file is UTF-16 text", line=1, remedy="save it as UTF-8"
            )
        if line.startswith(b"\xef\xbb\xbf"):
            reason = "the file begins with a byte-order mark"
            raise IntakeError.one(self.path.name, reason, line=1, remedy="save it as UTF-8 without one")
        reason = "not a VCF: the first line is not ##fileformat=VCFv4.x"
        raise IntakeError.one(self.path.name, reason, line=1, remedy="send a VCF 4, BCF or gVCF file")

    def rows(self, targets: Sequence[Targets]) -> Iterator[Row]:
        """The records that touch any of the targets. Malformed lines go to `problems`; `IntakeError` when the
        file is cut or damaged.
        """
        names = {name.encode(): chromosome for name, chromosome in self.policy.chromosome_names.items()}
        columns = len(self.header.samples) + 9
        scan = LineScan(columns, names, targets, self._demand_declared)
        for number, line in scan.lines(chain([self._body], self._chunks), self._number):
            self.records = scan.records
            if isinstance(line, Unended):
                reason = "no line end follows the last line; the file may be cut there"
                self.notices.append(Notice("no-final-line-end", reason, self.path.name, number))
            row = self._row(number, line, columns, names, targets)
            if row is not None:
                yield row
            if len(self.problems) >= _MOST_PROBLEMS:
                break
        self.records = scan.records

    def rows_of(self, lines: Sequence[tuple[int, bytes]], targets: Sequence[Targets]) -> Iterator[Row]:
        """The same of lines that another reader of the whole file picked out."""
        names = {name.encode(): chromosome for name, chromosome in self.policy.chromosome_names.items()}
        columns = len(self.header.samples) + 9
        for number, line in lines:
            row = self._row(number, line, columns, names, targets)
            if row is not None:
                yield row

    def _row(
        self, number: int, line: bytes, columns: int, names: dict[bytes, str], targets: Sequence[Targets]
    ) -> Row | None:
        found = line.count(b"\t") + 1
        if found != columns:
            self._column_count(number, found, columns)
            return None
        parts = line.split(b"\t", 9)
        if not parts[1].isdigit():
            self.problems.append(Problem(self.path.name, "POS is not a number", number, _REPAIR))
            return None
        chromosome = names.get(parts[0])
        if chromosome is None:
            return None
        self._demand_declared(parts[0], number)
        position, reference = int(parts[1]), parts[3]
        end, has_end = _end(parts[4], parts[7], position + len(reference) - 1)
        if not any(target.touched(chromosome, position, end) for target in targets):
            return None
        return self._read(number, parts, columns, chromosome, (position, end, has_end))

    def _read(
        self, number: int, parts: list[bytes], columns: int, chromosome: str, place: tuple[int, int, bool]
    ) -> Row | None:
        try:
            reference, alternate, filters, keys = (parts[index].decode("ascii") for index in (3, 4, 6, 8))
        except UnicodeDecodeError:
            reason = "REF, ALT, FILTER or FORMAT is not plain text"
            self.problems.append(Problem(self.path.name, reason, number, _REPAIR))
            return None
        alternates = () if alternate in (".", "") else tuple(alternate.split(","))
        block = is_reference_block(alternates, self.policy)
        try:
            fields, codes = read_sample_columns(
                parts[9], tuple(keys.split(":")), columns - 9, len(alternates) + 1, block, self.policy
            )
        except BadGenotype as reason:
            self.problems.append(
                Problem(
                    self.path.name, f"the GT in column {reason.column + 10} is no genotype", number, _REPAIR
                )
            )
            return None
        position, end, has_end = place
        names = () if filters in (".", "") else tuple(filters.split(";"))
        site = (chromosome, position, reference, alternates, names, end, has_end)
        return Row(self.path.name, number, *site, fields, codes)

    def _column_count(self, number: int, found: int, columns: int) -> None:
        reason = f"the line has {found} columns, the header {columns}"
        self.problems.append(Problem(self.path.name, reason, number, "the file may be cut; send it again"))

    def _demand_declared(self, name: bytes, number: int) -> None:
        text = name.decode()
        if self.header.contigs and text not in self.header.contigs and text not in self.undeclared:
            self.undeclared.add(text)
            reason = f"missing contig: {text} is used, but the header declares other contigs and not this one"
            self.problems.append(
                Problem(self.path.name, reason, number, "add the ##contig line, or re-export the file")
            )


def _end(alternate: bytes, info: bytes, reference_end: int) -> tuple[int, bool]:
    """The last base a record speaks of: END counts for reference blocks and symbolic alleles."""
    if (b"<" in alternate or alternate == b".") and (found := _END.search(info)):
        return max(int(found[1]), reference_end), True
    return reference_end, False
