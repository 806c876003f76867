"""Checkpoints kept elsewhere: one signed line each, each naming the line before it.

A hash chain shows that an event was changed, not that its tail was cut or that everything was written anew.
A checkpoint that lies elsewhere shows both. Where the log lies must not be writable to whoever can write the
ledger; its own tail is guarded by the ledger, which says how many lines were kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bedside.errors import InputError, Problem, StoreError, Tampered
from bedside.store.chain import GENESIS
from bedside.store.ledger import Checkpoint
from bedside.store.ledger_copy import rows_of
from bedside.store.signing_key import key_id, signed_by
from bedside.store.sql_ledger import SqlLedger

NAME = "bedside-checkpoints.jsonl"
_FIELDS = ("at", "before", "erased", "hash", "key", "line", "sequence")


@dataclass(frozen=True, slots=True)
class Kept:
    """One line: its number, when it was kept, the checkpoint, how many genomes had been erased, the key."""

    line: int
    at: str
    checkpoint: Checkpoint
    erased: int
    key: str


def log_path(where: Path) -> Path:
    """The log's file: as named, or under its usual name in a folder."""
    return where / NAME if where.is_dir() else where


def keep(where: Path, checkpoint: Checkpoint, erased: int, at: str, key: Ed25519PrivateKey) -> Kept:
    """Add a checkpoint to a log; on disk when this returns. Raises `StoreError`."""
    path = log_path(where)
    try:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            held = file.read()
            if held and not held.endswith(b"\n"):
                raise StoreError("the log of checkpoints ends in the middle of a line; look at it first")
            lines = held.splitlines()
            said = {
                "at": at,
                "before": hashlib.sha256(lines[-1]).hexdigest() if lines else GENESIS,
                "erased": erased,
                "hash": checkpoint.hash,
                "key": key_id(key.public_key()),
                "line": len(lines) + 1,
                "sequence": checkpoint.sequence,
            }
            signature = key.sign(_signed(said)).hex()
            file.write(orjson.dumps({**said, "signature": signature}, option=orjson.OPT_SORT_KEYS) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"a checkpoint could not be kept: {error.strerror}") from error
    return Kept(len(lines) + 1, at, checkpoint, erased, key_id(key.public_key()))


def _signed(said: Mapping[str, object]) -> bytes:
    return b"bedside checkpoint\n" + orjson.dumps(
        {name: said[name] for name in _FIELDS}, option=orjson.OPT_SORT_KEYS
    )


def read_kept(where: Path, keys: Mapping[str, Ed25519PublicKey]) -> tuple[Kept, ...]:
    """Every line of a log, all of them signed by known keys and none missing between. Raises `InputError`
    naming every line that is not."""
    path = log_path(where)
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError.one(path.name, f"cannot be read: {error.strerror}") from error
    found, problems, before = [], list[Problem](), GENESIS
    for number, line in enumerate(lines, 1):
        try:
            said = orjson.loads(line)
            one = Kept(
                said["line"],
                said["at"],
                Checkpoint(said["sequence"], said["hash"]),
                said["erased"],
                said["key"],
            )
            content, signature = _signed(said), str(said["signature"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            problems.append(Problem(path.name, "is no checkpoint", number))
            continue
        public = keys.get(one.key)
        if public is None:
            problems.append(
                Problem(
                    path.name, "is signed by a key that is not known: forged, or give its public half", number
                )
            )
        elif not signed_by(public, signature, content):
            problems.append(Problem(path.name, "is forged or changed: its signature does not hold", number))
        elif (one.line, said["before"]) != (number, before):
            problems.append(
                Problem(path.name, "does not follow the line before it: one was taken out", number)
            )
        before = hashlib.sha256(line).hexdigest()
        found.append(one)
    if not lines:
        problems.append(Problem(path.name, "holds no checkpoint"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def verify_kept(ledger: SqlLedger, kept: Sequence[Kept]) -> int:
    """Walk the chain past every kept checkpoint; how many events there are. Raises `Tampered` naming the
    event that was changed, or between which two checkpoints the ledger was written anew, or where its tail
    was cut."""
    wanted = {one.checkpoint.sequence: one for one in kept}
    last, fitting = 0, 0
    with rows_of(ledger) as rows:
        for page in rows.events():
            for row in page:
                last = row[0]
                one = wanted.get(last)
                if one is None:
                    continue
                if one.checkpoint.hash != row[8]:
                    raise Tampered(
                        f"an event from {fitting + 1} to {last} is not the one that was written: the chain "
                        f"was made anew, and event {last} is not that of the checkpoint kept at {one.at}"
                    )
                fitting = last
    ahead = [one for one in kept if one.checkpoint.sequence > last]
    if ahead:
        raise Tampered(
            f"the ledger's tail was cut: it ends at event {last}, the checkpoint kept "
            f"{ahead[-1].at} was taken at {ahead[-1].checkpoint.sequence}"
        )
    return last
