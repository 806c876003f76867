"""A plan carried out: files and event together, whole or not at all, also when the power fails in between.

First everything that will be written is laid down in `.playbooks/act`, which appears with one rename. Then
the event is appended; from then on the act counts. Then the files are put in place. Whoever opens the house
next finishes an act whose event is in the ledger and throws away one whose event is not.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bedside.errors import SettingsError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.store.sql_ledger import SqlLedger

if TYPE_CHECKING:
    from bedside.service.playbook_plan import Plan

FOLDER = ".playbooks"
"""Beside the kinds of a knowledge folder; no reader of packs looks here."""
LIST = "installed.json"
KEPT = "kept"
ACT, DRAFT, DONE, PLAN = "act", "act.new", "act.done", "plan.json"


def carry_out(root: Path, ledger: SqlLedger, plan: Plan, said: dict[str, Any], who: str, at: Any) -> None:
    """The plan, done. said: what the event says beside playbook, change and versions. Raises StoreError or
    SettingsError, and then nothing was changed."""
    act = uuid4().hex
    payload = {
        "playbook": plan.playbook,
        "change": plan.change,
        "from": plan.before,
        "version": plan.after,
        "act": act,
        "files": {name: None if one is None else digest(one) for name, one in plan.writes.items()},
        "kept": list(plan.kept),
        "replaced": list(plan.replaced),
        **said,
    }
    with locked(root) as home:
        settle(root, ledger)
        try:
            _lay_down(home, plan, act)
        except OSError as error:
            raise SettingsError(f"{FOLDER} cannot be written: {error.strerror}") from error
        try:
            ledger.append(
                [NewEvent(EventKind.PLAYBOOK_CHANGED, who, at, payload=payload, key=f"playbook:{act}")]
            )
        finally:
            settle(root, ledger)


def settle(root: Path, ledger: SqlLedger) -> None:
    """Finish an act that counts and throw away one that does not. Call it with the folder locked."""
    home = root / FOLDER
    for name in (DRAFT, DONE):
        shutil.rmtree(home / name, ignore_errors=True)
    if not (home / ACT / PLAN).is_file():
        _leave(home)
        return
    plan = json.loads((home / ACT / PLAN).read_bytes())
    said = ledger.events(kinds=(EventKind.PLAYBOOK_CHANGED,))
    if any(event.payload.get("act") == plan["act"] for event in said):
        _put_in_place(root, plan)
    (home / ACT).rename(home / DONE)
    shutil.rmtree(home / DONE)
    _leave(home)


def interrupted(root: Path | None) -> bool:
    """Whether an act was begun and not ended, or is going on now."""
    return root is not None and any((root / FOLDER / name).exists() for name in (ACT, DRAFT, DONE))


def recover(root: Path | None, ledger: SqlLedger) -> None:
    """Settle what an interrupted act left; waits for one that is going on."""
    if root is not None and interrupted(root):
        with locked(root):
            settle(root, ledger)


@contextmanager
def locked(root: Path) -> Iterator[Path]:
    """The folder for one act at a time. The lock stands beside the knowledge folder's own list."""
    home = root / FOLDER
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise SettingsError(f"the knowledge folder cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        home.mkdir(exist_ok=True)
        yield home
    finally:
        _leave(home)
        os.close(handle)


def _leave(home: Path) -> None:
    """Nothing stays behind where nothing is installed."""
    if home.is_dir() and not any(home.iterdir()):
        home.rmdir()


def _lay_down(home: Path, plan: Plan, act: str) -> None:
    draft = home / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    contents = {digest(one): one for one in plan.writes.values() if one is not None}
    for name, content in {**contents, **plan.keeps}.items():
        write_synced(draft / name, content)
    document = {
        "act": act,
        "writes": {name: None if one is None else digest(one) for name, one in plan.writes.items()},
        "keeps": sorted(plan.keeps),
        "needed": sorted(plan.state.needed),
        "folders": list(plan.state.folders),
        "empty": not plan.state.playbooks,
        "state": plan.state.encoded().decode(),
    }
    write_synced(draft / PLAN, json.dumps(document).encode())
    sync_folder(draft)
    draft.rename(home / ACT)
    sync_folder(home)


def _put_in_place(root: Path, plan: dict[str, Any]) -> None:
    """Every file as the plan says; the same again changes nothing."""
    home = root / FOLDER
    for name, now in plan["writes"].items():
        if now is None:
            (root / name).unlink(missing_ok=True)
        else:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            replace_synced(root / name, (home / ACT / now).read_bytes())
    (home / KEPT).mkdir(exist_ok=True)
    for name in plan["keeps"]:
        replace_synced(home / KEPT / name, (home / ACT / name).read_bytes())
    for path in (home / KEPT).iterdir():
        if path.name not in plan["needed"]:
            path.unlink()
    state = json.loads(plan["state"])
    for folder in sorted(plan["folders"], reverse=True):
        if (root / folder).is_dir() and not any((root / folder).iterdir()):
            (root / folder).rmdir()
        if not (root / folder).is_dir():
            state["folders"].remove(folder)
    if plan["empty"]:
        (home / LIST).unlink(missing_ok=True)
        shutil.rmtree(home / KEPT, ignore_errors=True)
    else:
        replace_synced(home / LIST, (json.dumps(state, indent=1, sort_keys=True) + "\n").encode())
    sync_folder(home)


def write_synced(path: Path, content: bytes) -> None:
    """A file with its content on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, content: bytes) -> None:
    """A file that has its old content or its new one, never half of it."""
    if path.is_file() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.new")
    write_synced(beside, content)
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """The names in a folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
