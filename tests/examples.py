"""How many examples a property is tried on: a quarter of them in every run, all with THOROUGH_TESTS=1."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("THOROUGH_TESTS"))


def examples(most: int) -> int:
    """So many of the most examples as this run tries."""
    return most if THOROUGH else most // 4
