"""How an order or a result is named in an address: by a digest, so that no number of a hospital or a
laboratory stands there.
"""

from __future__ import annotations

from bedside.genome.observation import digest

_LENGTH = 20


def page_key(number: str) -> str:
    """The name of an order, a result or a message in an address; it leads nowhere without its person."""
    return digest(number.encode())[:_LENGTH]
