"""Who is counted when a genome is read, decided in one place at the moment of each question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from bedside.errors import AuditUnavailable, InputError, Refused, RequestError, StoreError
from bedside.genome.consent import Decision, Giver, NotConsented, Purpose, Refusal, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Person
from bedside.genome.presence import Absent, NotTested
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.access import Permission
from bedside.service.authorise import LOCAL_OPERATOR, Principal
from bedside.service.consented_lake import ConsentedLake, NotPermitted, consented
from bedside.service.emergency_access import open_in_emergency
from bedside.service.house import House
from bedside.service.record_consent import record_consent
from bedside.service.register_person import register_person
from tests.paper_lake import HET, PaperLake

VARIANT = Variant("chr17", 43045682, "T", "TG")
GENE = Region("chr17", 43044295, 43170245)
KEYS = np.array([VARIANT.key], np.int64)
GIVEN, WITHDRAWN = Decision.GIVEN, Decision.WITHDRAWN
BORN = {"ada": date(1961, 4, 2), "ben": date(1958, 9, 30), "cleo": date(2008, 3, 2), "dan": None}


@pytest.fixture
def lake(house: House) -> PaperLake:
    """Ada, Ben and Cleo carry the variant, Dan does not; Cleo is a day short of 18, Dan's age is unknown."""
    made = PaperLake()
    for person, born in BORN.items():
        register_person(house, Person(person, birth_date=born))
        store(house, made, person, [] if person == "dan" else [VARIANT])
    return made


def store(house: House, lake: PaperLake, person: str, variants: list[Variant], number: int = 1) -> None:
    run = lake.write(person, variants, [GENE], number)
    payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": run.records}
    payload |= {"assay": run.assay.value, "regions": run.regions, "confirmed": True}
    (event,) = house.ledger.append(
        [NewEvent(EventKind.GENOME_STORED, "laboratory", house.clock(), person, payload, run.run)]
    )
    lake.admit([run], event.sequence)


def carriers(asked: ConsentedLake) -> set[str]:
    return set(asked.carriers(KEYS)["person"].to_pylist())


def test_care_counts_everybody_until_they_withdraw(house, lake):
    care = consented(house, lake, Purpose.CARE)
    assert (carriers(care), lake.asked[-1].people) == ({"ada", "ben", "cleo"}, None)
    record_consent(house, "ben", Scope.CLINICAL, WITHDRAWN)
    assert carriers(care) == {"ada", "cleo"}
    assert care.refused("ben") == NotConsented("ben", Refusal.WITHDRAWN, Scope.CLINICAL)


def test_research_counts_only_who_gave_it_and_says_why_the_others_are_missing(house, lake):
    record_consent(house, "ada", Scope.RESEARCH, GIVEN)
    record_consent(house, "ben", Scope.RESEARCH, WITHDRAWN)
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN, by=Giver.GUARDIAN)
    record_consent(house, "dan", Scope.RESEARCH, GIVEN)
    research = consented(house, lake, Purpose.RESEARCH)
    assert carriers(research) == {"ada", "cleo"}
    assert research.presence_of(VARIANT) == {"ada": HET, "cleo": HET}
    assert research.tested(GENE) == {"ada", "cleo"}
    assert {run.person for run in research.runs()} == {"ada", "cleo"}
    assert research.not_counted() == {Refusal.WITHDRAWN: 1, Refusal.AGE_UNKNOWN: 1}
    record_consent(house, "ada", Scope.RESEARCH, WITHDRAWN)
    assert (carriers(research), carriers(consented(house, lake, Purpose.CARE))) == (
        {"cleo"},
        {"ada", "ben", "cleo"},
    )


def test_what_is_refused_is_never_answered_as_not_carried(house, lake):
    research = consented(house, lake, Purpose.RESEARCH)
    questions: list[Callable[[], object]] = [
        lambda: research.presence("ada", [VARIANT]),
        lambda: research.variants("ada", [GENE]),
        lambda: research.runs("ada"),
        lambda: research.export("ada"),
    ]
    for question in questions:
        with pytest.raises(NotPermitted) as refused:
            question()
        assert refused.value.why == NotConsented("ada", Refusal.NOT_ASKED, Scope.RESEARCH)
        assert "ada" not in str(refused.value)
    assert consented(house, lake, Purpose.CARE).presence("dan", [VARIANT]) == (Absent(),)
    assert consented(house, lake, Purpose.CARE).presence("nobody", [VARIANT]) == (NotTested(),)


def test_a_guardian_s_consent_ends_at_midnight_before_the_18th_birthday(house, lake, clock):
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN, by=Giver.GUARDIAN)
    research = consented(house, lake, Purpose.RESEARCH)
    assert carriers(research) == {"cleo"}
    clock.turn(hours=15, minutes=59)
    assert carriers(research) == {"cleo"}
    clock.turn(minutes=1)
    assert carriers(research) == set()
    assert research.refused("cleo") == NotConsented("cleo", Refusal.LAPSED, Scope.RESEARCH)
    assert research.not_counted() == {Refusal.LAPSED: 1, Refusal.NOT_ASKED: 3}
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN)
    assert carriers(research) == {"cleo"}


def test_asking_about_a_past_day_brings_back_no_consent_that_has_lapsed(house, lake, clock):
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN, by=Giver.GUARDIAN)
    day = clock.now.date()
    assert carriers(consented(house, lake, Purpose.RESEARCH, on=day + timedelta(days=1))) == set()
    clock.turn(days=3)
    assert carriers(consented(house, lake, Purpose.RESEARCH, on=day)) == set()


def test_a_birth_date_learned_later_opens_what_was_said(house, lake):
    record_consent(house, "dan", Scope.RESEARCH, GIVEN)
    research = consented(house, lake, Purpose.RESEARCH)
    assert research.tested(GENE) == set()
    register_person(house, Person("dan", birth_date=date(1970, 1, 1)))
    assert research.tested(GENE) == {"dan"}


def test_a_limited_use_is_open_for_that_use_only(house, lake):
    record_consent(house, "ada", Scope.RESEARCH, GIVEN, uses=["DUO:0000007:MONDO:0007254"])
    record_consent(house, "ben", Scope.RESEARCH, GIVEN)

    def of(use: str) -> set[str]:
        return carriers(consented(house, lake, Purpose.RESEARCH, use=use))

    assert of("DUO:0000007:MONDO:0007254") == {"ada", "ben"}
    assert of("DUO:0000007:MONDO:0005148") == of("DUO:0000006") == of("") == {"ben"}
    for unknown in ("DUO:9999999", "DUO:0000018", "DUO:0000007", "cancer"):
        with pytest.raises(InputError, match="no permission term"):
            consented(house, lake, Purpose.RESEARCH, use=unknown)


def test_a_caller_limited_to_some_people_counts_nobody_else(house, lake):
    own = consented(house, lake, Purpose.CARE, principal_people=frozenset({"ada", "dan"}))
    assert carriers(own) == {"ada"}
    assert own.refused("ben") == NotConsented("ben", Refusal.NOT_GRANTED)
    nobody = consented(house, lake, Purpose.CARE, principal_people=frozenset())
    assert (carriers(nobody), nobody.runs(), nobody.people()) == (set(), (), frozenset())
    assert lake.asked[-1].people is None or lake.asked[-1].people == frozenset()


def test_allele_counts_count_only_who_consented(house, lake):
    record_consent(house, "ada", Scope.RESEARCH, GIVEN)
    counts = consented(house, lake, Purpose.RESEARCH).allele_counts(GENE, dict.fromkeys(BORN, "all"))
    assert counts.to_pydict() == {"key": [VARIANT.key], "group": ["all"], "copies": [1], "strands": [2]}


def test_one_s_own_record_is_exported_also_after_withdrawing(house, lake):
    record_consent(house, "ada", Scope.CLINICAL, WITHDRAWN)
    assert [run.person for run in consented(house, lake, Purpose.OPERATIONS).export("ada")["runs"]] == ["ada"]


def test_the_same_set_of_people_is_handed_out_until_the_ledger_moves(house, lake):
    record_consent(house, "ben", Scope.CLINICAL, WITHDRAWN)
    carriers(consented(house, lake, Purpose.CARE))
    first = lake.asked[-1]
    house.ledger.append([NewEvent(EventKind.ACCESSED, "clerk", house.clock(), "ada")])
    carriers(consented(house, lake, Purpose.CARE))
    assert lake.asked[-1] is first
    store(house, lake, "eve", [VARIANT])
    assert carriers(consented(house, lake, Purpose.CARE)) == {"ada", "cleo", "eve"}


def test_a_withdrawal_from_another_process_is_seen_at_once(house, lake):
    from bedside.store.open_ledger import open_ledger

    care = consented(house, lake, Purpose.CARE)
    assert carriers(care) == {"ada", "ben", "cleo"}
    other = open_ledger(house.settings.store_url, house.clock)
    try:
        record_consent(replace(house, ledger=other), "ada", Scope.CLINICAL, WITHDRAWN)
    finally:
        other.close()
    assert carriers(care) == {"ben", "cleo"}


# --- break-glass


def test_an_emergency_opens_one_withdrawn_record_and_leaves_its_reason_first(house, lake):
    record_consent(house, "ada", Scope.CLINICAL, WITHDRAWN)
    record_consent(house, "ben", Scope.CLINICAL, WITHDRAWN)
    opened = open_in_emergency(house, lake, LOCAL_OPERATOR, "ada", "anaphylaxis in theatre")
    *_, written = house.ledger.events(kinds=[EventKind.ACCESSED])
    assert (written.person, written.actor, written.payload) == (
        "ada",
        "local-operator",
        {"emergency": True, "purpose": "care", "reason": "anaphylaxis in theatre"},
    )
    assert opened.presence("ada", [VARIANT]) == (HET,)
    assert (carriers(opened), opened.people(), opened.not_counted()) == ({"ada"}, {"ada"}, {})
    with pytest.raises(NotPermitted):
        opened.presence("ben", [VARIANT])
    assert consented(house, lake, Purpose.CARE).refused("ada") is not None


def test_an_emergency_without_a_reason_a_right_or_an_audit_opens_nothing(house, lake, monkeypatch):
    limited = Principal("clinic", frozenset({Permission.GENOME}), frozenset({"ben"}))
    chart_only = Principal("ward", frozenset({Permission.CHART}))
    before = house.ledger.checkpoint()
    for principal in (limited, chart_only):
        with pytest.raises(Refused):
            open_in_emergency(house, lake, principal, "ada", "anaphylaxis")
    with pytest.raises(RequestError, match="needs a reason"):
        open_in_emergency(house, lake, LOCAL_OPERATOR, "ada", "  ")
    assert house.ledger.checkpoint() == before

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(house.ledger, "append", full)
    asked = len(lake.asked)
    with pytest.raises(AuditUnavailable):
        open_in_emergency(house, lake, LOCAL_OPERATOR, "ada", "anaphylaxis")
    assert len(lake.asked) == asked


# --- killed between an erasure in the ledger and the lake's tombstone


def erased_in_the_ledger_only(house: House, person: str) -> None:
    runs = [run.run for run in house.ledger.genome_runs(person)]
    payload = {"reason": "the person wished it", "runs": runs}
    house.ledger.append([NewEvent(EventKind.GENOME_ERASED, "operator", house.clock(), person, payload)])


@pytest.mark.parametrize("asked_before", [True, False])
def test_who_is_erased_in_the_ledger_is_counted_nowhere_though_the_lake_still_holds_them(
    house, lake, asked_before
):
    care = consented(house, lake, Purpose.CARE)
    if asked_before:
        assert carriers(care) == {"ada", "ben", "cleo"}
    erased_in_the_ledger_only(house, "ben")
    assert len(lake.runs("ben")) == 1
    assert carriers(care) == {"ada", "cleo"}
    assert "ben" not in care.presence_of(VARIANT)
    assert "ben" not in care.tested(GENE)
    assert "ben" not in {run.person for run in care.runs()}
    assert care.refused("ben") == NotConsented("ben", Refusal.ERASED)


def test_no_emergency_opens_what_was_erased(house, lake):
    erased_in_the_ledger_only(house, "ada")
    before = house.ledger.checkpoint()
    with pytest.raises(NotPermitted, match="erased"):
        open_in_emergency(house, lake, LOCAL_OPERATOR, "ada", "anaphylaxis in theatre")
    assert house.ledger.checkpoint() == before


def test_an_emergency_that_was_open_ends_with_an_erasure(house, lake):
    opened = open_in_emergency(house, lake, LOCAL_OPERATOR, "ada", "anaphylaxis in theatre")
    erased_in_the_ledger_only(house, "ada")
    with pytest.raises(NotPermitted, match="erased"):
        opened.presence("ada", [VARIANT])
    assert (opened.people(), opened.not_counted()) == (frozenset(), {Refusal.ERASED: 1})


def test_one_answer_asks_for_consent_once_and_the_next_asks_again(house, lake, monkeypatch):
    asked: list[str] = []
    refused = ConsentedLake.refused

    def noted(self: ConsentedLake, person: str) -> NotConsented | None:
        asked.append(person)
        return refused(self, person)

    monkeypatch.setattr(ConsentedLake, "refused", noted)
    care = consented(house, lake, Purpose.CARE)
    mine = care.of("ada")
    assert [len(mine.runs("ada")), mine.presence("ada", [VARIANT])] == [1, (HET,)]
    assert asked == ["ada"]
    assert mine.presence("ben", [VARIANT]) == (HET,)
    assert asked == ["ada", "ben"]
    record_consent(house, "ada", Scope.CLINICAL, WITHDRAWN)
    with pytest.raises(NotPermitted):
        care.of("ada")
