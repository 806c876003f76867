"""Which playbooks are installed in a site's knowledge folder, with what, and what stood there before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bedside.errors import StoreError
from bedside.knowledge.playbook import read_version, version_text
from bedside.service.playbook_act import FOLDER, KEPT, LIST


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """offered: digest of what the playbook put there, with the site's values. before: digest of what stood
    there before the playbook; None for nothing."""

    offered: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed playbook. digest: of its playbook.toml, which is kept."""

    version: tuple[int, ...]
    digest: str
    parameters: Mapping[str, str]
    files: Mapping[str, InstalledFile]
    needs: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class State:
    """Everything installed. folders: those that were made for it, to go when they are empty again."""

    playbooks: Mapping[str, Installed] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def having(self, name: str, one: Installed) -> State:
        """With a playbook, or another version of it."""
        return replace(self, playbooks={**self.playbooks, name: one})

    def without(self, name: str) -> State:
        """Without a playbook."""
        return replace(self, playbooks={key: one for key, one in self.playbooks.items() if key != name})

    @property
    def needed(self) -> frozenset[str]:
        """Digests of the contents that must be remembered."""
        files = [file for one in self.playbooks.values() for file in one.files.values()]
        before = {file.before for file in files if file.before is not None}
        return frozenset(
            {file.offered for file in files} | before | {one.digest for one in self.playbooks.values()}
        )

    def encoded(self) -> bytes:
        """As it is written down."""
        document = {
            "folders": list(self.folders),
            "playbooks": {
                name: {
                    "version": version_text(one.version),
                    "digest": one.digest,
                    "parameters": dict(one.parameters),
                    "files": {file: [held.offered, held.before] for file, held in one.files.items()},
                    "needs": {other: version_text(least) for other, least in one.needs.items()},
                }
                for name, one in sorted(self.playbooks.items())
            },
        }
        return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def read_state(root: Path) -> State:
    """What is installed in a knowledge folder; raises StoreError when the list cannot be read."""
    path = root / FOLDER / LIST
    if not path.is_file():
        return State()
    try:
        document = json.loads(path.read_bytes())
        found = {name: _installed(entry) for name, entry in document["playbooks"].items()}
        return State(found, tuple(document["folders"]))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{FOLDER}/{LIST} cannot be read; restore it from a backup") from error


def _installed(entry: Mapping[str, Any]) -> Installed:
    return Installed(
        version=read_version(entry["version"]) or (0, 0, 0),
        digest=entry["digest"],
        parameters=entry["parameters"],
        files={file: InstalledFile(offered, before) for file, (offered, before) in entry["files"].items()},
        needs={other: read_version(least) or (0, 0, 0) for other, least in entry["needs"].items()},
    )


def remembered(root: Path, digest: str) -> bytes:
    """Content that was remembered; raises StoreError when it is gone."""
    path = root / FOLDER / KEPT / digest
    if not path.is_file():
        raise StoreError(f"{FOLDER}/{KEPT}/{digest[:12]} is gone; restore it from a backup")
    return path.read_bytes()
