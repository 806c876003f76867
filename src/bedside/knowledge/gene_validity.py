"""Gene–disease validity (ClinGen): how sure it is that a gene causes a disease, and what changed between two
releases. Reads ClinGen's own summary CSV and tables with the columns `gene_name, disease_label,
mondo_disease_id, classification`.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from bedside.errors import PackError, Problem


class Validity(Enum):
    """ClinGen's classes of evidence that a gene causes a disease."""

    DEFINITIVE = "definitive"
    STRONG = "strong"
    MODERATE = "moderate"
    LIMITED = "limited"
    ANIMAL_MODEL = "animal model only"
    NONE_KNOWN = "no known disease relationship"
    DISPUTED = "disputed"
    REFUTED = "refuted"

    @property
    def supports(self) -> bool:
        """Whether ClinGen's own scale calls the claim supported (moderate evidence or more)."""
        return self in (Validity.DEFINITIVE, Validity.STRONG, Validity.MODERATE)


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A gene and a disease, by symbol and MONDO id."""

    gene: str
    mondo: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a release says of a pair."""

    disease: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class ValidityChange:
    """A pair that two releases judge differently; None where a release does not judge it. support_before and
    support_after: whether any disease of the gene is supported."""

    pair: Pair
    disease: str
    before: Validity | None
    after: Validity | None
    support_before: bool
    support_after: bool


_COLUMNS = {
    "gene_name": ("gene_name", "GENE SYMBOL"),
    "disease": ("disease_label", "DISEASE LABEL"),
    "mondo": ("mondo_disease_id", "DISEASE ID (MONDO)"),
    "classification": ("classification", "CLASSIFICATION"),
}


def read_validity(name: str, content: bytes) -> Mapping[Pair, Claim]:
    """The claims of a file (plain or gzipped). Several rows of one pair must agree, except that the weakest
    of several panels' claims stands. Raises PackError with every problem: an unknown class stops the
    release."""
    problems: list[Problem] = []
    try:
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise PackError([Problem(name, f"cannot be read: {error}")]) from error
    found: dict[Pair, Claim] = {}
    for line, cells in _rows(name, text, problems):
        try:
            validity = Validity(cells["classification"].strip().lower())
        except ValueError:
            problems.append(
                Problem(name, f"{cells['classification']!r} is no known class", line, "update Bedside")
            )
            continue
        pair = Pair(cells["gene_name"].strip(), cells["mondo"].strip().replace("_", ":"))
        held = found.get(pair)
        if held is None or _ORDER[validity] > _ORDER[held.validity]:
            found[pair] = Claim(cells["disease"].strip(), validity)
    if not found and not problems:
        problems.append(Problem(name, "holds no claim", remedy="give ClinGen's gene-disease validity file"))
    if problems:
        raise PackError(problems)
    return dict(sorted(found.items()))


def _rows(name: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """The data rows with their line: what stands before the header and rows of plus signs are passed over."""
    first = next((line for line in text.splitlines() if _heads(line)), "")
    reader = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in first else ",")
    places: dict[str, int] = {}
    for cells in reader:
        if not places:
            heads = {cell: place for place, cell in enumerate(cells)}
            places = {
                ours: heads[theirs] for ours, names in _COLUMNS.items() for theirs in names if theirs in heads
            }
            places = places if len(places) == len(_COLUMNS) else {}
        elif len(cells) <= max(places.values()):
            if any(cells):
                problems.append(Problem(name, "has too few cells", reader.line_num))
        elif not cells[places["gene_name"]].startswith("+"):
            yield reader.line_num, {ours: cells[place] for ours, place in places.items()}
    if not places:
        problems.append(Problem(name, "has no header with gene, disease, MONDO id and classification"))


def _heads(line: str) -> bool:
    return any(name in line for name in _COLUMNS["classification"]) and any(
        name in line for name in _COLUMNS["gene_name"]
    )


def validity_changes(before: Mapping[Pair, Claim], after: Mapping[Pair, Claim]) -> tuple[ValidityChange, ...]:
    """The pairs judged differently, in order."""
    supported = [
        {pair.gene for pair, claim in claims.items() if claim.validity.supports} for claims in (before, after)
    ]
    changes = []
    for pair in sorted({*before, *after}):
        one, other = before.get(pair), after.get(pair)
        if (one and one.validity) != (other and other.validity):
            changes.append(
                ValidityChange(
                    pair,
                    (other or one or Claim("", Validity.NONE_KNOWN)).disease,
                    one.validity if one else None,
                    other.validity if other else None,
                    pair.gene in supported[0],
                    pair.gene in supported[1],
                )
            )
    return tuple(changes)


_ORDER = {validity: place for place, validity in enumerate(Validity)}
