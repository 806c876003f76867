"""The standard genetic code."""

from __future__ import annotations

from itertools import product

_ORDER = "TCAG"
_AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODE = {"".join(three): one for three, one in zip(product(_ORDER, repeat=3), _AMINO, strict=True)}
"""What three bases are read as; "*" ends the protein."""
