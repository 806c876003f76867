"""A site's table of areas: in which fifth of deprivation a postal code lies. The address is not kept."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.programme import QUINTILES
from bedside.settings import Settings

COLUMNS = ("postal_code", "deprivation")


def fifth_of(settings: Settings, postal_code: str) -> str:
    """The fifth (1 the least deprived) of the area; of `02139-1234` that of `02139` where only it is listed.
    "" where nobody gave a table or it does not list the area. Raises IntakeError."""
    if not settings.areas or not postal_code.strip():
        return ""
    path = Path(settings.areas)
    held = _table(path, path.stat().st_mtime_ns if path.is_file() else 0)
    whole = _plain(postal_code)
    return held.get(whole) or held.get(_plain(postal_code.partition("-")[0]), "")


def _plain(text: str) -> str:
    return "".join(text.split()).upper()


@lru_cache(maxsize=2)
def _table(path: Path, changed: int) -> Mapping[str, str]:
    """The table as it stands; every problem at once."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise IntakeError.one(path.name, f"cannot be read: {reason}", remedy="check BEDSIDE_AREAS") from error
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise IntakeError.one(path.name, f"has other columns than {', '.join(COLUMNS)}", line=1)
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for row in rows:
        code, fifth = _plain(row["postal_code"] or ""), (row["deprivation"] or "").strip()
        if not code or fifth not in QUINTILES:
            problems.append(Problem(path.name, "needs a postal code and a fifth from 1 to 5", rows.line_num))
        elif found.setdefault(code, fifth) != fifth:
            problems.append(Problem(path.name, "lists one postal code with two fifths", rows.line_num))
    if problems:
        raise IntakeError(problems)
    return found
