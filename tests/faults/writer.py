"""A process that keeps documents and appends events until it is killed; it prints what was acknowledged.

Run as `python writer.py LEDGER NAME`. Each line is `document result`, written after `append` returned.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import OutsideCall
from bedside.store.documents import Documents
from bedside.store.encode import observation_content
from bedside.store.open_ledger import open_ledger


def main(path: str, name: str) -> None:
    ledger = open_ledger(path)
    documents = Documents(Path(path).parent / "documents")
    for number in range(1_000_000):
        now = datetime.now(UTC)
        document = documents.put(f"{name} {number} ".encode() * 4000)
        content = observation_content(OutsideCall("GENE1", f"*{number}/*1"))
        result = f"{name}-{number}"
        payload = {
            "result": result,
            "sample": name,
            "documents": [document],
            "assay": "a",
            "confirmation": "clinical",
            "observations": {"GENE1": [content.digest]},
        }
        meaning = {"result": result, "release": "cpic@1#a", "calls": {"GENE1": content.digest}}
        ledger.append(
            [
                NewEvent(EventKind.RESULT_ACCEPTED, name, now, f"p-{number % 7}", payload, result),
                NewEvent(EventKind.MEANINGS_DERIVED, name, now, f"p-{number % 7}", meaning),
            ],
            [content],
        )
        sys.stdout.write(f"{document} {result}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
