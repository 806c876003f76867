"""What the record holds of a person as FHIR R4 resources: who they are, duties, consent, who looked, reports.

Each function makes one plain dictionary; the caller says by which id it can be read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid5

from bedside.exchange.fhir_out import NAMESPACE, PROFILES, SECTION
from bedside.genome.consent import Decision, Said, Scope
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.genome.task import Task

Resource = dict[str, Any]
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
LOINC = "http://loinc.org"
OWN = "urn:bedside"


def _text(text: str) -> Resource:
    return {"text": text}


def _code(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def patient(identity: str, person: Person) -> Resource:
    """Who a record is about; the id is opaque."""
    made: Resource = {"resourceType": "Patient", "id": identity, "gender": person.sex.value}
    if person.identifiers:
        made["identifier"] = [{"system": one.system, "value": one.value} for one in person.identifiers]
    name = {"given": [person.given] if person.given else None, "family": person.family or None}
    if any(name.values()):
        made["name"] = [{key: value for key, value in name.items() if value}]
    if person.birth_date is not None:
        made["birthDate"] = person.birth_date.isoformat()
    return made


def task(identity: str, subject: str, one: Task) -> Resource:
    """A duty about a person, with its owner's role and the day it is due."""
    made: Resource = {
        "resourceType": "Task",
        "id": identity,
        "status": "requested" if one.open else "completed",
        "intent": "order",
        "code": _text(one.kind),
        "description": one.summary,
        "for": {"reference": subject},
        "owner": {"display": one.owner},
        "restriction": {"period": {"end": one.due.isoformat()}},
    }
    if not one.open:
        made["statusReason"] = _text(one.outcome)
    return made


def consent(identity: str, subject: str, scope: Scope, said: Said) -> Resource:
    """The decision about one layer as it stands today; a layer that age or withdrawal closed denies."""
    research = scope in (Scope.RESEARCH, Scope.COMMERCIAL)
    given = said.decision is Decision.GIVEN
    made: Resource = {
        "resourceType": "Consent",
        "id": identity,
        "status": "active" if said.decision is not Decision.NOT_ASKED else "inactive",
        "scope": _code(f"{TERMINOLOGY}/consentscope", "research" if research else "patient-privacy"),
        "category": [_code(LOINC, "59284-0"), _text(scope.value)],
        "patient": {"reference": subject},
        "policyRule": _text(f"the site's consent policy: {scope.value}"),
        "provision": {"type": "permit" if given else "deny"},
    }
    if said.at is not None:
        made["dateTime"] = said.at.isoformat()
    if said.uses:
        made["provision"]["code"] = [_text(use) for use in said.uses]
    return made


def audit_event(identity: str, subject: str, event: Event) -> Resource:
    """One event of the ledger: who looked at the record, was refused, or wrote to it, and when. What was
    written is not told here. subject: the record it is about, "" when none."""
    looked = (EventKind.ACCESSED, EventKind.HOOK_ANSWERED, EventKind.ORDER_SET_FILTERED)
    refused = event.kind is EventKind.ACCESS_REFUSED
    said = event.payload
    what = said.get("asked") or said.get("page") or said.get("route") or event.kind.value
    entity: Resource = {"what": {"reference": subject}} if subject else {}
    entity["detail"] = [{"type": "ledger", "valueString": f"{event.sequence}:{event.hash}"}]
    made: Resource = {
        "resourceType": "AuditEvent",
        "id": identity,
        "meta": {"versionId": str(event.sequence), "lastUpdated": event.known_at.isoformat()},
        "type": {"system": f"{TERMINOLOGY}/audit-event-type", "code": "rest"},
        "subtype": [{"system": f"{OWN}:event", "code": event.kind.value, "display": str(what)}],
        "action": "R" if refused or event.kind in looked else "C",
        "recorded": event.known_at.isoformat(),
        "outcome": "4" if refused else "0",
        "agent": [{"who": {"display": event.actor}, "requestor": True}],
        "source": {"observer": {"display": "Bedside"}},
        "entity": [entity],
    }
    if refused:
        made["outcomeDesc"] = f"refused with status {said['status']}"
    if event.kind is EventKind.GLASS_BROKEN or said.get("emergency"):
        reason = {"system": f"{TERMINOLOGY}/v3-ActReason", "code": "BTG", "display": "break the glass"}
        made["purposeOfEvent"] = [{"coding": [reason]}]
    return made


def indicator(identity: str, subject: str, category: str, text: str, evidence: str) -> Resource:
    """A genomic indicator, as EHRs keep them: a Condition with a phenotype in words. category:
    `system|code`."""
    system, _, code = category.rpartition("|")
    return {
        "resourceType": "Condition",
        "id": identity,
        "clinicalStatus": _code(f"{TERMINOLOGY}/condition-clinical", "active"),
        "verificationStatus": _code(f"{TERMINOLOGY}/condition-ver-status", "confirmed"),
        "category": [_code(system, code)],
        "code": _text(text),
        "subject": {"reference": subject},
        "evidence": [{"detail": [{"reference": evidence}]}],
    }


def report(
    identity: str, subject: str, code: str, conclusion: str, results: Sequence[str], issued: datetime | None
) -> Resource:
    """The pharmacogenomic report over everything in force. results: references to its observations."""
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "meta": {"profile": [f"{PROFILES}genomic-report"]},
        "status": "final",
        "category": [_code(SECTION, "GE")],
        "code": _code(LOINC, code),
        "subject": {"reference": subject},
        "conclusion": conclusion,
    }
    if results:
        made["result"] = [{"reference": one} for one in results]
    if issued is not None:
        made["issued"] = issued.isoformat()
    return made


def refers(report: Resource, actions: Sequence[str], studies: Sequence[str]) -> Resource:
    """The report with what it recommends and the studies it rests on."""
    named = [("recommended-action", one) for one in actions]
    named += [("genomic-study-reference", one) for one in studies]
    if not named:
        return report
    extension = [{"url": f"{PROFILES}{name}", "valueReference": {"reference": one}} for name, one in named]
    return report | {"extension": extension}


def stamped(resource: Resource, version: str, at: datetime) -> Resource:
    """The resource with its version and when that became known."""
    meta = {**resource.get("meta", {}), "versionId": version, "lastUpdated": at.isoformat()}
    return {**resource, "meta": meta}


def searchset(
    resources: Sequence[Resource], total: int, base: str, links: Mapping[str, str], notes: Sequence[str] = ()
) -> Resource:
    """The answer of a search: one page of `total`, with addresses to go on from."""
    entries: list[Resource] = [
        {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in resources
    ]
    if notes:
        issues = [{"severity": "information", "code": "informational", "diagnostics": text} for text in notes]
        outcome = {"resourceType": "OperationOutcome", "issue": issues}
        address = f"urn:uuid:{uuid5(NAMESPACE, ' '.join(notes))}"
        entries.append({"fullUrl": address, "resource": outcome, "search": {"mode": "outcome"}})
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "total": total}
    if links:
        made["link"] = [{"relation": relation, "url": url} for relation, url in links.items()]
    return made | ({"entry": entries} if entries else {})


def history(entries: Sequence[tuple[Resource, bool]], total: int, base: str, next_page: str = "") -> Resource:
    """Versions, newest first, each with whether it was the first of its resource."""
    made: Resource = {"resourceType": "Bundle", "type": "history", "total": total}
    if next_page:
        made["link"] = [{"relation": "next", "url": next_page}]
    told = []
    for one, new in entries:
        kind, meta = one["resourceType"], one["meta"]
        told.append(
            {
                "fullUrl": f"{base}/{kind}/{one['id']}",
                "resource": one,
                "request": {
                    "method": "POST" if new else "PUT",
                    "url": kind if new else f"{kind}/{one['id']}",
                },
                "response": {
                    "status": "201" if new else "200",
                    "etag": f'W/"{meta["versionId"]}"',
                    "lastModified": meta["lastUpdated"],
                },
            }
        )
    return made | ({"entry": told} if told else {})
