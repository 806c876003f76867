"""What every ledger says of consent and of stored genomes, whatever database is under it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bedside.errors import StoreError
from bedside.genome.consent import Decision, Giver, Said, Scope, Stage
from bedside.genome.event import EventKind, NewEvent
from bedside.store import dialect, postgresql_ledger, sqlite_ledger
from bedside.store.ledger import Alike, GenomeRun
from bedside.store.open_ledger import open_ledger
from tests.contract.conftest import STORE_KEY

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
GIVEN, WITHDRAWN = Decision.GIVEN, Decision.WITHDRAWN


def born(person: str, birth_date: str | None, at=NOON) -> NewEvent:
    return NewEvent(EventKind.PERSON_REGISTERED, "clerk", at, person, {"birth_date": birth_date})


def said(person="p-1", scope="research", decision="given", by="self", at=NOON, **more) -> NewEvent:
    payload = {"scope": scope, "decision": decision, "by": by, **more}
    return NewEvent(EventKind.CONSENT_RECORDED, "clerk", at, person, payload)


def stored(person="p-1", run="run-1") -> NewEvent:
    payload = {"run": run, "result": "r-1", "evidence": "e" * 64, "records": 7}
    return NewEvent(EventKind.GENOME_STORED, "clerk", NOON, person, payload, run)


def erased(person="p-1") -> NewEvent:
    return NewEvent(EventKind.GENOME_ERASED, "clerk", NOON, person, {"reason": "asked for it"})


def test_the_decision_said_last_governs_whatever_order_it_was_written_in(ledger):
    ledger.append([said(decision="withdrawn"), said(at=NOON - timedelta(days=1), uses=["DUO:0000006"])])
    assert ledger.consents("p-1") == {Scope.RESEARCH: Said(WITHDRAWN, NOON)}


def test_each_layer_stands_for_itself_and_nobody_asked_has_none(ledger):
    ledger.append([said(uses=["DUO:0000042", "DUO:0000018"]), said(scope="family", by="guardian")])
    assert ledger.consents("p-1") == {
        Scope.RESEARCH: Said(GIVEN, NOON, Giver.SELF, ("DUO:0000042", "DUO:0000018")),
        Scope.FAMILY: Said(GIVEN, NOON, Giver.GUARDIAN),
    }
    assert ledger.consents("p-2") == {}


def test_people_who_stand_alike_by_age_come_together(ledger):
    ledger.append(
        [
            *(born("grown-up", "1961-04-02"), born("child", "2012-04-02"), born("unknown", None)),
            *(said("grown-up", at=NOON - timedelta(days=3)), said("other-grown-up"), said("child")),
            said("unknown"),
            *(said("child", "family", by="guardian"), said("grown-up", "family", by="guardian")),
            said("grown-up", "commercial", at=NOON + timedelta(days=1)),
            born("other-grown-up", "1990-01-01"),
        ]
    )
    own, guardians = Said(GIVEN), Said(GIVEN, None, Giver.GUARDIAN)
    assert {
        (one.scope, one.said, one.stage, one.later, frozenset(one.people))
        for one in ledger.decisions((Scope.RESEARCH, Scope.FAMILY, Scope.COMMERCIAL), DAY, 18)
    } == {
        (Scope.RESEARCH, own, Stage.ADULT, False, frozenset({"grown-up", "other-grown-up"})),
        (Scope.RESEARCH, own, Stage.CHILD, False, frozenset({"child"})),
        (Scope.RESEARCH, own, Stage.UNKNOWN, False, frozenset({"unknown"})),
        (Scope.FAMILY, guardians, Stage.CHILD, False, frozenset({"child"})),
        (Scope.FAMILY, guardians, Stage.ADULT, False, frozenset({"grown-up"})),
        (Scope.COMMERCIAL, own, Stage.UNKNOWN, True, frozenset({"grown-up"})),
    }
    assert ledger.decisions((), DAY, 18) == ()
    assert ledger.decisions((Scope.RECONTACT,), DAY, 18) == ()


@pytest.mark.parametrize(
    ("day", "stage"),
    [(date(2026, 2, 28), Stage.CHILD), (date(2026, 3, 1), Stage.ADULT)],
    ids=["28 February", "1 March"],
)
def test_who_was_born_on_29_february_comes_of_age_on_1_march(ledger, day, stage):
    ledger.append([born("leapling", "2008-02-29"), said("leapling", by="guardian", at=NOON - timedelta(9))])
    (found,) = ledger.decisions((Scope.RESEARCH,), day, 18)
    assert found == Alike(Scope.RESEARCH, Said(GIVEN, None, Giver.GUARDIAN), stage, False, ("leapling",))


def test_a_corrected_birth_date_counts_from_then_on(ledger):
    ledger.append([born("p-1", "2012-04-02"), said()])
    ledger.append([born("p-1", "1962-04-02", NOON + timedelta(hours=1))])
    ledger.append([born("p-1", "2012-04-02", NOON - timedelta(hours=1))])
    (found,) = ledger.decisions((Scope.RESEARCH,), DAY, 18)
    assert found.stage is Stage.ADULT


def test_a_run_is_there_until_it_is_erased_and_then_marked(ledger):
    ledger.append([stored(), stored(run="run-2"), stored("p-2", "run-3")])
    assert set(ledger.people_with_genome()) == {"p-1", "p-2"}
    ledger.append([erased()])
    gone = GenomeRun("run-1", "p-1", "r-1", "e" * 64, 7, 1, 4)
    assert ledger.genome_runs("p-1")[0] == gone
    assert [(one.run, one.erased) for one in ledger.genome_runs(after=1)] == [("run-2", 4), ("run-3", None)]
    assert (ledger.people_with_genome(), ledger.people_erased()) == (("p-2",), frozenset({"p-1"}))
    assert ledger.count_genome_runs() == 1


def test_a_run_stored_after_an_erasure_is_a_genome_again(ledger):
    ledger.append([stored(), erased(), stored(run="run-2")])
    assert [one.erased for one in ledger.genome_runs("p-1")] == [2, None]
    assert (ledger.people_with_genome(), ledger.people_erased()) == (("p-1",), frozenset())


def test_what_decides_consent_moves_one_look_and_nothing_else_does(ledger):
    places = [ledger.genome_moved()]
    for event in (born("p-1", None), said(), stored(), erased()):
        ledger.append([event])
        places.append(ledger.genome_moved())
    assert len(set(places)) == 5
    ledger.append([NewEvent(EventKind.ACCESSED, "clerk", NOON, "p-1")])
    assert ledger.genome_moved() == places[-1]


def test_consent_and_genomes_are_rebuilt_from_the_events(ledger):
    ledger.append([said(), born("p-1", "1961-04-02"), said(decision="withdrawn"), stored(), erased()])
    ledger.append([born("p-2", "2012-04-02"), said("p-2"), stored("p-2", "run-2")])
    assert ledger.differing_projections() == ()
    before = (ledger.decisions(tuple(Scope), DAY, 18), ledger.genome_runs())
    ledger.rebuild()
    assert (ledger.decisions(tuple(Scope), DAY, 18), ledger.genome_runs()) == before


def test_a_ledger_of_version_1_is_brought_up_to_date_with_its_birth_dates(ledger_url, monkeypatch):
    for module in (dialect, sqlite_ledger, postgresql_ledger):
        monkeypatch.setattr(module, "SCHEMA_VERSION", 1)
    old = open_ledger(ledger_url, key=STORE_KEY)
    columns = "(sequence, kind, person, actor, valid_at, known_at, payload, hash)"
    with old._transaction() as connection:
        for number, payload in enumerate(('{"birth_date":"1961-04-02"}', '{"birth_date":null}', "{}"), 1):
            connection.execute(
                f"INSERT INTO event {columns} VALUES ({number}, 'person-registered', 'p-{number}', 'clerk', "
                f"0, 0, '{payload}', 'h')"
            )
            connection.execute(f"INSERT INTO person (person, registered) VALUES ('p-{number}', {number})")
    old.close()
    monkeypatch.undo()
    new = open_ledger(ledger_url, key=STORE_KEY)
    try:
        assert new._all("SELECT person, born FROM person ORDER BY person") == [
            ("p-1", 19610402),
            ("p-2", None),
            ("p-3", None),
        ]
        new.append([said("p-1"), stored("p-1")])
        assert (new.consents("p-1").keys(), new.people_with_genome()) == ({Scope.RESEARCH}, ("p-1",))
    finally:
        new.close()


def test_a_program_of_version_1_opens_no_ledger_of_version_2(ledger_url, monkeypatch, tmp_path: Path):
    open_ledger(ledger_url, key=STORE_KEY).close()
    for module in (dialect, sqlite_ledger, postgresql_ledger):
        monkeypatch.setattr(module, "SCHEMA_VERSION", 1)
    with pytest.raises(StoreError, match="update Bedside"):
        open_ledger(ledger_url, key=STORE_KEY)
