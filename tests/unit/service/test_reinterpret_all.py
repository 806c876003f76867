"""A new release gives every observation its meaning anew, and only those it concerns hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.errors import StoreError
from bedside.genome.citation import Release
from bedside.genome.event import EventKind
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern
from bedside.genome.state import NOT_TESTED, Called, NoCall, Reason, ReferenceBlock, Undocumented
from bedside.service.accept_result import accept_files
from bedside.service.align_pattern import align_pattern, positions_unread
from bedside.service.house import open_house
from bedside.service.reinterpret_all import Summary, reinterpret
from bedside.service.show_person import show

POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}
NEXT = Release("cpic", "2027-01-01", "b" * 64)


@pytest.fixture
def next_pack(pack):
    """A release that knows *2/*2 of CYP2C19 as likely poor; everything else as before."""
    gene = pack.genes["CYP2C19"]
    rules = tuple(
        replace(rule, phenotype="Likely Poor Metabolizer", lookup_key="Likely Poor Metabolizer")
        if rule.phenotype == "Poor Metabolizer"
        else rule
        for rule in gene.rules
    )
    return replace(pack, release=NEXT, genes={**pack.genes, "CYP2C19": replace(gene, rules=rules)})


@pytest.fixture
def accepted(house, write_vcf):
    people = {"ada": POOR, "bo": {}, "cy": {}, "di": POOR}
    return accept_files(house, [write_vcf("cohort.vcf", people, genes=("CYP2C19", "TPMT"))])


def test_each_distinct_observation_is_interpreted_once_and_only_the_concerned_hear_of_it(
    house, accepted, next_pack, clock
):
    clock.turn(days=30)
    summary = reinterpret(house, next_pack)
    assert summary == Summary(str(house.pgx.release), str(NEXT), 4, 3, 2, 2, 0)
    later = list(house.ledger.events(after=9))
    assert [(event.kind, event.person) for event in later] == [
        (EventKind.RELEASE_ADOPTED, None),
        (EventKind.MEANINGS_DERIVED, "ada"),
        (EventKind.MEANINGS_DERIVED, "di"),
        (EventKind.TASK_OPENED, "ada"),
        (EventKind.TASK_OPENED, "di"),
    ]
    assert house.ledger.person_calls("ada")["CYP2C19"].phenotypes == ("Likely Poor Metabolizer",)
    assert house.ledger.person_calls("bo")["CYP2C19"].phenotypes == ("Normal Metabolizer",)


def test_the_task_says_what_changed_who_owns_it_and_by_when(house, accepted, next_pack, clock):
    clock.turn(days=30)
    reinterpret(house, next_pack)
    (task,) = show(house, "ada").tasks
    assert task.summary == (
        "Review what changed under cpic 2027-01-01: CYP2C19: Poor Metabolizer → Likely Poor Metabolizer"
    )
    assert (task.about["genes"], bool(task.owner), task.due > date(2026, 3, 31)) == (["CYP2C19"], True, True)


def test_a_past_day_still_shows_the_meaning_of_that_day(house, accepted, next_pack, clock):
    clock.turn(days=30)
    reinterpret(house, next_pack)
    then, now = show(house, "ada", date(2026, 3, 1)), show(house, "ada")
    assert (then.release, then.calls["CYP2C19"].phenotypes) == (str(house.pgx.release), ("Poor Metabolizer",))
    assert (now.release, now.calls["CYP2C19"].phenotypes) == (str(NEXT), ("Likely Poor Metabolizer",))


def test_whose_meaning_did_not_change_is_known_under_the_new_release_all_the_same(
    house, accepted, next_pack, clock
):
    clock.turn(days=30)
    reinterpret(house, next_pack)
    assert [result.release for result in house.ledger.results("bo")] == [str(NEXT)]
    assert [line.result.release for line in show(house, "bo").results] == [str(NEXT)]
    assert [line.result.release for line in show(house, "bo", date(2026, 3, 1)).results] == [
        str(house.pgx.release)
    ]


def test_observations_are_never_touched(house, accepted, next_pack):
    before = [(result.result, result.observations) for result in house.ledger.all_results()]
    bodies = house.ledger.content({d for _, seen in before for digests in seen.values() for d in digests})
    reinterpret(house, next_pack)
    assert [(result.result, result.observations) for result in house.ledger.all_results()] == before
    assert house.ledger.content(bodies) == bodies
    assert house.ledger.verify() == house.ledger.checkpoint().sequence


def test_adopting_a_release_twice_is_adopting_it_once(house, accepted, next_pack):
    reinterpret(house, next_pack)
    head = house.ledger.checkpoint()
    assert str(reinterpret(house, next_pack)) == f"{NEXT} is in force already; nothing to do"
    assert house.ledger.checkpoint() == head


def test_going_back_to_the_former_release_gives_the_former_calls(house, accepted, next_pack):
    before = {result.result: result.calls for result in house.ledger.all_results()}
    reinterpret(house, next_pack)
    reinterpret(house, house.pgx)
    assert {result.result: result.calls for result in house.ledger.all_results()} == before


def test_the_same_deliveries_give_the_same_payloads_again(house, accepted, next_pack, clock, tmp_path, pack):
    reinterpret(house, next_pack)
    settings = replace(house.settings, store_url=f"sqlite:///{tmp_path}/again/ledger.db")
    again = open_house(settings, pgx=pack, clock=clock)
    accept_files(again, [tmp_path / "cohort.vcf"])
    reinterpret(again, next_pack)
    written = [(event.kind, event.person, event.payload, event.hash) for event in house.ledger.events()]
    assert [
        (event.kind, event.person, event.payload, event.hash) for event in again.ledger.events()
    ] == written
    again.close()


def test_a_record_is_not_opened_under_a_release_it_does_not_speak(house, accepted, next_pack):
    reinterpret(house, next_pack)
    with pytest.raises(StoreError, match="which is not at hand"):
        open_house(house.settings)


def test_a_result_that_arrives_while_a_release_is_adopted_is_read_under_it_too(
    house, accepted, next_pack, write_vcf, monkeypatch
):
    late = write_vcf("late.vcf", {"eve": POOR})
    append, arrived = house.ledger.append, []

    def append_after_another(*arguments):
        if not arrived:
            arrived.append(True)
            accept_files(house, [late])
        return append(*arguments)

    monkeypatch.setattr(
        "bedside.store.sql_ledger.SqlLedger.append", lambda _, *given: append_after_another(*given)
    )
    summary = reinterpret(house, next_pack)
    assert (summary.results, summary.people_changed) == (5, 3)
    assert house.ledger.person_calls("eve")["CYP2C19"].phenotypes == ("Likely Poor Metabolizer",)


def test_a_gene_the_new_release_no_longer_knows_has_no_meaning_under_it(house, accepted, next_pack):
    genes = {name: gene for name, gene in next_pack.genes.items() if name != "TPMT"}
    reinterpret(house, replace(next_pack, genes=genes))
    assert sorted(house.ledger.person_calls("bo")) == ["CYP2C19"]
    (task,) = house.ledger.tasks("bo")
    assert task.summary.endswith("TPMT: Normal Metabolizer → no answer")


def test_an_old_observation_is_judged_by_the_new_release_and_says_nothing_of_new_positions(pack):
    gene = pack.genes["CYP2C9"]
    one, two, three, four, five = gene.positions[:5]
    loci = tuple(Locus(Build.GRCH38, at.chromosome, at.position) for at in (one, two, three, four))
    states = (
        Undocumented((one.alternates[0], one.reference)),
        Called(("AAAAAA", two.reference)),
        ReferenceBlock("N" if three.reference != "N" else "A"),
        ReferenceBlock(four.reference),
    )
    short = replace(gene, positions=(one, two, three, four, five))
    pattern = GenotypePattern("CYP2C9", loci, states)
    assert align_pattern(pattern, short) == (
        Called((one.alternates[0], one.reference)),
        Undocumented(("AAAAAA", two.reference)),
        NoCall(Reason.REFERENCE_MISMATCH),
        ReferenceBlock(four.reference),
        NOT_TESTED,
    )
    assert positions_unread(pattern, short) == 1
