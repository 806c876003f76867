"""Coverage at the moment of ordering, as an EHR meets it: Da Vinci CRD over CDS Hooks."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from bedside.decide.coverage_plain import plain
from bedside.errors import AuditUnavailable
from bedside.exchange.coverage_extension import EXTENSION
from bedside.genome.event import EventKind
from bedside.service.answer_coverage_hook import answer_coverage
from bedside.service.ask_coverage import replay_coverage, stored
from tests.contract.site import Site, medication, open_site

SIGN = "/cds-services/bedside-coverage-order-sign"
DISPATCH = "/cds-services/bedside-coverage-order-dispatch"
MINE = {"reference": "Patient/p1"}
CPT = "http://www.ama-assn.org/go/cpt"
FORM = {
    "condition-established": True,
    "result-needed": True,
    "orderer-prescribes": True,
    "test-assessed": True,
    "combinatorial-algorithm": False,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = open_site(tmp_path_factory.mktemp("site"))
    yield made
    made.house.close()


def order(name: str = "s1", code: str = "81225", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "subject": MINE,
        "code": {"coding": [{"system": CPT, "code": code}]},
        "supportingInfo": [{"reference": "MedicationRequest/draft-clopidogrel"}],
        **more,
    }


def cover(name: str = "c1", payor: str = "Example Medicare", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "id": name,
        "status": "active",
        "beneficiary": MINE,
        "payor": [{"display": payor}],
        **more,
    }


def answered_form(said: dict[str, bool]) -> dict[str, Any]:
    items = [{"linkId": name, "answer": [{"valueBoolean": value}]} for name, value in said.items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "subject": MINE,
        "item": items,
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def sign(
    *orders: dict[str, Any],
    covers: tuple[dict[str, Any], ...] = (),
    form: dict[str, bool] | None = None,
    **more: Any,
) -> dict[str, Any]:
    prefetch: dict[str, Any] = {"patient": {"resourceType": "Patient", "id": "p1", "birthDate": "1950-01-01"}}
    if covers:
        prefetch["coverage"] = bundle(*covers)
    prefetch["forms"] = bundle(answered_form(FORM if form is None else form))
    drafts = bundle(*(orders or (order(),)), medication("clopidogrel", "32968"))
    return {
        "hook": "order-sign",
        "hookInstance": str(uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p1", "draftOrders": drafts},
        "prefetch": prefetch,
        **more,
    }


def parts(action: dict[str, Any], coverage: str = "Coverage/c1") -> dict[str, list[Any]]:
    """The parts of our statement about one cover, by their url."""
    for one in action["resource"]["extension"]:
        found: dict[str, list[Any]] = {}
        for part in one.get("extension", ()):
            value = [held for name, held in part.items() if name.startswith("value")]
            found.setdefault(part["url"], []).append(value[0] if value else part["extension"])
        if one["url"] == EXTENSION and found["coverage"] == [{"reference": coverage}]:
            return found
    raise AssertionError("no statement about this cover")


def ask(site: Site, body: dict[str, Any], path: str = SIGN) -> dict[str, Any]:
    answer = site.ask("POST", path, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_covered_test_is_told_with_every_part_of_the_extension(site: Site) -> None:
    said = ask(site, sign(covers=(cover(),)))
    (action,) = said["systemActions"]
    found = parts(action)
    assert action["type"] == "update"
    assert (found["covered"], found["pa-needed"]) == (["covered"], ["no-auth"])
    assert (found["doc-needed"], found["doc-purpose"]) == (["clinical"], ["retain-doc"])
    assert "info-needed" not in found
    assert found["billingCode"] == [{"system": CPT, "code": "81225"}]
    assert found["questionnaire"] == ["urn:bedside:questionnaire:medicare-pgx-moldx"]
    assert found["date"] == [site.house.clock().date().isoformat()]
    assert found["expiry-date"] > found["date"]
    assert "every criterion is met" in found["reason"][0]["text"]
    links = [part["valueUrl"] for detail in found["detail"] for part in detail if "valueUrl" in part]
    assert links == ["https://www.cms.gov/medicare-coverage-database/view/lcd.aspx?lcdid=38294"]
    (card,) = said["cards"]
    assert (card["indicator"], card["source"]["topic"]["code"]) == ("info", "coverage-info")
    assert card["summary"].startswith("Covered: Medicare")
    assert "unconfirmed" in card["detail"]


@pytest.mark.parametrize("fact", FORM)
def test_a_fact_that_nobody_gave_makes_it_conditional_and_is_asked_for(site: Site, fact: str) -> None:
    form = {name: value for name, value in FORM.items() if name != fact}
    said = ask(site, sign(covers=(cover(),), form=form))
    found = parts(said["systemActions"][0])
    assert (found["covered"], found["info-needed"]) == (["conditional"], ["OTH"])
    (card,) = said["cards"]
    assert card["summary"].startswith("Not settled")
    assert card["indicator"] == "info"


def test_the_action_changes_nothing_of_the_order_but_this_extension(site: Site) -> None:
    other = {"url": "http://example.org/other", "valueString": "kept"}
    stale = {
        "url": EXTENSION,
        "extension": [{"url": "coverage", "valueReference": {"reference": "Coverage/c1"}}],
    }
    foreign = {
        "url": EXTENSION,
        "extension": [{"url": "coverage", "valueReference": {"reference": "Coverage/x"}}],
    }
    sent = order(extension=[other, stale, foreign], note=[{"text": "please"}], priority="routine")
    said = ask(site, sign(copy.deepcopy(sent), covers=(cover(),)))
    held = said["systemActions"][0]["resource"]
    assert {name: value for name, value in held.items() if name != "extension"} == {
        name: value for name, value in sent.items() if name != "extension"
    }
    assert held["extension"][:2] == [other, foreign]
    assert len(held["extension"]) == 3
    ServiceRequest.model_validate(held)


def test_each_cover_has_a_statement_of_its_own_with_its_own_id(site: Site) -> None:
    covers = (cover("c2", "Example employer plan", order=2), cover("c1", order=1))
    said = ask(site, sign(covers=covers))
    (action,) = said["systemActions"]
    first, second = parts(action, "Coverage/c1"), parts(action, "Coverage/c2")
    assert (first["covered"], second["covered"]) == (["covered"], ["indeterminate"])
    assert first["coverage-assertion-id"] != second["coverage-assertion-id"]
    assert len(said["cards"]) == 1
    assert said["cards"][0]["summary"].startswith("Covered: Medicare")


def rules_kept(found: dict[str, list[Any]]) -> None:
    """The rules that CRD lays down for the extension (crd-ci-q1 to q6)."""
    conditional = ["conditional"] in ([*found["covered"]], [*found.get("pa-needed", [])])
    conditional = conditional or "conditional" in found.get("doc-needed", [])
    assert not found.get("questionnaire") or found.get("doc-needed")
    assert found["covered"] != ["not-covered"] or "pa-needed" not in found
    assert bool(found.get("info-needed")) == conditional
    assert ("satisfied-pa-id" in found) == (found.get("pa-needed") == ["satisfied"])
    assert "OTH" not in found.get("info-needed", []) or found["reason"][0]["text"]
    for name in ("coverage", "covered", "date", "coverage-assertion-id"):
        assert len(found[name]) == 1


@pytest.mark.parametrize(
    ("payor", "code", "more", "covered"),
    [
        ("Example Medicare", "81225", {}, "covered"),
        ("Example Medicare", "81225", {"occurrenceDateTime": "2010-01-01"}, "indeterminate"),
        ("Medicare other contractor", "81225", {}, "conditional"),
        ("Example Medicaid", "81425", {"priority": "stat"}, "not-covered"),
        ("Example employer plan", "81425", {}, "conditional"),
        ("A payer nobody knows", "81225", {}, "indeterminate"),
        ("Example Medicare", "99999", {}, "indeterminate"),
    ],
)
def test_every_answer_keeps_the_rules_of_the_extension(
    site: Site, payor: str, code: str, more: dict[str, str], covered: str
) -> None:
    said = ask(site, sign(order(code=code, **more), covers=(cover(payor=payor),)))
    found = parts(said["systemActions"][0])
    rules_kept(found)
    assert found["covered"] == [covered]


def test_a_code_that_is_not_known_is_asked_for_more_exactly(site: Site) -> None:
    found = parts(ask(site, sign(order(code="99999"), covers=(cover(),)))["systemActions"][0])
    assert (found["covered"], found["pa-needed"]) == (["indeterminate"], ["conditional"])
    assert found["info-needed"] == ["detail-code"]
    assert "billingCode" not in found


def test_a_cover_that_has_ended_is_no_cover(site: Site) -> None:
    said = ask(site, sign(covers=(cover(period={"end": "2020-01-01"}),)))
    found = parts(said["systemActions"][0])
    rules_kept(found)
    assert (found["covered"], found["info-needed"]) == (["indeterminate"], ["contract-window"])
    assert found["reason"][0]["coding"][0]["code"] == "no-active-coverage"


def test_without_a_cover_there_is_a_card_that_does_not_say_covered_and_nothing_is_written(site: Site) -> None:
    said = ask(site, sign())
    assert "systemActions" not in said
    assert said["cards"][0]["summary"] == "Not known: do not count on payment: no plan is known"


def test_a_cover_of_somebody_else_counts_for_nothing(site: Site) -> None:
    said = ask(site, sign(covers=({**cover(), "beneficiary": {"reference": "Patient/p2"}},)))
    assert "systemActions" not in said


def test_an_order_that_is_no_test_gets_no_word(site: Site) -> None:
    body = sign(covers=(cover(),))
    body["context"]["draftOrders"] = bundle(medication("clopidogrel", "32968"))
    assert ask(site, body) == {"cards": []}


def test_a_client_that_turned_it_off_gets_no_word(site: Site) -> None:
    body = sign(covers=(cover(),), extension={"davinci-crd.configuration": {"coverage-info": False}})
    assert ask(site, body) == {"cards": []}


def test_an_order_that_is_sent_is_answered_from_prefetch_and_412_without_it(site: Site) -> None:
    body = sign(covers=(cover(),))
    drafts = body["context"].pop("draftOrders")
    body |= {"hook": "order-dispatch"}
    body["context"] |= {"dispatchedOrders": ["ServiceRequest/s1"], "performer": "Organization/lab"}
    missing = site.ask("POST", DISPATCH, body)
    assert (missing.status_code, missing.json()["resourceType"]) == (412, "OperationOutcome")
    body["prefetch"]["orders"] = drafts
    said = ask(site, body, DISPATCH)
    assert parts(said["systemActions"][0])["covered"] == ["covered"]


ANOTHERS = bundle(order(subject={"reference": "Patient/p2"}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hook": "order-select"}, "Request.hook"),
        ({"context": {"patientId": "p1"}}, "Request.context.draftOrders"),
        ({"prefetch": {"coverage": "none"}}, "Request.prefetch.coverage"),
        (
            {
                "context": {
                    "patientId": "p1",
                    "draftOrders": bundle(order(subject={"reference": "Patient/p2"})),
                }
            },
            "Request.context",
        ),
    ],
)
def test_a_request_that_is_none_is_refused_with_where_it_is_wrong(
    site: Site, change: dict[str, Any], told: str
) -> None:
    answer = site.ask("POST", SIGN, {**sign(covers=(cover(),)), **change})
    assert answer.status_code == 400
    assert told in [path for one in answer.json()["issue"] for path in one.get("expression", ())]


def test_a_form_with_an_answer_that_is_none_leaves_the_fact_unknown(site: Site) -> None:
    body = sign(covers=(cover(),))
    items = body["prefetch"]["forms"]["entry"][0]["resource"]["item"]
    items[1]["answer"] = [{"valueString": "perhaps"}]
    found = parts(ask(site, body)["systemActions"][0])
    assert found["covered"] == ["conditional"]
    (event,) = [*site.house.ledger.events(kinds=(EventKind.COVERAGE_ANSWERED,))][-1:]
    assert event.payload["missing"] == ["result-needed"]


def mutated(chance: random.Random, value: Any) -> Any:
    """A body in which something is of another kind, gone, or doubled."""
    if chance.random() < 0.02:
        return chance.choice([None, [], {}, "", 7, True, [None], {"resourceType": "Bundle"}, "x" * 300])
    if isinstance(value, dict):
        return {name: mutated(chance, one) for name, one in value.items() if chance.random() > 0.01}
    if isinstance(value, list):
        return [mutated(chance, one) for one in value for _ in range(1 + (chance.random() < 0.02))]
    return value


def test_whatever_is_wrong_with_a_request_it_is_answered_or_refused_and_never_breaks(site: Site) -> None:
    chance, statuses, covers = random.Random(5), set(), (cover(),)
    extra = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "subject": MINE,
        "class": {"code": "IMP"},
        "period": {"start": "2026-11-20"},
        "location": [{"location": {"reference": "Location/l"}}],
    }
    for _ in range(250):
        body = sign(covers=covers)
        body["prefetch"]["encounters"] = bundle(extra, {"resourceType": "Location", "id": "l", "type": [{}]})
        answer = site.ask("POST", SIGN, mutated(chance, body))
        statuses.add(answer.status_code)
        for action in answer.json().get("systemActions", ()):
            for one in action["resource"].get("extension", ()):
                rules_kept(parts(action, one["extension"][0]["valueReference"]["reference"]))
    assert statuses == {200, 400}


def test_every_answer_is_stored_and_is_given_again_to_the_byte(site: Site) -> None:
    before = len([*site.house.ledger.events(kinds=(EventKind.COVERAGE_ANSWERED,))])
    said = ask(site, sign(covers=(cover(),)))
    events = [*site.house.ledger.events(kinds=(EventKind.COVERAGE_ANSWERED,))]
    assert len(events) == before + 1
    held = stored(events[-1])
    found = parts(said["systemActions"][0])
    assert held.answer.assertion == found["coverage-assertion-id"][0]
    replayed = replay_coverage(site.house, held.event)
    assert (replayed.same, plain(replayed.answer)) == (True, plain(held.answer))
    assert "p1" not in str(events[-1].payload["patient"])


def test_an_answer_that_cannot_be_written_down_is_not_given(site: Site, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise AuditUnavailable("the disk is full")

    monkeypatch.setattr(type(site.house.audit), "append", full)
    answer = site.ask("POST", SIGN, sign(covers=(cover(),)))
    assert (answer.status_code, "systemActions" in answer.text) == (503, False)
    with pytest.raises(AuditUnavailable):
        answer_coverage(site.house, "bedside-coverage-order-sign", sign(covers=(cover(),)))
