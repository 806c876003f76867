"""CDS Hooks: discovery, and answers to every hook about made-up people and drugs that have guidance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from bedside.conformance.bench import Bench
from bedside.conformance.cds_rules import answer_faults, discovery_faults
from bedside.conformance.fhir_seen import people
from bedside.conformance.result import Area, case, not_run
from bedside.exchange.fhir_check import check

ORDER = 30
DRUGS = 6
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UNREACHABLE = "its source is on GitHub and on no package registry; no built copy is at hand"


def areas(bench: Bench) -> Iterator[Area]:
    """Every service, asked about people of the record; drafts that are suggested are checked as FHIR too."""
    found = bench.ask("GET", "/cds-services").json()
    faults: dict[str, list[str]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    faults["discovery"] += discovery_faults(found)
    counts["discovery"] = 1
    cards = 0
    for service in found["services"]:
        for request in requests(bench, service["hook"]):
            answer = bench.ask("POST", f"/cds-services/{service['id']}", request)
            document = answer.json()
            name = str(service["id"])
            counts[name] += 1
            if answer.status != 200:
                faults[name].append(f"status {answer.status}")
                continue
            cards += len(document["cards"])
            faults[name] += answer_faults(document)
            faults[name] += [str(fault) for one in suggested(document) for fault in check(one).faults]
    told = tuple(case(name, faults[name], count) for name, count in counts.items())
    yield Area(
        "cds_hooks",
        "CDS Hooks: discovery and answers",
        "the specification's rules, as code",
        told,
        versions=("CDS Hooks 2.0", f"{cards} cards"),
    )
    yield not_run(
        "cds_sandbox",
        "Black box: the official CDS Hooks sandbox in headless Chromium",
        "cds-hooks/sandbox",
        UNREACHABLE,
    )


def suggested(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The resources that suggestions would create or change."""
    for card in document["cards"]:
        for one in card.get("suggestions", ()):
            yield from (action["resource"] for action in one.get("actions", ()) if "resource" in action)


def requests(bench: Bench, hook: str) -> Iterator[Mapping[str, Any]]:
    """Requests of a hook about the people who are asked about, one for each of some drugs."""
    drugs = [one for _, one in sorted(bench.house.pgx.drugs.items()) if one.rxnorm][:DRUGS]
    for person in people(bench):
        for drug in drugs[: 1 if hook == "patient-view" else DRUGS]:
            context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": person}
            if hook != "patient-view":
                coding = [{"system": RXNORM, "code": drug.rxnorm, "display": drug.name}]
                draft = {
                    "resourceType": "MedicationRequest",
                    "id": f"draft-{drug.rxnorm}",
                    "status": "draft",
                    "intent": "order",
                    "subject": {"reference": f"Patient/{person}"},
                    "medicationCodeableConcept": {"coding": coding, "text": drug.name},
                }
                context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
            if hook == "order-select":
                context["selections"] = [f"MedicationRequest/draft-{drug.rxnorm}"]
            instance = str(uuid5(NAMESPACE_URL, f"{hook}/{person}/{drug.name}"))
            asked = {"hook": hook, "hookInstance": instance, "context": context}
            yield sent(asked, person) if hook == "order-dispatch" else asked


def sent(asked: Mapping[str, Any], person: str) -> Mapping[str, Any]:
    """The same about a genetic test that is sent to a laboratory, which comes along with who pays."""
    subject = {"reference": f"Patient/{person}"}
    order = {
        "resourceType": "ServiceRequest",
        "id": "sent",
        "status": "active",
        "intent": "order",
        "subject": subject,
        "code": {"text": "pharmacogenomic panel"},
    }
    cover = {
        "resourceType": "Coverage",
        "id": "cover",
        "status": "active",
        "beneficiary": subject,
        "payor": [{"display": "Example Medicare"}],
    }
    context = {
        "patientId": person,
        "dispatchedOrders": ["ServiceRequest/sent"],
        "performer": "Organization/laboratory",
    }
    held = {
        name: {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}]}
        for name, one in (("orders", order), ("coverage", cover))
    }
    return {**asked, "context": context, "prefetch": held}
