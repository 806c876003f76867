"""A log of signed lines, each naming the line before it: nothing in it can be changed, put in or taken out of
the middle without the key. Its own tail must be guarded by something else.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bedside.errors import InputError, Problem, StoreError
from bedside.store.chain import GENESIS
from bedside.store.signing_key import key_id, signed_by


def add_line(path: Path, what: str, said: Mapping[str, Any], key: Ed25519PrivateKey) -> int:
    """Add a line that says so; its number. On disk when this returns. what: what a line is (a checkpoint),
    which its signature covers. Raises `StoreError`."""
    try:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            held = file.read()
            if held and not held.endswith(b"\n"):
                raise StoreError(f"the log of {what}s ends in the middle of a line; look at it first")
            lines = held.splitlines()
            whole = {
                **said,
                "before": hashlib.sha256(lines[-1]).hexdigest() if lines else GENESIS,
                "key": key_id(key.public_key()),
                "line": len(lines) + 1,
            }
            signature = key.sign(_signed(what, whole)).hex()
            file.write(orjson.dumps({**whole, "signature": signature}, option=orjson.OPT_SORT_KEYS) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"a {what} could not be kept: {error.strerror}") from error
    return len(lines) + 1


def _signed(what: str, said: Mapping[str, Any]) -> bytes:
    return f"bedside {what}\n".encode() + orjson.dumps(dict(said), option=orjson.OPT_SORT_KEYS)


def read_lines(
    path: Path, what: str, fields: tuple[str, ...], keys: Mapping[str, Ed25519PublicKey]
) -> tuple[Mapping[str, Any], ...]:
    """What every line says, all of them signed by known keys and none missing between. fields: what each says
    besides its place. Raises `InputError` naming every line that is not so."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError.one(path.name, f"cannot be read: {error.strerror}") from error
    found, problems, before = [], list[Problem](), GENESIS
    for number, line in enumerate(lines, 1):
        try:
            held = orjson.loads(line)
            said = {name: held[name] for name in (*fields, "before", "key", "line")}
            signature = str(held["signature"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            problems.append(Problem(path.name, f"is no {what}", number))
            continue
        why = _wrong(what, said, signature, keys, (number, before))
        if why:
            problems.append(Problem(path.name, why, number))
        before = hashlib.sha256(line).hexdigest()
        found.append(said)
    if not lines:
        problems.append(Problem(path.name, f"holds no {what}"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _wrong(
    what: str,
    said: Mapping[str, Any],
    signature: str,
    keys: Mapping[str, Ed25519PublicKey],
    place: tuple[int, str],
) -> str:
    """What is wrong with a line; "" for nothing. place: its number, and the digest of the line before."""
    public = keys.get(said["key"]) if isinstance(said["key"], str) else None
    if public is None:
        return "is signed by a key that is not known: forged, or give its public half"
    if not signed_by(public, signature, _signed(what, said)):
        return "is forged or changed: its signature does not hold"
    if (said["line"], said["before"]) != place:
        return "does not follow the line before it: one was taken out"
    return ""
