"""CIViC's evidence table: what accepted evidence says of a finding, a tumour and a drug. Nothing is summed.

A column or a word that nobody has read yet stops the reading.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import rule_files

KIND = "civic_terms"
MOST_PROBLEMS = 50


class Says(Enum):
    """What evidence says of a drug."""

    SENSITIVE = "sensitivity"
    NOT_SENSITIVE = "no-sensitivity"
    RESISTANT = "resistance"
    NOT_RESISTANT = "no-resistance"


_SAID = {
    ("Supports", "Sensitivity/Response"): Says.SENSITIVE,
    ("Does Not Support", "Sensitivity/Response"): Says.NOT_SENSITIVE,
    ("Supports", "Resistance"): Says.RESISTANT,
    ("Supports", "Reduced Sensitivity"): Says.RESISTANT,
    ("Does Not Support", "Resistance"): Says.NOT_RESISTANT,
    ("Does Not Support", "Reduced Sensitivity"): Says.NOT_RESISTANT,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of accepted, predictive evidence. together: its drugs were given together; flagged: somebody
    asked for another look at it."""

    number: int
    gene: str
    variant: str
    disease: str
    drugs: tuple[str, ...]
    together: bool
    says: Says
    level: str
    germline: bool
    flagged: bool
    citation: str


@dataclass(frozen=True, slots=True)
class CivicTerms:
    """The columns, by what they mean, and the words that were read."""

    columns: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    words: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class CivicRead:
    """What a file says; left_out: how many rows for each reason."""

    evidence: tuple[Evidence, ...]
    left_out: Mapping[str, int]


def load_civic_terms(root: Path | None = None) -> CivicTerms:
    """The words in force; raises PackError."""
    *_, file = rule_files(KIND, root)
    document = file.document
    named = [
        {str(key): tuple(map(str, names)) for key, names in document[part].items()}
        for part in ("columns", "optional", "words")
    ]
    words = {key: frozenset(several) for key, several in named[2].items()}
    return CivicTerms(named[0], named[1], frozenset(document["known"]["columns"]), words)


def read_civic(source: str, content: bytes, terms: CivicTerms) -> CivicRead:
    """The evidence of a file; raises PackError with every problem."""
    try:
        lines = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackError.one(source, "is not UTF-8 text") from error
    reader = csv.reader(io.StringIO(lines), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    place = _places(source, header, terms)
    problems: list[Problem] = []
    left, seen = Counter[str](), set[int]()
    found = []
    for number, cells in enumerate(reader, 2):
        if len(cells) != len(header):
            problems.append(Problem(source, f"{len(cells)} cells where {len(header)} belong", number))
        else:
            row = {key: cells[at] for key, at in place.items()}
            problems += _unread(source, number, row, terms)
            one = _evidence(row, left) if not problems else None
            if one is not None and one.number in seen:
                problems.append(Problem(source, f"evidence {one.number} stands twice", number))
            elif one is not None:
                seen.add(one.number)
                found.append(one)
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise PackError(problems)
    return CivicRead(tuple(found), dict(left))


def _places(source: str, header: list[str], terms: CivicTerms) -> Mapping[str, int]:
    names = {one for several in (*terms.columns.values(), *terms.optional.values()) for one in several}
    strange = [one for one in header if one not in names | terms.known]
    place: dict[str, int] = {}
    lacking = []
    for key, several in {**terms.columns, **terms.optional}.items():
        at = next((header.index(one) for one in several if one in header), None)
        if at is not None:
            place[key] = at
        elif key in terms.columns and not (key == "gene" and "molecular_profile" in header):
            lacking.append(several[0])
    problems = [Problem(source, f"has a column {one!r} that nobody has read yet", 1) for one in strange]
    problems += [Problem(source, f"has no column {one}", 1) for one in lacking]
    if problems:
        raise PackError(problems)
    return place


def _unread(source: str, number: int, row: Mapping[str, str], terms: CivicTerms) -> Iterator[Problem]:
    for key, words in terms.words.items():
        if key in row and row[key] not in words:
            yield Problem(source, f"{key} is {row[key]!r}, a word that nobody has read yet", number)
    if not row["id"].isdigit():
        yield Problem(source, "the evidence has no number", number)


def _evidence(row: Mapping[str, str], left: Counter[str]) -> Evidence | None:
    says = _SAID.get((row["direction"], row["significance"]))
    reason = (
        "not accepted" if row["status"] != "accepted"
        else "not about a drug's effect" if row["type"] != "Predictive" or not row["drugs"]
        else "says neither sensitivity nor resistance" if says is None
        else ""
    )  # fmt: skip
    if reason or says is None:
        left[reason] += 1
        return None
    gene, variant = row.get("gene", ""), row["variant"]
    if not gene:
        gene, _, variant = variant.partition(" ")
    return Evidence(
        int(row["id"]), gene, variant, row["disease"], tuple(sorted(row["drugs"].split(","))),
        row["combination"] == "Combination", says, row["level"], "Germline" in row["origin"],
        row.get("flagged", "").casefold() == "true", row["citation"],
    )  # fmt: skip
