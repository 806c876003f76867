"""Requests of the hooks at which coverage is answered (Da Vinci CRD): checked whole, then plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.errors import DataMissing, Problem
from bedside.exchange.cds_hooks import MOST_DRAFTS, Checker, check_shapes, read_prefetch
from bedside.exchange.coverage_fhir import ORDERS, Around
from bedside.exchange.fhir_address import Resource, addresses_of, entries_of, is_about, lookup

MOST_COVERAGES = 5
"""Covers of one patient that are answered about, the first in their own order first."""
_NOT_IN_FORCE = frozenset({"cancelled", "entered-in-error", "draft"})


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """What was asked. orders: the ServiceRequests to answer about, as they came; coverages: the patient's,
    primary first; wanted: whether the client asks for coverage information at all."""

    hook: str
    instance: str
    user: str
    patient: str
    fhir_server: str
    orders: tuple[Resource, ...]
    around: Around
    coverages: tuple[Resource, ...]
    wanted: bool


def read_coverage_request(document: object, hook: str) -> CoverageRequest:
    """The request, or RequestError with every problem in it; DataMissing (412) where an order that is sent
    to a laboratory did not come along."""
    check = Checker()
    body = check.mapping(document, "Request")
    check.finish()
    if body.get("hook") != hook:
        check.wrong("Request.hook", f"is not {hook}", "call the service listed for the hook in /cds-services")
    instance = check.text(body, "hookInstance", "Request")
    context = check.mapping(body.get("context"), "Request.context")
    patient = check.text(context, "patientId", "Request.context").removeprefix("Patient/")
    user = check.text(context, "userId", "Request.context", required=False)
    server = check.text(body, "fhirServer", "Request", required=False)
    check_shapes(body, context, check)
    prefetched = read_prefetch(body.get("prefetch"), patient, check)
    drafts, addresses = _drafts(context, hook, check)
    known = {**prefetched.addresses, **addresses}
    check.finish()
    orders = drafts if hook == "order-sign" else _dispatched(context, known, check)
    for one in orders:
        if not is_about(one, patient, known):
            check.wrong("Request.context", "holds an order that is not the patient's of the request")
    check.finish()
    held = [one for several in prefetched.by_key.values() for one in several]
    mine = [*held, *(one for one in drafts if is_about(one, patient, known))]
    return CoverageRequest(
        hook=hook,
        instance=instance,
        user=user,
        patient=patient,
        fhir_server=server,
        orders=tuple(one for one in orders if one.get("resourceType") == ORDERS),
        around=Around(_once(mine), known, patient),
        coverages=tuple(_coverages(body.get("prefetch"), patient, known)),
        wanted=_wanted(body),
    )


def _drafts(
    context: Mapping[str, Any], hook: str, check: Checker
) -> tuple[list[Resource], Mapping[str, Resource]]:
    if hook != "order-sign":
        return [], {}
    path = "Request.context.draftOrders"
    bundle = check.mapping(context.get("draftOrders"), path)
    if bundle and bundle.get("resourceType") != "Bundle":
        check.wrong(f"{path}.resourceType", "is not Bundle")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_DRAFTS:
        check.wrong(f"{path}.entry", f"is no list of at most {MOST_DRAFTS} entries")
        return [], {}
    found = tuple(entries_of(bundle))
    return [one for _, one in found], addresses_of(found)


def _dispatched(context: Mapping[str, Any], known: Mapping[str, Resource], check: Checker) -> list[Resource]:
    """The orders that are sent, which this hook names only; an older client names one as `order`."""
    named = context.get("dispatchedOrders", context.get("order"))
    references = [named] if isinstance(named, str) else named
    if (
        not isinstance(references, list)
        or not 0 < len(references) <= MOST_DRAFTS
        or not all(isinstance(one, str) for one in references)
    ):
        check.wrong("Request.context.dispatchedOrders", "is missing or no list of references")
        check.finish()
        return []
    found = [(one, lookup(one, known)) for one in references]
    missing = [one for one, held in found if held is None]
    if missing:
        reason = f"{len(missing)} of the orders sent did not come along"
        raise DataMissing([Problem("Request.prefetch.orders", reason, remedy="prefetch `orders`")])
    return [held for _, held in found if held is not None]


def _coverages(prefetch: object, patient: str, known: Mapping[str, Resource]) -> Iterator[Resource]:
    """The patient's covers, by the order in which they are to be claimed."""
    found: dict[str, Resource] = {}
    for value in prefetch.values() if isinstance(prefetch, Mapping) else ():
        for _, one in entries_of(value):
            about = {"resourceType": "Coverage", "subject": one.get("beneficiary")}
            if one.get("resourceType") == "Coverage" and one.get("id") and is_about(about, patient, known):
                found.setdefault(str(one["id"]), one)
    ranked = sorted(found.values(), key=lambda one: (_rank(one), str(one["id"])))
    in_force = [one for one in ranked if str(one.get("status")) not in _NOT_IN_FORCE]
    yield from in_force[:MOST_COVERAGES]


def _rank(coverage: Resource) -> int:
    order = coverage.get("order")
    return order if isinstance(order, int) else 99


def _wanted(body: Mapping[str, Any]) -> bool:
    extension = body.get("extension")
    config = extension.get("davinci-crd.configuration") if isinstance(extension, Mapping) else None
    return not (isinstance(config, Mapping) and config.get("coverage-info") is False)


def _once(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    found: dict[tuple[str, str], Resource] = {}
    for place, one in enumerate(resources):
        found.setdefault((str(one.get("resourceType")), str(one.get("id") or place)), one)
    return tuple(found.values())
