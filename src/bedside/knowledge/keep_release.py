"""A release of a source, written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bedside.errors import PackError


def checked_day(name: str, day: str, remedy: str) -> str:
    """The day as written, when it is a date (`2026-02-26`); raises PackError about the file of that name."""
    try:
        if date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise PackError.one(name, f"{day!r} is no date", remedy=remedy)


def keep_release(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files as a new folder, which appears with all of them; nothing is left of one that failed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            (draft / name).write_bytes(content)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
