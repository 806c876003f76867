"""Seventeen classes of faults that are put into correct resources, to see whether a checker finds them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.exchange.fhir_check import GUIDE

Json = dict[str, Any]
_DATES = ("effectiveDateTime", "issued", "authoredOn", "performedDateTime", "birthDate", "date")


@dataclass(frozen=True, slots=True)
class FaultClass:
    """inject changes a copy of a resource and says whether it could."""

    name: str
    inject: Callable[[Json], bool]

    def on(self, resource: Mapping[str, Any]) -> Json | None:
        """The resource with the fault; None when it has no place for it."""
        changed: Json = copy.deepcopy(dict(resource))
        return changed if self.inject(changed) else None


def seeds(documents: Iterator[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    """Each resource of the guide's examples that claims one of its profiles, by itself."""
    seen = set()
    for name, document in documents:
        held = [entry["resource"] for entry in document.get("entry", [])] or [document]
        for at, one in enumerate(held):
            key = (one["resourceType"], one.get("id"))
            if _claims(one) and key not in seen:
                seen.add(key)
                yield f"{name}#{at}", one


def _claims(one: Json) -> list[str]:
    claimed = one.get("meta", {}).get("profile", [])
    return [str(url)[len(GUIDE) :] for url in claimed if str(url).startswith(GUIDE)]


def _is(one: Json, *profiles: str) -> bool:
    return bool(set(_claims(one)) & set(profiles))


def _finding(one: Json) -> bool:
    """Whether its profile asks for both categories."""
    return one["resourceType"] == "Observation" and not _is(one, "molecular-biomarker")


def _without(name: str, of: Callable[[Json], bool] = lambda one: True) -> Callable[[Json], bool]:
    def inject(one: Json) -> bool:
        if name not in one or not of(one):
            return False
        del one[name]
        return True

    return inject


def _put(change: Callable[[Json], None], of: Callable[[Json], bool]) -> Callable[[Json], bool]:
    def inject(one: Json) -> bool:
        if not of(one):
            return False
        change(one)
        return True

    return inject


def _bad_date(one: Json) -> bool:
    name = next((name for name in _DATES if name in one), None)
    if name is not None:
        one[name] = "2026-13-45"
    return name is not None


def _blank(one: Json) -> bool:
    codings = one.get("code", {}).get("coding", [])
    if codings:
        codings[0]["code"] = f" {codings[0]['code']}"
    return bool(codings)


def _no_category(code: str) -> Callable[[Json], bool]:
    def inject(one: Json) -> bool:
        if not (_finding(one) or (code == "GE" and one["resourceType"] == "DiagnosticReport")):
            return False
        kept = [
            of for of in one.get("category", []) if all(c.get("code") != code for c in of.get("coding", []))
        ]
        found = len(kept) < len(one.get("category", []))
        one["category"] = kept or [{"text": "none"}]
        return found

    return inject


def _component(code: str, change: Callable[[Json, Json], None]) -> Callable[[Json], bool]:
    """Change the first component with a code."""

    def inject(one: Json) -> bool:
        for part in one.get("component", []) if _finding(one) else []:
            if any(of.get("code") == code for of in part["code"].get("coding", [])):
                change(one, part)
                return True
        return False

    return inject


def _no_value(part: Json) -> None:
    for name in [name for name in part if name.startswith("value") or name == "dataAbsentReason"]:
        del part[name]


def _as_text(one: Json, part: Json) -> None:
    _no_value(part)
    part["valueString"] = "text"


def _extension(one: Json) -> bool:
    for part in one.get("extension", []):
        if str(part.get("url", "")).startswith(GUIDE) and any(name.startswith("value") for name in part):
            _no_value(part)
            part["valueInteger"] = 1
            return True
    return False


GENE = "48018-6"
_coded = {"coding": [{"system": "http://loinc.org", "code": "LA9999-9"}]}
_IMPLICATIONS = ("therapeutic-implication", "diagnostic-implication", "molecular-consequence")
_VARIANT = ("variant",)
_CODED_TYPES = ("Observation", "DiagnosticReport")

CLASSES = (
    FaultClass("status missing", _without("status")),
    FaultClass("unknown element", _put(lambda one: one.update(surprise="x"), lambda one: True)),
    FaultClass("malformed date", _bad_date),
    FaultClass("malformed code", _blank),
    FaultClass(
        "status outside its value set",
        _put(lambda one: one.update(status="done"), lambda one: "status" in one),
    ),
    FaultClass("genetics category missing", _no_category("GE")),
    FaultClass("laboratory category missing", _no_category("laboratory")),
    FaultClass(
        "code of another profile",
        _put(
            lambda one: one.update(code={"coding": [{"system": "http://loinc.org", "code": "1234-5"}]}),
            lambda one: _finding(one) and "code" in one,
        ),
    ),
    FaultClass("component with a value of another type", _component(GENE, _as_text)),
    FaultClass("component without a value", _component(GENE, lambda one, part: _no_value(part))),
    FaultClass(
        "single component twice",
        _component("69547-8", lambda one, part: one["component"].append(copy.deepcopy(part))),
    ),
    FaultClass(
        "value outside the required value set",
        _put(lambda one: one.update(valueCodeableConcept=_coded), lambda one: _is(one, *_VARIANT)),
    ),
    FaultClass(
        "reference to a resource of another type",
        _put(lambda one: one.update(subject={"reference": "Medication/1"}), lambda one: "subject" in one),
    ),
    FaultClass("evidence missing", _without("derivedFrom", lambda one: _is(one, *_IMPLICATIONS))),
    FaultClass(
        "value where the profile forbids one",
        _put(lambda one: one.update(valueString="x"), lambda one: _is(one, *_IMPLICATIONS)),
    ),
    FaultClass("extension with a value of another type", _extension),
    FaultClass("code missing", _without("code", lambda one: one["resourceType"] in _CODED_TYPES)),
)  # fmt: skip


def injected(documents: Iterator[tuple[str, Json]]) -> Iterator[tuple[str, str, Json]]:
    """Each class on each seed that has a place for it: class, seed and the faulty resource."""
    for name, resource in seeds(documents):
        for one in CLASSES:
            faulty = one.on(resource)
            if faulty is not None:
                yield one.name, name, faulty
