"""From a URL to a ledger."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bedside.errors import SettingsError
from bedside.store.sql_ledger import Clock, SqlLedger, utc_now
from bedside.store.sqlite_ledger import Sqlite

_SQLITE = "sqlite:///"


def open_ledger(url: str, clock: Clock = utc_now) -> SqlLedger:
    """The ledger at `sqlite:///relative/path`, `sqlite:////absolute/path`, a bare path, or
    `postgresql://…`."""
    if url.startswith(("postgresql://", "postgres://")):
        if find_spec("psycopg") is None:
            raise SettingsError("a PostgreSQL store needs the extra: pip install 'bedside[postgresql]'")
        from bedside.store.postgresql_ledger import Postgresql

        return SqlLedger(Postgresql(url), clock)
    return SqlLedger(Sqlite(ledger_path(url)), clock)


def ledger_path(url: str) -> Path:
    """The file of an SQLite store; raises `SettingsError` for a URL of another kind."""
    path = url.removeprefix(_SQLITE)
    if not path or "://" in path or (path == url and path.startswith("sqlite:")):
        raise SettingsError("the store must be sqlite:///PATH, a path, or postgresql://…")
    return Path(path)
