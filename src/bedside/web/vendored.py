"""The files of others in `static/`, each with the digest its makers' bytes had."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """One file: where it is, what it is, its sha256, its licence (SPDX) and where it was published."""

    path: str
    name: str
    version: str
    sha256: str
    licence: str
    url: str
    inside: str


def vendored(folder: Path) -> tuple[VendoredFile, ...]:
    """What `VENDORED.toml` of a folder lists."""
    with (folder / "VENDORED.toml").open("rb") as file:
        return tuple(VendoredFile(**entry) for entry in tomllib.load(file)["file"])
