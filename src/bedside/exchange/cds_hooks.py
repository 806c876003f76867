"""CDS Hooks 2.0 requests, feedback and order-set requests: checked whole, every problem at once, then plain
values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bedside.errors import Problem, RequestError
from bedside.exchange.fhir_address import Resource, addresses_of, entries_of, is_about, relative
from bedside.exchange.fhir_read import is_withdrawn, medication_of
from bedside.exchange.fhir_shape import misshapen
from bedside.genome.code import Code

ROLE = "org.bedside.role"
"""The extension of a request that says in which role its user orders."""
LARGEST_REQUEST = 2_000_000
MOST_DRAFTS = 200
MOST_RESOURCES = 5_000
DRUG_ORDERS = frozenset(
    {"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"}
)
NOT_THE_PATIENT = "its subject is not the patient of the request, or cannot be followed to anybody"
NO_ORDER = "it asks for a drug not to be given, or no longer stands"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
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
class PassedOver:
    """Resources of a request that were not used: where they stood, how many of which type, and why."""

    where: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Prefetched:
    """What a request brought along about its patient.

    by_key: resources by prefetch key; a key that is null, or that holds other people's resources only, is
    absent. addresses: every resource by the addresses that references use.
    """

    by_key: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    addresses: Mapping[str, Resource] = field(default_factory=dict)
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A CDS Hooks request. prefetch: resources by key, none of them about anybody else. encounter: its id, ""
    when the request names none. role: of who orders, as the extension `org.bedside.role` says."""

    hook: str
    instance: str
    user: str
    patient: str
    fhir_server: str = ""
    drafts: tuple[Ordered, ...] = ()
    prefetch: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    addresses: Mapping[str, Resource] = field(default_factory=dict)
    passed_over: tuple[PassedOver, ...] = ()
    encounter: str = ""
    role: str = ""

    def resources(self, kind: str) -> tuple[Resource, ...]:
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
    patient = check.text(context, "patientId", "Request.context").removeprefix("Patient/")
    user = check.text(context, "userId", "Request.context", required=False)
    if body.get("fhirAuthorization") is not None and not body.get("fhirServer"):
        check.wrong("Request.fhirServer", "is required with fhirAuthorization")
    encounter = check.text(context, "encounterId", "Request.context", required=False)
    server = check.text(body, "fhirServer", "Request", required=False)
    extension = body.get("extension")
    role = (
        check.text(extension, ROLE, "Request.extension", required=False)
        if isinstance(extension, Mapping)
        else ""
    )
    check_shapes(body, context, check)
    prefetched = read_prefetch(body.get("prefetch"), patient, check)
    ordered = _drafts(context, hook, patient, prefetched.addresses, check)
    drafts = tuple(one for one in ordered if not is_withdrawn(one.resource))
    quiet = [PassedOver(one.order, "draft order", NO_ORDER) for one in ordered if is_withdrawn(one.resource)]
    check.finish()
    return HookRequest(
        hook,
        instance,
        user,
        patient,
        server,
        drafts,
        prefetched.by_key,
        prefetched.addresses,
        (*prefetched.passed_over, *quiet),
        encounter.removeprefix("Encounter/"),
        role,
    )


def check_shapes(body: Mapping[str, Any], context: Mapping[str, Any], check: Checker) -> None:
    """Stop before anything is read when an element has the wrong JSON kind."""
    found: list[tuple[str, str]] = []
    prefetch = body.get("prefetch")
    for key, value in prefetch.items() if isinstance(prefetch, Mapping) else ():
        path = f"Request.prefetch.{key}"
        found += misshapen(value, path) if isinstance(value, Mapping | None) else [(path, "is no resource")]
    found += misshapen(context.get("draftOrders"), "Request.context.draftOrders")
    for path, reason in found:
        check.wrong(path, reason)
    if found:
        check.finish()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _drafts(
    context: Mapping[str, Any],
    hook: str,
    patient: str,
    prefetched: Mapping[str, Resource],
    check: Checker,
) -> tuple[Ordered, ...]:
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
    addresses = {**prefetched, **addresses_of(entries_of(bundle))}
    resources: list[Resource] = []
    for place, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        where = f"{path}.entry[{place}].resource"
        if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
            check.wrong(where, "is missing or has no resourceType")
        elif "subject" in resource and not is_about(resource, patient, addresses):
            check.wrong(f"{where}.subject", "is not the patient of the request")
        else:
            resources.append(resource)
    chosen = _selected(context, hook, check)
    return tuple(_ordered(resource, addresses) for resource in _orders(resources, chosen))


def _orders(resources: Sequence[Resource], chosen: frozenset[str] | None) -> list[Resource]:
    """The drug orders that were selected; all of them where a selection leads to none of the drafts."""
    names = [{f"{one['resourceType']}/{one.get('id', '')}", str(one.get("id", ""))} for one in resources]
    every = chosen is None or not chosen <= set().union(*names)
    return [
        one
        for one, known_as in zip(resources, names, strict=True)
        if one["resourceType"] in DRUG_ORDERS and (every or chosen is None or chosen & known_as)
    ]


def _selected(context: Mapping[str, Any], hook: str, check: Checker) -> frozenset[str] | None:
    """What order-select selected; None where the hook has no selections, so that every draft counts."""
    if hook != "order-select":
        return None
    selections = context.get("selections")
    if not isinstance(selections, list) or not all(isinstance(one, str) for one in selections):
        check.wrong("Request.context.selections", "is missing or no list of references")
        return frozenset()
    return frozenset(relative(one) for one in selections)


def _ordered(resource: Resource, addresses: Mapping[str, Resource]) -> Ordered:
    codes, text, named = medication_of(resource, addresses)
    return Ordered(f"{resource['resourceType']}/{resource.get('id', '')}", codes, text, named, resource)


def read_prefetch(value: object, patient: str, check: Checker) -> Prefetched:
    """The resources about the patient at each prefetch key; null and OperationOutcome count as absent."""
    if value is None:
        return Prefetched()
    if not isinstance(value, Mapping):
        check.wrong("Request.prefetch", "is no object")
        return Prefetched()
    entries: dict[str, list[tuple[str, Resource]]] = {}
    for key, held in value.items():
        if held is None:
            continue
        if not isinstance(held, Mapping) or not isinstance(held.get("resourceType"), str):
            check.wrong(f"Request.prefetch.{str(key)[:40]}", "is no FHIR resource")
        elif held["resourceType"] != "OperationOutcome":
            entries[str(key)] = list(entries_of(held))
    if sum(map(len, entries.values())) > MOST_RESOURCES:
        check.wrong("Request.prefetch", f"holds more than {MOST_RESOURCES} resources")
    addresses = addresses_of(entry for several in entries.values() for entry in several)
    return _about_patient(entries, patient, addresses)


def _about_patient(
    entries: Mapping[str, Sequence[tuple[str, Resource]]], patient: str, addresses: Mapping[str, Resource]
) -> Prefetched:
    by_key: dict[str, tuple[Resource, ...]] = {}
    passed_over: list[PassedOver] = []
    for key, several in entries.items():
        kept: list[Resource] = []
        others: Counter[str] = Counter()
        for _, resource in several:
            kind = str(resource.get("resourceType"))
            if is_about(resource, patient, addresses):
                kept.append(resource)
            else:
                others[kind if kind.isalpha() else "resource"] += 1
        if kept or not several:
            by_key[key] = tuple(kept)
        passed_over += [
            PassedOver(f"prefetch.{key[:40]}", f"{count} {kind}", NOT_THE_PATIENT)
            for kind, count in sorted(others.items())
        ]
    return Prefetched(by_key, addresses, tuple(passed_over))


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened to one card, and when. outcome: `accepted` or `overridden`."""

    card: str
    outcome: str
    at: datetime
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
    at = _instant(body, "outcomeTimestamp", path, check)
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


def _instant(holder: Mapping[str, Any], name: str, path: str, check: Checker) -> datetime:
    """A moment, in UTC: a day and a time with its offset."""
    text = check.text(holder, name, path)
    try:
        at = datetime.fromisoformat(text) if _INSTANT.match(text) else None
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    if text:
        check.wrong(f"{path}.{name}", "is no time with an offset", "write it as 2026-01-05T10:00:00Z")
    return datetime.min.replace(tzinfo=UTC)


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
