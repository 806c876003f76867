"""Everything that the made-up health system says in FHIR, asked through its routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bedside.conformance.bench import Bench
from bedside.service.fhir_record import KINDS, FhirIds
from bedside.service.record_ids import record_ids

Json = Mapping[str, Any]


def people(bench: Bench) -> dict[str, str]:
    """Of the made-up people who are asked about, those with a whole genome first: the id in FHIR."""
    ids = record_ids(bench.house.ledger)
    assert ids is not None
    sealed = FhirIds(ids)
    ledger = bench.house.ledger
    everybody = [one.person for one in ledger.people(limit=bench.people)]
    first = dict.fromkeys([*ledger.people_with_genome(), *everybody])
    return {person: sealed.patient(person) for person in list(first)[: bench.asked]}


def answers(bench: Bench) -> Iterator[tuple[str, int, Json]]:
    """What was asked (without whom), the status, and the resource."""
    yield "metadata", *_get(bench, "/fhir/metadata")
    for identity in people(bench).values():
        yield "$everything", *_get(bench, f"/fhir/Patient/{identity}/$everything")
        for kind in KINDS:
            asked = f"_id={identity}" if kind == "Patient" else f"patient=Patient/{identity}"
            yield f"search {kind}", *_get(bench, f"/fhir/{kind}?{asked}")
        for name, query in operations(bench):
            yield name, *_get(bench, f"/fhir/{name}?subject=Patient/{identity}&{query}")
    for name, query in populations(bench):
        yield name, *_get(bench, f"/fhir/{name}?{query}")
    for name, path in wrong():
        yield name, *_get(bench, path)


def operations(bench: Bench) -> Iterator[tuple[str, str]]:
    """Genomics operations about one person, with what they ask."""
    genes = quote(",".join(sorted(bench.house.pgx.genes)[:6]))
    haplotypes = quote(",".join(_haplotypes(bench)))
    drugs = quote(",".join(sorted(one.name for one in bench.house.pgx.drugs.values())[:8]))
    ranges = quote(
        "NC_000017.11:43044294-43125364,NC_000013.11:32315479-32400266,NC_000010.11:94700000-94900000"
    )
    yield "$find-subject-variants", f"ranges={ranges}&includeVariants=true&includePhasing=true"
    yield (
        "$find-subject-specific-variants",
        f"variants={quote('NC_000017.11:43057062:T:TG,NC_000010.11:94781858:G:A')}",
    )
    yield "$find-subject-haplotypes", f"genes={genes}"
    yield "$find-subject-specific-haplotypes", f"haplotypes={haplotypes}"
    yield "$find-subject-tx-implications", f"treatments={drugs}"
    yield "$find-subject-dx-implications", f"ranges={ranges}"
    yield "$find-subject-molecular-consequences", f"ranges={ranges}"
    yield "$find-subject-structural-intersecting-variants", f"ranges={ranges}"
    yield "$find-subject-structural-subsuming-variants", f"ranges={ranges}"
    yield "$find-study-metadata", f"ranges={ranges}"


def populations(bench: Bench) -> Iterator[tuple[str, str]]:
    """Genomics operations about everybody."""
    yield "$find-population-specific-variants", f"variants={quote('NC_000010.11:94781858:G:A')}"
    yield "$find-population-specific-haplotypes", f"haplotypes={quote(_haplotypes(bench)[0])}"


def wrong() -> Iterator[tuple[str, str]]:
    """Wrong questions, whose answer must be an OperationOutcome."""
    yield "unknown address", "/fhir/Nothing"
    yield "unknown id", "/fhir/Observation/nothing"
    yield "unknown parameter", "/fhir/$find-subject-variants?subject=Patient/x&surprise=1"
    yield "search without a patient", "/fhir/Observation"


def _haplotypes(bench: Bench) -> list[str]:
    """The first named alleles of a few genes."""
    genes = [gene for _, gene in sorted(bench.house.pgx.genes.items()) if gene.alleles][:4]
    return [f"{gene.symbol} {gene.alleles[0].name}" for gene in genes]


def _get(bench: Bench, path: str) -> tuple[int, Json]:
    answer = bench.ask("GET", path)
    found = answer.json()
    return answer.status, found if isinstance(found, dict) else {}
