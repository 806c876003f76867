"""What FHIR says of a resource: R4's definitions and the profiles of Genomics Reporting, read from HL7's own
packages as published. A file whose digest is another one is not read.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from bedside.genome.observation import digest
from bedside.knowledge.fhir_elements import Element, tree
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

LOINC = "http://loinc.org"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A definition: of: the type of what it constrains. abstract profiles are claimed by nobody directly."""

    url: str
    type: str
    kind: str
    root: Element


@dataclass(frozen=True, slots=True, eq=False)
class FhirProfiles:
    """types: the definition of each R4 type. profiles: those of the guide, by address. value_sets: the codes
    of each value set that can be told, by code system; None as codes: every code of the system is in it.
    unknown: required value sets whose codes are not at hand, so that nothing is checked against them."""

    provenance: Provenance
    version: str
    base_version: str
    types: Mapping[str, Profile]
    profiles: Mapping[str, Profile]
    value_sets: Mapping[str, Mapping[str, frozenset[str] | None]]
    unknown: tuple[str, ...]
    package: Path

    def examples(self) -> Iterator[tuple[str, Json]]:
        """The official examples of the guide: file name and resource."""
        yield from _documents(self.package.read_bytes(), "package/example/")


@cache
def load_fhir_profiles(root: Path | None = None) -> FhirProfiles:
    """The shipped definitions, or a site's own in their place; raises `PackError`."""
    *_, chosen = rule_files("fhir_profiles", root)
    base = orjson.loads(gzip.decompress(_content(chosen, "base")))
    package = [one for _, one in _documents(_content(chosen, "package"), "package/")]
    structures = [_profile(one) for one in package if one.get("resourceType") == "StructureDefinition"]
    types = [_profile(one) for one in base["structures"]]
    sets, unknown = _value_sets(chosen, base, package)
    bound = {one for profile in (*structures, *types) for one in _bound(profile.root)}
    return FhirProfiles(
        provenance=chosen.provenance,
        version=chosen.document["package"]["version"],
        base_version=chosen.document["base"]["version"],
        types={one.type: one for one in types},
        profiles={one.url: one for one in structures},
        value_sets=sets,
        unknown=tuple(sorted((bound - set(sets)) | (bound & unknown))),
        package=_path(chosen, "package"),
    )


def _path(file: RuleFile, name: str) -> Path:
    assert file.folder is not None
    return file.folder / str(file.document[name]["file"])


def _content(file: RuleFile, name: str) -> bytes:
    try:
        path, told = _path(file, name), file.document[name]["sha256"]
        content = path.read_bytes()
    except (KeyError, TypeError, OSError) as error:
        raise file.fail(f"{name}: the file it names cannot be read ({type(error).__name__})") from error
    if digest(content) != told:
        raise file.fail(
            f"{name}: {path.name} has another digest than the one written down", "bring the file again"
        )
    return content


def _documents(package: bytes, folder: str) -> Iterator[tuple[str, Json]]:
    """The JSON files that stand directly in a folder of an npm package."""
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        for member in archive:
            place, _, name = member.name.rpartition("/")
            if f"{place}/" != folder or not name.endswith(".json"):
                continue
            if (file := archive.extractfile(member)) is not None:
                yield name, orjson.loads(file.read())


def _profile(one: Mapping[str, Any]) -> Profile:
    return Profile(one["url"], one["type"], one["kind"], tree(one["snapshot"]["element"]))


def _bound(element: Element) -> Iterator[str]:
    if element.value_set:
        yield element.value_set
    for child in (*element.children, *element.slices):
        yield from _bound(child)


def _value_sets(
    file: RuleFile, base: Json, package: list[Json]
) -> tuple[dict[str, dict[str, frozenset[str] | None]], set[str]]:
    """The codes of every value set that lists them or takes whole systems; and those with a filter."""
    systems: dict[str, list[str]] = dict(base["codeSystems"])
    for one in package:
        if one.get("resourceType") == "CodeSystem" and one.get("content") == "complete":
            systems[one["url"]] = list(_concepts(one.get("concept", [])))
    composed: dict[str, Json] = dict(base["valueSets"])
    composed |= {one["url"]: one["compose"] for one in package if one.get("resourceType") == "ValueSet"}
    sets: dict[str, dict[str, frozenset[str] | None]] = {}
    unknown = set()
    for url, compose in composed.items():
        parts = compose.get("include", [])
        if not parts or "exclude" in compose or any("filter" in one or "valueSet" in one for one in parts):
            unknown.add(url)
            continue
        found: dict[str, frozenset[str] | None] = {}
        for one in parts:
            listed = [concept["code"] for concept in one.get("concept", [])] or systems.get(one["system"])
            before = found.get(one["system"], frozenset())
            found[one["system"]] = None if listed is None or before is None else before | frozenset(listed)
        sets[url] = found
    sets |= {url: {LOINC: frozenset(codes)} for url, codes in file.document.get("answers", {}).items()}
    return sets, unknown


def _concepts(listed: list[Json]) -> Iterator[str]:
    for one in listed:
        yield one["code"]
        yield from _concepts(one.get("concept", []))
