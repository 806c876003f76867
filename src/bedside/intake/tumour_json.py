"""Reads tumours as JSON: one object, or a list of them, in the shape of docs/tumours.md.

Every field that is not known is a fault: a misspelt "fusions" must not become "no fusion".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    Scope,
    SmallVariant,
    Tumour,
    TumourFinding,
)

MOST_BYTES = 50_000_000
TOP = {
    "sample",
    "tumour",
    "small_variants",
    "fusions",
    "exon_skipping",
    "copy_numbers",
    "markers",
    "scope",
    "patient",
    "purity",
}
SHAPES: Mapping[str, set[str]] = {
    "small_variants": {
        "gene", "build", "chromosome", "start", "end", "reference", "alternate", "protein", "origin",
        "classification", "vaf", "depth", "tandem",
    },
    "fusions": {"five", "three", "in_frame", "kinase", "rna"},
    "exon_skipping": {"gene", "exon", "rna"},
    "copy_numbers": {"gene", "state", "copies"},
    "markers": {"name", "value", "number", "unit", "size"},
}  # fmt: skip


def read_tumours(path: Path, oncotree: str = "") -> tuple[Tumour, ...]:
    """The tumours of a file. oncotree: the type where the file gives none. Raises IntakeError with every
    problem; then nothing of the file is used."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IntakeError.one(path.name, f"cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise IntakeError.one(path.name, "is larger than is read here")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise IntakeError.one(path.name, f"is no JSON: {error}") from error
    problems: list[Problem] = []
    found = []
    for place, one in enumerate(document if isinstance(document, list) else [document]):
        where = f"{path.name}/{place}"
        if not isinstance(one, dict):
            problems.append(Problem(where, "is no object"))
            continue
        tumour = _tumour(where, one, oncotree, problems)
        if tumour is not None:
            found.append(tumour)
    if problems:
        raise IntakeError(problems)
    return tuple(found)


def _tumour(where: str, one: Mapping[str, Any], oncotree: str, problems: list[Problem]) -> Tumour | None:
    before = len(problems)
    problems += [Problem(where, f"has a field {name!r} that is not known") for name in sorted(set(one) - TOP)]
    sample, code = str(one.get("sample", "")).strip(), str(one.get("tumour", "") or oncotree)
    if not sample:
        problems.append(Problem(where, "names no sample"))
    if not code:
        problems.append(Problem(where, "says no tumour type", remedy="give `tumour`, or --tumour"))
    findings: list[TumourFinding] = []
    for part, known in SHAPES.items():
        listed = one.get(part, [])
        if not isinstance(listed, list):
            problems.append(Problem(f"{where}/{part}", "is no list"))
            continue
        for number, entry in enumerate(listed):
            place = f"{where}/{part}/{number}"
            if not isinstance(entry, dict) or set(entry) - known:
                extra = sorted(set(entry) - known) if isinstance(entry, dict) else ["no object"]
                problems.append(Problem(place, f"has what is not known: {', '.join(extra)}"))
                continue
            try:
                findings.append(_finding(part, entry))
            except (KeyError, TypeError, ValueError) as error:
                said = f"lacks {error}" if isinstance(error, KeyError) else str(error)
                problems.append(Problem(place, said))
    scope = _scope(where, one.get("scope", {}), problems)
    patient = one.get("patient", {})
    if not isinstance(patient, dict) or not all(isinstance(v, str | int | float) for v in patient.values()):
        problems.append(Problem(f"{where}/patient", "is no object of plain values"))
    purity = one.get("purity")
    if purity is not None and not (isinstance(purity, float | int) and 0 < purity <= 1):
        problems.append(Problem(f"{where}/purity", "is no share above 0 and up to 1"))
    if len(problems) > before:
        return None
    told = {str(key): str(value) for key, value in patient.items()}
    return Tumour(sample, code, tuple(findings), scope, told, purity)


def _finding(part: str, entry: Mapping[str, Any]) -> TumourFinding:
    match part:
        case "small_variants":
            return _small(entry)
        case "fusions":
            made = Fusion(
                str(entry.get("five", "")), str(entry.get("three", "")), _flag(entry, "in_frame"),
                _flag(entry, "kinase"), _flag(entry, "rna"),
            )  # fmt: skip
            if not made.genes:
                raise ValueError("names no partner")
            return made
        case "exon_skipping":
            return ExonSkipping(str(entry["gene"]), int(entry["exon"]), _flag(entry, "rna"))
        case "copy_numbers":
            return CopyNumber(str(entry["gene"]), CopyState(entry["state"]), _number(entry, "copies"))
        case _:
            made_marker = Marker(
                str(entry["name"]), str(entry.get("value", "")), _number(entry, "number"),
                str(entry.get("unit", "")), _number(entry, "size"),
            )  # fmt: skip
            if not made_marker.value and made_marker.number is None:
                raise ValueError("a marker has a value or a number")
            return made_marker


def _small(entry: Mapping[str, Any]) -> SmallVariant:
    start, end = entry.get("start"), entry.get("end")
    reference, alternate = (
        str(entry.get(name, "")).replace("-", "").upper() for name in ("reference", "alternate")
    )
    if start is not None and (not isinstance(start, int) or start < 1):
        raise ValueError("start is a whole number from 1")
    if start is not None and "build" not in entry:
        raise ValueError("a place needs its build")
    if start is not None and end is None:
        end = start + len(reference) - 1 if reference else start + 1
    if start is None and not entry.get("protein"):
        raise ValueError("says neither where it lies nor what it does")
    return SmallVariant(
        str(entry["gene"]),
        Effect.NOT_KNOWN,
        Build(entry["build"]) if "build" in entry else None,
        str(entry.get("chromosome", "")),
        start,
        end,
        reference,
        alternate,
        written=str(entry.get("protein", "")),
        origin=Origin(entry.get("origin", "not-said")),
        classification=str(entry.get("classification", "")),
        vaf=_number(entry, "vaf"),
        depth=entry.get("depth"),
        tandem=_flag(entry, "tandem"),
    )


def _scope(where: str, said: Any, problems: list[Problem]) -> Scope:
    if not isinstance(said, dict):
        problems.append(Problem(f"{where}/scope", "is no object"))
        return Scope()
    try:
        genes = {
            Aspect(name): frozenset(map(str, listed)) for name, listed in said.items() if name not in _OTHER
        }
        every = frozenset(Aspect(name) for name in said.get("everything", ()))
        return Scope(genes, every, frozenset(map(str, said.get("markers", ()))))
    except (TypeError, ValueError) as error:
        problems.append(Problem(f"{where}/scope", str(error)))
        return Scope()


_OTHER = frozenset({"everything", "markers"})


def _flag(entry: Mapping[str, Any], name: str) -> bool | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    return value


def _number(entry: Mapping[str, Any], name: str) -> float | None:
    value = entry.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is no number")
    return float(value)
