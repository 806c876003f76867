"""Conditions, measurements and relatives' conditions of FHIR as coded findings, each with what is said of it.

Refuted is not there; provisional, differential and preliminary are uncertain; entered in error and cancelled
say nothing. Every problem of a document is named at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bedside.errors import IntakeError, Problem
from bedside.genome.case import FeatureStatus

_VERIFIED = {
    "confirmed": FeatureStatus.OBSERVED,
    "refuted": FeatureStatus.EXCLUDED,
    "provisional": FeatureStatus.UNCERTAIN,
    "differential": FeatureStatus.UNCERTAIN,
    "unconfirmed": FeatureStatus.UNCERTAIN,
}
_SETTLED = frozenset({"final", "amended", "corrected"})
OUTCOMES = {
    **dict.fromkeys(("H", "HH", "HU"), "H"),
    **dict.fromkeys(("L", "LL", "LU"), "L"),
    **dict.fromkeys(("A", "AA"), "A"),
    **dict.fromkeys(("POS", "DET"), "POS"),
    **dict.fromkeys(("NEG", "ND"), "NEG"),
    "N": "N",
}
"""Codes of HL7's ObservationInterpretation by what they come to."""

_REMEDY = "send Condition, Observation or FamilyMemberHistory, or a Bundle of them, as FHIR R4"


@dataclass(frozen=True, slots=True)
class CodedFinding:
    """One coded thing said. codings: system, code and display; outcome: of a measurement H, L, N, A, POS or
    NEG, "" for a condition; place: where it stands in the document."""

    codings: tuple[tuple[str, str, str], ...]
    status: FeatureStatus
    place: str
    outcome: str = ""


def read_findings(content: bytes, source: str) -> tuple[CodedFinding, ...]:
    """The coded findings of a resource or a Bundle. Raises IntakeError with every problem."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise IntakeError([Problem(source, "is no JSON", error.lineno, remedy=_REMEDY)]) from error
    found: list[CodedFinding] = []
    problems: list[Problem] = []
    for place, resource in _resources(document):
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            problems.append(Problem(source, f"{place}: is no FHIR resource", remedy=_REMEDY))
            continue
        try:
            found += _READERS.get(kind, _nothing)(resource, f"{source}:{place}{kind}")
        except (TypeError, AttributeError, KeyError):
            problems.append(Problem(source, f"{place}{kind}: is not shaped as FHIR R4 says", remedy=_REMEDY))
    if problems:
        raise IntakeError(problems)
    return tuple(found)


def _resources(document: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict) and document.get("resourceType") == "Bundle":
        entries = document.get("entry", [])
        for at, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            yield f"/entry/{at}/", entry.get("resource") if isinstance(entry, dict) else None
    else:
        yield "/", document


def _nothing(resource: Mapping[str, Any], place: str) -> Iterator[CodedFinding]:
    return iter(())


def _condition(resource: Mapping[str, Any], place: str) -> Iterator[CodedFinding]:
    verified = _codes(resource.get("verificationStatus"))
    if "entered-in-error" in verified:
        return
    status = next((_VERIFIED[one] for one in verified if one in _VERIFIED), FeatureStatus.OBSERVED)
    yield from _finding(resource.get("code"), status, place)


def _relative(resource: Mapping[str, Any], place: str) -> Iterator[CodedFinding]:
    if resource.get("status") == "entered-in-error":
        return
    for at, one in enumerate(resource.get("condition", ())):
        yield from _finding(one.get("code"), FeatureStatus.FAMILY, f"{place}/condition/{at}")


def _observation(resource: Mapping[str, Any], place: str) -> Iterator[CodedFinding]:
    state = resource.get("status")
    if state not in (*_SETTLED, "preliminary") or resource.get("dataAbsentReason"):
        return
    status = FeatureStatus.OBSERVED if state in _SETTLED else FeatureStatus.UNCERTAIN
    said = resource.get("valueBoolean")
    if isinstance(said, bool):
        there = status if said or status is FeatureStatus.UNCERTAIN else FeatureStatus.EXCLUDED
        yield from _finding(resource.get("code"), there, place)
        return
    meant = {
        OUTCOMES[code]
        for one in resource.get("interpretation", ())
        for code in _codes(one)
        if code in OUTCOMES
    }
    if len(meant) == 1:
        yield from _finding(resource.get("code"), status, place, meant.pop())
    for at, part in enumerate(resource.get("component", ())):
        inner = {"status": state, **part}
        yield from _observation(inner, f"{place}/component/{at}")


def _finding(concept: Any, status: FeatureStatus, place: str, outcome: str = "") -> Iterator[CodedFinding]:
    codings = tuple(
        (str(one["system"]), str(one["code"]), str(one.get("display", "")))
        for one in (concept or {}).get("coding", ())
        if one.get("system") and one.get("code")
    )
    if codings:
        yield CodedFinding(codings, status, place, outcome)


def _codes(concept: Any) -> list[str]:
    return [str(one.get("code", "")) for one in (concept or {}).get("coding", ())]


_READERS = {"Condition": _condition, "Observation": _observation, "FamilyMemberHistory": _relative}
