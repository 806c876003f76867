"""A request for prior authorisation as Da Vinci PAS wants it: one Claim that asks, in a collection Bundle
with everything it refers to and nothing else; its update, its cancellation and the inquiry after it.

What goes out is the least that the payer needs: `beyond_minimum` walks a finished bundle and names whatever
stands in it beyond that.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.exchange import pas_names as names
from bedside.exchange.pas_names import address
from bedside.genome.authorisation import Purpose
from bedside.genome.coverage import BillingCode, Plan
from bedside.genome.order import Order
from bedside.knowledge.authorisation_policy import Requestor

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PasRequest:
    """Everything that one thing sent consists of. prior: the bundle that it follows, which travels along.
    answers: a QuestionnaireResponse of `dtr_form`. letter: its plain text, "" without one. note: what is said
    to the payer besides. recorded: by ICD-10 code, the day a diagnosis was recorded. cancels: it takes
    everything back."""

    authorisation: str
    claim: str
    purpose: Purpose
    order: Order
    plan: Plan
    requestor: Requestor
    created: datetime
    expedited: bool = False
    codes: tuple[BillingCode, ...] = ()
    answers: Mapping[str, Any] | None = None
    letter: str = ""
    note: str = ""
    recorded: Mapping[str, str] | None = None
    prior: Mapping[str, Any] | None = None
    cancels: bool = False


def request_bundle(asked: PasRequest) -> Json:
    """The bundle for `Claim/$submit`."""
    resources = [
        ("Claim", _claim(asked)),
        ("Patient", _patient(asked)),
        ("Coverage", _coverage(asked)),
        ("Insurer", _organisation(asked.plan.name or asked.plan.payer)),
        ("Requestor", _organisation(asked.requestor.name, asked.requestor.npi)),
        ("Practitioner", {"resourceType": "Practitioner", "name": [{"text": asked.order.orderer}]}),
        ("ServiceRequest", _service(asked)),
    ]
    if asked.answers is not None:
        resources.append(("QuestionnaireResponse", dict(asked.answers)))
    if asked.letter:
        resources.append(("DocumentReference", _letter(asked)))
    entries = _entries(asked, resources)
    if asked.prior is not None:
        here = {one["fullUrl"] for one in entries}
        entries += [dict(one) for one in asked.prior["entry"] if one["fullUrl"] not in here]
    return _bundle(asked, names.REQUEST_BUNDLE, entries)


def inquiry_bundle(asked: PasRequest) -> Json:
    """The bundle for `Claim/$inquire` after something sent: who, under which number, and no more."""
    claim = {
        "resourceType": "Claim",
        "meta": {"profile": [names.CLAIM_INQUIRY]},
        "identifier": [{"system": names.CLAIM_NUMBER, "value": asked.claim}],
        "status": "active",
        "type": _TYPE,
        "use": "preauthorization",
        "patient": _to(asked, "Patient"),
        "created": asked.created.isoformat(),
        "insurer": _to(asked, "Insurer"),
        "provider": _to(asked, "Requestor"),
        "priority": _coded(_PRIORITY, "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _to(asked, "Coverage")}],
    }
    resources = [
        ("Claim", claim),
        ("Patient", _patient(asked)),
        ("Coverage", _coverage(asked)),
        ("Insurer", _organisation(asked.plan.name or asked.plan.payer)),
        ("Requestor", _organisation(asked.requestor.name, asked.requestor.npi)),
    ]
    return _bundle(asked, names.INQUIRY_BUNDLE, _entries(asked, resources))


_TYPE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]}
_PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"


def _bundle(asked: PasRequest, profile: str, entries: list[Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [profile]},
        "identifier": {"system": names.BUNDLE_NUMBER, "value": asked.claim},
        "type": "collection",
        "timestamp": asked.created.isoformat(),
        "entry": entries,
    }


def _entries(asked: PasRequest, resources: Sequence[tuple[str, Json]]) -> list[Json]:
    found = []
    for part, resource in resources:
        url = _address(asked, part)
        kind = resource["resourceType"]
        named = {"resourceType": kind, "id": url.rpartition(":")[2], **resource}
        found.append({"fullUrl": url, "resource": named})
    return found


_OWN = frozenset({"Claim", "QuestionnaireResponse", "DocumentReference"})
"""What each thing sent has of its own; everything else is the same through the whole authorisation."""


def _address(asked: PasRequest, part: str) -> str:
    return address(asked.claim if part in _OWN else asked.authorisation, part)


def _to(asked: PasRequest, part: str) -> Json:
    return {"reference": _address(asked, part)}


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _x12(table: str, code: str) -> Json:
    return _coded(f"https://codesystem.x12.org/005010/{table}", code)


def _claim(asked: PasRequest) -> Json:
    first = asked.purpose is Purpose.FIRST and not asked.cancels
    made: Json = {
        "resourceType": "Claim",
        "meta": {"profile": [names.CLAIM if first else names.CLAIM_UPDATE]},
        "identifier": [{"system": names.CLAIM_NUMBER, "value": asked.claim}],
        "status": "active",
        "type": _TYPE,
        "use": "preauthorization",
        "patient": _to(asked, "Patient"),
        "created": asked.created.isoformat(),
        "insurer": _to(asked, "Insurer"),
        "provider": _to(asked, "Requestor"),
        "priority": _coded(_PRIORITY, "stat" if asked.expedited else "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _to(asked, "Coverage")}],
        "item": [_item(asked)],
    }
    if asked.expedited:
        made["extension"] = [{"url": names.LEVEL_OF_SERVICE, "valueCodeableConcept": _x12("1338", "U")}]
    if asked.prior is not None:
        relation = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"
        before = {"reference": asked.prior["entry"][0]["fullUrl"]}
        made["related"] = [{"claim": before, "relationship": _coded(relation, "prior")}]
    if asked.order.reasons:
        made["diagnosis"] = [_diagnosis(asked, at, one.code) for at, one in enumerate(asked.order.reasons, 1)]
        made["item"][0]["diagnosisSequence"] = [one["sequence"] for one in made["diagnosis"]]
    if info := list(_info(asked)):
        made["supportingInfo"] = [{"sequence": at, **one} for at, one in enumerate(info, 1)]
        made["item"][0]["informationSequence"] = [one["sequence"] for one in made["supportingInfo"]]
    return made


def _diagnosis(asked: PasRequest, sequence: int, code: str) -> Json:
    reason = next(one for one in asked.order.reasons if one.code == code)
    made: Json = {"sequence": sequence, "diagnosisCodeableConcept": _coded(reason.system.value, code)}
    if recorded := (asked.recorded or {}).get(code):
        made["extension"] = [{"url": f"{names.PAS}extension-diagnosisRecordedDate", "valueDate": recorded}]
    return made


def _info(asked: PasRequest) -> Iterator[Json]:
    for part, there in (
        ("QuestionnaireResponse", asked.answers is not None),
        ("DocumentReference", bool(asked.letter)),
    ):
        if there:
            category = _coded(names.SUPPORTING, "additionalInformation")
            changed = [{"url": names.INFO_CHANGED, "valueCode": "added"}] if asked.prior else []
            yield {
                **({"extension": changed} if changed else {}),
                "category": category,
                "valueReference": _to(asked, part),
            }
    if asked.note:
        yield {"category": _coded(names.SUPPORTING, "freeFormMessage"), "valueString": asked.note}


def _item(asked: PasRequest) -> Json:
    trace = {"system": names.CLAIM_NUMBER, "value": f"{asked.claim}/1"}
    kind = _x12("1322", "3") if asked.cancels else _x12("1322", "I") if asked.prior is None else None
    extensions: list[Json] = [{"url": names.TRACE, "valueIdentifier": trace}]
    if kind is not None:
        extensions.append({"url": names.CERTIFICATION, "valueCodeableConcept": kind})
    extensions.append({"url": names.REQUESTED, "valueReference": _to(asked, "ServiceRequest")})
    made: Json = {"sequence": 1, "extension": extensions, "productOrService": _product(asked)}
    made["quantity"] = {"value": 1}
    if asked.cancels:
        extensions.append({"url": names.INFO_CHANGED, "valueCode": "changed"})
        made["modifierExtension"] = [{"url": names.INFO_CANCELLED, "valueBoolean": True}]
    return made


def _product(asked: PasRequest) -> Json:
    """The billing codes as numbers, never with their owner's words; ours where there is none."""
    coding = [{"system": names.CODE_SYSTEMS[one.system], "code": one.code} for one in asked.codes
              if one.system in names.CODE_SYSTEMS]  # fmt: skip
    return {"coding": [*coding, {"system": names.TEST, "code": asked.order.test}]}


def _patient(asked: PasRequest) -> Json:
    subject = asked.order.subject
    made: Json = {"resourceType": "Patient"}
    if asked.plan.member:
        made["identifier"] = [{"system": names.MEMBER, "value": asked.plan.member}]
    made["name"] = [{"family": subject.family, **({"given": [subject.given]} if subject.given else {})}]
    made["gender"] = subject.sex.value
    if subject.birth_date is not None:
        made["birthDate"] = subject.birth_date.isoformat()
    return made


def _coverage(asked: PasRequest) -> Json:
    made: Json = {
        "resourceType": "Coverage",
        "status": "active",
        "beneficiary": _to(asked, "Patient"),
        "payor": [_to(asked, "Insurer")],
    }
    if asked.plan.member:
        made["subscriberId"] = asked.plan.member
    if asked.plan.starts or asked.plan.ends:
        days = {"start": asked.plan.starts, "end": asked.plan.ends}
        made["period"] = {name: day.isoformat() for name, day in days.items() if day}
    return made


def _organisation(name: str, npi: str = "") -> Json:
    made: Json = {"resourceType": "Organization", "active": True, "name": name}
    if npi:
        made["identifier"] = [{"system": names.NPI, "value": npi}]
    return made


def _service(asked: PasRequest) -> Json:
    order = asked.order
    made: Json = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": names.ORDER_NUMBER, "value": order.order}],
        "status": "active",
        "intent": "order",
        "priority": "urgent" if asked.expedited else order.priority.value,
        "code": {**_product(asked), "text": order.code.name},
        "subject": _to(asked, "Patient"),
        "authoredOn": order.placed_at.isoformat(),
        "requester": _to(asked, "Practitioner"),
        "performer": [{"display": order.laboratory}],
    }
    if order.reasons:
        made["reasonCode"] = [_coded(one.system.value, one.code) for one in order.reasons]
    return made


def _letter(asked: PasRequest) -> Json:
    data = base64.b64encode(asked.letter.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Letter of medical necessity"},
        "subject": _to(asked, "Patient"),
        "content": [{"attachment": {"contentType": "text/plain", "data": data}}],
    }


_FIELDS = {
    "Patient": "identifier name gender birthDate",
    "Coverage": "status beneficiary payor subscriberId period",
    "Organization": "active name identifier",
    "Practitioner": "name",
    "ServiceRequest": "identifier status intent priority code subject authoredOn requester performer "
    "reasonCode",
    "QuestionnaireResponse": "extension questionnaire status subject authored item contained",
    "DocumentReference": "status type subject content",
    "Claim": "extension identifier status type use patient created insurer provider priority insurance item "
    "related diagnosis supportingInfo",
}
MINIMUM: Mapping[str, frozenset[str]] = {kind: frozenset(said.split()) for kind, said in _FIELDS.items()}
"""What may stand in each resource of a request besides type, id and profile. Anything else stays at home."""
_NAMES_SOMEBODY = {"Patient": frozenset({names.MEMBER})}


def beyond_minimum(bundle: Mapping[str, Any], asked_for: Sequence[str] | None = None) -> tuple[str, ...]:
    """Whatever stands in a request beyond the least that is needed, by where it stands. asked_for: the
    questions of the form; an answer to anything else is too much."""
    found = []
    for entry in bundle.get("entry", ()):
        resource = entry["resource"]
        kind = resource["resourceType"]
        if kind not in MINIMUM:
            found.append(kind)
            continue
        found += [
            f"{kind}.{name}"
            for name in resource
            if name not in MINIMUM[kind] and name not in ("resourceType", "id", "meta")
        ]
        allowed = _NAMES_SOMEBODY.get(kind)
        if allowed is not None:
            found += [
                f"{kind}.identifier of {one.get('system')}"
                for one in resource.get("identifier", ())
                if one.get("system") not in allowed
            ]
        if kind == "QuestionnaireResponse" and asked_for is not None:
            found += [
                f"an answer to {one['linkId']}"
                for one in resource.get("item", ())
                if one["linkId"] not in asked_for
            ]
    return tuple(found)
