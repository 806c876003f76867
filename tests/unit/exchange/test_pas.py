"""What goes to a payer and what of its answer is believed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bedside.exchange import pas_names as names
from bedside.exchange.pas_answer import LARGEST, Asked, Misread, Nothing, read_answer, read_inquiry
from bedside.exchange.pas_names import address
from bedside.exchange.pas_request import PasRequest, beyond_minimum, inquiry_bundle, request_bundle
from bedside.genome.authorisation import DenialClass, Heard, Purpose, Verdict
from bedside.genome.code import Code, System
from bedside.genome.coverage import BillingCode, Line, Plan
from bedside.genome.order import AskedAnswer, LocalCode, Order, Priority, SpecimenWanted, Subject
from bedside.genome.person import Identifier, Sex
from bedside.knowledge.authorisation_policy import Requestor, load_authorisation
from tests.made_up_authorisation import AUTHORISATION, PERSON, SERVICE, START, answer, written

ANSWERS = load_authorisation().answers
NOW = START + timedelta(hours=1)
ASKED = Asked(
    AUTHORISATION, ("C1", "C2"), PERSON, SERVICE, "M-1", date(1961, 3, 12), frozenset({"81418", "pgx-full"})
)
ORDER = Order(
    "BS1",
    Subject(
        PERSON, "Holm", "Ingrid", date(1961, 3, 12), Sex.FEMALE,
        (Identifier("urn:hospital:record-number", "CANARY-NUMBER"),),
    ),
    "pgx-full",
    LocalCode("EX-PGX2", "Pharmacogene panel", "99EX"),
    "Example Genomics Laboratory",
    (Code(System.ICD10CM, "I25.10", "Coronary disease"),),
    SpecimenWanted("BLD", "whole blood"),
    "Dr Who",
    datetime(2026, 8, 30, tzinfo=UTC),
    (AskedAnswer("ancestry", "Ancestry", "CANARY-ANCESTRY"),),
    Priority.ROUTINE,
)  # fmt: skip
PLAN = Plan("example", Line.MEDICARE_ADVANTAGE, name="Example Plan", member="M-1")


def asked(**more: Any) -> PasRequest:
    """A request."""
    said: dict[str, Any] = {
        "authorisation": AUTHORISATION,
        "claim": "C1",
        "purpose": Purpose.FIRST,
        "order": ORDER,
        "plan": PLAN,
        "requestor": Requestor("Example Health", "1234567893"),
        "created": START,
        "codes": (BillingCode("cpt", "81418"),),
    }
    return PasRequest(**{**said, **more})


def resources(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a bundle by address."""
    return {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}


def references(node: object) -> set[str]:
    """Everything that is referred to."""
    if isinstance(node, dict):
        own = {node["reference"]} if isinstance(node.get("reference"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_a_request_is_one_claim_with_everything_it_refers_to_and_valid_fhir() -> None:
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    bundle = request_bundle(asked(letter="Dear reviewer", expedited=True))
    models.Bundle.model_validate(bundle)
    held = resources(bundle)
    assert bundle["type"] == "collection"
    assert next(one["resourceType"] for one in held.values()) == "Claim"
    assert [one["resourceType"] for one in held.values()].count("Claim") == 1
    assert references(bundle) <= held.keys()
    claim = held[address("C1", "Claim")]
    assert (claim["use"], claim["identifier"]) == (
        "preauthorization",
        [{"system": "urn:bedside:claim", "value": "C1"}],
    )
    assert claim["priority"]["coding"][0]["code"] == "stat"
    assert request_bundle(asked()) == request_bundle(asked()), "the same request is the same bytes"


def test_an_update_names_the_claim_before_it_and_brings_it_along_and_a_cancellation_marks_the_item() -> None:
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    first = request_bundle(asked(letter="Dear reviewer"))
    update = request_bundle(asked(claim="C2", purpose=Purpose.MORE, prior=first, note="as asked"))
    models.Bundle.model_validate(update)
    held = resources(update)
    claim = held[address("C2", "Claim")]
    assert claim["related"][0]["claim"] == {"reference": address("C1", "Claim")}
    assert held[address("C1", "Claim")] == first["entry"][0]["resource"]
    assert references(update) <= held.keys(), "what came before travels along with what it refers to"
    taken_back = request_bundle(asked(claim="C3", prior=first, cancels=True))
    item = resources(taken_back)[address("C3", "Claim")]["item"][0]
    assert item["modifierExtension"] == [{"url": names.INFO_CANCELLED, "valueBoolean": True}]


def test_no_more_than_the_least_leaves_the_house() -> None:
    bundle = request_bundle(asked())
    assert beyond_minimum(bundle) == ()
    text = json.dumps(bundle)
    assert "CANARY" not in text
    assert PERSON not in text
    assert "Coronary disease" not in text, "a code goes without its words"
    kinds = sorted({one["resourceType"] for one in resources(bundle).values()})
    assert kinds == ["Claim", "Coverage", "Organization", "Patient", "Practitioner", "ServiceRequest"]
    patient = resources(bundle)[address(AUTHORISATION, "Patient")]
    assert sorted(patient) == ["birthDate", "gender", "id", "identifier", "name", "resourceType"]
    assert patient["identifier"] == [{"system": "urn:bedside:member", "value": "M-1"}]


def test_whatever_is_too_much_is_named() -> None:
    bundle = copy.deepcopy(request_bundle(asked()))
    patient = next(one for one in resources(bundle).values() if one["resourceType"] == "Patient")
    patient["address"] = [{"city": "Springfield"}]
    patient["identifier"].append({"system": "urn:hospital:record-number", "value": "1"})
    bundle["entry"].append({"fullUrl": "urn:x", "resource": {"resourceType": "Observation"}})
    form = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "asked"}, {"linkId": "curious"}]}
    bundle["entry"].append({"fullUrl": "urn:y", "resource": form})
    assert beyond_minimum(bundle, ["asked"]) == (
        "Patient.address",
        "Patient.identifier of urn:hospital:record-number",
        "Observation",
        "an answer to curious",
    )


def test_an_inquiry_says_who_and_which_number_and_no_more() -> None:
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    bundle = inquiry_bundle(asked())
    kinds = [one["resourceType"] for one in resources(bundle).values()]
    assert kinds == ["Claim", "Patient", "Coverage", "Organization", "Organization"]
    assert "I25.10" not in json.dumps(bundle)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] != "Claim":
            continue
        assert "item" not in entry["resource"]
    assert models.Bundle.model_validate(bundle).type == "collection"


def test_each_verdict_is_read_with_what_belongs_to_it() -> None:
    told = read_answer(written(answer("approved")), ASKED, ANSWERS, NOW)
    assert isinstance(told, Heard)
    assert (told.verdict, told.claim, told.person, told.service) == (Verdict.APPROVED, "C1", PERSON, SERVICE)
    assert (told.number, told.valid_until) == ("AUTH-7", date(2026, 12, 31))
    part = read_answer(written(answer("partly-approved", "C2")), ASKED, ANSWERS, NOW)
    assert isinstance(part, Heard)
    assert (part.verdict, part.claim, part.units) == (Verdict.PARTLY_APPROVED, "C2", 1)
    denied = read_answer(written(answer("denied", reason="investigational")), ASKED, ANSWERS, NOW)
    assert isinstance(denied, Heard)
    assert (denied.verdict, denied.denial, denied.number) == (Verdict.DENIED, DenialClass.INVESTIGATIONAL, "")
    for reason, found in (("", DenialClass.NOT_GIVEN), ("XYZ", DenialClass.NOT_CLASSED)):
        one = read_answer(written(answer("denied", reason=reason)), ASKED, ANSWERS, NOW)
        assert isinstance(one, Heard)
        assert one.denial is found
    pended = read_answer(written(answer("pended", asked=["the family history"])), ASKED, ANSWERS, NOW)
    assert isinstance(pended, Heard)
    assert (pended.verdict, pended.asked) == (Verdict.PENDED, ("the family history",))


def _response(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["entry"][0]["resource"]  # type: ignore[no-any-return]


def _action(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    extension = _response(bundle)["item"][0]["adjudication"][0]["extension"][0]
    return extension["extension"]  # type: ignore[no-any-return]


def _coding(bundle: dict[str, Any]) -> dict[str, Any]:
    return _action(bundle)[0]["valueCodeableConcept"]["coding"][0]  # type: ignore[no-any-return]


def _second_code(bundle: dict[str, Any]) -> None:
    coding = {"system": "https://codesystem.x12.org/005010/306", "code": "A3"}
    _action(bundle).append({**_action(bundle)[0], "valueCodeableConcept": {"coding": [coding]}})


def _endless(bundle: dict[str, Any]) -> None:
    _response(bundle)["item"][0]["extension"][0].update(valuePeriod={"end": "soon"})


LIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "outcome": (lambda one: _response(one).update(outcome="queued"), "contradict each other"),
    "error": (lambda one: _response(one).update(error=[{"code": {}}]), "names errors"),
    "two codes": (_second_code, "no code, or several"),
    "another list": (lambda one: _coding(one).update(system="urn:x"), "no table here knows"),
    "call us": (lambda one: _coding(one).update(code="CT"), "wants to be called"),
    "two numbers": (lambda one: _response(one).update(preAuthRef="AUTH-9"), "two authorisation numbers"),
    "a claim": (lambda one: _response(one).update(use="claim"), "no standing answer"),
    "added": (lambda one: _response(one).update(addItem=[{}]), "not asked for"),
    "items": (lambda one: _response(one)["item"].append({"itemSequence": 2}), "more than the one thing"),
    "no list": (lambda one: _response(one).update(item={"a": 1}), "no list of objects"),
    "days": (_endless, "cannot be read"),
    "nothing": (lambda one: one.update(entry=[]), "holds 0 answers"),
    "twice": (lambda one: one["entry"].append(one["entry"][0]), "holds 2 answers"),
    "no bundle": (lambda one: one.update(resourceType="Patient"), "no bundle"),
}


@pytest.mark.parametrize("name", LIES)
def test_an_answer_that_is_not_sound_says_nothing_and_why(name: str) -> None:
    lie, why = LIES[name]
    bundle = answer("approved")
    lie(bundle)
    told = read_answer(written(bundle), ASKED, ANSWERS, NOW)
    assert isinstance(told, Misread), told
    assert why in told.why[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no JSON"),
        (b"[]", "it is no resource"),
        (b"<html>", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b" " * (LARGEST + 1), "it is larger than is taken"),
        (
            b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}',
            "the payer could not process it (invalid)",
        ),
    ],
)
def test_what_is_no_answer_at_all_says_nothing(content: bytes, why: str) -> None:
    assert read_answer(content, ASKED, ANSWERS, NOW) == Misread((why,))


def patient(**said: object) -> dict[str, Any]:
    """A patient that comes along in an answer."""
    return {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", **said}}


def test_the_person_is_matched_by_our_address_or_the_card_and_by_nothing_less() -> None:
    card = [{"system": "x", "value": "M-1"}]
    for beside, ours in (
        (patient(identifier=card, birthDate="1961-03-12"), True),
        (patient(identifier=[{"value": "M-2"}]), False),
        (patient(identifier=card, birthDate="1961-03-13"), False),
        (patient(name=[{"family": "Holm", "given": ["Ingrid"]}], birthDate="1961-03-12"), False),
    ):
        told = read_answer(
            written(answer("approved", patient="urn:uuid:p", beside=[beside])), ASKED, ANSWERS, NOW
        )
        assert isinstance(told, Heard)
        assert (told.person == PERSON) is ours, beside
    told = read_answer(written(answer("approved", patient="Patient/elsewhere")), ASKED, ANSWERS, NOW)
    assert isinstance(told, Heard)
    assert told.person == ""


def test_an_answer_about_another_service_or_request_names_neither_of_ours() -> None:
    bundle = answer("approved")
    detail = {"url": "productOrServiceCode", "valueCodeableConcept": {"coding": [{"code": "99999"}]}}
    _response(bundle)["item"][0]["extension"].append({"url": names.ITEM_DETAIL, "extension": [detail]})
    told = read_answer(written(bundle), ASKED, ANSWERS, NOW)
    assert isinstance(told, Heard)
    assert told.service == ""
    other = read_answer(written(answer("approved", claim_reference="Claim/9")), ASKED, ANSWERS, NOW)
    assert isinstance(other, Heard)
    assert other.claim == ""


def test_a_payers_clock_that_is_ahead_or_has_no_zone_is_not_believed() -> None:
    for at in ("2030-01-01T00:00:00+00:00", "2026-09-01T08:00:00", "yesterday", ""):
        bundle = answer("denied")
        _response(bundle)["created"] = at
        told = read_answer(written(bundle), ASKED, ANSWERS, NOW)
        assert isinstance(told, Heard)
        assert told.created is None


def test_an_inquiry_tells_nothing_known_from_an_answer_about_others() -> None:
    empty = {"resourceType": "Bundle", "type": "collection", "entry": []}
    assert read_inquiry(written(empty), ASKED, ANSWERS, NOW) == Nothing()
    assert read_inquiry(written({"resourceType": "Parameters"}), ASKED, ANSWERS, NOW) == Nothing()
    others = read_inquiry(written(answer("approved", claim_reference="Claim/9")), ASKED, ANSWERS, NOW)
    assert others == (Misread(("it answers about other requests only",)),)
    wrapped = {
        "resourceType": "Parameters",
        "parameter": [{"name": "return", "resource": answer(one)} for one in ("pended", "denied")],
    }
    told = read_inquiry(written(wrapped), ASKED, ANSWERS, NOW)
    assert isinstance(told, tuple)
    assert [one.verdict for one in told if isinstance(one, Heard)] == [Verdict.PENDED, Verdict.DENIED]
