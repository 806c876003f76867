"""Writes a bill of materials: every part that Bedside needs, its version and licence, as CycloneDX 1.6.

    python tools/write_bill_of_materials.py [-o bom.json] [--extra encryption --extra postgresql]

Read from the metadata of what is installed, without the network. Ends with status 1 when a part's licence
is not among those the project allows, or is not said.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = (
    r"apache|mit\b|mit license|bsd|isc\b|mpl|mozilla public|zlib|python software foundation|psf|0bsd|"
    r"unlicense|hpnd|public domain|cc0"
)
KNOWN = {
    "psycopg": "LGPL-3.0-only (optional, not shipped)",
    "psycopg-binary": "LGPL-3.0-only (optional, not shipped)",
    "psycopg_binary": "LGPL-3.0-only (optional, not shipped)",
    "sqlcipher3": "Zlib AND BSD-3-Clause AND Apache-2.0",
}
"""Parts whose own metadata does not say it, or that are allowed only as decided in docs/decisions/0002."""


@dataclass(frozen=True, slots=True)
class Part:
    """One installed distribution: its name, version, licence as its makers write it, and what it needs."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether its licence is among those the project uses."""
        return bool(re.search(ALLOWED, self.licence, re.IGNORECASE)) or self.name in KNOWN


def licence_of(found: Distribution) -> str:
    """What a distribution says of its licence: the expression, else classifiers, else the first line."""
    meta = found.metadata
    name = str(meta["Name"]).lower()
    if name in KNOWN:
        return KNOWN[name]
    if "License-Expression" in meta:
        return str(meta["License-Expression"])
    listed = [
        one.split(" :: ")[-1] for one in meta.get_all("Classifier") or () if one.startswith("License ::")
    ]
    listed = [one for one in listed if one != "OSI Approved"]
    said = [line for text in meta.get_all("License") or () for line in str(text).strip().splitlines()]
    return "; ".join(listed) or (said[0][:120] if said else "")


def wanted(extras: Iterable[str]) -> tuple[str, list[str]]:
    """The project's version, and what it and these extras ask for, as pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"]]
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    return str(project["version"]), asked


def parts_of(asked: Iterable[str]) -> tuple[Part, ...]:
    """Everything that is asked for, and what that needs in turn, where it is installed; in order of name."""
    todo, found = list(map(Requirement, asked)), dict[str, Part]()
    while todo:
        one = todo.pop()
        try:
            held = distribution(one.name)
        except PackageNotFoundError:
            continue
        extras, needs = (*one.extras, ""), []
        for text in held.requires or ():
            need = Requirement(text)
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                needs.append(need)
        name = str(held.metadata["Name"]).lower()
        if name not in found:
            todo += needs
        found[name] = Part(
            name, str(held.version), licence_of(held), tuple(need.name.lower() for need in needs)
        )
    return tuple(sorted(found.values(), key=lambda part: part.name))


def bill(root: str, version: str, parts: Sequence[Part]) -> Mapping[str, Any]:
    """The bill as CycloneDX, without a time or a random number: the same parts give the same bytes."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": root, "version": version, "bom-ref": root}},
        "components": [
            {
                "type": "library",
                "bom-ref": part.name,
                "name": part.name,
                "version": part.version,
                "purl": f"pkg:pypi/{part.name}@{part.version}",
                "licenses": [{"license": {"name": part.licence or "not said"}}],
            }
            for part in parts
        ],
        "dependencies": [
            {"ref": part.name, "dependsOn": sorted({*part.needs} & {one.name for one in parts})}
            for part in parts
        ],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Write the bill; 1 when a licence is not allowed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--out", type=Path, help="write there, not to standard output")
    parser.add_argument("--extra", action="append", default=[], help="also what this extra needs")
    arguments = parser.parse_args(argv)
    version, asked = wanted(arguments.extra)
    parts = parts_of(asked)
    text = json.dumps(bill("bedside", version, parts), indent=2) + "\n"
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    wrong = [part for part in parts if not part.allowed]
    for part in wrong:
        print(f"{part.name} {part.version}: licence {part.licence or 'not said'}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
