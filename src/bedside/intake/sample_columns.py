"""The sample columns of a VCF line, one or 200,000 of them, as distinct fields and a code per sample.

Most lines of a cohort hold a handful of genotype texts: they are told apart as numbers over the raw bytes,
and a column is read as text only where more than GT decides (PS of a phased heterozygote, AD of a
heterozygote, FT, block quality).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from bedside.intake.policy import IntakePolicy
from bedside.intake.row import Codes, SampleField, block_quality, depth_contradicts, phase_set_number

_TAB, _COLON = 9, 58
_FEW = 64
_MANY_VALUES = 48


class BadGenotype(ValueError):
    """A GT that is no genotype; `.column` counts samples from 0."""

    def __init__(self, column: int) -> None:
        super().__init__("not a genotype")
        self.column = column


def read_sample_columns(
    columns: bytes, keys: tuple[str, ...], samples: int, allele_count: int, block: bool, policy: IntakePolicy
) -> tuple[tuple[SampleField, ...], Codes]:
    """Distinct fields and codes; the caller has counted the columns. Raises `BadGenotype`."""
    reader = _FieldReader(keys, allele_count, block, policy)
    if "GT" not in keys:
        return (SampleField(()),), np.zeros(samples, np.uint8)
    if samples < _FEW or keys[0] != "GT":
        return _one_by_one(columns.split(b"\t"), reader)
    return _by_bytes(columns, samples, reader)


def distinct(values: NDArray[np.integer]) -> tuple[list[int], Codes]:
    """Distinct values in the order met, and for each element which one it is. Fast when there are few."""
    codes = np.zeros(values.shape, np.uint32)
    seen: list[int] = []
    left = np.ones(values.shape, bool)
    while len(seen) < _MANY_VALUES:
        at = int(left.argmax())
        if not left[at]:
            return seen, codes.astype(np.uint8)
        same = values == values[at]
        codes[same] = len(seen)
        left &= ~same
        seen.append(int(values[at]))
    unique, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return [int(value) for value in unique[order]], rank[inverse].astype(np.uint32)


class _FieldReader:
    """Reads one sample's column; remembers what it has seen in this record."""

    def __init__(self, keys: tuple[str, ...], allele_count: int, block: bool, policy: IntakePolicy) -> None:
        self.keys, self.allele_count, self.block, self.policy = keys, allele_count, block, policy
        self.quality_keys = (
            {*policy.genotype_quality_fields, *policy.depth_fields} & set(keys) if block else set()
        )
        self.genotypes: dict[bytes, tuple[tuple[int | None, ...], bool]] = {}

    def needs_more(self, genotype: bytes) -> bool:
        """Whether more than GT decides about a sample with this genotype."""
        if self.block or "FT" in self.keys:
            return True
        alleles, phased = self.genotype(genotype)
        heterozygous = len(set(alleles)) > 1
        return heterozygous and (("PS" in self.keys and phased) or "AD" in self.keys)

    def genotype(self, text: bytes) -> tuple[tuple[int | None, ...], bool]:
        found = self.genotypes.get(text)
        if found is None:
            found = self.genotypes[text] = read_genotype(text)
        return found

    def field(self, column: bytes) -> SampleField:
        values = dict(zip(self.keys, column.decode("ascii", "replace").split(":"), strict=False))
        alleles, phased = self.genotype(values["GT"].encode("ascii", "replace"))
        return make_field(alleles, phased, values, self.allele_count, self.block, self.policy)


def make_field(
    alleles: tuple[int | None, ...],
    phased: bool,
    values: dict[str, str],
    allele_count: int,
    block: bool,
    policy: IntakePolicy,
) -> SampleField:
    """The field of one sample from its genotype and its values by FORMAT key."""
    heterozygous = len(set(alleles)) > 1
    failed = values.get("FT", "")
    return SampleField(
        alleles,
        phased,
        phase_set_number(values.get("PS", "")) if phased and heterozygous else None,
        heterozygous and depth_contradicts(alleles, values.get("AD", ""), allele_count),
        block_quality(values, policy) if block else "",
        "" if failed in ("", ".") or failed in policy.passing_filters else failed,
    )


def read_genotype(text: bytes) -> tuple[tuple[int | None, ...], bool]:
    """Allele numbers (at most the first two) and whether their order is meaningful; ValueError for anything
    else.
    """
    if text in (b"", b"."):
        return (None,), False
    text = text.lstrip(b"/|") if text[:1] in b"/|" and len(text) > 1 else text
    phased = b"|" in text and b"/" not in text[: max(text.find(b"|"), 0)]
    parts = text.replace(b"|", b"/").split(b"/")
    alleles: list[int | None] = []
    for part in parts:
        if part == b".":
            alleles.append(None)
        elif part.isdigit():
            alleles.append(int(part))
        else:
            raise ValueError("not a genotype")
    return tuple(alleles[:2]), phased and len(alleles) > 1


def _one_by_one(columns: Iterable[bytes], reader: _FieldReader) -> tuple[tuple[SampleField, ...], Codes]:
    known: dict[SampleField, int] = {}
    by_text: dict[bytes, int] = {}
    codes: list[int] = []
    for number, column in enumerate(columns):
        code = by_text.get(column)
        if code is None:
            code = by_text[column] = known.setdefault(_field_at(reader.field, column, number), len(known))
        codes.append(code)
    return tuple(known), np.array(codes, np.uint32 if len(known) > 255 else np.uint8)


def _field_at(read: Callable[[bytes], SampleField], column: bytes, number: int) -> SampleField:
    try:
        return read(column)
    except ValueError as reason:
        raise BadGenotype(number) from reason


def _by_bytes(columns: bytes, samples: int, reader: _FieldReader) -> tuple[tuple[SampleField, ...], Codes]:
    """GT comes first: three bytes tell almost every genotype; the rest goes one by one."""
    buffer = np.frombuffer(columns + b"\t\t\t\t", np.uint8)
    starts = _starts(buffer, samples)
    after = buffer[starts + 3]
    short = (buffer[starts + 1] != _TAB) & (buffer[starts + 2] != _TAB)
    short &= (buffer[starts + 1] != _COLON) & (buffer[starts + 2] != _COLON)
    three = ((after == _TAB) | (after == _COLON)) & short
    packed = buffer[starts].astype(np.uint32) << 16
    packed |= buffer[starts + 1].astype(np.uint32) << 8
    packed |= buffer[starts + 2]
    packed[~three] = 0
    values, coarse = distinct(packed)
    known: dict[SampleField, int] = {}
    codes = np.zeros(samples, np.uint32)
    for number, value in enumerate(values):
        members = np.flatnonzero(coarse == number)
        text = value.to_bytes(3, "big")
        if value and not _field_at_any(reader, text, members):
            codes[members] = known.setdefault(_plain(reader, text), len(known))
        else:
            _column_by_column(columns, starts, members, reader, known, codes)
    return tuple(known), codes.astype(np.uint8) if len(known) < 256 else codes


def _starts(buffer: NDArray[np.uint8], samples: int) -> NDArray[np.intp]:
    """Where each column begins; a cohort with genotypes alone has them four bytes apart."""
    if len(buffer) == 4 * samples + 3 and bool((buffer[3 : 4 * samples : 4] == _TAB).all()):
        return np.arange(0, 4 * samples, 4)
    starts = np.empty(samples, np.intp)
    starts[0] = 0
    starts[1:] = np.flatnonzero(buffer[:-4] == _TAB) + 1
    return starts


def _field_at_any(reader: _FieldReader, text: bytes, members: NDArray[np.intp]) -> bool:
    try:
        return reader.needs_more(text)
    except ValueError as reason:
        raise BadGenotype(int(members[0])) from reason


def _plain(reader: _FieldReader, text: bytes) -> SampleField:
    alleles, phased = reader.genotype(text)
    return SampleField(alleles, phased)


def _column_by_column(
    columns: bytes,
    starts: NDArray[np.intp],
    members: NDArray[np.intp],
    reader: _FieldReader,
    known: dict[SampleField, int],
    codes: NDArray[np.uint32],
) -> None:
    by_text: dict[bytes, int] = {}
    for member in members.tolist():
        start = int(starts[member])
        stop = int(starts[member + 1]) - 1 if member + 1 < len(starts) else len(columns)
        column = columns[start:stop]
        code = by_text.get(column)
        if code is None:
            code = by_text[column] = known.setdefault(_field_at(reader.field, column, member), len(known))
        codes[member] = code
