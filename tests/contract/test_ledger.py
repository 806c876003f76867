"""What every ledger promises, whatever database is under it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bedside.errors import StoreError, Tampered
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import OutsideCall
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Problem, Sex
from bedside.genome.record import Record
from bedside.genome.task import Task
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.store.encode import call_content, observation_content
from bedside.store.group_commit import GroupCommit
from bedside.store.ledger import Checkpoint, Content, Held, Overtaken, Unless

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOPIDOGREL = Code(System.RXNORM, "32968", "clopidogrel")
STENT = Code(System.SNOMED_CT, "429559004", "coronary stent")
ADA = {
    "given": "Ada",
    "family": "Okafor",
    "birth_date": "1961-04-02",
    "sex": "female",
    "identifiers": [{"system": "urn:mrn", "value": "77"}],
    "ancestry": "",
}


def registered(person="p-1", at=NOON, **details) -> NewEvent:
    return NewEvent(EventKind.PERSON_REGISTERED, "clerk", at, person, {**ADA, **details})


def takes(code=CLOPIDOGREL, status="active", at=NOON, person="p-1") -> NewEvent:
    payload = {"system": code.system.value, "code": code.code, "display": code.display, "status": status}
    return NewEvent(EventKind.MEDICATION_RECORDED, "clerk", at, person, payload)


def accessed(number: int, **details) -> NewEvent:
    return NewEvent(EventKind.ACCESSED, "clerk", NOON, "p-1", {"number": number}, **details)


def test_an_event_comes_back_as_it_was_written(ledger):
    (written,) = ledger.append([registered()])
    assert tuple(ledger.events()) == (written,)
    assert (written.sequence, written.known_at, written.payload) == (1, NOON, ADA)


def test_events_can_be_asked_for_by_person_kind_time_and_place(ledger, clock):
    first, second = ledger.append([registered(), takes()])
    clock.turn(hours=1)
    (third,) = ledger.append([registered("p-2", identifiers=[])])
    assert tuple(ledger.events(person="p-1")) == (first, second)
    assert tuple(ledger.events(kinds=[EventKind.PERSON_REGISTERED])) == (first, third)
    assert tuple(ledger.events(known_at=NOON)) == (first, second)
    assert tuple(ledger.events(after=1, known_at=clock.now)) == (second, third)


def test_the_same_key_writes_nothing_the_second_time(ledger):
    (first,) = ledger.append([accessed(1, key="once")])
    again, other = ledger.append([accessed(2, key="once"), accessed(3)])
    assert again == first
    assert [event.payload["number"] for event in ledger.events()] == [1, 3]
    assert other.sequence == 2
    assert ledger.find(EventKind.ACCESSED, "once") == first
    assert ledger.find(EventKind.ACCESSED, "never") is None


def test_the_same_key_twice_in_one_append_is_one_event(ledger):
    one, two = ledger.append([accessed(1, key="once"), accessed(2, key="once")])
    assert one == two
    assert ledger.verify() == 1


def test_all_events_of_an_append_are_written_or_none(ledger):
    opened = NewEvent(EventKind.HOOK_ANSWERED, "ehr", NOON, "p-1", {"cards": [{"uuid": "c-1"}]})
    ledger.append([opened])
    before = ledger.checkpoint()
    with pytest.raises(StoreError):
        ledger.append([registered(), opened])
    assert (ledger.checkpoint(), ledger.person("p-1")) == (before, None)
    (after,) = ledger.append([registered()])
    assert after.sequence == 2


def test_an_identifier_of_somebody_else_is_refused(ledger):
    ledger.append([registered("p-1")])
    with pytest.raises(StoreError) as refused:
        ledger.append([registered("p-2")])
    assert "77" not in str(refused.value)
    assert ledger.find_person(Identifier("urn:mrn", "77")) == "p-1"
    assert ledger.person("p-2") is None


def test_a_payload_that_is_not_plain_json_is_refused(ledger):
    for payload in ({"day": date(2026, 1, 1)}, {"number": float("nan")}, {1: "one"}):
        with pytest.raises(ValueError, match="not plain JSON"):
            ledger.append([NewEvent(EventKind.ACCESSED, "clerk", NOON, payload=payload)])
    assert ledger.verify() == 0


def test_what_became_known_later_has_a_later_time_even_when_the_clock_jumps_back(ledger, clock):
    ledger.append([accessed(1)])
    clock.turn(days=-400)
    ledger.append([accessed(2)])
    clock.turn(days=401)
    ledger.append([accessed(3)])
    assert [event.known_at for event in ledger.events()] == [NOON, NOON, NOON + timedelta(days=1)]


def test_the_chain_holds_and_passes_through_its_checkpoints(ledger):
    assert ledger.checkpoint() == Checkpoint(0, "0" * 64)
    ledger.append([accessed(1), accessed(2)])
    kept = ledger.checkpoint()
    ledger.append([accessed(3)])
    assert ledger.verify(kept) == 3
    assert ledger.verify() == 3


def test_a_cut_tail_shows_against_a_checkpoint_only(ledger):
    ledger.append([accessed(1), accessed(2)])
    kept = ledger.checkpoint()
    later = replace(kept, sequence=kept.sequence + 1)
    with pytest.raises(Tampered, match="ends at event 2, the checkpoint was taken at 3"):
        ledger.verify(later)
    with pytest.raises(Tampered, match="event 2 is not the one of the checkpoint"):
        ledger.verify(replace(kept, hash="f" * 64))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET payload = '{}'",
        "DELETE FROM event",
        "UPDATE content SET body = '{}'",
        "DELETE FROM content",
    ],
)
def test_events_and_content_cannot_be_changed_or_removed(ledger, statement):
    ledger.append([accessed(1)], [observation_content(OutsideCall("GENE1", "*1/*1"))])
    with ledger._reading() as connection, pytest.raises(ledger._dialect.errors, match="never"):
        connection.execute(statement)
    assert ledger.verify() == 1


def test_whoever_gets_around_the_triggers_is_found_out_by_the_chain(ledger):
    ledger.append([accessed(1), accessed(2), accessed(3)])
    with ledger._reading() as connection:
        if ledger._dialect.name == "sqlite":
            connection.execute("DROP TRIGGER event_never_changes")
        else:
            connection.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes")
        connection.execute("""UPDATE event SET payload = '{"number":9}' WHERE sequence = 2""")
    with pytest.raises(Tampered, match="event 2 does not fit"):
        ledger.verify()


def test_content_that_is_not_what_its_digest_says_is_found_out(ledger):
    ledger.append([], [Content("a" * 64, "observation", "GENE1", b"{}")])
    with pytest.raises(Tampered, match="content aaaaaaaaaaaa"):
        ledger.verify()
    with pytest.raises(StoreError, match="is not what its digest says"):
        ledger.content(["a" * 64])


def test_missing_content_is_an_error_and_never_an_absence(ledger):
    with pytest.raises(StoreError, match="content bbbbbbbbbbbb is not in the ledger"):
        ledger.content(["b" * 64])


def test_content_comes_back_and_equal_content_is_kept_once(ledger):
    call = GeneCall("GENE1", CallStatus.CALLED, CallSource.OUTSIDE, phenotypes=("Normal Metabolizer",))
    content = call_content(call)
    ledger.append([], [content])
    ledger.append([accessed(1)], [content, content])
    assert ledger.content([content.digest]) == {content.digest: content.body}
    assert ledger.calls([content.digest]) == {content.digest: call}


def test_a_person_is_who_was_registered_last(ledger):
    ledger.append([registered(), registered(at=NOON + timedelta(days=1), family="Lovelace", identifiers=[])])
    ledger.append([registered(at=NOON - timedelta(days=9), family="Maiden")])
    expected = Person("p-1", "Ada", "Lovelace", date(1961, 4, 2), Sex.FEMALE, (), "")
    assert ledger.person("p-1") == expected
    assert ledger.find_person(Identifier("urn:mrn", "77")) is None
    assert ledger.person("nobody") is None


def test_whose_a_number_is_does_not_hang_on_who_gave_it_or_on_spaces(ledger):
    mine, theirs = ({"system": f"urn:{one}", "value": "943 476"} for one in "ab")
    ledger.append([registered("p-1", identifiers=[mine]), registered("p-2", identifiers=[theirs])])
    ledger.append([registered("p-3", identifiers=[{"system": "urn:c", "value": "94347"}])])
    assert ledger.numbered("943476") == ledger.numbered("94 3476") == {"p-1", "p-2"}
    assert ledger.numbered("94347") == {"p-3"}
    assert ledger.numbered("9434") == frozenset()


def test_people_are_found_by_parts_of_their_names_and_numbers(ledger):
    ledger.append(
        [
            registered("p-1"),
            registered("p-2", given="Bo", family="Abara", identifiers=[]),
            registered("p_3", given="100%", family="Zed", identifiers=[]),
        ]
    )
    assert [person.person for person in ledger.people()] == ["p-2", "p-1", "p_3"]
    assert [person.person for person in ledger.people("OKA ad")] == ["p-1"]
    assert [person.person for person in ledger.people("77")] == ["p-1"]
    assert [person.person for person in ledger.people("p_")] == ["p_3"]
    assert [person.person for person in ledger.people("0%")] == ["p_3"]
    assert [person.person for person in ledger.people(limit=1, offset=1)] == ["p-1"]
    assert (ledger.count_people(), ledger.count_people("ab")) == (3, 1)


def test_a_medication_has_the_status_that_was_true_last(ledger):
    stopped = NOON + timedelta(days=30)
    ledger.append([registered(), takes(status="ended", at=stopped), takes(status="active")])
    assert ledger.medications("p-1") == (Medication(CLOPIDOGREL, ItemStatus.ENDED),)
    assert ledger.people_on([CLOPIDOGREL]) == frozenset()
    ledger.append([takes(status="active", at=stopped + timedelta(days=1))])
    assert ledger.people_on([CLOPIDOGREL]) == frozenset({"p-1"})


def test_problems_are_kept_with_their_codes(ledger):
    payload = {"system": STENT.system.value, "code": STENT.code, "display": STENT.display, "status": "active"}
    ledger.append(
        [NewEvent(EventKind.PROBLEM_RECORDED, "clerk", NOON, "p-1", {**payload, "since": "2026-02-01"})]
    )
    assert ledger.problems("p-1") == (Problem(STENT, ItemStatus.ACTIVE, date(2026, 2, 1)),)


def test_a_task_is_open_until_somebody_closes_it(ledger):
    payload = {
        "task": "t-1",
        "kind": "meaning-changed",
        "summary": "Review",
        "owner": "pharmacist",
        "due": "2026-03-08",
    }
    ledger.append([NewEvent(EventKind.TASK_OPENED, "bedside", NOON, "p-1", payload)])
    task = Task("t-1", "p-1", "meaning-changed", "Review", "pharmacist", date(2026, 3, 8))
    assert ledger.tasks() == (task,)
    ledger.append(
        [NewEvent(EventKind.TASK_CLOSED, "dr", NOON, "p-1", {"task": "t-1", "outcome": "switched"})]
    )
    assert ledger.tasks() == ()
    assert ledger.tasks("p-1", open_only=False) == (replace(task, outcome="switched"),)


def test_a_card_is_found_by_its_uuid_with_its_feedback(ledger, clock):
    cards = [{"uuid": "c-1", "summary": "one"}, {"uuid": "c-2", "summary": "two"}]
    (shown,) = ledger.append([NewEvent(EventKind.HOOK_ANSWERED, "ehr", NOON, "p-1", {"cards": cards})])
    answer = NewEvent(
        EventKind.FEEDBACK_RECEIVED, "ehr", NOON, "p-1", {"card": "c-2", "outcome": "overridden"}, "k"
    )
    (received,) = ledger.append([answer])
    ledger.append([answer])
    second = ledger.card("c-2")
    assert (second.content, second.person, second.sequence) == (cards[1], "p-1", shown.sequence)
    assert ledger.feedback("c-2") == (received,)
    assert (ledger.card("c-9"), ledger.feedback("c-1")) == (None, ())
    assert [card.uuid for card in ledger.cards("p-1")] == ["c-1", "c-2"]
    assert ledger.cards("p-1", since=NOON + timedelta(seconds=1)) == ()


def test_the_release_in_force_is_the_one_adopted_last(ledger):
    assert ledger.release("cpic") is None
    for name in ("cpic@2025-01-01#aa", "other@2026-01-01#cc", "cpic@2025-11-05#bb"):
        ledger.append([NewEvent(EventKind.RELEASE_ADOPTED, "bedside", NOON, payload={"release": name})])
    assert ledger.release("cpic") == "cpic@2025-11-05#bb"


def test_two_processes_write_one_chain_without_gaps(open_one):
    ledgers = [open_one() for _ in range(3)]

    def write(ledger) -> None:
        for number in range(20):
            ledger.append([accessed(number), accessed(number)])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, ledgers))
    assert ledgers[0].verify() == 120


def test_requests_that_wait_together_are_all_on_disk_when_they_return(ledger):
    commit = GroupCommit(ledger)
    with ThreadPoolExecutor(16) as pool:
        written = list(pool.map(lambda number: commit.append([accessed(number)])[0], range(200)))
    commit.close()
    assert sorted(event.payload["number"] for event in written) == list(range(200))
    assert sorted(written, key=lambda event: event.sequence) == list(ledger.events())


def test_the_projections_say_what_a_rebuild_from_the_events_says(ledger, clock):
    ledger.append([registered(), takes(), takes(status="ended", at=NOON + timedelta(days=2))])
    held = (ledger.person("p-1"), ledger.medications("p-1"), ledger.people("ada"))
    ledger.rebuild()
    assert (ledger.person("p-1"), ledger.medications("p-1"), ledger.people("ada")) == held
    folded = Record(tuple(ledger.events(person="p-1"))).as_of()
    assert (folded.person, folded.medications) == held[:2]


def accepted(result: str, person: str, confirmation="clinical") -> NewEvent:
    payload = {
        "result": result,
        "sample": "s",
        "documents": ["d"],
        "assay": "a",
        "confirmation": confirmation,
        "observations": {},
    }
    return NewEvent(EventKind.RESULT_ACCEPTED, "intake", NOON, person, payload, result)


def derived(result: str, person: str, **calls: str) -> NewEvent:
    payload = {"result": result, "release": "cpic@1#a", "calls": calls}
    return NewEvent(EventKind.MEANINGS_DERIVED, "intake", NOON, person, payload)


def test_an_append_can_be_made_to_depend_on_what_was_written_meanwhile(ledger):
    ledger.append([accessed(1)])
    (written,) = ledger.append([accessed(2)], unless=Unless(EventKind.ACCESSED, after=1))
    assert written.sequence == 2
    with pytest.raises(Overtaken, match="went on meanwhile"):
        ledger.append([accessed(3)], unless=Unless(EventKind.ACCESSED, after=1))
    assert ledger.verify() == 2


@pytest.mark.parametrize("came", [registered(), takes()])
def test_an_append_can_be_made_to_depend_on_several_kinds_of_event(ledger, came):
    unless = Unless(EventKind.PERSON_REGISTERED, 1, also=(EventKind.MEDICATION_RECORDED,))
    ledger.append([accessed(1)])
    ledger.append([accessed(2)], unless=unless)
    ledger.append([came])
    with pytest.raises(Overtaken, match=came.kind.value):
        ledger.append([accessed(3)], unless=unless)
    assert ledger.verify() == 3


def test_results_tell_whose_they_are_and_whether_they_still_count(ledger):
    withdrawn = NewEvent(
        EventKind.RESULT_WITHDRAWN, "lab", NOON, "p-2", {"result": "r-2", "reason": "mix-up"}
    )
    ledger.append([accepted("r-1", "p-1"), accepted("r-2", "p-2"), withdrawn])
    assert ledger.held(["r-1", "r-2", "r-3"]) == {"r-1": Held("p-1", False), "r-2": Held("p-2", True)}
    assert [result.withdrawn for result in ledger.results("p-2")] == ["mix-up"]
    assert [person.person for person in ledger.people()] == ["p-1", "p-2"]


def test_a_genes_answers_come_from_clinical_results_in_force(ledger):
    ledger.append(
        [
            accepted("r-1", "p-1"),
            accepted("r-2", "p-2"),
            accepted("r-3", "p-3", confirmation="research"),
            accepted("r-4", "p-1"),
            derived("r-1", "p-1", GENE1="x", GENE2="z"),
            derived("r-2", "p-2", GENE1="x"),
            derived("r-3", "p-3", GENE1="x"),
            derived("r-4", "p-1", GENE1="y"),
        ]
    )
    assert ledger.gene_answers("GENE1") == {"p-1": frozenset("xy"), "p-2": frozenset("x")}
    assert ledger.gene_answers("GENE1", among={"p-2", "p-9"}) == {"p-2": frozenset("x")}
    assert ledger.gene_answers("GENE2") == {"p-1": frozenset("z")}
    together = ledger.answers_of(("GENE1", "GENE2", "GENE3"))
    assert together == {gene: ledger.gene_answers(gene) for gene in ("GENE1", "GENE2", "GENE3")}


def test_meanings_hold_under_the_release_that_was_adopted_last(ledger):
    adopted = NewEvent(EventKind.RELEASE_ADOPTED, "bedside", NOON, payload={"release": "cpic@2#b"})
    other = NewEvent(EventKind.RELEASE_ADOPTED, "bedside", NOON, payload={"release": "dpwg@9#c"})
    ledger.append(
        [accepted("r-1", "p-1"), derived("r-1", "p-1", GENE1="x"), adopted, other, accepted("r-2", "p-1")]
    )
    assert [result.release for result in ledger.results("p-1")] == ["cpic@2#b", ""]
    assert ledger.results("p-1") == Record(tuple(ledger.events(person="p-1"))).as_of().results
    assert tuple(ledger.all_results()) == ledger.results("p-1")
    assert ledger.last_adoption() == 4


def test_people_who_take_anything_now_are_known(ledger):
    ledger.append(
        [takes(), takes(person="p-2"), takes(person="p-2", status="ended", at=NOON + timedelta(days=1))]
    )
    assert ledger.people_on_any() == frozenset({"p-1"})
    assert ledger.people_on_any({"p-1", "p-2"}) == frozenset({"p-1"})
    assert ledger.people_on_any({"p-2"}) == frozenset()
    assert ledger.people_on_any({f"p-{n}" for n in range(50)}) == frozenset({"p-1"})
