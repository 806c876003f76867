"""Coding sequence: where a base of the genome stands in it, which bases it holds, what they spell."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from bedside.knowledge.transcripts import Transcript

Bases = Callable[[str, int, int], str | None]
"""Reference bases of a chromosome from a first to a last position (1-based), or None where not at hand."""

_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS = {"".join(codon): acid for codon, acid in zip(product("TCAG", repeat=3), _AMINO_ACIDS, strict=True)}
"""The standard genetic code; `*` is a stop."""

_OTHER_STRAND = str.maketrans("ACGTN", "TGCAN")
NO_BASES: Bases = lambda chromosome, first, last: None  # noqa: E731
"""For when no sequence is at hand."""


def other_strand(bases: str) -> str:
    """The same bases read on the other strand."""
    return bases.translate(_OTHER_STRAND)[::-1]


def coding_index(transcript: Transcript, position: int) -> int | None:
    """How many coding bases come before this one; None outside the coding stretches."""
    before = 0
    for start, end in transcript.coding:
        if start <= position <= end:
            return before + (position - start if transcript.forward else end - position)
        before += end - start + 1
    return None


def coding_bases(transcript: Transcript, first: int, last: int, bases: Bases) -> str | None:
    """The coding bases from one index up to, not including, another; None when any is not at hand."""
    found: list[str] = []
    before = 0
    for start, end in transcript.coding:
        length = end - start + 1
        low, high = max(first - before, 0), min(last - before, length)
        if low < high:
            span = (start + low, start + high - 1) if transcript.forward else (end - high + 1, end - low)
            piece = bases(transcript.chromosome, *span)
            if piece is None or len(piece) != high - low or "N" in piece.upper():
                return None
            found.append(piece.upper() if transcript.forward else other_strand(piece.upper()))
        before += length
    return "".join(found)


def translate(coding: str) -> str:
    """The residues that whole codons spell, up to the last whole one."""
    return "".join(CODONS[coding[place : place + 3]] for place in range(0, len(coding) - 2, 3))
