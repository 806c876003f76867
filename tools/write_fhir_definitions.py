"""Write the R4 definitions that the profile checker reads, from the npm package `hl7.fhir.r4.examples` (CC0).

    npm pack hl7.fhir.r4.examples@4.0.1
    python tools/write_fhir_definitions.py hl7.fhir.r4.examples-4.0.1.tgz OUT.json.gz

Of each resource and datatype: its elements with cardinality, types, targets of references and required value
sets; of each such value set: its codes, where they are listed or a whole code system that is defined there.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KEPT = ("id", "path", "min", "max", "contentReference")
Json = dict[str, Any]


def documents(package: Path) -> Iterator[Json]:
    """Every JSON file of the package."""
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.endswith(".json") and (file := archive.extractfile(member)) is not None:
                yield json.load(file)


def element(one: Mapping[str, Any], wanted: set[str]) -> Json:
    """An element with what is checked of it."""
    kept = {name: one[name] for name in KEPT if name in one}
    kept["type"] = [
        {name: of[name] for name in ("code", "targetProfile") if name in of} for of in one.get("type", [])
    ]
    if one.get("binding", {}).get("strength") == "required":
        kept["binding"] = {"strength": "required", "valueSet": one["binding"]["valueSet"]}
        wanted.add(one["binding"]["valueSet"].partition("|")[0])
    return kept


def concepts(listed: list[Json]) -> Iterator[str]:
    """The codes of a code system, with those inside others."""
    for one in listed:
        yield one["code"]
        yield from concepts(one.get("concept", []))


def main() -> None:
    """Write the file."""
    package, out = map(Path, sys.argv[1:3])
    structures: list[Json] = []
    sets: dict[str, Json] = {}
    systems: dict[str, Json] = {}
    wanted: set[str] = set()
    for one in documents(package):
        kind = one.get("resourceType")
        if kind == "ValueSet":
            sets[one["url"]] = one.get("compose", {})
        elif kind == "CodeSystem" and one.get("content") == "complete":
            systems[one["url"]] = one
        elif (
            kind == "StructureDefinition"
            and one["kind"] != "logical"
            and one.get("derivation") != "constraint"
        ):
            structures.append(one)
    kept = [
        {
            "url": one["url"],
            "type": one["type"],
            "kind": one["kind"],
            "snapshot": {"element": [element(of, wanted) for of in one["snapshot"]["element"]]},
        }
        for one in sorted(structures, key=lambda one: str(one["url"]))
    ]
    used = {url: sets[url] for url in sorted(wanted) if url in sets}
    named = {
        include["system"] for of in used.values() for include in of.get("include", []) if "system" in include
    }
    codes = {url: list(concepts(systems[url].get("concept", []))) for url in sorted(named) if url in systems}
    written = {"structures": kept, "valueSets": used, "codeSystems": codes}
    text = json.dumps(written, separators=(",", ":"), sort_keys=True).encode()
    out.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{out}: {len(kept)} structures, {len(used)} value sets, {len(codes)} code systems")


if __name__ == "__main__":
    main()
