"""Writes new digests into a release that its owner has edited: `python -m bedside.knowledge.write FOLDER`.

The digests say that the files are the ones that were reviewed. Whoever writes new ones answers for the
review.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from bedside.errors import PackError
from bedside.genome.observation import digest


def redigest(folder: Path) -> tuple[str, ...]:
    """Puts the sha256 of each listed file into `source.toml` and returns the names of the files that had
    changed.
    """
    description = folder / "source.toml"
    if not description.is_file():
        raise PackError.one(folder.name, "no source.toml in this folder")
    lines = description.read_text(encoding="utf-8").split("\n")
    try:
        tables = tomllib.loads("\n".join(lines)).get("tables", {})
    except tomllib.TOMLDecodeError as error:
        raise PackError.one(description.name, f"not TOML: {error}") from error
    changed: list[str] = []
    section = ""
    for place, line in enumerate(lines):
        if header := re.fullmatch(r"\[tables\.(\w+)\]", line.strip()):
            section = header[1]
        elif line.startswith("["):
            section = ""
        elif section and re.match(r"sha256\s*=", line):
            path = folder / tables[section]["file"]
            if not path.is_file():
                raise PackError.one(
                    description.name, f"lists {path.name}, which is not there", line=place + 1
                )
            new = f'sha256 = "{digest(path.read_bytes())}"'
            if new != line:
                changed.append(path.name)
                lines[place] = new
    description.write_text("\n".join(lines), encoding="utf-8")
    return tuple(changed)


def main(folders: list[str]) -> int:
    """Re-digests each folder and says what had changed."""
    try:
        for folder in folders:
            changed = redigest(Path(folder))
            sys.stdout.write(f"{folder}: {', '.join(changed) or 'nothing changed'}\n")
    except PackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
