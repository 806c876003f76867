"""Events read as columns are the events, on each database, also when they are read bit by bit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.measure import KEY
from bedside.learn.event_columns import ABSENT, EventColumns, Written, columns_of
from bedside.store import column_part, event_columns
from bedside.store.chain import to_micros
from bedside.store.column_text import statement
from bedside.store.event_columns import KeptColumns, last_known, read_columns
from bedside.store.sql_ledger import SqlLedger
from bedside.store.sqlite_ledger import Sqlite
from tests.contract.conftest import HandClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
READS = {
    (EventKind.ORDER_PLACED, ""): ("order.order", "order.test", "order.urgent"),
    (EventKind.HOOK_ANSWERED, "cards"): ("about.drug", "indicator", "uuid"),
    (EventKind.RESULT_ACCEPTED, ""): (KEY, "observations?", "result"),
    (EventKind.TASK_OPENED, ""): ("due", "task"),
}


def story() -> list[NewEvent]:
    accepted = {"sample": "s", "documents": [], "assay": "a", "confirmation": "clinical"}
    return [
        NewEvent(
            EventKind.ORDER_PLACED,
            "x",
            NOON,
            'ann\tå\n"q" \'é',
            {"order": {"order": '1\t\\ "two"\nlines', "test": "null", "urgent": True}},
        ),
        NewEvent(EventKind.ORDER_PLACED, "x", NOON, "bob", {"order": {"order": "", "test": None}}),
        NewEvent(EventKind.ACCESSED, "x", NOON, None, {"page": "chart"}),
        NewEvent(
            EventKind.HOOK_ANSWERED,
            "x",
            NOON,
            "bob",
            {
                "cards": [
                    {"uuid": "c1", "indicator": "critical", "about": {"drug": "d"}},
                    {"uuid": "c2", "indicator": "info", "about": {}},
                ]
            },
        ),
        NewEvent(EventKind.HOOK_ANSWERED, "x", NOON, None, {"cards": []}),
        NewEvent(
            EventKind.RESULT_ACCEPTED,
            "x",
            NOON,
            "bob",
            {**accepted, "result": "r1", "observations": {}},
            "k1",
        ),
        NewEvent(
            EventKind.RESULT_ACCEPTED,
            "x",
            NOON,
            "bob",
            {**accepted, "result": "5", "observations": {"G": ["x"]}},
        ),
    ]


def told(columns: EventColumns) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    """The columns as plain rows."""

    def word(code: int) -> str | None:
        return None if code == ABSENT else columns.vocabulary[code]

    return {
        (kind.value, each): [
            (
                int(rows.sequence[i]),
                word(int(rows.person[i])),
                int(rows.at[i]),
                *((path, word(int(codes[i]))) for path, codes in sorted(rows.attributes.items())),
            )
            for i in range(len(rows))
        ]
        for (kind, each), rows in columns.tables.items()
        if len(rows)
    }


def plainly(ledger: SqlLedger) -> EventColumns:
    """The same, read event by event."""
    return columns_of(
        (
            Written(one.sequence, one.kind, one.person, to_micros(one.valid_at), one.payload, one.key)
            for one in ledger.events()
        ),
        READS,
    )


def test_the_columns_say_what_the_events_say_whatever_is_in_their_words(ledger: SqlLedger) -> None:
    ledger.append(story())
    assert told(KeptColumns(READS).up_to_date(ledger)) == told(plainly(ledger))


def test_read_in_bits_they_say_the_same_and_a_word_keeps_its_code(ledger: SqlLedger) -> None:
    kept = KeptColumns(READS)
    assert told(kept.up_to_date(ledger)) == {}
    for event in story():
        ledger.append([event])
        held = kept.up_to_date(ledger)
        assert told(held) == told(plainly(ledger))
    assert held.vocabulary.find(["bob", "nobody", "c2"]).tolist()[1] == ABSENT
    assert held.head == ledger.checkpoint().sequence
    assert kept.up_to_date(ledger) is held


NOTHING: EventColumns = KeptColumns(READS).held
OTHERS = {
    "it answers": "",
    "it cannot be started": "no program",
    "it ends at once": "#!/bin/sh\nexit 1\n",
    "it speaks nonsense": "#!/bin/sh\nwhile read line; do echo '[7, 7, 7, 7]'; done\n",
    "it answers too little": "#!/bin/sh\nread line; read line; echo '[900, 0, 0, 0]'; echo short\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_second_process_or_none_makes_no_difference(
    ledger: SqlLedger, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        ledger.append([*story()[:3], story()[4]])
    ledger.append(story())
    monkeypatch.setattr(event_columns, "STRETCH", 4)
    if OTHERS[name]:
        program = tmp_path / "python"
        program.write_text(OTHERS[name])
        program.chmod(0o755)
        monkeypatch.setattr(column_part.sys, "executable", str(program))
    found = read_columns(ledger, READS, NOTHING, ledger.checkpoint().sequence, many=1)
    assert told(found) == told(plainly(ledger))


def test_a_second_process_reads_as_this_one_does_and_can_only_look(tmp_path: Path) -> None:
    path = tmp_path / "a folder, with #signs" / "ledger.db"
    ledger = SqlLedger(Sqlite(path))
    ledger.append(story())
    asked = [column_part.Asked(t[0].value, statement(ledger.dialect, t, p), p) for t, p in READS.items()]

    with column_part._another(path, asked) as other:
        assert other is not None
        parts = column_part._ask(other, (0, 7), len(asked))
    assert [0 if one is None else one.num_rows for one in parts] == [2, 2, 2, 0]
    writing = [column_part.Asked("x", "UPDATE event SET kind = ? WHERE ? < ? RETURNING kind", ())]
    with column_part._another(path, writing) as other:
        assert other is not None
        with pytest.raises((OSError, ValueError)):
            column_part._ask(other, (0, 7), 1)
    assert told(KeptColumns(READS).up_to_date(ledger)) == told(plainly(ledger))
    ledger.close()


def test_the_last_event_known_at_a_moment(ledger: SqlLedger, clock: HandClock) -> None:
    assert last_known(ledger, NOON) == 0
    ledger.append(story()[:2])
    clock.turn(hours=2)
    ledger.append(story()[2:3])
    assert [last_known(ledger, at) for at in (NOON, clock.now)] == [2, 3]
