"""What a definition's base stands for: a letter of the IUPAC code is a wobble, all else is itself."""

from __future__ import annotations

from collections.abc import Mapping

IUPAC: Mapping[str, str] = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def is_wobble(base: str) -> bool:
    """Whether a definition accepts more than one base here."""
    return base in IUPAC


def accepted(base: str) -> tuple[str, ...]:
    """The bases (or base strings) that satisfy a definition's base."""
    return tuple(IUPAC[base]) if base in IUPAC else (base,)
