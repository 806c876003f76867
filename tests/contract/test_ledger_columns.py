"""Events read as columns are the events, on each database, also when they are read bit by bit."""

from __future__ import annotations

from datetime import UTC, datetime

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.measure import KEY
from bedside.learn.event_columns import ABSENT, EventColumns, Written, columns_of
from bedside.store.chain import to_micros
from bedside.store.event_columns import KeptColumns, last_known
from bedside.store.sql_ledger import SqlLedger
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


def test_the_last_event_known_at_a_moment(ledger: SqlLedger, clock: HandClock) -> None:
    assert last_known(ledger, NOON) == 0
    ledger.append(story()[:2])
    clock.turn(hours=2)
    ledger.append(story()[2:3])
    assert [last_known(ledger, at) for at in (NOON, clock.now)] == [2, 3]
