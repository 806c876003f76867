"""A BCF read record by record: every length is checked before it is believed, so that damaged bytes stay an
error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.errors import IntakeError, Problem
from bedside.genome.genotypes import Notice
from bedside.intake.bcf_values import BadBcf, Values, as_text, missing, read_dictionary
from bedside.intake.compression import chunks
from bedside.intake.header import Header, read_header
from bedside.intake.policy import IntakePolicy
from bedside.intake.row import Codes, Row, SampleField, is_reference_block
from bedside.intake.sample_columns import distinct, make_field
from bedside.intake.target import Targets

_GREATEST = 1 << 31


class VcfBinary:
    """An open BCF: its header, then its records as `Row`s. Records have no lines; they are counted."""

    def __init__(self, path: Path, policy: IntakePolicy) -> None:
        self.path, self.policy = path, policy
        self.records = 0
        self.problems: list[Problem] = []
        self.notices: list[Notice] = []
        self._stream = _Stream(path)
        magic, length = struct.unpack("<5sI", self._stream.exactly(9))
        if magic not in (b"BCF\x02\x02", b"BCF\x02\x01"):
            raise IntakeError.one(path.name, "not BCF version 2", remedy="send a VCF 4, BCF or gVCF file")
        text = self._stream.exactly(length).rstrip(b"\0\n")
        header = read_header(path.name, text.split(b"\n"), self.problems)
        if header is None or self.problems:
            raise IntakeError(self.problems)
        self.header: Header = header
        self._names = read_dictionary(text.decode().split("\n"))

    def rows(self, targets: Sequence[Targets]) -> Iterator[Row]:
        """The records that touch any of the targets; raises `IntakeError` when the file is cut or damaged."""
        while (lengths := self._stream.up_to(8)) != b"":
            self.records += 1
            if len(lengths) < 8:
                raise self._damaged()
            shared, individual = struct.unpack("<II", lengths)
            record = _Record(Values(self._stream.exactly(shared)), self._stream.exactly(individual))
            try:
                row = self._row(record, targets)
            except BadBcf as reason:
                raise self._damaged() from reason
            if row is not None:
                yield row

    def _row(self, record: _Record, targets: Sequence[Targets]) -> Row | None:
        contig = self._names.contigs.get(record.contig)
        if contig is None or record.samples != len(self.header.samples) or record.position < 1:
            raise BadBcf("contig, position or number of samples")
        chromosome = self.policy.chromosome(contig)
        near = record.position + record.length
        if chromosome is None or not any(one.touched(chromosome, record.position, near) for one in targets):
            return None
        reference, *alternates = record.alleles()
        filters = tuple(self._string(number) for number in record.shared.numbers())
        end, has_end = self._end(record, reference, alternates)
        if not any(one.touched(chromosome, record.position, end) for one in targets):
            return None
        written = () if alternates == ["."] else tuple(alternates)
        fields, codes = self._samples(record, len(written) + 1, is_reference_block(written, self.policy))
        site = (chromosome, record.position, reference, written, filters, end, has_end)
        return Row(self.path.name, None, *site, fields, codes)

    def _end(self, record: _Record, reference: str, alternates: list[str]) -> tuple[int, bool]:
        last = record.position + len(reference) - 1
        block = not alternates or alternates == ["."] or any("<" in one for one in alternates)
        for _ in range(record.infos if block else 0):
            if self._string(record.shared.number()) == "END":
                return max(record.shared.number(), last), True
            record.shared.skip()
        return last, False

    def _string(self, number: int) -> str:
        found = self._names.strings.get(number)
        if found is None:
            raise BadBcf("a name that the header does not declare")
        return found

    def _samples(
        self, record: _Record, allele_count: int, block: bool
    ) -> tuple[tuple[SampleField, ...], Codes]:
        columns = {self._string(key): values for key, values in record.columns()}
        genotypes = columns.get("GT")
        if genotypes is None:
            return (SampleField(()),), np.zeros(record.samples, np.uint8)
        if genotypes.dtype.kind != "i" or genotypes.shape[1] == 0:
            raise BadBcf("GT is no genotype")
        policy = self.policy
        quality = {*policy.genotype_quality_fields, *policy.depth_fields} if block else set()
        extra = {key: columns[key] for key in ("PS", "AD", "FT", *sorted(quality)) if key in columns}
        values, coarse = distinct(_packed(genotypes))
        known: dict[SampleField, int] = {}
        codes = np.zeros(record.samples, np.uint32)
        for number in range(len(values)):
            members = np.flatnonzero(coarse == number)
            alleles, phased = _genotype(genotypes[members[0]])
            mixed = len(set(alleles)) > 1
            if not (block or "FT" in extra or (mixed and (("PS" in extra and phased) or "AD" in extra))):
                codes[members] = known.setdefault(SampleField(alleles, phased), len(known))
                continue
            for member in members.tolist():
                texts = {key: as_text(column[member]) for key, column in extra.items()}
                field = make_field(alleles, phased, texts, allele_count, block, policy)
                codes[member] = known.setdefault(field, len(known))
        return tuple(known), codes.astype(np.uint8) if len(known) < 256 else codes

    def _damaged(self) -> IntakeError:
        reason = f"record {self.records} cannot be read: the file is cut or damaged"
        remedy = "send the file again, and compare checksums on both sides"
        return IntakeError.one(self.path.name, reason, remedy=remedy)


class _Record:
    """The fixed part of a record, and the rest as it is asked for: alleles, filters, INFO, samples, in this
    order.
    """

    def __init__(self, shared: Values, individual: bytes) -> None:
        self.shared, self.individual = shared, individual
        self.contig, start, self.length, _ = shared.plain("<iiif")
        counts, sizes = shared.plain("<II")
        self.position = start + 1
        self.infos, self.allele_count = counts & 0xFFFF, counts >> 16
        self.samples, self.formats = sizes & 0xFFFFFF, sizes >> 24

    def alleles(self) -> list[str]:
        self.shared.skip()
        found = [self.shared.text() for _ in range(self.allele_count)]
        if not found:
            raise BadBcf("a record without a reference allele")
        return found

    def columns(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """FORMAT keys with one row of values for each sample."""
        values = Values(self.individual)
        for _ in range(self.formats):
            key = values.number()
            dtype, count = values.kind()
            if dtype is None:
                continue
            yield key, values.array(dtype, count * self.samples).reshape(self.samples, count)


class _Stream:
    """Unwrapped bytes by the number wanted."""

    def __init__(self, path: Path) -> None:
        self.path, self.chunks = path, chunks(path)
        self.kept, self.at = b"", 0

    def up_to(self, size: int) -> bytes:
        """That many bytes, fewer at the end of the file."""
        if len(self.kept) - self.at < size:
            pieces, length = [self.kept[self.at :]], len(self.kept) - self.at
            while length < size and (piece := next(self.chunks, None)) is not None:
                pieces.append(piece)
                length += len(piece)
            self.kept, self.at = b"".join(pieces), 0
        found = self.kept[self.at : self.at + size]
        self.at += len(found)
        return found

    def exactly(self, size: int) -> bytes:
        """That many bytes; raises `IntakeError` when the file ends before."""
        found = self.up_to(size) if size < _GREATEST else b""
        if len(found) < size:
            remedy = "send the file again, and compare checksums on both sides"
            raise IntakeError.one(self.path.name, "the BCF is cut short or damaged", remedy=remedy)
        return found


def _packed(genotypes: NDArray[Any]) -> NDArray[np.integer[Any]]:
    """Each sample's first two alleles with their phase, as one number."""
    if genotypes.dtype.itemsize == 1 and genotypes.shape[1] == 2:
        return np.ascontiguousarray(genotypes).view("<u2")[:, 0]
    first = genotypes[:, 0].astype(np.int64) & 0xFFFFFFFF
    second = genotypes[:, 1].astype(np.int64) & 0xFFFFFFFF if genotypes.shape[1] > 1 else 0
    packed: NDArray[np.int64] = (first << 31) ^ second
    return packed


def _genotype(values: NDArray[Any]) -> tuple[tuple[int | None, ...], bool]:
    """Allele numbers (the first two) and whether their order is meaningful."""
    ended = missing(values.dtype) + 1
    present = [number for number in values[:2].tolist() if number != ended]
    alleles = tuple(None if number >> 1 < 1 else (number >> 1) - 1 for number in present) or (None,)
    return alleles, len(present) > 1 and bool(present[1] & 1)
