"""Rotates the key of an encrypted store again and again until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from bedside.store.sqlcipher_ledger import rotate_store_key


def main(store: str, key: str) -> None:
    """Say `begun`, then rotate without end."""
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        rotate_store_key(Path(store), Path(key))


if __name__ == "__main__":
    main(*sys.argv[1:])
