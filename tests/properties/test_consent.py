"""Whatever is said, by whom, at any age, in any order, with questions in between: nobody is counted whose
consent in force does not permit it, and everybody whose consent does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.consent import Decision, Giver, Purpose, Scope, consent_of, refusal_of
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Person
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.knowledge.pgx import PgxPack
from bedside.service.consented_lake import NotPermitted, consented
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.examples import examples
from tests.paper_lake import HET, PaperLake

VARIANT, GENE = Variant("chr17", 43045682, "T", "TG"), Region("chr17", 43044295, 43170245)
KEYS = np.array([VARIANT.key], np.int64)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
BORN = {"ada": date(1961, 4, 2), "leap": date(2008, 2, 29), "cleo": date(2008, 3, 3), "dan": None}
USES = ("DUO:0000042", "DUO:0000006", "DUO:0000007:MONDO:1", "DUO:0000018", "DUO:0000021", "DUO:9999999")
ASKED = ("", "DUO:0000006", "DUO:0000007:MONDO:1", "DUO:0000011")
POLICY = load_consent_policy()

people = st.sampled_from(sorted(BORN))
said = st.tuples(
    st.just("say"),
    people,
    st.sampled_from(Scope),
    st.sampled_from((Decision.GIVEN, Decision.WITHDRAWN)),
    st.sampled_from(Giver),
    st.integers(0, 72),
    st.lists(st.sampled_from(USES), max_size=2).map(tuple),
)
turned = st.tuples(st.just("turn"), st.integers(1, 60))
learned = st.tuples(st.just("learn"), people, st.sampled_from([*BORN.values(), date(1999, 9, 9)]))
erased = st.tuples(st.just("erase"), people)
asked = st.tuples(st.just("ask"), st.sampled_from(Purpose), st.sampled_from(ASKED))
steps = st.lists(st.one_of(said, said, turned, learned, erased, asked, asked), max_size=14)


@pytest.fixture(scope="module")
def pack() -> PgxPack:
    return load_pgx()


class Clock:
    """A clock that a test turns by hand."""

    now = START

    def __call__(self) -> datetime:
        return self.now


def opened(folder: str, clock: Clock, pack) -> House:
    return open_house(Settings(store_url=f"sqlite:///{Path(folder)}/ledger.db"), pgx=pack, clock=clock)


def settle_in(house: House, lake: PaperLake) -> None:
    for person, born in BORN.items():
        register(house, person, born)
        run = lake.write(person, [VARIANT], [GENE])
        payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": 1}
        written = house.ledger.append(
            [NewEvent(EventKind.GENOME_STORED, "laboratory", START, person, payload, run.run)]
        )
        lake.admit([run], written[0].sequence)


def register(house: House, person: str, born: date | None) -> None:
    payload = {"birth_date": None if born is None else born.isoformat()}
    house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "clerk", house.clock(), person, payload)])


def permitted(house: House, purpose: Purpose, use: str) -> set[str]:
    """By the pure fold over the events, person by person: slow, plain, and written without the projection."""
    events = list(house.ledger.events())
    erased = {event.person for event in events if event.kind is EventKind.GENOME_ERASED}
    now = house.clock()
    return {
        person
        for person in set(BORN) - erased
        if refusal_of(
            consent_of(events, now, house.ledger.person(person) or Person(person), POLICY),
            purpose,
            POLICY,
            use,
        )
        is None
    }


def ask(house: House, lake: PaperLake, purpose: Purpose, use: str) -> None:
    lens = consented(house, lake, purpose, use=use)
    right = permitted(house, purpose, use)
    assert set(lens.carriers(KEYS)["person"].to_pylist()) == right
    assert set(lens.presence_of(VARIANT)) == set(lens.tested(GENE)) == right
    assert {person for person in BORN if lens.refused(person) is None} == right
    assert sum(lens.not_counted().values()) == len(BORN) - len(right)
    for person in BORN:
        if person in right:
            assert lens.presence(person, [VARIANT]) == (HET,)
        else:
            with pytest.raises(NotPermitted) as refused:
                lens.presence(person, [VARIANT])
            assert refused.value.why == lens.refused(person)


@settings(max_examples=examples(60), deadline=None)
@given(steps=steps)
def test_every_question_counts_exactly_those_whose_consent_in_force_permits_it(pack, steps):
    with TemporaryDirectory() as folder:
        clock, lake = Clock(), PaperLake()
        house = opened(folder, clock, pack)
        try:
            settle_in(house, lake)
            for step in steps:
                match step:
                    case "say", person, scope, decision, by, hours_ago, uses:
                        payload = {"scope": scope.value, "decision": decision.value, "by": by.value}
                        when = clock.now - timedelta(hours=hours_ago)
                        payload |= {"uses": list(uses)}
                        event = NewEvent(EventKind.CONSENT_RECORDED, "clerk", when, person, payload)
                        house.ledger.append([event])
                    case "turn", hours:
                        clock.now += timedelta(hours=hours)
                    case "learn", person, born:
                        register(house, person, born)
                    case "erase", person:
                        event = NewEvent(EventKind.GENOME_ERASED, "clerk", clock.now, person, {"reason": "x"})
                        house.ledger.append([event])
                    case "ask", purpose, use:
                        ask(house, lake, purpose, use)
            for purpose in Purpose:
                ask(house, lake, purpose, "")
            assert house.ledger.differing_projections() == ()
        finally:
            house.close()


@settings(max_examples=examples(40), deadline=None)
@given(
    scopes=st.sets(st.sampled_from(Scope), min_size=1),
    by=st.sampled_from(Giver),
    person=people,
    use=st.sampled_from(ASKED),
)
def test_after_a_withdrawal_no_purpose_that_needs_the_layer_reads_the_genome(pack, scopes, by, person, use):
    with TemporaryDirectory() as folder:
        clock, lake = Clock(), PaperLake()
        house = opened(folder, clock, pack)
        try:
            settle_in(house, lake)
            for scope in Scope:
                payload = {"scope": scope.value, "decision": "given", "by": "self"}
                house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "c", START, person, payload)])
            lenses = {purpose: consented(house, lake, purpose, use=use) for purpose in Purpose}
            for scope in scopes:
                payload = {"scope": scope.value, "decision": "withdrawn", "by": by.value}
                house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "c", START, person, payload)])
            for purpose, lens in lenses.items():
                if scopes & set(POLICY.needs[purpose]):
                    assert person not in lens.carriers(KEYS)["person"].to_pylist()
                    assert lens.refused(person) is not None
        finally:
            house.close()
