"""The made-up health system in a store: the same for the same seed, with everybody the screens need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bedside.demo.build import DemoSummary, build_demo
from bedside.demo.newborns import newborns_in, read_newborns
from bedside.errors import InputError
from bedside.genome.event import EventKind
from bedside.genome.person import Person
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import House, open_house
from bedside.service.register_person import people_with, register_person
from bedside.service.show_person import show
from bedside.settings import Settings


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, pack: PgxPack) -> Iterator[tuple[House, DemoSummary]]:
    house = _house(tmp_path_factory.mktemp("demo"), pack)
    yield house, build_demo(house)
    house.close()


def test_the_same_seed_makes_the_same_ledger_to_the_last_hash(tmp_path: Path, pack: PgxPack) -> None:
    heads = []
    for name in ("first", "second"):
        house = _house(tmp_path / name, pack)
        build_demo(house, people=40, seed=5)
        heads.append(house.ledger.checkpoint())
        house.close()
    assert heads[0] == heads[1]


def test_building_twice_is_building_once(built: tuple[House, DemoSummary]) -> None:
    house, summary = built
    before = house.ledger.checkpoint()
    assert build_demo(house) == replace(summary, new=False)
    assert house.ledger.checkpoint() == before


def test_a_demo_that_was_stopped_halfway_goes_on(tmp_path: Path, pack: PgxPack) -> None:
    house = _house(tmp_path, pack)

    def stop(text: str) -> None:
        if text.startswith("2 of"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_demo(house, people=31, progress=stop)
    assert sum(1 for _ in house.ledger.all_results()) < 31
    summary = build_demo(house, people=31)
    sent = {event.payload["result"] for event in house.ledger.events(kinds=[EventKind.MESSAGE_RECEIVED])}
    tested = sum(one.result not in sent for one in house.ledger.all_results())
    assert (summary.new, summary.results) == (True, tested)
    assert tested == summary.tested + 2
    assert build_demo(house, people=31) == replace(summary, new=False)
    house.close()


def test_more_people_need_a_store_of_their_own(tmp_path: Path, pack: PgxPack) -> None:
    house = _house(tmp_path, pack)
    build_demo(house, people=2)
    with pytest.raises(InputError, match="the store holds 2 people who are not this demo's"):
        build_demo(house, people=3)
    house.close()


def test_made_up_people_do_not_move_in_with_real_ones(tmp_path: Path, pack: PgxPack) -> None:
    house = _house(tmp_path, pack)
    register_person(house, Person("somebody"))
    with pytest.raises(InputError, match="the store holds 1 people who are not this demo's"):
        build_demo(house, people=31)
    assert [person.person for person in house.ledger.people()] == ["somebody"]
    house.close()


def test_three_hundred_people_are_made_and_four_in_five_tested(built: tuple[House, DemoSummary]) -> None:
    house, summary = built
    newborns = len(read_newborns()["child"])
    assert (summary.people, newborns_in(house), newborns) == (300, 14, 14)
    assert house.ledger.count_people() == 300 + newborns
    assert summary.results == summary.tested + 2
    assert len(summary.cast) == 30


@pytest.mark.parametrize(
    ("role", "gene", "status", "phenotypes"),
    [
        ("clopidogrel-poor-metabolizer", "CYP2C19", CallStatus.CALLED, ("Poor Metabolizer",)),
        ("fluorouracil-planned-dpyd-carrier", "DPYD", CallStatus.CALLED, ("Intermediate Metabolizer",)),
        ("capecitabine-hapb3", "DPYD", CallStatus.CALLED, ("Intermediate Metabolizer",)),
        ("codeine-with-paroxetine", "CYP2D6", CallStatus.CALLED, ("Normal Metabolizer",)),
        ("codeine-ultrarapid-metabolizer", "CYP2D6", CallStatus.CALLED, ("Ultrarapid Metabolizer",)),
        ("amitriptyline-poor-metabolizer", "CYP2D6", CallStatus.CALLED, ("Poor Metabolizer",)),
        ("simvastatin-poor-function", "SLCO1B1", CallStatus.CALLED, ("Poor Function",)),
        ("azathioprine-tpmt-carrier", "TPMT", CallStatus.CALLED, ("Intermediate Metabolizer",)),
        ("azathioprine-nudt15-poor-metabolizer", "NUDT15", CallStatus.CALLED, ("Poor Metabolizer",)),
        ("g6pd-deficient-male", "G6PD", CallStatus.CALLED, ("Deficient",)),
        ("g6pd-carrier-female", "G6PD", CallStatus.CALLED, ("Variable",)),
        ("tacrolimus-cyp3a5-expresser", "CYP3A5", CallStatus.CALLED, ("Normal Metabolizer",)),
        ("efavirenz-poor-metabolizer", "CYP2B6", CallStatus.CALLED, ("Poor Metabolizer",)),
        ("rosuvastatin-abcg2", "ABCG2", CallStatus.CALLED, ("Poor Function",)),
        ("escitalopram-ultrarapid-metabolizer", "CYP2C19", CallStatus.CALLED, ("Ultrarapid Metabolizer",)),
        (
            "malignant-hyperthermia-risk",
            "RYR1",
            CallStatus.CALLED,
            ("Malignant Hyperthermia Susceptibility",),
        ),
        ("ivacaftor-responsive", "CFTR", CallStatus.CALLED, ("ivacaftor responsive in CF patients",)),
        (
            "gentamicin-hearing-risk",
            "MT-RNR1",
            CallStatus.CALLED,
            ("increased risk of aminoglycoside-induced hearing loss",),
        ),
        ("indeterminate-cyp2d6", "CYP2D6", CallStatus.INDETERMINATE, ("Indeterminate",)),
        ("no-call", "CYP2C9", CallStatus.NO_CALL, ()),
    ],
)
def test_the_calls_of_the_cast_are_what_their_story_says(
    built: tuple[House, DemoSummary],
    role: str,
    gene: str,
    status: CallStatus,
    phenotypes: tuple[str, ...],
) -> None:
    call = _calls(built, role)[gene]
    assert (call.status, call.phenotypes) == (status, phenotypes)


@pytest.mark.parametrize(
    ("role", "present"),
    [
        ("carbamazepine-planned-hla-b-1502", "*15:02 positive"),
        ("abacavir-planned-hla-b-5701", "*57:01 positive"),
        ("allopurinol-planned-hla-b-5801", "*58:01 positive"),
    ],
)
def test_each_risk_allele_of_hla_b_has_its_patient(
    built: tuple[House, DemoSummary], role: str, present: str
) -> None:
    found = _calls(built, role)["HLA-B"].phenotypes
    assert [text for text in found if text.endswith("positive")] == [present]
    assert len(found) == 3


def test_two_results_in_conflict_leave_no_single_answer(built: tuple[House, DemoSummary]) -> None:
    call = _calls(built, "two-results-in-conflict")["CYP2C19"]
    assert call.phenotypes == ("Poor Metabolizer", "Normal Metabolizer")
    assert call.lookup_key is None
    assert "results-conflict" in [warning.code for warning in call.warnings]


def test_what_was_known_in_2025_differs_from_what_is_known_now(built: tuple[House, DemoSummary]) -> None:
    house, _ = built
    person = _person(built, "superseded-result")
    told = []
    for day in (date(2025, 6, 1), None):
        view = show(house, person, as_of=day)
        line = next(line for line in view.genes if line.call.gene == "CYP2C19")
        told.append((len(view.results), line.call.phenotypes, line.conflict))
    assert told == [(1, ("Normal Metabolizer",), False), (2, ("Intermediate Metabolizer",), False)]


def test_a_demo_of_five_is_the_first_five_of_the_cast(tmp_path: Path, pack: PgxPack) -> None:
    house = _house(tmp_path, pack)
    summary = build_demo(house, people=5, seed=9)
    assert (summary.people, summary.tested, summary.results) == (5, 5, 5)
    assert [person for person, _, _ in summary.cast] == [f"demo-{number:06d}" for number in range(1, 6)]
    house.close()


def test_positions_an_array_left_out_are_listed_as_not_tested(built: tuple[House, DemoSummary]) -> None:
    missing = _calls(built, "missing-positions")["CYP2C19"].missing_positions
    listed = {position.rsid: position.state for position in missing}
    assert listed["rs4986893"] == listed["rs12248560"] == "not tested"


def test_whoever_was_never_tested_has_no_call_at_all(built: tuple[House, DemoSummary]) -> None:
    assert _calls(built, "never-tested") == {}


def test_there_are_poor_metabolizers_of_cyp2c19_on_clopidogrel(built: tuple[House, DemoSummary]) -> None:
    house, _ = built
    found = people_with(house, "CYP2C19", "Poor Metabolizer", "clopidogrel")
    assert _person(built, "clopidogrel-poor-metabolizer") in found


def test_orders_that_were_planned_brought_up_cards(built: tuple[House, DemoSummary]) -> None:
    shown = {
        (role, card.content["about"]["drug"], card.content["indicator"])
        for person, role, _ in built[1].cast
        for card in built[0].ledger.cards(person)
        if card.content["about"]["order"]
    }
    assert shown >= {
        ("fluorouracil-planned-dpyd-carrier", "fluorouracil", "warning"),
        ("codeine-ultrarapid-metabolizer", "codeine", "critical"),
        ("carbamazepine-planned-hla-b-1502", "carbamazepine", "critical"),
        ("allopurinol-planned-hla-b-5801", "allopurinol", "critical"),
        ("abacavir-planned-hla-b-5701", "abacavir", "critical"),
        ("g6pd-deficient-male", "dapsone", "critical"),
        ("malignant-hyperthermia-risk", "sevoflurane", "critical"),
    }


def test_paroxetine_makes_a_normal_metabolizer_a_poor_one_while_it_is_taken(
    built: tuple[House, DemoSummary],
) -> None:
    cards = built[0].ledger.cards(_person(built, "codeine-with-paroxetine"))
    codeine = next(card.content for card in cards if card.content["about"]["drug"] == "codeine")
    assert codeine["indicator"] == "critical"
    assert "paroxetine" in codeine["detail"].lower()


def test_cards_were_accepted_and_overridden_with_a_coded_reason(built: tuple[House, DemoSummary]) -> None:
    cast = {person for person, _, _ in built[1].cast}
    told = {
        (event.person, event.payload["outcome"], event.payload["reason"].get("code", ""))
        for event in built[0].ledger.events(kinds=[EventKind.FEEDBACK_RECEIVED])
        if event.person in cast
    }
    assert told == {
        ("demo-000007", "accepted", ""),
        ("demo-000010", "accepted", ""),
        ("demo-000011", "overridden", "not-convenient-feasible"),
        ("demo-000016", "overridden", "cds-suboptimal-context"),
        ("demo-000024", "overridden", "recipient-concerns-outcomes"),
    }


def test_order_sets_hid_what_the_genome_speaks_against_and_nothing_where_it_is_unknown(
    built: tuple[House, DemoSummary],
) -> None:
    hidden = {
        event.person: {item["id"] for item in event.payload["items"] if item["disposition"] == "hide"}
        for event in built[0].ledger.events(kinds=[EventKind.ORDER_SET_FILTERED])
    }
    assert hidden == {
        "demo-000001": {"clopidogrel"},
        "demo-000004": {"codeine", "tramadol"},
        "demo-000009": {"simvastatin"},
        "demo-000021": set(),
        "demo-000030": set(),
    }


def test_some_tasks_are_open_and_some_were_closed_with_what_was_done(
    built: tuple[House, DemoSummary],
) -> None:
    house, summary = built
    tasks = house.ledger.tasks(open_only=False)
    assert len([task for task in tasks if task.open]) == summary.open_tasks > 5
    assert {task.outcome for task in tasks if not task.open} == {
        "Another analgesic chosen",
        "the authorisation is appealed",
        "Treatment started without abacavir",
        "followed, says Dr Berg Example",
        "not followed: patient-wish",
    }


def test_the_chain_of_the_made_up_ledger_holds(built: tuple[House, DemoSummary]) -> None:
    house, _ = built
    assert house.ledger.verify() == house.ledger.checkpoint().sequence


def _house(folder: Path, pack: PgxPack) -> House:
    folder.mkdir(parents=True, exist_ok=True)
    return open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"), pgx=pack)


def _person(built: tuple[House, DemoSummary], role: str) -> str:
    return next(person for person, its, _ in built[1].cast if its == role)


def _calls(built: tuple[House, DemoSummary], role: str) -> dict[str, GeneCall]:
    return dict(built[0].ledger.person_calls(_person(built, role)))
