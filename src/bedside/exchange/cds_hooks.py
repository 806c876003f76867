"""CDS Hooks 2.0 requests, feedback and order-set requests: checked whole, every problem at once, then plain
values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bedside.errors import Problem, RequestError
from bedside.exchange.fhir_read import medication_of, resources_of
from bedside.genome.code import Code

LARGEST_REQUEST = 2_000_000
MOST_DRAFTS = 200
MOST_RESOURCES = 5_000
DRUG_ORDERS = frozenset(
    {"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"}
)
_ID = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A draft order as it came: its reference, what it names, and the resource itself."""

    order: str
    codes: tuple[Code, ...]
    text: str
    named: bool
    resource: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A CDS Hooks request. prefetch: resources by key; a key that is there but null counts as absent."""

    hook: str
    instance: str
    user: str
    patient: str
    fhir_server: str = ""
    drafts: tuple[Ordered, ...] = ()
    prefetch: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    def resources(self, kind: str) -> tuple[Mapping[str, Any], ...]:
        """Every prefetched resource of a type."""
        return tuple(
            r for several in self.prefetch.values() for r in several if r.get("resourceType") == kind
        )


class Checker:
    """Gathers what is wrong with a request, by path; never quotes a value, which may be about a patient."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, path: str, reason: str, remedy: str | None = None) -> None:
        """Note one problem."""
        self.problems.append(Problem(path, reason, remedy=remedy))

    def text(self, holder: Mapping[str, Any], name: str, path: str, *, required: bool = True) -> str:
        """A short text without control characters."""
        value = holder.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not _ID.fullmatch(value):
            self.wrong(f"{path}.{name}", "is missing or no text of 1 to 200 characters")
            return ""
        return value

    def mapping(self, value: object, path: str) -> Mapping[str, Any]:
        """An object."""
        if not isinstance(value, Mapping):
            self.wrong(path, "is missing or no object")
            return {}
        return value

    def finish(self) -> None:
        """Raise RequestError when anything was wrong."""
        if self.problems:
            raise RequestError(self.problems)


def read_request(document: object, hook: str) -> HookRequest:
    """The request for a hook, or RequestError with every problem in it."""
    check = Checker()
    body = check.mapping(document, "Request")
    check.finish()
    if body.get("hook") != hook:
        check.wrong("Request.hook", f"is not {hook}", "call the service listed for the hook in /cds-services")
    instance = check.text(body, "hookInstance", "Request")
    if instance and not _is_uuid(instance):
        check.wrong("Request.hookInstance", "is no UUID")
    context = check.mapping(body.get("context"), "Request.context")
    patient = check.text(context, "patientId", "Request.context")
    user = check.text(context, "userId", "Request.context", required=False)
    drafts = _drafts(context, hook, check)
    prefetch = read_prefetch(body.get("prefetch"), check)
    if body.get("fhirAuthorization") is not None and not body.get("fhirServer"):
        check.wrong("Request.fhirServer", "is required with fhirAuthorization")
    server = check.text(body, "fhirServer", "Request", required=False)
    check.finish()
    return HookRequest(hook, instance, user, patient.removeprefix("Patient/"), server, drafts, prefetch)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _drafts(context: Mapping[str, Any], hook: str, check: Checker) -> tuple[Ordered, ...]:
    if hook not in ("order-select", "order-sign"):
        return ()
    path = "Request.context.draftOrders"
    bundle = check.mapping(context.get("draftOrders"), path)
    if bundle and bundle.get("resourceType") != "Bundle":
        check.wrong(f"{path}.resourceType", "is not Bundle")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_DRAFTS:
        check.wrong(f"{path}.entry", f"is no list of at most {MOST_DRAFTS} entries")
        return ()
    resources: list[Mapping[str, Any]] = []
    for place, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
            check.wrong(f"{path}.entry[{place}].resource", "is missing or has no resourceType")
        else:
            resources.append(resource)
    chosen = _selected(context, hook, check)
    return tuple(
        _ordered(resource, resources)
        for resource in resources
        if resource["resourceType"] in DRUG_ORDERS
        and (chosen is None or f"{resource['resourceType']}/{resource.get('id', '')}" in chosen)
    )


def _selected(context: Mapping[str, Any], hook: str, check: Checker) -> frozenset[str] | None:
    """What order-select selected; None where the hook has no selections, so that every draft counts."""
    if hook != "order-select":
        return None
    selections = context.get("selections")
    if not isinstance(selections, list) or not all(isinstance(one, str) for one in selections):
        check.wrong("Request.context.selections", "is missing or no list of references")
        return frozenset()
    return frozenset("/".join(one.split("/")[-2:]) for one in selections)


def _ordered(resource: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Ordered:
    codes, text, named = medication_of(resource, others)
    return Ordered(f"{resource['resourceType']}/{resource.get('id', '')}", codes, text, named, resource)


def read_prefetch(value: object, check: Checker) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """The resources of each prefetch key; null and OperationOutcome count as absent."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        check.wrong("Request.prefetch", "is no object")
        return {}
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    count = 0
    for key, held in value.items():
        if held is None:
            continue
        if not isinstance(held, Mapping) or not isinstance(held.get("resourceType"), str):
            check.wrong(f"Request.prefetch.{str(key)[:40]}", "is no FHIR resource")
            continue
        if held["resourceType"] == "OperationOutcome":
            continue
        found[str(key)] = tuple(resources_of(held))
        count += len(found[str(key)])
    if count > MOST_RESOURCES:
        check.wrong("Request.prefetch", f"holds more than {MOST_RESOURCES} resources")
    return found


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened to one card. outcome: `accepted` or `overridden`."""

    card: str
    outcome: str
    at: str
    suggestions: tuple[str, ...] = ()
    reason: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""


def read_feedback(document: object) -> tuple[Feedback, ...]:
    """The feedback in a request, or RequestError with every problem in it."""
    check = Checker()
    body = check.mapping(document, "Feedback")
    items = body.get("feedback")
    if not isinstance(items, list) or not 0 < len(items) <= MOST_DRAFTS:
        check.wrong("Feedback.feedback", f"is missing or no list of 1 to {MOST_DRAFTS} items")
        items = []
    found = [_feedback(item, f"Feedback.feedback[{place}]", check) for place, item in enumerate(items)]
    check.finish()
    return tuple(found)


def _feedback(item: object, path: str, check: Checker) -> Feedback:
    body = check.mapping(item, path)
    card = check.text(body, "card", path)
    outcome = body.get("outcome")
    if outcome not in ("accepted", "overridden"):
        check.wrong(f"{path}.outcome", "is not accepted or overridden")
    at = check.text(body, "outcomeTimestamp", path)
    accepted = body.get("acceptedSuggestions", [])
    if not isinstance(accepted, list) or not all(
        isinstance(one, Mapping) and "id" in one for one in accepted
    ):
        check.wrong(f"{path}.acceptedSuggestions", "is no list of objects with an id")
        accepted = []
    if outcome == "accepted" and not accepted:
        check.wrong(f"{path}.acceptedSuggestions", "is required when the outcome is accepted")
    override = body.get("overrideReason")
    reason, comment = (
        _override(override, f"{path}.overrideReason", check) if override is not None else ({}, "")
    )
    return Feedback(card, str(outcome), at, tuple(str(one["id"]) for one in accepted), reason, comment)


def _override(value: object, path: str, check: Checker) -> tuple[dict[str, str], str]:
    body = check.mapping(value, path)
    coding = body.get("reason")
    reason: dict[str, str] = {}
    if coding is not None:
        held = check.mapping(coding, f"{path}.reason")
        code = check.text(held, "code", f"{path}.reason")
        reason = {"code": code, "system": check.text(held, "system", f"{path}.reason", required=False)}
    comment = body.get("userComment", "")
    if not isinstance(comment, str) or len(comment) > 4_000:
        check.wrong(f"{path}.userComment", "is no text of at most 4000 characters")
        comment = ""
    return reason, comment
