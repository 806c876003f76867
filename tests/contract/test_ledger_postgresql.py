"""What only a server can do: hang up."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from bedside.errors import StoreError
from bedside.genome.event import EventKind, NewEvent

EVENT = NewEvent(
    EventKind.ACCESSED, "clerk", datetime(2026, 3, 1, tzinfo=UTC), "p", {"secret": "of a patient"}
)


@pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)
def test_a_server_that_hangs_up_is_a_store_error_and_the_next_append_begins_anew(ledger, ledger_url):
    ledger.append([EVENT])
    with psycopg.connect(ledger_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bedside'"
        )
    with pytest.raises(StoreError) as failed:
        ledger.append([EVENT])
    assert "secret" not in str(failed.value)
    (after,) = ledger.append([EVENT])
    assert (after.sequence, ledger.verify()) == (2, 2)


def test_a_server_that_is_not_there_is_a_store_error():
    from bedside.store.open_ledger import open_ledger

    with pytest.raises(StoreError, match="the ledger could not be opened: OperationalError"):
        open_ledger("postgresql://nobody@127.0.0.1:1/none")
