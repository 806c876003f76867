"""Writes docs/path.md: one real 1000 Genomes sample from file to card, with the actual output of each step.

    python -m tools.write_path ../shared/data > docs/path.md

The sample is read from the public panel, which is not part of the repository; the output is.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bedside.cli import main
from bedside.path import Journey, walk
from bedside.service.house import open_house
from bedside.settings import Settings

SAMPLE = "HG00253"
GENE = "CYP2C19"
DRUG = ("309362", "clopidogrel 75 MG Oral Tablet")
HOOK = "bedside-pgx-order-sign"
DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def one_sample(panel: Path, sample: str) -> str:
    """The lines of one sample of a multi-sample VCF."""
    lines = []
    column = 0
    with gzip.open(panel, "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("##"):
                lines.append(line.rstrip("\n"))
                continue
            fields = line.rstrip("\n").split("\t")
            column = column or fields.index(sample)
            lines.append("\t".join([*fields[:9], fields[column]]))
    return "\n".join(lines) + "\n"


def order() -> dict[str, Any]:
    """What an EHR sends when clopidogrel is about to be signed."""
    draft = {
        "resourceType": "MedicationRequest",
        "id": "order-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{SAMPLE}"},
        "medicationCodeableConcept": {
            "coding": [
                {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": DRUG[0], "display": DRUG[1]}
            ]
        },
    }
    context = {
        "userId": "Practitioner/example",
        "patientId": SAMPLE,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]},
    }
    return {"hook": "order-sign", "hookInstance": "6f0d5b0c-1111-4d3a-9b5e-3a3f6c1f0001", "context": context}


def command(*words: str) -> str:
    """What a command prints."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        main(list(words))
    out.flush()
    return out.buffer.getvalue().decode()


def journey(file: Path, store: Path) -> Journey:
    """The sample walked along the path, with a decline at the end."""
    house = open_house(Settings(store_url=f"sqlite:///{store}"), clock=lambda: DAY)
    try:
        first = walk(house, [file], SAMPLE, HOOK, order())
        card = first.response["cards"][0]
        accepted = {"id": card["suggestions"][0]["uuid"]}
        feedback = {
            "card": card["uuid"],
            "outcome": "accepted",
            "acceptedSuggestions": [accepted],
            "outcomeTimestamp": "2026-11-22T09:31:00Z",
        }
        return walk(house, [file], SAMPLE, HOOK, order(), {"feedback": [feedback]})
    finally:
        house.close()


def page(data: Path) -> Iterator[str]:
    """The lines of docs/path.md."""
    with tempfile.TemporaryDirectory() as folder:
        file, store = Path(folder) / f"{SAMPLE}.vcf", Path(folder) / "ledger.db"
        file.write_text(one_sample(data / "getrm" / "kg3202_pharmcat_positions.vcf.gz", SAMPLE))
        called = command("pgx", str(file), "--format", "tsv", "--no-recommendations")
        done = journey(file, store)
        shown = command("show", SAMPLE, "--store", f"sqlite:///{store}")
    (card,) = done.response["cards"]
    fact = {key: card[key] for key in ("summary", "indicator", "source", "detail")}
    fact["suggestions"] = [each["label"] for each in card["suggestions"]]
    yield from HEAD
    yield from _block(
        "tsv", [_first_columns(line) for line in called.splitlines() if line.split("\t")[1] in ("gene", GENE)]
    )
    yield from RECORD
    yield from _block("", shown.rstrip().splitlines())
    yield from CARD
    yield from _block("json", json.dumps(fact, indent=2, ensure_ascii=False).splitlines())
    yield from ACT
    yield from _block("", [f"{task.due}  {task.owner}: {task.summary}" for task in done.tasks])
    yield from TAIL


def _first_columns(line: str) -> str:
    """Up to the lookup keys; the long list of missing positions follows in the real file."""
    return "\t".join(line.split("\t")[:9])


def _block(language: str, lines: list[str]) -> Iterator[str]:
    yield from ("", f"```{language}", *lines, "```", "")


HEAD = (
    "# One patient, from file to card",
    "",
    f"{SAMPLE} is a real person of the 1000 Genomes Project (open data; Byrska-Bishop and others 2022), sequenced at",
    "30x and phased, here at 209 pharmacogene positions of GRCh38. Everything below is the actual output of this",
    "version, written by `tools/write_path.py` and compared with a fresh run by the tests. The steps are those of",
    "[`path.py`](../src/bedside/path.py).",
    "",
    "## 1. The laboratory's file is called",
    "",
    f"`bedside pgx {SAMPLE}.vcf --format tsv`, the first columns of one gene (23 are written):",
)
RECORD = (
    "Both strands carry *2: a poor metabolizer. The positions that the file does not contain are listed as missing (not",
    "shown here), and never counted as reference.",
    "",
    "## 2. It enters the lifelong record",
    "",
    f"`bedside accept {SAMPLE}.vcf` stores the bytes, what the assay saw, the observations and their meanings in one",
    f"transaction; the same file again is the same result. `bedside show {SAMPLE}`:",
)
CARD = (
    "## 3. The moment of the order",
    "",
    f"An EHR is about to sign {DRUG[1]} and asks `POST /cds-services/{HOOK}`.",
    "No genotype is sent along: it comes from the record. One card answers (shortened to what a prescriber sees):",
)
ACT = (
    "The card's uuid, its inputs, every rule that fired or stayed silent and the knowledge release are on disk before the",
    "answer leaves, so the card can be replayed to the byte.",
    "",
    "## 4. What was done, and what must happen next",
    "",
    "The prescriber accepts the first suggestion; the EHR reports it to the feedback endpoint. A top-tier finding is not",
    "left to an alert alone. It is also a task with an owner and a due date:",
)
TAIL = (
    "Next time knowledge moves, `bedside reinterpret` gives this person's stored observation its new meaning; `bedside show",
    f"{SAMPLE} --as-of 2026-11-22` still answers what was known on the day of the order.",
)


if __name__ == "__main__":
    sys.stdout.write("\n".join(page(Path(sys.argv[1]))) + "\n")
