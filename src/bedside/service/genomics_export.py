"""A person's data on the way out: their genome as a gVCF, their record as FHIR, a phenopacket.

Consent is looked at like for any read, only confirmed runs go out, and that it was done is on record first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.errors import RequestError
from bedside.exchange.phenopacket_out import phenopacket
from bedside.exchange.vcf_out import Block, Found, header, records
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import Seen
from bedside.genome.features import case_of
from bedside.genome.locus import Build
from bedside.genome.person import Person
from bedside.genome.presence import Present
from bedside.genome.region import CHROMOSOMES, Region
from bedside.genome.variant import Variant, place_of
from bedside.intake.policy import default_policy
from bedside.service.consented_lake import ConsentedLake
from bedside.service.features import features_of
from bedside.service.fhir_record import EVERYTHING, FhirIds, FhirRecord
from bedside.service.genomics_lake import confirmed_runs, outgoing_lake
from bedside.service.house import House
from bedside.service.record_ids import record_ids


def note_export(house: House, person: str, what: str, actor: str) -> None:
    """Write down that a person's data goes out; `RequestError` when nobody of that id is known."""
    if house.ledger.person(person) is None and not house.ledger.results(person):
        raise RequestError.one("PERSON", "nothing is known of this person", remedy="check the id")
    seen = {"page": "export", "asked": what}
    house.audit.append([NewEvent(EventKind.ACCESSED, actor, house.clock(), person, seen)])


def export_vcf(house: House, person: str, *, only: frozenset[str] | None = None) -> Iterator[str]:
    """The lines of the person's gVCF. Raises `NotPermitted` without consent, `RequestError` when no confirmed
    genome of them is stored."""
    lake = outgoing_lake(house, person, only)
    runs = confirmed_runs(lake, person)
    if not runs:
        raise RequestError.one("PERSON", "no confirmed genome of this person is stored")
    policy = default_policy()
    lengths = {one.name: one.lengths[Build.GRCH38] for one in policy.chromosomes}
    regions = [Region(name, 1, lengths[name]) for name in CHROMOSOMES]
    found = _found(lake, person, regions, {run.run for run in runs})
    blocks = _blocks(lake, person, regions, found)
    seen = sum(one.end - one.start + 1 for one in blocks if one.seen)
    uncalled = sum(one.end - one.start + 1 for one in blocks if not one.seen)
    told = [f"{run.run}: {run.assay.value}, {run.records} records" for run in runs]
    yield from header(person, lengths, told, seen, uncalled)
    yield from records(found, blocks, CHROMOSOMES, policy.minimum_genotype_quality)


def _found(lake: ConsentedLake, person: str, regions: list[Region], runs: set[str]) -> list[Found]:
    """Each variant once, as the newest run writes it, unless the runs together say that it is absent."""
    newest: dict[Variant, Found] = {}
    for row in lake.variants(person, regions).to_pylist():
        if row["run"] in runs:
            one = _row(row)
            if one.passed or not newest.get(one.variant, one).passed:
                newest[one.variant] = one
    variants = tuple(newest)
    said = lake.presence(person, variants) if variants else ()
    pairs = zip(newest.values(), said, strict=True)
    return [one for one, presence in pairs if isinstance(presence, Present) or not one.passed]


def _row(row: Mapping[str, Any]) -> Found:
    def known(name: str) -> int | None:
        return None if row[name] < 0 else int(row[name])

    return Found(
        variant=Variant(*place_of(row["key"]), row["reference"], row["alternate"]),
        copies=row["copies"],
        ploidy=row["ploidy"],
        missing=row["missing"],
        strands=row["strands"],
        phase_set=known("phase_set"),
        passed=bool(row["passed"]),
        depth=known("depth"),
        alternate_depth=known("alternate_depth"),
        quality=known("quality"),
    )


def _blocks(lake: ConsentedLake, person: str, regions: list[Region], found: list[Found]) -> list[Block]:
    """Where else was looked: the stretches without the places of the variants, which speak for themselves."""
    taken: dict[str, list[tuple[int, int]]] = {}
    for one in found:
        taken.setdefault(one.variant.chromosome, []).append((one.variant.position, one.variant.end))
    blocks: list[Block] = []
    for region in regions:
        cuts = sorted(taken.get(region.chromosome, []))
        table = lake.looked_at(person, region)
        columns = (table[name].to_pylist() for name in ("start", "end", "state"))
        at = 0
        for start, end, state in zip(*columns, strict=True):
            while at < len(cuts) and cuts[at][1] < start:
                at += 1
            for first, last in _without(start, end, cuts, at):
                blocks.append(Block(region.chromosome, first, last, state == int(Seen.REFERENCE)))
    return blocks


def _without(start: int, end: int, cuts: list[tuple[int, int]], at: int) -> Iterator[tuple[int, int]]:
    """What is left of a stretch after the cuts, which are in order of their starts. at: the first that can
    touch it."""
    while at < len(cuts) and cuts[at][0] <= end:
        first, last = cuts[at]
        at += 1
        if first > start:
            yield start, first - 1
        start = max(start, last + 1)
    if start <= end:
        yield start, end


def export_fhir(house: House, person: str) -> Mapping[str, Any]:
    """Everything the record holds of a person as one collection."""
    ids = record_ids(house.ledger)
    if ids is None:
        raise RequestError.one("PERSON", "the record is empty")
    record = FhirRecord(house, FhirIds(ids), person)
    resources = [one for kind in EVERYTHING for one in record.of(kind)]
    entries = [
        {"fullUrl": f"http://localhost/fhir/{one['resourceType']}/{one['id']}", "resource": one}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def export_phenopacket(house: House, person: str) -> Mapping[str, Any]:
    """The person as a phenopacket."""
    ledger = house.ledger
    known = ledger.person(person) or Person(person)
    held = features_of(house, person)
    case, hpo = case_of(known, held), max((one.hpo for one in held), default="")
    return phenopacket(known, ledger.problems(person), ledger.medications(person), house.clock(), case, hpo)
