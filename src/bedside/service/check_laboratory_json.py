"""Whether mappings of laboratories' JSON do what their own worked examples say, and tell documents apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bedside.errors import InputError, PackError, Problem
from bedside.genome.reported import ReportedFinding
from bedside.knowledge.laboratory_json import (
    LaboratoryMapping,
    WorkedExample,
    load_mappings,
    overlapping,
)
from bedside.service.receive_laboratory_json import said_by


def check_mappings(root: Path | None = None) -> tuple[Problem, ...]:
    """Every mapping at hand that cannot be read, that another one overlaps, or whose examples fail."""
    try:
        mappings = load_mappings(root)
    except PackError as error:
        return error.problems
    problems = [Problem("laboratory_json", why) for why in overlapping(mappings)]
    for one in mappings:
        where = f"laboratory_json/{one.provenance.name}"
        problems += [Problem(where, why) for why in failing(one, mappings)]
    return tuple(problems)


def failing(mapping: LaboratoryMapping, among: Sequence[LaboratoryMapping]) -> Iterator[str]:
    """What the worked examples of a mapping say that is not so, read as documents are among all mappings."""
    for example in mapping.examples:
        for why in _differs(among, example):
            yield f"example {example.title!r}: {why}"


def _differs(among: Sequence[LaboratoryMapping], example: WorkedExample) -> Iterator[str]:
    try:
        said, reading = said_by(example.document.encode(), among)
    except InputError as error:
        reasons = "; ".join(problem.reason for problem in error.problems)
        if not example.refused or example.refused not in reasons:
            yield f"is refused: {reasons}"
        return
    if example.refused:
        yield f"is read, and should be refused: {example.refused}"
    calls = tuple(" ".join(filter(None, (c.gene, c.diplotype, c.phenotype))) for c in reading.calls)
    unread = tuple(str(one["place"][0]) for one in reading.unread)
    pairs = (
        ("status", (said.status,), (example.status,)),
        ("calls", calls, example.calls),
        ("findings", tuple(map(told, reading.findings)), example.findings),
        ("unread", unread, example.unread),
    )
    for name, found, expected in pairs:
        if found != expected and not example.refused:
            yield f"{name} are {list(found)}, not {list(expected)}"


def told(finding: ReportedFinding) -> str:
    """A finding in one line, as examples write it."""
    details = "; ".join(f"{one.asked.words}: {one.answer.words}" for one in finding.details)
    parts = (
        finding.kind.value,
        finding.presence.value,
        finding.name,
        finding.source.value,
        finding.classification.words,
        details and f"({details})",
    )
    return " | ".join(filter(None, parts))
