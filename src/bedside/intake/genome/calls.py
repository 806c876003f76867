"""What the records of a table say of one sample: the alleles of the genotype, phase, depths and quality."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from bedside.errors import Problem
from bedside.intake.genome.cells import Cells, cells_of, distinct_texts, numbers
from bedside.intake.genome.sites import Sites
from bedside.intake.genome.table import MOST_PROBLEMS
from bedside.intake.policy import IntakePolicy

MISSING, NO_ALLELE = -1, -2
UNPHASED, WHOLE_CHROMOSOME = -1, 0
_COLON, _COMMA = ord(":"), ord(",")
_GREATEST = {"quality": np.iinfo(np.int16).max, "depth": np.iinfo(np.int32).max}
_NAMED_PHASE_SET = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class Depths:
    """AD split at its commas: every number, where each record's begin, and how many it has (0 without AD)."""

    values: Cells
    first: NDArray[np.int64]
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """One sample's genotype in every record.

    first, second: allele numbers; `MISSING`, or `NO_ALLELE` where there is none (both of a record without
    GT). several: more than two alleles, which no answer can hold. depth, quality: -1 where not said.
    block_passed: quality and depth of a reference block reach the policy. filtered: FORMAT/FT is not a pass.
    """

    first: NDArray[np.int16]
    second: NDArray[np.int16]
    several: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    depth: NDArray[np.int32]
    quality: NDArray[np.int16]
    depths: Depths
    block_passed: NDArray[np.bool_]
    filtered: NDArray[np.bool_]

    @property
    def called(self) -> NDArray[np.int8]:
        """How many strands the genotype speaks of."""
        strands: NDArray[np.int8] = np.add(self.first != NO_ALLELE, self.second != NO_ALLELE, dtype=np.int8)
        return strands

    @property
    def missing(self) -> NDArray[np.int8]:
        """How many of them were not seen."""
        strands: NDArray[np.int8] = np.add(self.first == MISSING, self.second == MISSING, dtype=np.int8)
        return strands


def read_calls(
    source: str, column: Cells, sites: Sites, policy: IntakePolicy, problems: list[Problem]
) -> Calls:
    """A sample's column; genotypes that are none, or name an allele that is not there, go to `problems`."""
    rows = len(sites)
    empty = np.zeros(rows, np.int64)
    read = _Reader(source, policy, problems, column, empty, empty.copy())
    read.first = np.full(rows, NO_ALLELE, np.int16)
    read.second = np.full(rows, NO_ALLELE, np.int16)
    read.phase_set = np.full(rows, UNPHASED, np.int32)
    read.depth = np.full(rows, -1, np.int32)
    read.quality = np.full(rows, -1, np.int16)
    read.several = np.zeros(rows, np.bool_)
    read.filtered = np.zeros(rows, np.bool_)
    read.block_passed = np.zeros(rows, np.bool_)
    for number, layout in enumerate(sites.layouts):
        one = len(sites.layouts) == 1
        read.layout(layout, sites, np.arange(rows) if one else np.flatnonzero(sites.layout == number))
    highest = np.maximum(read.first, read.second)
    for row in np.flatnonzero(highest > sites.alternates.count)[:MOST_PROBLEMS].tolist():
        count = int(sites.alternates.count[row])
        reason = f"GT names allele {int(highest[row])}, but the record has {count} in ALT"
        problems.append(Problem(source, reason, int(sites.line[row]), "repair or re-export the file"))
    return Calls(
        read.first,
        read.second,
        read.several,
        read.phase_set,
        read.depth,
        read.quality,
        _depths(Cells(column.data, read.depths_start, read.depths_length)),
        read.block_passed,
        read.filtered,
    )


@dataclass(slots=True)
class _Reader:
    """The columns as they fill, one FORMAT after the other."""

    source: str
    policy: IntakePolicy
    problems: list[Problem]
    column: Cells
    depths_start: NDArray[np.int64]
    depths_length: NDArray[np.int64]
    first: NDArray[np.int16] = None  # type: ignore[assignment]
    second: NDArray[np.int16] = None  # type: ignore[assignment]
    phase_set: NDArray[np.int32] = None  # type: ignore[assignment]
    depth: NDArray[np.int32] = None  # type: ignore[assignment]
    quality: NDArray[np.int16] = None  # type: ignore[assignment]
    several: NDArray[np.bool_] = None  # type: ignore[assignment]
    filtered: NDArray[np.bool_] = None  # type: ignore[assignment]
    block_passed: NDArray[np.bool_] = None  # type: ignore[assignment]

    def layout(self, keys: tuple[str, ...], sites: Sites, rows: NDArray[np.intp]) -> None:
        """All rows of one FORMAT."""
        column = self.column.take(rows)
        fields = _fields(column, len(keys))
        if fields is None:
            self._too_many(column, len(keys), sites, rows)
            return
        place = {key: number for number, key in reversed(list(enumerate(keys)))}
        if "GT" not in place:
            return
        phased = self._genotypes(fields[place["GT"]], sites, rows)
        sets = fields[place["PS"]] if "PS" in place else None
        self.phase_set[rows] = np.where(phased, _phase_sets(sets, phased), UNPHASED)
        if "AD" in place:
            self.depths_start[rows], self.depths_length[rows] = (
                fields[place["AD"]].start,
                fields[place["AD"]].length,
            )
        if "FT" in place:
            self.filtered[rows] = self._failed(fields[place["FT"]])
        qualities = _first_said(fields, place, self.policy.genotype_quality_fields)
        depths = _first_said(fields, place, self.policy.depth_fields)
        own = _first_said(fields, place, ("DP",))
        self.depth[rows] = np.minimum(own, _GREATEST["depth"])
        self.quality[rows] = np.minimum(qualities, _GREATEST["quality"])
        enough = (qualities < 0) | (qualities >= self.policy.minimum_genotype_quality)
        deep = (depths < 0) | (depths >= self.policy.minimum_depth)
        self.block_passed[rows] = enough & deep & ((qualities >= 0) | (depths >= 0))

    def _too_many(self, column: Cells, keys: int, sites: Sites, rows: NDArray[np.intp]) -> None:
        texts = column.texts()
        colons = np.flatnonzero(texts.data == _COLON)
        found = np.diff(np.searchsorted(colons, texts.offsets)) + 1
        for row in np.flatnonzero(found > keys)[:MOST_PROBLEMS].tolist():
            reason = f"a sample has {int(found[row])} values, FORMAT names {keys}"
            line = int(sites.line[rows[row]])
            self.problems.append(Problem(self.source, reason, line, "repair or re-export the file"))

    def _genotypes(self, cells: Cells, sites: Sites, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Fill in the alleles; which genotypes are phased."""
        texts, codes = distinct_texts(cells)
        parsed = [_genotype(text) for text in texts]
        for code, genotype in enumerate(parsed):
            if genotype is None:
                line = int(sites.line[rows[int((codes == code).argmax())]])
                repair = "repair or re-export the file"
                self.problems.append(Problem(self.source, "the GT is no genotype", line, repair))
        known = np.array([one or (MISSING, NO_ALLELE, 0, 0) for one in parsed], np.int16).reshape(-1, 4)
        self.first[rows], self.second[rows] = known[codes, 0], known[codes, 1]
        self.several[rows] = known[codes, 3] > 0
        phased: NDArray[np.bool_] = known[codes, 2] > 0
        return phased

    def _failed(self, cells: Cells) -> NDArray[np.bool_]:
        texts, codes = distinct_texts(cells)
        if self.policy.ignore_filters:
            return np.zeros(len(cells), np.bool_)
        failed = [
            text not in (b"", b".")
            and bool(set(text.decode("utf-8", "replace").split(";")) - self.policy.passing_filters)
            for text in texts
        ]
        return np.array(failed, np.bool_)[codes]


def _fields(column: Cells, keys: int) -> list[Cells] | None:
    """The values of each key; empty where a sample's trailing values were dropped. None when one has more."""
    if keys == 1:
        alone = column.texts()
        return None if bool((alone.data == _COLON).any()) else [column]
    texts = column.texts()
    colons = np.flatnonzero(texts.data == _COLON)
    before = np.searchsorted(colons, texts.offsets)
    count = np.diff(before)
    if bool((count >= keys).any()):
        return None
    length = column.length
    if len(colons) == len(column) * (keys - 1) and bool((count == keys - 1).all()):
        within = colons.reshape(-1, keys - 1) - texts.offsets[:-1, None]
    else:
        within = np.repeat(length[:, None], keys - 1, axis=1)
        row = np.repeat(np.arange(len(column)), count)
        within[row, np.arange(len(colons)) - before[row]] = colons - texts.offsets[row]
    fields = []
    start = np.zeros(len(column), np.int64)
    for key in range(keys):
        end = within[:, key] if key < keys - 1 else length
        fields.append(Cells(column.data, column.start + start, np.maximum(end - start, 0)))
        start = np.minimum(end + 1, length)
    return fields


def _genotype(text: bytes) -> tuple[int, int, bool, bool] | None:
    """Both allele numbers, whether their order is meaningful, and whether there are more than two; None for
    what is no genotype."""
    if text in (b"", b"."):
        return MISSING, NO_ALLELE, False, False
    text = text[1:] if text[:1] in b"/|" and len(text) > 1 else text
    phased = b"|" in text and b"/" not in text
    parts = text.replace(b"|", b"/").split(b"/")
    if not all(part == b"." or (part.isdigit() and len(part) < 5) for part in parts):
        return None
    alleles = [MISSING if part == b"." else int(part) for part in parts]
    if len(alleles) == 1:
        return alleles[0], NO_ALLELE, False, False
    return alleles[0], alleles[1], phased, len(alleles) > 2


def _first_said(fields: list[Cells], place: dict[str, int], names: tuple[str, ...]) -> NDArray[np.int64]:
    """The first of these keys that holds a number, rounded down; -1 where none does."""
    value = np.full(len(fields[0]), -1, np.int64)
    for name in names:
        if name not in place:
            continue
        cells = fields[place[name]]
        found, good = numbers(cells)
        odd = np.flatnonzero(~good & ~cells.is_dot())
        for row in odd.tolist():
            found[row], good[row] = _fraction(cells.at(row))
        value = np.where((value < 0) & good, found, value)
    return value


def _fraction(text: bytes) -> tuple[int, bool]:
    """A number written with a point or an exponent; not said when it is anything else."""
    try:
        number = float(text)
    except ValueError:
        return 0, False
    return (int(number), True) if 0 <= number < 1e15 else (0, False)


def _phase_sets(cells: Cells | None, phased: NDArray[np.bool_]) -> NDArray[np.int64]:
    """PS as a number; one that is text, or 0, gets a number of its own, the same for the same text."""
    whole = np.full(len(phased), WHOLE_CHROMOSOME, np.int64)
    if cells is None:
        return whole
    found, good = numbers(cells)
    good &= (found > 0) & (found < _NAMED_PHASE_SET)
    value = np.where(good, found, whole)
    odd = np.flatnonzero(~good & ~cells.is_dot() & phased)
    for row in odd.tolist():
        text = cells.at(row)
        value[row] = _NAMED_PHASE_SET | int.from_bytes(blake2b(text, digest_size=4).digest()) >> 2
    return value


def allele_depths(
    calls: Calls, rows: NDArray[np.intp], allele: NDArray[np.int64], alleles: NDArray[np.int64]
) -> NDArray[np.int32]:
    """AD of one allele (0 is the reference) in each of these records; -1 where AD is not one number for each
    of the record's `alleles`."""
    depths = calls.depths
    if not len(depths.values):
        return np.full(len(rows), -1, np.int32)
    fits = depths.count[rows] == alleles
    found, good = numbers(depths.values.take(np.where(fits, depths.first[rows] + allele, 0)))
    return np.where(good & fits, np.minimum(found, _GREATEST["depth"]), -1).astype(np.int32)


def one_sided(calls: Calls, sites: Sites) -> NDArray[np.bool_]:
    """Heterozygous calls whose AD supports one allele only. AD of another length than the alleles is not
    used: splitting a multi-allelic record without its AD leaves such values behind."""
    values, first, count = calls.depths.values, calls.depths.first, calls.depths.count
    mixed = (calls.first != calls.second) & (calls.first >= 0) & (calls.second >= 0)
    if not len(values) or not bool(mixed.any()):
        return np.zeros(len(sites), np.bool_)
    start = values.data[values.start]
    digit = (start >= ord("0")) & (start <= ord("9")) & (values.length > 0)
    some = np.append(0, np.cumsum(digit & (start != ord("0"))))
    said = np.append(0, np.cumsum(digit))
    last = first + count
    usable = mixed & (said[last] - said[first] == count) & (count == sites.alternates.count + 1)
    found: NDArray[np.bool_] = usable & (some[last] - some[first] == 1)
    return found


def _depths(cells: Cells) -> Depths:
    texts = cells.texts()
    offsets = texts.offsets.astype(np.int64)
    commas = np.flatnonzero(texts.data == _COMMA)
    before = np.searchsorted(commas, offsets)
    said = texts.lengths > 0
    count = np.where(said, np.diff(before) + 1, 0)
    start = np.sort(np.concatenate([offsets[:-1][said], commas + 1]), kind="stable")
    end = np.sort(np.concatenate([offsets[1:][said], commas]), kind="stable")
    return Depths(Cells(cells_of(texts).data, start, end - start), np.cumsum(count) - count, count)
