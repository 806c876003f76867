"""Checkpoints kept elsewhere: one signed line each, each naming the line before it.

A hash chain shows that an event was changed, not that its tail was cut or that everything was written anew.
A checkpoint that lies elsewhere shows both. Where the log lies must not be writable to whoever can write the
ledger; its own tail is guarded by the ledger, which says how many lines were kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bedside.errors import Tampered
from bedside.store.ledger import Checkpoint
from bedside.store.ledger_copy import rows_of
from bedside.store.signed_lines import add_line, read_lines
from bedside.store.signing_key import key_id
from bedside.store.sql_ledger import SqlLedger

NAME = "bedside-checkpoints.jsonl"
WHAT = "checkpoint"
_FIELDS = ("at", "erased", "hash", "sequence")


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
    said = {"at": at, "erased": erased, "hash": checkpoint.hash, "sequence": checkpoint.sequence}
    line = add_line(log_path(where), WHAT, said, key)
    return Kept(line, at, checkpoint, erased, key_id(key.public_key()))


def read_kept(where: Path, keys: Mapping[str, Ed25519PublicKey]) -> tuple[Kept, ...]:
    """Every line of a log, all of them signed by known keys and none missing between. Raises `InputError`
    naming every line that is not."""
    return tuple(
        Kept(
            said["line"], said["at"], Checkpoint(said["sequence"], said["hash"]), said["erased"], said["key"]
        )
        for said in read_lines(log_path(where), WHAT, _FIELDS, keys)
    )


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
