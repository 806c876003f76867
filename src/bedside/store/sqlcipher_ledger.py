"""The ledger on SQLCipher: SQLite whose file and write-ahead log are encrypted (AES-256, page by page).

Needs the extra `encryption` (sqlcipher3). The key is 32 bytes from a file or the environment, never from an
address. Everything else is the ledger on SQLite.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlcipher3 import dbapi2

from bedside.errors import StoreError
from bedside.store.dialect import Connection
from bedside.store.sealed_file import WrongKey
from bedside.store.sqlite_ledger import BUSY_SECONDS, CONNECTED, Sqlite
from bedside.store.store_key import StoreKey, coming_file, read_store_key


class Sqlcipher(Sqlite):
    """SQLite in WAL mode with `synchronous=FULL`, every page encrypted and authenticated."""

    errors: tuple[type[Exception], ...] = (dbapi2.Error,)

    def __init__(self, path: Path, key: StoreKey) -> None:
        super().__init__(path)
        self.key = key

    @property
    def plain_file(self) -> None:
        """Nothing without the key, which is given to no other process."""

    def _opened(self) -> Connection:
        """A connection that can read the file; raises `WrongKey`. The next key is tried where a rotation was
        cut off, and takes the other's place when it fits."""
        for key in filter(None, (self.key.current, self.key.coming)):
            connection = dbapi2.connect(self.path, timeout=BUSY_SECONDS, **CONNECTED)
            try:
                connection.execute("PRAGMA cipher_log_level = NONE")
                connection.execute(f"PRAGMA key = \"x'{key}'\"")
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except dbapi2.DatabaseError as error:
                connection.close()
                if "not a database" in str(error):
                    continue
                raise
            if key == self.key.coming and self.key.file is not None:
                os.replace(coming_file(self.key.file), self.key.file)
                self.key = StoreKey(key, "", self.key.file)
            return connection
        raise WrongKey("the store cannot be opened: another key, or no encrypted ledger")

    def reason(self, error: Exception) -> str:
        """SQLCipher's own words, which never hold a value."""
        return str(error)


def rotate_store_key(path: Path, key_file: Path) -> None:
    """Encrypt a store anew under a fresh key, in one transaction; nobody else may have it open.

    The fresh key is on disk before the first page is written and takes the file's place afterwards; killed at
    any moment, the store opens with the one or the other. Raises `StoreError` or `WrongKey`.
    """
    held = read_store_key(key_file)
    cipher = Sqlcipher(path, held)
    connection = cipher.connect()
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
        fresh = secrets.token_hex(32)
        _keep(coming_file(key_file), fresh)
        connection.execute(f"PRAGMA rekey = \"x'{fresh}'\"")
    except dbapi2.Error as error:
        raise StoreError(f"the store could not be encrypted anew: {error}; stop the server first") from error
    finally:
        connection.close()
    Sqlcipher(path, StoreKey(fresh)).connect().close()
    os.replace(coming_file(key_file), key_file)


def _keep(path: Path, key: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
