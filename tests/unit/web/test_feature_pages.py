"""A person's features on a page: suggested, decided by somebody named, searched; who may do what."""

from __future__ import annotations

from pathlib import Path

import orjson

from bedside.genome.code import Code, System
from bedside.genome.event import EventKind
from bedside.genome.person import Problem
from bedside.service.access import Permission
from bedside.service.features import confirmed_case, features_of
from bedside.service.genomics_export import export_phenopacket
from bedside.service.house import House
from bedside.service.register_person import record_problem
from tests.made_up_record import AMARA, INGRID
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text
from tests.unit.web.test_safety_of_pages import granted

NOTE = "Microcephaly and seizures. No ataxia. Mother has hearing loss."


def act(pages: Pages, **said: str):
    address = pages.address(INGRID, "/phenotype")
    return pages.post(address, on=address, **said)


def test_a_note_is_suggested_and_nothing_counts_until_somebody_confirms(pages: Pages, house: House) -> None:
    assert act(pages, act="note", note=NOTE).status_code == 303
    page = text(pages.get(pages.address(INGRID, "/phenotype")).text)
    for told in ("4 suggested and waiting", "Said not to be there", "Said of a relative", "Microcephaly"):
        assert told in page
    assert confirmed_case(house, INGRID).observed == ()
    assert b"phenotypicFeatures" not in orjson.dumps(export_phenopacket(house, INGRID))
    act(pages, act="decide", term="HP:0000252", decision="confirmed")
    act(pages, act="decide", term="HP:0001251", decision="excluded")
    act(pages, act="decide", term="HP:0000365", decision="rejected")
    case = confirmed_case(house, INGRID)
    assert (case.observed, case.excluded) == (("HP:0000252",), ("HP:0001251",))
    packet = export_phenopacket(house, INGRID)
    assert [(one["type"]["id"], one.get("excluded", False)) for one in packet["phenotypicFeatures"]] == [
        ("HP:0000252", False),
        ("HP:0001251", True),
    ]
    page = text(pages.get(pages.address(INGRID, "/phenotype")).text)
    assert "1 feature confirmed, 1 confirmed as not there, 1 suggested and waiting" in page
    assert "local-operator" in page
    assert confirmed_case(house, AMARA).features == ()


def test_a_decision_is_taken_back_and_the_note_again_is_nothing_new(pages: Pages, house: House) -> None:
    act(pages, act="note", note=NOTE)
    before = len(list(house.ledger.events(kinds=(EventKind.FEATURE_SUGGESTED,))))
    assert "noted=none" in act(pages, act="note", note=NOTE).headers["location"]
    assert len(list(house.ledger.events(kinds=(EventKind.FEATURE_SUGGESTED,)))) == before
    act(pages, act="decide", term="HP:0000252", decision="confirmed")
    act(pages, act="decide", term="HP:0000252", decision="open")
    assert confirmed_case(house, INGRID).observed == ()
    assert {one.open for one in features_of(house, INGRID)} == {True}


def test_the_problem_list_is_suggested_with_the_map_that_led_there(pages: Pages, house: House) -> None:
    record_problem(house, INGRID, Problem(Code(System.SNOMED_CT, "91175000", "Seizure")))
    act(pages, act="codes")
    page = text(pages.get(pages.address(INGRID, "/phenotype")).text)
    assert "91175000 Seizure" in page
    assert "HPO cross-references" in page
    assert "Not at hand: loinc2hpo-annotations.tsv" in page


def test_terms_are_found_by_name_by_words_in_any_order_and_by_id_and_never_stand_in_the_address(
    pages: Pages,
) -> None:
    for asked in ("small head", "HP:0000252", "microceph"):
        answer = act(pages, act="search", asked=asked)
        assert answer.status_code == 200
        assert "HP:0000252" in answer.text
        assert "asked" not in str(answer.request.url)
    assert "No term of HPO" in act(pages, act="search", asked="zzzz").text
    act(pages, act="decide", term="HP:0000252", decision="confirmed")
    assert "added by hand" in pages.get(pages.address(INGRID, "/phenotype")).text


def test_what_does_not_fit_is_said_and_nothing_is_written(pages: Pages, house: House) -> None:
    before = len(list(house.ledger.events(person=INGRID)))
    for said in (
        {"act": "note", "note": "  "},
        {"act": "decide", "term": "HP:9999999", "decision": "confirmed"},
        {"act": "decide", "term": "HP:0000252", "decision": "perhaps"},
        {"act": "nothing"},
    ):
        assert act(pages, **said).status_code == 422
    written = [one.kind for one in house.ledger.events(person=INGRID)][before:]
    assert not {EventKind.FEATURE_SUGGESTED, EventKind.FEATURE_DECIDED} & set(written)


def test_who_may_look_may_search_and_not_decide(house: House, tmp_path: Path) -> None:
    inside = granted(tmp_path, house, Permission.FEATURES)
    address = inside.address(INGRID, "/phenotype")
    page = inside.get(address)
    assert page.status_code == 200
    assert "Read a note" not in page.text
    assert inside.post(address, on=address, act="search", asked="ataxia").status_code == 200
    refused = inside.post(address, on=address, act="decide", term="HP:0000252", decision="confirmed")
    assert refused.status_code == 403
    assert confirmed_case(house, INGRID).features == ()


def test_a_decision_bears_the_name_of_who_made_it(house: House, tmp_path: Path) -> None:
    inside = granted(tmp_path, house, Permission.FEATURES, Permission.FEATURE_CONFIRM)
    address = inside.address(INGRID, "/phenotype")
    inside.post(address, on=address, act="decide", term="HP:0000252", decision="confirmed")
    (one,) = features_of(house, INGRID)
    assert (one.by, one.counts) == ("somebody", True)
