"""What a programme counts people by, taken from a table: site, payer, language, area deprivation."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import PARTS, QUINTILES, Programme, programmes_from
from bedside.service.house import House

TAKEN_BACK = "-"
"""What a cell says of something that is no longer known; an empty cell says nothing."""


def record_programme(house: House, path: Path, *, by: str) -> int:
    """Take a TSV with the column `person` and any of site, payer, language and deprivation; how many people
    were written. What is known already is not written again. Raises IntakeError with every problem; then
    nothing of it is used."""
    lines = _read(path)
    now = house.clock()
    held = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    events, problems = [], []
    for number, row in lines:
        person = row.get("person", "")
        if not person or house.ledger.person(person) is None:
            problems.append(Problem(path.name, "names nobody who is in the record", number))
            continue
        said = {part: "" if row[part] == TAKEN_BACK else row[part] for part in PARTS if row.get(part)}
        if said.get("deprivation") and said["deprivation"] not in QUINTILES:
            problems.append(Problem(path.name, "deprivation is no fifth from 1 (least) to 5 (most)", number))
            continue
        before = held.get(person, Programme())
        held[person] = before.told(said)
        if held[person] != before:
            events.append(NewEvent(EventKind.PROGRAMME_RECORDED, by, now, person, said))
    if problems:
        raise IntakeError(problems)
    if events:
        house.ledger.append(events)
    return len({event.person for event in events})


def _read(path: Path) -> list[tuple[int, Mapping[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise IntakeError.one(path.name, f"cannot be read: {reason}") from error
    rows = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    names = rows.fieldnames or []
    problems = [] if "person" in names else [Problem(path.name, "has no column person", 1)]
    problems += [
        Problem(path.name, f"has an unknown column {name!r}", 1, ", ".join(PARTS))
        for name in names
        if name not in ("person", *PARTS)
    ]
    found: list[tuple[int, Mapping[str, str]]] = []
    for row in () if problems else rows:
        if None in row or None in row.values():
            problems.append(
                Problem(path.name, "has another number of fields than the first line", rows.line_num)
            )
        else:
            found.append((rows.line_num, {str(key): str(value).strip() for key, value in row.items()}))
    if problems:
        raise IntakeError(problems)
    return found
