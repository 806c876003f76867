"""From a URL to a ledger."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bedside.errors import SettingsError
from bedside.store.sql_ledger import Clock, SqlLedger, utc_now
from bedside.store.sqlite_ledger import Sqlite
from bedside.store.store_key import StoreKey

_SQLITE = "sqlite:///"
_SQLCIPHER = "sqlite+sqlcipher:///"
_POSTGRESQL = ("postgresql:", "postgres:")


def open_ledger(
    url: str, clock: Clock = utc_now, *, key: StoreKey | None = None, plain: bool = False
) -> SqlLedger:
    """The ledger at `sqlite:///relative/path`, `sqlite:////absolute/path`, a bare path,
    `sqlite+sqlcipher:///path` with its key, or `postgresql://…`.

    plain: a PostgreSQL server on another machine may be reached without TLS. Raises `SettingsError`.
    """
    if is_postgresql(url):
        if find_spec("psycopg") is None:
            raise SettingsError("a PostgreSQL store needs the extra: pip install 'bedside[postgresql]'")
        from bedside.store.postgresql_ledger import Postgresql, demand_tls

        if not plain:
            demand_tls(url)
        return SqlLedger(Postgresql(url), clock)
    if not is_encrypted(url):
        return SqlLedger(Sqlite(ledger_path(url)), clock)
    if find_spec("sqlcipher3") is None:
        raise SettingsError("an encrypted store needs the extra: pip install 'bedside[encryption]'")
    if key is None:
        raise SettingsError("an encrypted store needs its key: BEDSIDE_STORE_KEY_FILE or BEDSIDE_STORE_KEY")
    from bedside.store.sqlcipher_ledger import Sqlcipher

    return SqlLedger(Sqlcipher(ledger_path(url), key), clock)


def is_postgresql(url: str) -> bool:
    """Whether a store is a PostgreSQL database."""
    return url.startswith(_POSTGRESQL)


def is_encrypted(url: str) -> bool:
    """Whether a store is an encrypted file."""
    return url.startswith(_SQLCIPHER)


def ledger_path(url: str) -> Path:
    """The file of an SQLite store, encrypted or not; raises `SettingsError` for a URL of another kind."""
    path = url.removeprefix(_SQLCIPHER) if is_encrypted(url) else url.removeprefix(_SQLITE)
    if not path or "://" in path or "?" in path or (path == url and path.startswith("sqlite:")):
        raise SettingsError(
            "the store must be sqlite:///PATH, a path, sqlite+sqlcipher:///PATH or postgresql://…"
        )
    return Path(path)
