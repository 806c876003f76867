"""The key that signs checkpoints: Ed25519. The private half stays with the server or is brought along; the
public halves, also of keys given up, are kept where checkpoints are verified.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bedside.errors import SettingsError


def public_file(path: Path) -> Path:
    """Where the public halves of a private key's file lie, one a line, the newest last."""
    return path.with_name(f"{path.name}.public")


def key_id(public: Ed25519PublicKey) -> str:
    """The name of a key: the first 16 digits of the sha256 of its public half."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def make_signing_key(path: Path, made_at: str) -> str:
    """A new private key, readable by its owner only and never over another, its public half added to the
    list beside it; the key's id."""
    if path.exists():
        raise SettingsError(f"{path.name} is there already; `bedside keys rotate checkpoint` replaces it")
    return _write(path, made_at)


def rotate_signing_key(path: Path, made_at: str) -> tuple[str, str]:
    """A new private key in place of the old one, which is gone; ids of both. The public half is listed before
    the private one can sign, so that what it signs can always be verified."""
    before = key_id(read_signing_key(path).public_key())
    return before, _write(path, made_at)


def _write(path: Path, made_at: str) -> str:
    key = Ed25519PrivateKey.generate()
    name = key_id(key.public_key())
    line = {"id": name, "made": made_at, "public": key.public_key().public_bytes_raw().hex()}
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fresh = path.with_name(f".{path.name}.new")
    try:
        with public_file(path).open("ab") as listed:
            listed.write(orjson.dumps(line) + b"\n")
            listed.flush()
            os.fsync(listed.fileno())
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be written: {error.strerror}") from error
    return name


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file; raises `SettingsError`, never with anything of it."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{path.name} cannot be read as a private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path.name} is no Ed25519 key: `bedside keys make --signing FILE` makes one")
    return key


def read_public_keys(path: Path) -> Mapping[str, Ed25519PublicKey]:
    """Public keys by id, from a list of them; raises `SettingsError`."""
    found = {}
    try:
        for line in path.read_bytes().splitlines():
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(orjson.loads(line)["public"]))
            found[key_id(key)] = key
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path.name} cannot be read as a list of public keys") from error
    if not found:
        raise SettingsError(f"{path.name} holds no public key")
    return found


def signed_by(public: Ed25519PublicKey, signature: str, content: bytes) -> bool:
    """Whether a signature in hexadecimal is of this key over these bytes."""
    try:
        public.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
