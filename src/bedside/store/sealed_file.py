"""Files that nobody reads without the key: AES-256-GCM in pieces, each bound to its place and the file.

A file has a key of its own, derived from the data key and 16 random bytes in front of it. Each piece of 1 MiB
is sealed under a nonce that holds its number and whether it is the last (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015), so that pieces left out, exchanged or cut off are noticed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bedside.errors import SettingsError, StoreError, Tampered

PIECE = 1 << 20
SALT = 16
TAG = 16
KEY = 32
COST = 1 << 17
"""scrypt's N (with r = 8, p = 1): 128 MB and about half a second for each guess of a passphrase."""
_MOST_COST = 1 << 20
_LEAST_SECRET = 12


class WrongKey(StoreError):
    """The key or passphrase is not the one that sealed this."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What a person or a file gives to open something: a passphrase (stretched by scrypt) or a key file's
    bytes. Never shown."""

    content: bytes
    passphrase: bool

    def stretched(self, salt: bytes, cost: int) -> bytes:
        """The 32 bytes that a secret and a salt come to."""
        if not self.passphrase:
            return HKDF(hashes.SHA256(), KEY, salt, b"bedside key file").derive(self.content)
        if not 1 << 10 <= cost <= _MOST_COST or cost & (cost - 1):
            raise StoreError("the cost of the passphrase's derivation is out of range; nothing was read")
        return Scrypt(salt=salt, length=KEY, n=cost, r=8, p=1).derive(self.content)

    @property
    def name(self) -> str:
        """A short name of a key file, by which people tell keys apart; passphrases have none."""
        return "passphrase" if self.passphrase else hashlib.sha256(b"name:" + self.content).hexdigest()[:12]


def secret_from(path: Path) -> Secret:
    """The secret in a key file: 32 bytes or more, whatever they are."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"key file {path.name} cannot be read: {error.strerror}") from error
    if len(content.strip()) < KEY:
        raise SettingsError(f"key file {path.name} is too short: at least 32 bytes are needed")
    return Secret(content, passphrase=False)


def passphrase(text: str) -> Secret:
    """A passphrase, refused when it is too short to help."""
    if len(text) < _LEAST_SECRET:
        raise SettingsError(f"the passphrase is too short: at least {_LEAST_SECRET} characters")
    return Secret(text.encode(), passphrase=True)


def make_key_file(path: Path) -> None:
    """A new key file of 32 random bytes in hexadecimal, readable by its owner only; never over another."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"key file {path.name} cannot be made: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(KEY).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The key that files are sealed under. It is kept only wrapped by a secret."""

    key: bytes

    def wrapped(self, secret: Secret, cost: int = COST) -> dict[str, Any]:
        """The data key as it may be written down: sealed under the secret, with what a reader needs."""
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(12)
        sealed = AESGCM(secret.stretched(salt, cost)).encrypt(nonce, self.key, b"bedside data key")
        kind = "scrypt" if secret.passphrase else "key-file"
        said = {"from": kind, "salt": salt.hex(), "nonce": nonce.hex(), "key": sealed.hex()}
        return {**said, **({"cost": cost} if secret.passphrase else {"name": secret.name})}

    def hidden(self, name: str) -> str:
        """A name that says nothing, the same each time for the same name and key."""
        derived = HKDF(hashes.SHA256(), KEY, None, b"bedside names").derive(self.key)
        return hashlib.sha256(derived + name.encode()).hexdigest()

    def sealed(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes of a sealed file."""
        salt = secrets.token_bytes(SALT)
        cipher = AESGCM(self._file_key(salt))
        yield salt
        number, held = 0, b""
        for chunk in chunks:
            held += chunk
            while len(held) > PIECE:
                yield cipher.encrypt(_nonce(number, False), held[:PIECE], name.encode())
                number, held = number + 1, held[PIECE:]
        yield cipher.encrypt(_nonce(number, True), held, name.encode())

    def opened(self, name: str, file: BinaryIO) -> Iterator[bytes]:
        """The bytes that were sealed under this name. Raises `Tampered` when they are not whole or other."""
        salt = file.read(SALT)
        if len(salt) < SALT:
            raise Tampered("a sealed file is cut off")
        cipher = AESGCM(self._file_key(salt))
        number, piece = 0, file.read(PIECE + TAG)
        while True:
            after = file.read(PIECE + TAG) if len(piece) == PIECE + TAG else b""
            try:
                yield cipher.decrypt(_nonce(number, not after), piece, name.encode())
            except (InvalidTag, ValueError) as error:
                raise Tampered("a sealed file is not what was written, or is cut off") from error
            if not after:
                return
            number, piece = number + 1, after

    def _file_key(self, salt: bytes) -> bytes:
        return HKDF(hashes.SHA256(), KEY, salt, b"bedside file").derive(self.key)


def new_data_key() -> DataKey:
    """A fresh random key."""
    return DataKey(secrets.token_bytes(KEY))


def unwrapped(said: dict[str, Any], secret: Secret) -> DataKey:
    """The data key in what `wrapped` wrote. Raises `WrongKey`."""
    try:
        if (said["from"] == "scrypt") != secret.passphrase:
            wanted = "a passphrase" if said["from"] == "scrypt" else "a key file"
            raise WrongKey(f"this was sealed with {wanted}")
        salt, nonce, sealed = (bytes.fromhex(said[name]) for name in ("salt", "nonce", "key"))
        derived = secret.stretched(salt, int(said.get("cost", COST)))
        return DataKey(AESGCM(derived).decrypt(nonce, sealed, b"bedside data key"))
    except InvalidTag as error:
        raise WrongKey("the key is not the one that sealed this; nothing was read") from error
    except (KeyError, TypeError, ValueError) as error:
        raise Tampered("the note of the wrapped key is not readable") from error


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
