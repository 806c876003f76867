"""What the retention policy says of everything that lies beside the record; and doing it.

The record is never touched: no event, and no document that an event or its content names. What is to go is
written down first, with its names, then deleted, then looked for again; the answers are kept as a proof.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bedside.errors import InputError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.retention import Kind, RetentionPolicy, Verdict, load_retention
from bedside.service.bulk_files import asked_of, delete, exports, state_of
from bedside.service.erasure_proof import Reasked
from bedside.service.house import House, documents_folder, exports_folder, lake_folder
from bedside.store.backup_folder import HEADER, read_header
from bedside.store.encode import canonical
from bedside.store.ledger_copy import rows_of

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DOCUMENT = re.compile(r"[0-9a-f]{62}")
_HALF = (".arriving-*", ".*.part", ".*.new")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something beside the record: what, its name and place, its size, when it was last of use (None when
    nobody can tell), what the policy says and why."""

    what: Kind
    name: str
    path: Path
    size: int
    age_days: int | None
    verdict: Verdict
    reason: str


QUICK = frozenset({Kind.EXPORTS, Kind.BACKUPS, Kind.TEMPORARY})
"""What can be looked at without reading every event."""


def things(
    house: House, policy: RetentionPolicy | None = None, kinds: frozenset[Kind] = frozenset(Kind)
) -> tuple[Thing, ...]:
    """Everything of some kinds that lies beside the record, with the policy's verdict."""
    policy = policy or load_retention(house.settings.knowledge_folder)
    now = house.clock()
    found = []
    for what, seen in (
        (Kind.EXPORTS, _exports(house)),
        (Kind.BACKUPS, _backups(house)),
        (Kind.ORPHANS, _orphans(house)),
        (Kind.TEMPORARY, _temporary(house)),
    ):
        if what not in kinds:
            continue
        newest = sorted(seen, key=lambda one: one[1] or datetime.min.replace(tzinfo=UTC), reverse=True)
        for newer, (path, at) in enumerate(newest):
            age = None if at is None else (now - at).days
            name = path.name if what is not Kind.ORPHANS else path.parent.name + path.name
            verdict, reason = policy.verdict(what, name, age, newer, now.date())
            found.append(Thing(what, name, path, _size(path), age, verdict, reason))
    return tuple(found)


def apply_retention(house: House, *, actor: str) -> tuple[Thing, ...]:
    """Delete what is due; what was deleted. Raises `StoreError` when something is still there afterwards; the
    next run goes on."""
    policy = load_retention(house.settings.knowledge_folder)
    due = tuple(one for one in things(house, policy) if one.verdict is Verdict.DUE)
    if not due:
        return ()
    plan = [
        {"what": one.what.value, "name": one.name, "bytes": one.size, "days": one.age_days} for one in due
    ]
    listed = house.documents.put(canonical({"policy": policy.provenance.sha256, "removed": plan}))
    counts = {kind.value: sum(one.what is kind for one in due) for kind in Kind}
    said = {
        "policy": f"{policy.provenance.name}#{policy.provenance.sha256[:12]}",
        "removed": counts,
        "bytes": sum(one.size for one in due),
        "document": listed,
    }
    (event,) = house.ledger.append([NewEvent(EventKind.RETENTION_APPLIED, actor, house.clock(), None, said)])
    for one in due:
        _delete(one)
    left = [f"{one.what.value} {one.name[:20]}" for one in due if one.path.exists()]
    asked = [Reasked(f"is {one.what.value} {one.name} there", "no") for one in due if not one.path.exists()]
    proof = {"event": event.sequence, "hash": event.hash, "asked_again": [asdict(one) for one in asked]}
    seen = {
        "proof": "retention-applied",
        "event": event.sequence,
        "document": house.documents.put(canonical(proof)),
    }
    house.ledger.append([NewEvent(EventKind.ACCESSED, actor, house.clock(), None, seen)])
    if left:
        raise StoreError(f"after it was deleted it is still there: {', '.join(left)}; run it again")
    return due


def _delete(one: Thing) -> None:
    try:
        if one.what is Kind.EXPORTS:
            delete(one.path)
        elif one.what is Kind.BACKUPS:
            (one.path / HEADER).unlink(missing_ok=True)
            shutil.rmtree(one.path)
        else:
            one.path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{one.what.value} could not be deleted: {error.strerror}") from error


def _exports(house: House) -> Iterator[tuple[Path, datetime | None]]:
    for folder in exports(house):
        yield folder, state_of(folder).ended or asked_of(folder).started


def _backups(house: House) -> Iterator[tuple[Path, datetime | None]]:
    if not house.settings.backups:
        return
    root = Path(house.settings.backups)
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.is_dir() and not folder.name.startswith(".") and (folder / HEADER).is_file():
            try:
                read_header(folder)
                yield folder, datetime.fromtimestamp((folder / HEADER).stat().st_mtime, UTC)
            except InputError:
                yield folder, None


def _orphans(house: House) -> Iterator[tuple[Path, datetime | None]]:
    """Documents whose digest stands in no event, in no content, and in no list (a document in JSON) that one
    of these names."""
    folder = documents_folder(house.settings)
    held = {
        path.parent.name + path.name: path for path in folder.glob("??/*") if _DOCUMENT.fullmatch(path.name)
    }
    if not held:
        return
    named: set[str] = set()
    with rows_of(house.ledger) as rows:
        for events in rows.events():
            named |= _named(str(row[7]) for row in events)
        for contents in rows.contents():
            named |= _named(row[3] for row in contents)
    todo = named & held.keys()
    while todo:
        further = set[str]()
        for digest in todo:
            further |= _listed(held[digest])
        todo = (further & held.keys()) - named
        named |= todo
    for digest in sorted(held.keys() - named):
        yield held[digest], _touched(held[digest])


def _listed(path: Path) -> set[str]:
    """The digests that a document in JSON names."""
    with path.open("rb") as file:
        if file.read(1) not in (b"{", b"["):
            return set()
    return _named((path.read_text(encoding="utf-8", errors="replace"),))


def _named(texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in _DIGEST.findall(text)}


def _temporary(house: House) -> Iterator[tuple[Path, datetime | None]]:
    roots = (documents_folder(house.settings), lake_folder(house.settings), exports_folder(house.settings))
    for root in dict.fromkeys(roots):
        if root.is_dir():
            for pattern in _HALF:
                yield from ((path, _touched(path)) for path in root.rglob(pattern) if path.is_file())


def _touched(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _size(path: Path) -> int:
    every = path.rglob("*") if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in every if one.is_file())
