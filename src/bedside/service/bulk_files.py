"""The files of a bulk export: one folder for each, beside the ledger. What was asked, whom it is about and
how far it came stand in it, so that an export goes on after the process was killed.

A file is added to in steps. A step counts once the state that names its length is on disk; whatever was
written behind that length is cut off when the export goes on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from bedside.service.house import House, exports_folder

KEPT = timedelta(hours=24)
"""How long the files of an export that ended can be fetched."""
LONGEST = timedelta(days=7)
"""After which an export that never ended is given up and deleted."""
MOST_RESOURCES = 100_000
"""In one file."""
_LEFT_SECONDS = 3600
"""After which a folder that never became an export, or is none any more, is cleared away."""
_ASKED, _PEOPLE, _STATE, _LOCK = "asked.json", "people.json", "state.json", "lock"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for. filters: of a type its alternatives, each a list of parameters. people: the
    only records the client may open, scopes: those of its token; None for no such limit. ignored: parameters
    that were not read."""

    client: str
    url: str
    started: datetime
    kinds: tuple[str, ...]
    since: datetime | None = None
    filters: Mapping[str, Sequence[Sequence[tuple[str, str]]]] = field(default_factory=dict)
    people: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One file: the type it holds, its name, and the length and number of resources that count."""

    kind: str
    name: str
    length: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """How far an export came: the people done, its files, and when and why it ended."""

    done: int = 0
    of: int = 0
    parts: tuple[Part, ...] = ()
    ended: datetime | None = None
    failed: str = ""
    tries: int = 0


def exports(house: House) -> Iterator[Path]:
    """The folder of each export."""
    root = exports_folder(house.settings)
    if root.is_dir():
        yield from (one for one in sorted(root.iterdir()) if (one / _ASKED).is_file())


def export_named(house: House, job: str) -> Path | None:
    """The folder of an export; None when there is none."""
    folder = exports_folder(house.settings) / job
    return folder if job.isalnum() and (folder / _ASKED).is_file() else None


def new_export(house: House, asked: Asked, people: Sequence[str]) -> Path:
    """A folder for an export; what makes it one is written last."""
    folder = exports_folder(house.settings) / uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    _put(folder / _PEOPLE, list(people))
    _put(folder / _STATE, asdict(State(of=len(people))))
    _put(folder / _ASKED, asdict(asked))
    return folder


def _put(path: Path, content: object) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(orjson.dumps(content))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _get(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def asked_of(folder: Path) -> Asked:
    """What the client asked for."""
    plain = _get(folder / _ASKED)
    return Asked(
        client=plain["client"],
        url=plain["url"],
        started=datetime.fromisoformat(plain["started"]),
        kinds=tuple(plain["kinds"]),
        since=_moment(plain["since"]),
        filters={
            kind: [[(name, value) for name, value in one] for one in every]
            for kind, every in plain["filters"].items()
        },
        people=None if plain["people"] is None else tuple(plain["people"]),
        scopes=None if plain["scopes"] is None else tuple(plain["scopes"]),
        ignored=tuple(plain["ignored"]),
    )


def people_of(folder: Path) -> Sequence[str]:
    """Whom the export is about, as it was when it began."""
    return tuple(_get(folder / _PEOPLE))


def state_of(folder: Path) -> State:
    """How far it came."""
    plain = _get(folder / _STATE)
    parts = tuple(Part(**part) for part in plain["parts"])
    return State(plain["done"], plain["of"], parts, _moment(plain["ended"]), plain["failed"], plain["tries"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def keep_state(folder: Path, state: State) -> None:
    """Write down how far it came."""
    _put(folder / _STATE, asdict(state))


def expires(asked: Asked, state: State) -> datetime:
    """When the export and its files are deleted."""
    return asked.started + LONGEST if state.ended is None else state.ended + KEPT


def sweep(house: House) -> int:
    """Delete every export that is over its time; how many."""
    gone = 0
    for folder in exports(house):
        if expires(asked_of(folder), state_of(folder)) <= house.clock():
            delete(folder)
            gone += 1
    root = exports_folder(house.settings)
    for folder in root.iterdir() if root.is_dir() else ():
        left = house.clock().timestamp() - folder.stat().st_mtime
        if folder.is_dir() and not (folder / _ASKED).is_file() and left > _LEFT_SECONDS:
            delete(folder)
    return gone


def delete(folder: Path) -> None:
    """Delete an export with its files; from then on it is none."""
    (folder / _ASKED).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Whether this process is the one that writes the export; it is as long as the block lasts."""
    try:
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def cut(folder: Path, state: State) -> None:
    """Cut off what was written behind the lengths that count."""
    lengths = {part.name: part.length for part in state.parts}
    for path in folder.glob("*.ndjson"):
        if path.name in lengths:
            os.truncate(path, lengths[path.name])
        else:
            path.unlink()


def add(folder: Path, parts: Sequence[Part], lines: Mapping[str, Sequence[bytes]]) -> tuple[Part, ...]:
    """Write lines behind the files of their types, on disk when this returns; the parts as they are then.
    Nothing of it counts before the state is kept."""
    after = list(parts)
    for kind, mine in lines.items():
        if not mine:
            continue
        place = next(
            (n for n, one in enumerate(after) if one.kind == kind and one.count < MOST_RESOURCES), -1
        )
        if place < 0:
            number = sum(one.kind == kind for one in after) + 1
            place = len(after)
            after.append(Part(kind, f"{kind}.{number}.ndjson"))
        part = after[place]
        content = b"".join(line + b"\n" for line in mine)
        with (folder / part.name).open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        after[place] = replace(part, length=part.length + len(content), count=part.count + len(mine))
    return tuple(after)
