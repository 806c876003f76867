"""What a payer sent back, read with suspicion: either one answer about one request, or the reasons why it is
not understood. Nothing is guessed: two codes, a code of another list, an outcome that contradicts its code, a
patient that cannot be matched, and the answer says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bedside.exchange import pas_names as names
from bedside.exchange.pas_names import address
from bedside.genome.authorisation import Channel, Heard, Reason, Verdict
from bedside.genome.observation import digest
from bedside.knowledge.authorisation_policy import Answers

LARGEST = 1024 * 1024
_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked, as far as an answer has to name it again. claims: our numbers; codes: billing codes of
    the service; member: the number on the card."""

    authorisation: str
    claims: tuple[str, ...]
    person: str
    service: str
    member: str
    birth_date: date | None
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Misread:
    """An answer that says nothing here, and why."""

    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """A well-formed answer to an inquiry: the payer knows of no such request."""


class _Wrong(Exception):
    """A part of an answer that cannot be understood."""


def read_answer(content: bytes, asked: Asked, answers: Answers, now: datetime) -> Heard | Misread:
    """The answer to a submission: exactly one ClaimResponse."""
    try:
        found = _responses(_document(content))
        if len(found) != 1:
            raise _Wrong(f"it holds {len(found)} answers, not one")
        return _heard(*found[0], asked, answers, now)
    except _Wrong as error:
        return Misread((str(error),))


def read_inquiry(
    content: bytes, asked: Asked, answers: Answers, now: datetime
) -> tuple[Heard | Misread, ...] | Nothing:
    """The answers to an inquiry, about any of our numbers; those about other requests say nothing here."""
    try:
        found = _responses(_document(content))
        ours = [one for one in found if _names_us(*one, asked)]
    except _Wrong as error:
        return (Misread((str(error),)),)
    if not found:
        return Nothing()
    if not ours:
        return (Misread(("it answers about other requests only",)),)
    told: list[Heard | Misread] = []
    for one in ours:
        try:
            told.append(_heard(*one, asked, answers, now))
        except _Wrong as error:
            told.append(Misread((str(error),)))
    return tuple(told)


def _document(content: bytes) -> Mapping[str, Any]:
    if len(content) > LARGEST:
        raise _Wrong("it is larger than is taken")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _Wrong("it is no JSON") from error
    if not isinstance(document, dict):
        raise _Wrong("it is no resource")
    if document.get("resourceType") == "OperationOutcome":
        codes = [str(one.get("code", "")) for one in _objects(document, "issue")]
        known = [one for one in codes if one.isascii() and one.replace("-", "").isalpha()]
        raise _Wrong(f"the payer could not process it ({', '.join(known) or 'no code'})")
    return document


Found = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A ClaimResponse, and the resources it came with by their addresses."""


def _responses(document: Mapping[str, Any]) -> list[Found]:
    bundles = [document]
    if document.get("resourceType") == "Parameters":
        bundles = [
            one["resource"]
            for one in _objects(document, "parameter")
            if one.get("name") in ("return", "responseBundle") and isinstance(one.get("resource"), dict)
        ]
    found: list[Found] = []
    for bundle in bundles:
        if bundle.get("resourceType") != "Bundle":
            raise _Wrong("it is no bundle")
        beside: dict[str, Any] = {}
        for entry in _objects(bundle, "entry"):
            resource = entry.get("resource")
            if not isinstance(resource, dict):
                raise _Wrong("an entry of it holds nothing")
            beside[str(entry.get("fullUrl", ""))] = resource
            beside[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
        found += [
            (entry["resource"], beside)
            for entry in _objects(bundle, "entry")
            if entry["resource"].get("resourceType") == "ClaimResponse"
        ]
    return found


def _heard(
    said: Mapping[str, Any], beside: Mapping[str, Any], asked: Asked, answers: Answers, now: datetime
) -> Heard:
    if said.get("use") != "preauthorization" or said.get("status") != "active":
        raise _Wrong("it is no standing answer to a request for authorisation")
    verdict, action, detail = _verdict(said, answers)
    period = _period(said, detail)
    message = digest(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
    reason = _reason(action)
    return Heard(
        message=message,
        claim=_claim(said, beside, asked),
        person=asked.person if _about_the_person(said, beside, asked) else "",
        service=asked.service if _about_the_service(detail, asked) else "",
        verdict=verdict,
        channel=Channel.FHIR,
        created=_created(said, now),
        number=_number(said, action) if verdict.agrees else "",
        valid_from=period[0] if verdict.agrees else None,
        valid_until=period[1] if verdict.agrees else None,
        units=_units(detail) if verdict.agrees else None,
        reason=reason if verdict is Verdict.DENIED else None,
        denial=answers.denial(reason) if verdict is Verdict.DENIED else None,
        asked=tuple(_wanted(said, beside)) if verdict is Verdict.PENDED else (),
    )


def _verdict(
    said: Mapping[str, Any], answers: Answers
) -> tuple[Verdict, Mapping[str, Any], Mapping[str, Any]]:
    """The verdict, the review action it stands in, and the item it is about."""
    outcome = said.get("outcome")
    if outcome == "error" or said.get("error"):
        raise _Wrong("the payer could not process it and names errors")
    items = list(_objects(said, "item"))
    if said.get("addItem"):
        raise _Wrong("it adds what was not asked for")
    actions = [
        (extension, item)
        for item in items
        for adjudication in _objects(item, "adjudication")
        for extension in _extensions(adjudication, names.REVIEW_ACTION)
    ]
    if not actions:
        if outcome == "queued":
            return Verdict.ACKNOWLEDGED, {}, items[0] if items else {"itemSequence": 1}
        raise _Wrong("it holds no decision")
    if len(actions) > 1 or len(items) > 1:
        raise _Wrong("it decides more than the one thing that was asked")
    action, item = actions[0]
    codes = [
        (str(coding.get("system", "")), str(coding.get("code", "")))
        for extension in _extensions(action, names.REVIEW_ACTION_CODE)
        for coding in _objects(extension.get("valueCodeableConcept"), "coding")
    ]
    if len(set(codes)) != 1:
        raise _Wrong("its decision has no code, or several")
    if codes[0] in answers.asks:
        raise _Wrong(answers.asks[codes[0]])
    verdict = answers.actions.get(codes[0])
    if verdict is None:
        raise _Wrong("its decision has a code that no table here knows")
    if verdict.final and outcome not in ("complete", "partial"):
        raise _Wrong("its decision and its outcome contradict each other")
    return verdict, action, item


def _names_us(said: Mapping[str, Any], beside: Mapping[str, Any], asked: Asked) -> bool:
    return _claim(said, beside, asked) in asked.claims


def _claim(said: Mapping[str, Any], beside: Mapping[str, Any], asked: Asked) -> str:
    """Our number of the request that it names; "" when it names none of ours."""
    request = said.get("request")
    if not isinstance(request, dict):
        return ""
    identifier = request.get("identifier")
    named: list[Mapping[str, Any]] = [identifier] if isinstance(identifier, dict) else []
    reference = str(request.get("reference", ""))
    for claim in asked.claims:
        if reference == address(claim, "Claim"):
            return claim
    resource = beside.get(reference)
    if isinstance(resource, dict) and resource.get("resourceType") == "Claim":
        named += list(_objects(resource, "identifier"))
    values = {str(one.get("value")) for one in named if one.get("system") == names.CLAIM_NUMBER}
    ours = values & set(asked.claims)
    return ours.pop() if len(values) == 1 and ours else ""


def _about_the_person(said: Mapping[str, Any], beside: Mapping[str, Any], asked: Asked) -> bool:
    """By our own address of the patient, or by the number on the card; a name alone is not enough. A patient
    that came along must not contradict either."""
    patient = said.get("patient")
    reference = str(patient.get("reference", "")) if isinstance(patient, dict) else ""
    ours = reference == address(asked.authorisation, "Patient")
    resource = beside.get(reference)
    if not isinstance(resource, dict):
        return ours
    if resource.get("resourceType") != "Patient":
        return False
    numbers = {str(one.get("value")) for one in _objects(resource, "identifier") if one.get("value")}
    born = str(resource.get("birthDate", ""))
    if born and (asked.birth_date is None or born != asked.birth_date.isoformat()):
        return False
    if numbers:
        return bool(asked.member) and asked.member in numbers
    return ours


def _about_the_service(item: Mapping[str, Any], asked: Asked) -> bool:
    if item.get("itemSequence") != 1:
        return False
    for extension in _extensions(item, names.TRACE):
        trace = extension.get("valueIdentifier")
        value = trace.get("value") if isinstance(trace, dict) else None
        if value not in {f"{claim}/1" for claim in asked.claims}:
            return False
    for detail in _extensions(item, names.ITEM_DETAIL):
        for extension in _extensions(detail, "productOrServiceCode"):
            coding = _objects(extension.get("valueCodeableConcept"), "coding")
            if any(str(one.get("code")) not in asked.codes for one in coding):
                return False
    return True


def _number(said: Mapping[str, Any], action: Mapping[str, Any]) -> str:
    numbers = {str(one.get("valueString", "")).strip() for one in _extensions(action, "number")}
    numbers |= {str(said.get("preAuthRef", "")).strip()}
    numbers -= {""}
    if len(numbers) > 1:
        raise _Wrong("it gives two authorisation numbers")
    return numbers.pop() if numbers else ""


def _period(said: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[date | None, date | None]:
    periods = [one.get("valuePeriod") for one in _extensions(item, names.ITEM_PERIOD)]
    period = periods[0] if periods else said.get("preAuthPeriod")
    if period is None:
        return None, None
    if not isinstance(period, dict):
        raise _Wrong("the days for which it holds cannot be read")
    return _day(period.get("start")), _day(period.get("end"))


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise _Wrong("the days for which it holds cannot be read") from error


def _units(item: Mapping[str, Any]) -> int | None:
    for detail in _extensions(item, names.ITEM_DETAIL):
        for extension in _extensions(detail, "quantity"):
            quantity = extension.get("valueQuantity")
            value = quantity.get("value") if isinstance(quantity, dict) else None
            if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
                raise _Wrong("how much it agrees to cannot be read")
            return int(value)
    return None


def _reason(action: Mapping[str, Any]) -> Reason | None:
    for extension in _extensions(action, "reasonCode"):
        concept = extension.get("valueCodeableConcept")
        for coding in _objects(concept, "coding"):
            return Reason(
                str(coding.get("system", "")), str(coding.get("code", "")), str(coding.get("display", ""))
            )
    return None


def _created(said: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the payer says it answered; None where it says no instant, or one that has not come yet."""
    try:
        found = datetime.fromisoformat(str(said.get("created", "")))
    except ValueError:
        return None
    return found if found.tzinfo is not None and found <= now + _AHEAD else None


def _wanted(said: Mapping[str, Any], beside: Mapping[str, Any]) -> Iterator[str]:
    """What the payer wants to know besides, in its words."""
    for reference in _objects(said, "communicationRequest"):
        request = beside.get(str(reference.get("reference", "")))
        for payload in _objects(request, "payload"):
            if isinstance(payload.get("contentString"), str):
                yield payload["contentString"][:400]
    for note in _objects(said, "processNote"):
        if isinstance(note.get("text"), str):
            yield note["text"][:400]


def _extensions(holder: object, url: str) -> Sequence[Mapping[str, Any]]:
    return [one for one in _objects(holder, "extension") if one.get("url") == url]


def _objects(holder: object, name: str) -> Sequence[Mapping[str, Any]]:
    """The objects of a list, none where there is no list; what is no object of one that is makes it wrong."""
    if not isinstance(holder, dict) or name not in holder:
        return ()
    found = holder[name]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Wrong(f"{name} of it is no list of objects")
    return found
