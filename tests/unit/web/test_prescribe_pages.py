"""Prescribing: the page shows exactly what an EHR would get, and takes the clinician's answer."""

from __future__ import annotations

import re

from bedside.genome.event import EventKind
from bedside.service.answer_hook import answer
from bedside.service.house import House
from bedside.service.prescribe import new_order, prescribe
from bedside.service.rules import rules_of
from tests.made_up_record import AMARA, INGRID, TOMAS
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


def order(pages: Pages, person: str, drug: str, **more: str) -> str:
    address = pages.address(person, "/prescribe")
    return pages.post(address, on=address, drug=drug, **more).text


def hidden(page: str, form: str) -> dict[str, str]:
    """The hidden fields of the first form that holds this text."""
    whole = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if form in one)
    return dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', whole))


def feedback(pages: Pages, person: str, page: str, form: str, **chosen: str) -> str:
    fields = {**hidden(page, form), **chosen}
    fields.pop("csrf")
    return pages.post(pages.address(person, "/feedback"), **fields).text


def events(house: House, kind: EventKind) -> list[dict[str, object]]:
    return [dict(event.payload) for event in house.ledger.events(kinds=(kind,))]


def test_the_cards_are_those_the_service_gives_an_ehr(house: House) -> None:
    drug = house.pgx.drugs["clopidogrel"]
    draft = new_order(drug)
    shown = prescribe(house, INGRID, draft, "order-sign", "tester")
    request = {
        "hook": "order-sign",
        "hookInstance": "9d9ae1f0-44b4-4a4e-9d0a-0c5e2e1f3a11",
        "context": {
            "userId": "Practitioner/1",
            "patientId": INGRID,
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft.resource(INGRID)}]},
        },
    }
    given = answer(house, "bedside-pgx-order-sign", request)["cards"]
    assert [(card.summary, card.detail, card.urgency.value, card.source) for card in shown.cards] == [
        (card["summary"], card["detail"], card["indicator"], card["source"]["label"]) for card in given
    ]
    assert [[one.label for one in card.suggestions] for card in shown.cards] == [
        [one["label"] for one in card["suggestions"]] for card in given
    ]


def test_clopidogrel_for_a_poor_metabolizer_shows_a_critical_card_with_its_review_state(pages: Pages) -> None:
    said = text(order(pages, INGRID, "clopidogrel"))
    assert "1 card for clopidogrel" in said
    assert "Critical Clopidogrel after ACS or PCI: avoid; choose another drug" in said
    assert "Codes assigned by rule; awaiting pharmacist's sign-off." in said


def test_a_brand_name_is_understood(pages: Pages) -> None:
    assert "1 card for clopidogrel" in text(order(pages, INGRID, "Plavix"))


def test_an_unknown_drug_is_an_error_of_the_form_and_not_silence(pages: Pages) -> None:
    address = pages.address(INGRID, "/prescribe")
    page = pages.post(address, on=address, drug="moonlight")
    assert page.status_code == 422
    assert "No single drug of this name is known here." in text(page.text)
    assert "would show nothing" not in page.text


def test_a_dose_that_is_no_number_is_refused_with_what_was_typed_kept(pages: Pages) -> None:
    page = order(pages, INGRID, "clopidogrel", dose="a lot")
    assert "The dose must be a number" in text(page)
    assert 'value="clopidogrel"' in page


def test_silence_says_why(pages: Pages) -> None:
    said = text(order(pages, AMARA, "clopidogrel", moment="order-sign"))
    assert "No card for clopidogrel" in said
    assert "Silence has a reason, and the reason is not always that all is well:" in said


def test_a_person_never_tested_is_told_to_test_and_not_that_all_is_well(pages: Pages) -> None:
    assert "test CYP2C19 first" in text(order(pages, TOMAS, "clopidogrel"))


def test_accepting_a_suggestion_replaces_the_order_and_checks_the_new_one(house: House, pages: Pages) -> None:
    page = order(pages, INGRID, "clopidogrel", dose="75")
    chosen = re.search(
        r'name="suggestion" value="([^"]+)"[^>]*>.*?Replace clopidogrel with ([a-z]+)', page, re.S
    )
    assert chosen
    said = text(feedback(pages, INGRID, page, 'value="accepted"', suggestion=chosen[1]))
    assert f"Accepted: Replace clopidogrel with {chosen[2]}. The draft order is now {chosen[2]}." in said
    (taken,) = events(house, EventKind.FEEDBACK_RECEIVED)
    assert (taken["outcome"], taken["suggestions"]) == ("accepted", [chosen[1]])


def test_an_override_is_recorded_with_its_coded_reason_and_not_asked_again(
    house: House, pages: Pages
) -> None:
    page = order(pages, INGRID, "clopidogrel")
    told = {"reason": "cds-not-applicable", "comment": "palliative"}
    said = text(feedback(pages, INGRID, page, 'value="overridden"', **told))
    assert "Kept clopidogrel. Reason recorded: does not apply to this patient." in said
    assert "Shown recently for the same order" in said
    (taken,) = events(house, EventKind.FEEDBACK_RECEIVED)
    reason = {"code": "cds-not-applicable", "system": rules_of(house).ruleset.override_reasons[0].system}
    assert (taken["outcome"], taken["reason"], taken["comment"]) == ("overridden", reason, "palliative")


def test_a_card_of_one_person_cannot_be_answered_on_the_page_of_another(house: House, pages: Pages) -> None:
    page = order(pages, INGRID, "clopidogrel")
    fields = {**hidden(page, 'value="overridden"'), "reason": "cds-not-applicable"}
    fields.pop("csrf")
    assert pages.post(pages.address(AMARA, "/feedback"), **fields).status_code == 404
    assert events(house, EventKind.FEEDBACK_RECEIVED) == []


def test_the_trace_lists_each_rule_that_spoke_and_is_the_same_to_the_byte(pages: Pages) -> None:
    page = order(pages, INGRID, "clopidogrel")
    address = re.search(r'href="(/people/[^"]+/trace/[^"]+)"', page)
    assert address
    shown = pages.get(address[1])
    assert "Given again just now from its stored inputs: the same to the byte." in text(shown.text)
    spoke = [row for row in rows(shown.text, "Rules") if row[0] == "Spoke"]
    assert {row[1] for row in spoke} == {"clopidogrel"}
    assert pages.get(address[1].replace(pages.address(INGRID), pages.address(AMARA))).status_code == 404


def test_an_order_set_shows_before_and_after_with_the_reason_and_an_undo(house: House, pages: Pages) -> None:
    address = pages.address(INGRID, "/order-sets")
    first = next(
        one for one in rules_of(house).ruleset.order_sets.values() if "coronary" in one.title.lower()
    )
    page = pages.post(address, on=address, order_set=first.id).text
    said = text(page)
    assert "After percutaneous coronary intervention: 2 changes" in said
    assert (
        "Ticagrelor Prasugrel Clopidogrel hidden Clopidogrel after ACS or PCI: avoid; choose another drug"
        in said
    )
    undo = re.search(r'name="undo" value="([0-9a-f]+)"', page)
    assert undo
    back = text(pages.post(address, on=address, order_set=first.id, undo=undo[1]).text)
    assert "After percutaneous coronary intervention: 1 change" in back
    assert "Clopidogrel restored" in back
    assert len(events(house, EventKind.ORDER_SET_FILTERED)) == 2


def test_for_somebody_never_tested_an_order_set_changes_nothing(house: House, pages: Pages) -> None:
    address = pages.address(TOMAS, "/order-sets")
    for order_set in rules_of(house).ruleset.order_sets.values():
        assert "nothing to change" in text(pages.post(address, on=address, order_set=order_set.id).text)


def test_what_the_genome_knows_stands_beside_the_order_before_any_drug_is_picked(pages: Pages) -> None:
    said = text(pages.get(pages.address(INGRID, "/prescribe")).text)
    assert "CYP2C19 : Poor Metabolizer" in said
    assert "CYP2B6 : no call" in said
    assert "HLA-B" in said.partition("Not tested: ")[2]


def task_of(house: House, person: str) -> str:
    return house.ledger.tasks(person)[0].task


def test_a_task_ends_done_and_leaves_the_list_but_not_the_record(house: House, pages: Pages) -> None:
    person = house.ledger.tasks()[0].person
    task = task_of(house, person)
    page = pages.post(pages.address(person, "/tasks"), on="/tasks", task=task, ending="done")
    assert page.status_code == 303
    assert task not in [one.task for one in house.ledger.tasks(person)]
    assert {"task": task, "outcome": "done"} in events(house, EventKind.TASK_CLOSED)


def test_a_task_that_was_not_done_needs_a_reason(house: House, pages: Pages) -> None:
    person = house.ledger.tasks()[0].person
    task = task_of(house, person)
    refused = pages.post(pages.address(person, "/tasks"), on="/tasks", task=task, ending="declined")
    assert refused.status_code == 400
    assert task_of(house, person) == task
    taken = pages.post(
        pages.address(person, "/tasks"), on="/tasks", task=task, ending="declined", reason="moved away"
    )
    assert taken.status_code == 303
    assert {"task": task, "outcome": "declined: moved away"} in events(house, EventKind.TASK_CLOSED)
