"""A person's genome goes from every answer, with a proof; and a killed process loses neither run nor
erasure."""

from __future__ import annotations

import pytest

from bedside.errors import RequestError, StoreError
from bedside.genome.consent import Decision, NotConsented, Purpose, Refusal, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.catch_up_lake import catch_up
from bedside.service.consented_lake import consented
from bedside.service.erase_genome import erase_genome
from bedside.service.erasure_proof import REMAINS, Reasked
from bedside.service.record_consent import record_consent
from bedside.service.verify_record import verify_record
from bedside.store.encode import decode
from tests.paper_lake import PaperLake

VARIANT = Variant("chr17", 43045682, "T", "TG")
GENE = Region("chr17", 43044295, 43170245)


def known(house, lake, person, *, number=1):
    """A run whose files are written and which the ledger knows, not yet visible."""
    run = lake.write(person, [VARIANT], [GENE], number)
    payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": run.records}
    payload |= {"assay": run.assay.value, "regions": run.regions, "confirmed": True}
    event = NewEvent(EventKind.GENOME_STORED, "laboratory", house.clock(), person, payload, run.run)
    return run, house.ledger.append([event])[0].sequence


def stored(house, lake, person, *, number=1):
    run, sequence = known(house, lake, person, number=number)
    lake.admit([run], sequence)


@pytest.fixture
def lake(house) -> PaperLake:
    made = PaperLake()
    for person in ("ada", "ben"):
        stored(house, made, person)
    return made


def test_an_erased_genome_is_in_no_answer_and_every_question_was_asked_again(house, lake):
    proof = erase_genome(house, lake, "ada", "asked for it by letter")
    (event,) = house.ledger.events(kinds=[EventKind.GENOME_ERASED])
    assert (event.person, event.payload) == (
        "ada",
        {"reason": "asked for it by letter", "runs": ["run-ada-1"]},
    )
    assert (proof.person, proof.event, proof.hash, proof.runs) == ("ada", 3, event.hash, ("run-ada-1",))
    assert (proof.generation, proof.gone, proof.remains) == (3, ("e" * 64,), REMAINS)
    assert proof.asked_again == (
        Reasked("runs", "nothing found"),
        Reasked("variants, whole genome", "nothing found"),
        Reasked("carriers of 1 of the person's variants", "nothing found"),
        Reasked("presence of 1 of the person's variants", "nothing found; not tested"),
        Reasked("presence of one variant in everybody", "nothing found; not tested"),
        Reasked("tested at one place", "nothing found"),
        Reasked("allele counts at one place", "nothing found"),
        Reasked("export", "nothing found"),
        Reasked("any question through the choke point", "refused: erased"),
    )
    care = consented(house, lake, Purpose.CARE)
    assert care.presence_of(VARIANT).keys() == {"ben"}
    assert care.refused("ada") == NotConsented("ada", Refusal.ERASED)
    assert care.not_counted() == {Refusal.ERASED: 1}


def test_the_proof_is_kept_and_holds_nothing_of_the_genome(house, lake):
    proof = erase_genome(house, lake, "ada", "asked for it")
    kept = house.documents.get(proof.document)
    assert decode(kept)["hash"] == proof.hash
    assert not any(text in kept for text in (b"43045682", b"chr17", b"TG"))
    assert verify_record(house).events == 4


def test_erasing_again_gives_the_same_proof_and_writes_nothing(house, lake):
    proof = erase_genome(house, lake, "ada", "asked for it")
    before = house.ledger.checkpoint()
    assert erase_genome(house, lake, "ada", "another reason") == proof
    assert house.ledger.checkpoint() == before


def test_nothing_is_erased_of_somebody_without_a_genome_or_without_a_reason(house, lake):
    before = house.ledger.checkpoint()
    with pytest.raises(RequestError, match="no genome of this person was ever stored"):
        erase_genome(house, lake, "nobody", "asked for it")
    with pytest.raises(RequestError, match="needs a reason"):
        erase_genome(house, lake, "ada", " ")
    assert (house.ledger.checkpoint(), len(lake.runs("ada"))) == (before, 1)


def test_withdrawing_and_erasing_are_two_things(house, lake):
    record_consent(house, "ada", Scope.CLINICAL, Decision.WITHDRAWN)
    assert len(lake.runs("ada")) == 1
    proof = erase_genome(house, lake, "ada", "asked for it")
    assert proof.asked_again[-1].answer == "refused: erased"


def test_a_lake_that_still_answers_gets_no_proof(house, lake, monkeypatch):
    monkeypatch.setattr(lake, "erase", lambda person, sequence: lake.snapshot())
    with pytest.raises(StoreError, match="the lake still answers: allele counts at one place; carriers"):
        erase_genome(house, lake, "ada", "asked for it")
    assert list(house.ledger.events(kinds=[EventKind.ACCESSED])) == []
    monkeypatch.undo()
    assert erase_genome(house, lake, "ada", "asked for it").event == 3


def test_a_genome_sequenced_after_an_erasure_is_kept_and_erased_by_itself(house, lake):
    first = erase_genome(house, lake, "ada", "asked for it")
    stored(house, lake, "ada", number=2)
    care = consented(house, lake, Purpose.CARE)
    assert (care.refused("ada"), [run.run for run in care.runs("ada")]) == (None, ["run-ada-2"])
    second = erase_genome(house, lake, "ada", "again")
    assert (first.runs, second.runs) == (("run-ada-1",), ("run-ada-2",))


# --- killed in between


def test_a_run_the_ledger_knows_and_the_lake_lacks_is_admitted_at_the_next_opening(house, lake):
    known(house, lake, "cleo")
    assert lake.runs("cleo") == ()
    assert catch_up(house.ledger, lake)
    assert [run.run for run in lake.runs("cleo")] == ["run-cleo-1"]
    assert not catch_up(house.ledger, lake)


def test_a_run_that_was_overtaken_by_another_process_is_admitted_too(house, lake):
    known(house, lake, "cleo")
    stored(house, lake, "dan")
    assert lake.runs("cleo") == ()
    assert catch_up(house.ledger, lake)
    assert [run.run for run in lake.runs("cleo")] == ["run-cleo-1"]


def test_an_erasure_that_was_overtaken_by_another_process_is_finished_too(house, lake):
    house.ledger.append(
        [NewEvent(EventKind.GENOME_ERASED, "clerk", house.clock(), "ada", {"reason": "asked for it"})]
    )
    stored(house, lake, "dan")
    assert catch_up(house.ledger, lake).erased == ("ada",)
    assert {run.person for run in lake.runs()} == {"ben", "dan"}


def test_an_erasure_that_stopped_after_the_ledger_is_finished_at_the_next_opening(house, lake, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lake, "erase", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_genome(house, lake, "ada", "asked for it")
    monkeypatch.undo()
    assert consented(house, lake, Purpose.CARE).refused("ada") == NotConsented("ada", Refusal.ERASED)
    assert consented(house, lake, Purpose.CARE).presence_of(VARIANT).keys() == {"ben"}
    assert catch_up(house.ledger, lake)
    assert (lake.runs("ada"), not catch_up(house.ledger, lake)) == ((), True)
    assert erase_genome(house, lake, "ada", "asked for it").event == 3


def test_a_run_never_admitted_is_erased_with_the_others(house, lake):
    known(house, lake, "cleo")
    assert erase_genome(house, lake, "cleo", "asked for it").gone == ("e" * 64,)
    assert "run-cleo-1" not in lake.files


def test_a_lake_lost_and_made_anew_gets_everybody_back_but_the_erased(house, lake):
    erase_genome(house, lake, "ada", "asked for it")
    anew = PaperLake()
    for person in ("ada", "ben"):
        anew.write(person, [VARIANT], [GENE])
    assert catch_up(house.ledger, anew, thorough=True)
    assert [run.person for run in anew.runs()] == ["ben"]
