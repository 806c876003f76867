"""A change of the genome, and its 64-bit key: the same number wherever and whenever it is computed.

    bit 62 … 58   chromosome, 1 to 25        bit 57 … 30   position, 1-based
    bit 29        0: the alleles are spelled in the key     1: they are hashed
    bits 28 … 0   lengths and bases of both alleles (together at most ten bases), or 29 bits of a BLAKE2b hash

Keys sort in genome order and need no list of known variants, so that people can be added anywhere. Two long
variants at one position could share a hash (about one in half a billion), so tables keep the alleles beside
the key and compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from bedside.genome.region import CHROMOSOME_NUMBER, CHROMOSOMES, chromosome_name
from bedside.genome.texts import Texts

SPELLED_BASES = 10
"""Both alleles together: as long as this, the key spells them and is exact."""

LAST_KEY = (1 << 63) - 1
"""No key is larger."""

_POSITION_BITS, _ALLELE_BITS = 28, 30
_HASHED = 1 << 29
_BASES = {"A": 0, "C": 1, "G": 2, "T": 3}


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """A change on GRCh38: normalised (parsimonious, left-aligned where the reference was at hand), upper
    case.

    `reference` and `alternate` are bases (A, C, G, T, N), VCF style, never empty. Raises ValueError for
    anything else.
    """

    chromosome: str
    position: int
    reference: str
    alternate: str

    def __post_init__(self) -> None:
        if self.chromosome not in CHROMOSOME_NUMBER:
            raise ValueError(f"chromosome must be one of chr1 … chrM, not {self.chromosome!r}")
        if not 1 <= self.position < 1 << _POSITION_BITS:
            raise ValueError(f"a position is 1-based, not {self.position}")
        for allele in (self.reference, self.alternate):
            if not allele or set(allele) - set("ACGTN"):
                raise ValueError(f"an allele is written in the letters A, C, G, T and N, not {allele!r}")
        if self.reference == self.alternate:
            raise ValueError("the alleles of a variant differ")

    @property
    def key(self) -> int:
        """The 64-bit key (always positive)."""
        alleles = allele_bits(self.reference, self.alternate)
        return position_key(CHROMOSOME_NUMBER[self.chromosome], self.position) | alleles

    @property
    def end(self) -> int:
        """The last reference position the variant touches."""
        return self.position + len(self.reference) - 1

    def __str__(self) -> str:
        return f"{self.chromosome}-{self.position}-{self.reference}-{self.alternate}"


def parse_variant(text: str) -> Variant:
    """`chr17-43045682-T-TG` (also without `chr`, with `:` or `>`); ValueError when it is no variant."""
    parts = text.strip().replace(":", "-").replace(">", "-").split("-")
    if len(parts) != 4 or not parts[1].isdecimal():
        raise ValueError(f"a variant is written chr17-43045682-T-TG, not {text!r}")
    return Variant(chromosome_name(parts[0]), int(parts[1]), parts[2].upper(), parts[3].upper())


def position_key(chromosome: int, position: int) -> int:
    """The lowest key any variant at a position can have; `position_key(c, p + 1)` is above all of them."""
    return chromosome << _POSITION_BITS + _ALLELE_BITS | position << _ALLELE_BITS


def place_of(key: int) -> tuple[str, int]:
    """Chromosome and position of a key."""
    return CHROMOSOMES[(key >> _POSITION_BITS + _ALLELE_BITS) - 1], key >> _ALLELE_BITS & (1 << 28) - 1


def allele_bits(reference: str, alternate: str) -> int:
    """The lowest 30 bits of a key."""
    if len(reference) + len(alternate) <= SPELLED_BASES and "N" not in reference + alternate:
        bits = len(reference) << 4 | len(alternate)
        for base in (reference + alternate).ljust(SPELLED_BASES, "A"):
            bits = bits << 2 | _BASES[base]
        return bits
    digest = blake2b(f"{reference}>{alternate}".encode(), digest_size=8).digest()
    return _HASHED | int.from_bytes(digest) & _HASHED - 1


def spelled_alleles(key: int) -> tuple[str, str] | None:
    """The alleles a key spells; None when it hashes them."""
    if key & _HASHED:
        return None
    first, second = key >> 24 & 15, key >> 20 & 15
    bases = "".join("ACGT"[key >> 18 - 2 * place & 3] for place in range(first + second))
    return bases[:first], bases[first:]


def snv_keys(
    chromosomes: NDArray[np.integer],
    positions: NDArray[np.integer],
    references: NDArray[np.uint8],
    alternates: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Keys of single-base changes: arrays of equal length, bases as ASCII codes of A, C, G, T."""
    code = np.zeros(256, np.int64)
    code[[ord(base) for base in "ACGT"]] = range(4)
    pad = 2 * (SPELLED_BASES - 2)
    alleles = (1 << 4 | 1) << 2 * SPELLED_BASES | code[references] << pad + 2 | code[alternates] << pad
    place = chromosomes.astype(np.int64) << _POSITION_BITS | positions.astype(np.int64)
    return place << _ALLELE_BITS | alleles


def variant_keys(
    chromosomes: NDArray[np.integer], positions: NDArray[np.integer], references: Texts, alternates: Texts
) -> NDArray[np.int64]:
    """Keys of any changes, each the same as `Variant.key`: arrays and texts of equal length, upper case."""
    first, second = references.first, alternates.first
    single = (references.lengths == 1) & (alternates.lengths == 1) & _IS_BASE[first] & _IS_BASE[second]
    if bool(single.all()):
        return snv_keys(chromosomes, positions, first, second)
    keys = snv_keys(chromosomes, positions, first, second)
    rows = np.flatnonzero(~single)
    bits = _allele_bits_of(references.take(rows), alternates.take(rows))
    keys[rows] = keys[rows] >> _ALLELE_BITS << _ALLELE_BITS | bits
    return keys


_IS_BASE = np.zeros(256, np.bool_)
_IS_BASE[[ord(base) for base in "ACGT"]] = True


def _allele_bits_of(references: Texts, alternates: Texts) -> NDArray[np.int64]:
    """`allele_bits` of many pairs; each distinct pair that is hashed is hashed once."""
    width = references.lengths.astype(np.int64) + alternates.lengths
    long = width > SPELLED_BASES
    for texts in (references, alternates):
        long[_rows_with_n(texts)] = True
    bits = references.lengths.astype(np.int64) << 4 | alternates.lengths
    for place in range(SPELLED_BASES):
        bits = bits << 2 | _base_at(references, alternates, place)
    rows = np.flatnonzero(long)
    if len(rows):
        known: dict[tuple[str, str], int] = {}
        pairs = zip(references.take(rows), alternates.take(rows), strict=True)
        bits[rows] = np.fromiter((_hashed(pair, known) for pair in pairs), np.int64, len(rows))
    return bits


def _hashed(pair: tuple[str, str], known: dict[tuple[str, str], int]) -> int:
    found = known.get(pair)
    if found is None:
        found = known[pair] = allele_bits(*pair)
    return found


def _rows_with_n(texts: Texts) -> NDArray[np.intp]:
    at = np.flatnonzero(texts.data == ord("N"))
    return np.unique(np.searchsorted(texts.offsets, at, side="right") - 1)


def _base_at(references: Texts, alternates: Texts, place: int) -> NDArray[np.int64]:
    """The code of a base in the alleles written one after the other, 0 beyond their end."""
    code = np.zeros(256, np.int64)
    code[[ord(base) for base in "ACGT"]] = range(4)
    found = np.zeros(len(references), np.int64)
    within = place - references.lengths
    mine = np.flatnonzero(within < 0)
    found[mine] = code[references.data[references.offsets[:-1][mine] + place]]
    other = np.flatnonzero((within >= 0) & (within < alternates.lengths))
    found[other] = code[alternates.data[alternates.offsets[:-1][other] + within[other]]]
    return found
