"""The digests in a playbook, written anew after its author looked at what changed."""

from __future__ import annotations

import re
from pathlib import Path

from bedside.errors import PackError
from bedside.genome.observation import digest
from bedside.knowledge.playbook import FILE, SHIPPED
from bedside.knowledge.provenance import DATA
from bedside.service.whole_file import whole_file

_ENTRY = re.compile(
    r'(\[\[content\]\]\nfile = "(?P<file>[^"]+)"\n(?P<from>from = "[^"]+"\n)?)(sha256 = "[^"]*"\n)?'
)


def seal(folder: Path) -> tuple[str, ...]:
    """Write the digest of every file a playbook lists; returns those that changed. Raises PackError."""
    path = folder / FILE
    if not path.is_file():
        raise PackError.one(f"{folder.name}/{FILE}", "no such file")
    changed: list[str] = []

    def entry(found: re.Match[str]) -> str:
        base = DATA if f'"{SHIPPED}"' in (found["from"] or "") else folder
        held = base / found["file"]
        if not held.is_file():
            raise PackError.one(f"{folder.name}/{FILE}", f"{found['file']} is listed and not there")
        line = f'sha256 = "{digest(held.read_bytes())}"\n'
        if found[4] != line:
            changed.append(found["file"])
        return found[1] + line

    text = _ENTRY.sub(entry, path.read_text(encoding="utf-8"))
    if changed:
        with whole_file(path) as file:
            file.write(text.encode("utf-8"))
    return tuple(changed)
