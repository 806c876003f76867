"""Verdicts that a test run wrote down, because it needs what an installed Bedside does not have: test data,
other people's clients. A file says by which command and when; its digest is shown beside its figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from bedside.conformance.result import Area, Case, Origin, Verdict
from bedside.errors import InputError, Problem
from bedside.genome.observation import digest

FOLDER = Path(__file__).parent / "recorded"
HEADER = ("title", "checked_by", "command", "date", "version")
_SHORT = 16


def read_area(path: Path) -> Area:
    """The area of one file; raises `InputError` when it is none."""
    content = path.read_bytes()
    lines = content.decode("utf-8").splitlines()
    told = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
    missing = [name for name in HEADER if not told.get(name)]
    if missing:
        raise InputError([Problem(path.name, f"its head does not say {', '.join(missing)}")])
    cases = tuple(
        _case(path, at, line) for at, line in enumerate(lines, 1) if line and not line.startswith("#")
    )
    short = digest(content)[:_SHORT]
    return Area(
        key=path.stem,
        title=told["title"],
        checked_by=told["checked_by"],
        cases=cases,
        origin=Origin.RECORDED,
        versions=tuple(part.strip() for part in told.get("versions", "").split(";") if part.strip()),
        told=f"{told['command']}, {told['date']}, Bedside {told['version']}, sha256 {short}",
    )


def _case(path: Path, at: int, line: str) -> Case:
    parts = line.split("\t")
    try:
        name, verdict, count = parts[0], Verdict(parts[1]), int(parts[2])
    except (IndexError, ValueError) as error:
        raise InputError([Problem(f"{path.name}:{at}", "must be: case, verdict, count, reason")]) from error
    return Case(name, verdict, parts[3] if len(parts) > 3 else "", count)


def recorded_areas(*keys: str, titles: Mapping[str, str] | None = None) -> Iterable[Area]:
    """The recorded areas of these names; one of which nothing is recorded is not run. titles: what such a one
    is called."""
    for key in keys:
        path = FOLDER / f"{key}.tsv"
        if path.is_file():
            yield read_area(path)
        else:
            reason = "no test run has recorded results for it"
            title = (titles or {}).get(key, key.replace("_", " "))
            yield Area(key, title, "-", (Case(key, Verdict.NOT_RUN, reason),), Origin.NOTHING)


def write_area(path: Path, head: Mapping[str, str], cases: Iterable[Case], when: date) -> None:
    """Write a file that `read_area` reads."""
    from bedside import __version__

    told = {**head, "date": when.isoformat(), "version": __version__}
    lines = [f"# {name}: {_flat(value)}" for name, value in told.items()]
    lines += [
        "\t".join((_flat(one.name), one.verdict.value, str(one.count), _flat(one.reason))) for one in cases
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _flat(text: str) -> str:
    return " ".join(text.split())
