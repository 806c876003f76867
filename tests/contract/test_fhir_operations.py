"""FHIR Genomics Operations over HTTP: four answers, what is refused and how, and who may ask."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.parameters import Parameters
from starlette.applications import Starlette
from starlette.routing import Route

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import Seen
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.access import Access, Permission, TokenHolder
from bedside.service.authorise import Gate
from bedside.service.catch_up_lake import catch_up
from bedside.service.house import House, lake_of, open_house
from bedside.service.record_ids import record_ids
from bedside.settings import Settings
from bedside.store.lake.lake import Run
from bedside.web.fhir_desk import fhir_id
from bedside.web.fhir_routes import fhir_routes
from tests.contract.site import record
from tests.made_up_genomes import Row, genome

WHEN = datetime(2026, 1, 5, tzinfo=UTC)
TOKEN = "a token of the test"
VARIANTS = "/fhir/$find-subject-variants"
SPECIFIC = "/fhir/$find-subject-specific-variants"
ANNA, BEN = "anna", "ben"
CODES = {"LA9633-4": "present", "LA9634-2": "absent", "LA11884-6": "indeterminate", "LA18198-4": "no call"}


class Fhir:
    """A house with its FHIR routes, asked without a network."""

    def __init__(self, house: House, access: Access | None = None) -> None:
        self.house = house
        self.app = Starlette(routes=fhir_routes(house, Gate(house.settings, access)))

    def ask(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def answers(self, path: str) -> list[str]:
        """The answers of an operation that must succeed, in words."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/fhir+json"
        Parameters.model_validate(answer.json())
        return [told(group["part"]) for group in answer.json()["parameter"]]


def told(parts: Sequence[dict[str, Any]]) -> str:
    """The answer of one group, and that `presence` says the same."""
    by_name = {part["name"]: part for part in parts}
    (coding,) = by_name["answer"]["valueCodeableConcept"]["coding"]
    word = str(CODES.get(coding["code"], coding["code"]))
    boolean = {"present": True, "absent": False}.get(word)
    assert by_name["presence"].get("valueBoolean") is boolean
    return word


def keep_genome(
    house: House,
    person: str,
    rows: Sequence[Row],
    regions: Sequence[tuple[Region, Seen]],
    confirmed: bool = True,
) -> Run:
    """A stored run of a registered person."""
    made = lake_of(house).store(genome(rows, regions), person, f"result-{person}", confirmed=confirmed)
    payload = {
        "run": made.run,
        "result": made.result,
        "assay": made.assay.value,
        "evidence": made.evidence,
        "regions": made.regions,
        "records": made.records,
        "confirmed": made.confirmed,
        "build": "GRCh38",
    }
    events = [
        NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, person, {"birth_date": "1960-01-01"}),
        NewEvent(EventKind.GENOME_STORED, "test", WHEN, person, payload, made.run),
    ]
    house.ledger.append(events)
    catch_up(house.ledger, lake_of(house))
    return made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    rows = [
        Row(Variant("chr19", 1000, "A", "G"), copies=1, phase_set=0, strands=1),
        Row(Variant("chr19", 1010, "C", "T"), copies=1, phase_set=0, strands=2),
        Row(Variant("chr19", 1020, "G", "C"), passed=False),
        Row(Variant("chr19", 1050, "CA", "C"), copies=2),
    ]
    regions = [
        (Region("chr19", 900, 1100), Seen.REFERENCE),
        (Region("chr19", 1200, 1210), Seen.NO_CALL),
    ]
    keep_genome(opened, ANNA, rows, regions)
    yield opened
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


def test_a_range_has_one_of_four_answers_and_not_tested_is_never_false(fhir: Fhir) -> None:
    ranges = ("999-1000", "900-990", "1015-1025", "1199-1210", "3000-4000", "1090-1110")
    query = ",".join(f"NC_000019.10:{one}" for one in ranges)
    assert fhir.answers(f"{VARIANTS}?subject={ANNA}&ranges={query}") == [
        "present",
        "absent",
        "indeterminate",
        "indeterminate",
        "not-performed",
        "indeterminate",
    ]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("NC_000019.10:999:A:G", "present"),
        ("NC_000019.10:g.1000A>G", "present"),
        ("NC_000019.10:998:AAA:AGA", "present"),
        ("NC_000019.10:999:A:T", "absent"),
        ("NC_000019.10:949:A:T", "absent"),
        ("NC_000019.10:1019:G:C", "indeterminate"),
        ("NC_000019.10:1204:G:C", "no call"),
        ("NC_000019.10:2999:G:C", "not-performed"),
        ("NC_000001.11:999:A:G", "not-performed"),
        ("NC_000019.10:1050:A:", "present"),
        ("NC_000019.10:1049:CA:C", "present"),
        ("NC_000019.10:g.1051delA", "present"),
        ("NC_000019.10:1060:A:", "indeterminate"),
        ("NC_000019.10:1060:C:", "absent"),
        ("NC_000019.10:1050::A", "absent"),
    ],
)
def test_a_variant_is_found_however_it_is_written(fhir: Fhir, asked: str, answer: str) -> None:
    assert fhir.answers(f"{SPECIFIC}?subject={ANNA}&variants={asked}") == [answer]


def test_a_range_is_zero_based_and_half_open(fhir: Fhir) -> None:
    asked = "NC_000019.10:990-999,NC_000019.10:999-1000,NC_000019.10:1000-1001"
    answers = fhir.answers(f"{VARIANTS}?subject={ANNA}&ranges={asked}")
    assert answers == ["absent", "present", "absent"]


def test_what_is_present_comes_as_a_variant_of_the_guide_with_its_phase(fhir: Fhir) -> None:
    query = "ranges=NC_000019.10:990-1015&includeVariants=true&includePhasing=true"
    answer = fhir.ask(f"{VARIANTS}?subject={ANNA}&{query}").json()
    (group,) = answer["parameter"]
    resources = [part["resource"] for part in group["part"] if "resource" in part]
    assert [one["code"]["coding"][0]["code"] for one in resources] == ["69548-6", "69548-6", "82120-7"]
    for one in resources:
        assert [category["coding"][0]["code"] for category in one["category"]] == ["laboratory", "GE"]
    first = {c["code"]["coding"][0]["code"]: c for c in resources[0]["component"]}
    assert first["81252-9"]["valueCodeableConcept"]["coding"][0]["code"] == "NC_000019.10:999:A:G"
    assert first["53034-5"]["valueCodeableConcept"]["coding"][0]["code"] == "LA6706-1"
    assert first["81258-6"]["valueQuantity"]["value"] == 0.4667
    phase = resources[2]
    assert phase["valueCodeableConcept"]["coding"][0] == {
        "system": "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs",
        "code": "Trans",
        "display": "Trans",
    }
    assert phase["derivedFrom"] == [{"reference": f"Observation/{one['id']}"} for one in resources[:2]]


def test_a_run_that_no_clinical_laboratory_confirmed_answers_nothing(house: House) -> None:
    row = Row(Variant("chr19", 1000, "A", "G"))
    keep_genome(house, BEN, [row], [(Region("chr19", 900, 1100), Seen.REFERENCE)], confirmed=False)
    answers = Fhir(house).answers(f"{VARIANTS}?subject={BEN}&ranges=NC_000019.10:990-1015")
    assert answers == ["not-performed"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("ranges=NC_000019.10:1-2", 400),
        (f"subject={ANNA}", 400),
        (f"subject={ANNA}&ranges=19:1-2", 400),
        (f"subject={ANNA}&ranges=NC_000019.10:5-5", 400),
        (f"subject={ANNA}&ranges=NC_000019.10:1-2&range=NC_000019.10:1-2", 400),
        (f"subject={ANNA}&ranges=NC_000019.10:1-2&includeVariants=perhaps", 400),
        (f"subject={ANNA}&ranges=NC_000019.10:1-99999999", 422),
        (f"subject={ANNA}&ranges=NC_000019.99:1-2", 422),
        (f"subject={ANNA}&ranges=NC_000019.9:1-2", 422),
        ("subject=nobody&ranges=NC_000019.10:1-2", 404),
    ],
)
def test_what_cannot_be_asked_is_an_operation_outcome(fhir: Fhir, query: str, status: int) -> None:
    answer = fhir.ask(f"{VARIANTS}?{query}")
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert ANNA not in answer.text


@pytest.mark.parametrize(
    ("variant", "status"),
    [
        ("rs429358", 400),
        ("NC_000019.10:5:A:A", 400),
        ("NM_001127510.3:c.145A>T", 422),
        ("NC_000019.10:g.1051del", 422),
        ("NC_000019.10:1050:1:", 422),
    ],
)
def test_a_variant_that_cannot_be_placed_is_refused_and_never_absent(
    fhir: Fhir, variant: str, status: int
) -> None:
    answer = fhir.ask(f"{SPECIFIC}?subject={ANNA}&variants={variant},NC_000019.10:999:A:G")
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_a_failing_lake_is_an_error_and_never_absent(fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    from bedside.errors import StoreError
    from bedside.service.consented_lake import ConsentedLake

    def fail(*_: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(ConsentedLake, "presence", fail)
    answer = fhir.ask(f"{SPECIFIC}?subject={ANNA}&variants=NC_000019.10:999:A:G")
    assert (answer.status_code, answer.json()["resourceType"]) == (503, "OperationOutcome")
    monkeypatch.setattr(ConsentedLake, "presence", lambda *_: 1 / 0)
    answer = fhir.ask(f"{SPECIFIC}?subject={ANNA}&variants=NC_000019.10:999:A:G")
    assert (answer.status_code, answer.json()["resourceType"]) == (500, "OperationOutcome")


def test_whoever_withdrew_consent_is_not_answered_about(house: House) -> None:
    said = {"scope": "clinical", "decision": "withdrawn", "by": "self"}
    house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "test", WHEN, ANNA, said)])
    answer = Fhir(house).ask(f"{VARIANTS}?subject={ANNA}&ranges=NC_000019.10:990-1015")
    assert (answer.status_code, answer.json()["resourceType"]) == (403, "OperationOutcome")


def test_the_question_is_on_record_before_the_answer_and_without_a_record_there_is_none(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bedside.errors import AuditUnavailable
    from bedside.store.group_commit import GroupCommit

    path = f"{VARIANTS}?subject={ANNA}&ranges=NC_000019.10:990-1015"
    fhir.ask(path)
    last = list(fhir.house.ledger.events(person=ANNA))[-1]
    assert (last.kind, last.payload["asked"]) == (EventKind.ACCESSED, "$find-subject-variants")

    def fail(*_: object) -> None:
        raise AuditUnavailable("full")

    monkeypatch.setattr(GroupCommit, "append", fail)
    assert fhir.ask(path).status_code == 503


def test_a_subject_is_named_by_record_or_registered_number_also_in_the_body(house: House) -> None:
    number = {"identifiers": [{"system": "urn:hospital", "value": "7"}]}
    house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, ANNA, number)])
    ids = record_ids(house.ledger)
    assert ids is not None
    record, fhir = fhir_id(ids.of(ANNA)), Fhir(house)
    parameters = [
        {"name": "subject", "valueReference": {"reference": f"Patient/{record}"}},
        {"name": "ranges", "valueString": "NC_000019.10:999-1000"},
    ]
    body = {"resourceType": "Parameters", "parameter": parameters}
    form = {"subject": "urn:hospital|7", "ranges": "NC_000019.10:999-1000"}
    by_json, by_form = fhir.ask(VARIANTS, "POST", json=body), fhir.ask(VARIANTS, "POST", data=form)
    assert by_json.json() == by_form.json()
    assert told(by_json.json()["parameter"][0]["part"]) == "present"


def test_a_filter_that_leaves_out_some_runs_is_refused_and_one_that_leaves_none_is_not_tested(
    fhir: Fhir,
) -> None:
    path = f"{VARIANTS}?subject={ANNA}&ranges=NC_000019.10:999-1000"
    assert fhir.answers(f"{path}&testDateRange=ge2026-01-01&genomicSourceClass=germline") == ["present"]
    assert fhir.answers(f"{path}&testDateRange=ge2027-01-01") == ["not-performed"]
    assert fhir.answers(f"{path}&genomicSourceClass=somatic") == ["not-performed"]
    row = Row(Variant("chr19", 1000, "A", "C"))
    keep_genome(fhir.house, ANNA, [row], [(Region("chr19", 1, 2000), Seen.REFERENCE)])
    (first, _) = lake_of(fhir.house).runs(ANNA)
    assert fhir.ask(f"{path}&testIdentifiers={first.run}").status_code == 422


def test_study_metadata_says_where_a_run_looked(fhir: Fhir) -> None:
    path = f"/fhir/$find-study-metadata?subject={ANNA}&ranges=NC_000019.10:1000-1300"
    answer = fhir.ask(path).json()
    Parameters.model_validate(answer)
    parts = {part["name"]: part for part in answer["parameter"][0]["part"]}
    assert parts["uncallableRegions"]["valueString"] == "NC_000019.10:1019-1020, NC_000019.10:1199-1210"
    assert parts["regionStudied"]["valueString"] == "NC_000019.10:1000-1100, NC_000019.10:1199-1210"


HAPLOTYPES = "/fhir/$find-subject-haplotypes"
SPECIFIC_HAPLOTYPES = "/fhir/$find-subject-specific-haplotypes"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("CYP2C19 *17", "present"),
        ("CYP2C19 *1", "present"),
        ("CYP2C19 *1/*17", "present"),
        ("CYP2C19 *17/*1", "present"),
        ("CYP2C19", "present"),
        ("https://www.pharmvar.org|CYP2C19 *17", "present"),
        ("CYP2C19 *2", "absent"),
        ("CYP2C19 *17/*17", "absent"),
        ("CYP2C19 *999", "not-performed"),
        ("CYP2C1 *1", "not-performed"),
        ("CYP2C9 *1", "not-performed"),
        ("CYP2D6 *1", "absent"),
    ],
)
def test_star_alleles_are_compared_whole(fhir: Fhir, asked: str, answer: str) -> None:
    record(fhir.house, BEN, {"CYP2C19": "*1/*17", "CYP2D6": "*10/*10"})
    assert fhir.answers(f"{SPECIFIC_HAPLOTYPES}?subject={BEN}&haplotypes={asked}") == [answer]


def test_the_genotype_of_a_gene_comes_in_the_guide_s_shape(fhir: Fhir) -> None:
    record(fhir.house, BEN, {"CYP2D6": "*1/*41"})
    gene = "http://www.genenames.org/geneId|HGNC:2625"
    answer = fhir.ask(f"{HAPLOTYPES}?subject={BEN}&genes={gene},TPMT").json()
    Parameters.model_validate(answer)
    found, untested = (group["part"] for group in answer["parameter"])
    genotype = found[-1]["resource"]
    assert genotype["valueCodeableConcept"]["coding"][0]["code"] == "CYP2D6 *1/*41"
    assert [one["coding"][0]["code"] for one in genotype["category"]] == ["laboratory", "GE"]
    assert untested[-1]["valueCodeableConcept"]["coding"][0]["code"] == "not-performed"


def test_guidance_follows_from_the_genotype_and_says_what_was_not_tested(fhir: Fhir) -> None:
    record(fhir.house, BEN, {"CYP2C19": "*2/*2"})
    path = f"/fhir/$find-subject-tx-implications?subject={BEN}&treatments="
    answer = fhir.ask(f"{path}http://www.nlm.nih.gov/research/umls/rxnorm|32968").json()
    Parameters.model_validate(answer)
    implied = [one["resource"] for one in answer["parameter"] if one["name"] == "implication"]
    genotypes = [one["resource"] for one in answer["parameter"] if one["name"] == "genotype"]
    assert len(genotypes) == 1
    assert implied
    for one in implied:
        assert one["code"]["coding"][0]["code"] == "therapeutic-implication"
        assert one["derivedFrom"] == [{"reference": f"Observation/{genotypes[0]['id']}"}]
    untested = fhir.ask(f"{path}warfarin").json()["parameter"]
    assert {one["name"] for one in untested} == {"searched"}
    unknown = fhir.ask(f"{path}placebo").json()["parameter"]
    assert unknown[0]["part"][0]["valueString"] == "placebo"


def test_nothing_is_said_of_structural_variants_that_nobody_looked_for(fhir: Fhir) -> None:
    for kind in ("intersecting", "subsuming"):
        path = f"/fhir/$find-subject-structural-{kind}-variants?subject={ANNA}"
        assert fhir.answers(f"{path}&ranges=NC_000019.10:990-1015") == ["not-performed"]


def numbers(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The numbers of a population's answer; a small one as `<5`."""
    found = {}
    for part in parts:
        if "valueQuantity" in part:
            quantity = part["valueQuantity"]
            found[part["name"]] = f"{quantity.get('comparator', '')}{quantity['value']}"
    return found


def test_a_population_is_counted_among_those_of_whom_it_is_known(house: House) -> None:
    carried = Row(Variant("chr19", 1000, "A", "G"))
    keep_genome(house, BEN, [], [(Region("chr19", 900, 1100), Seen.REFERENCE)])
    keep_genome(house, "cleo", [carried], [(Region("chr19", 900, 950), Seen.REFERENCE)])
    keep_genome(house, "dara", [], [(Region("chr19", 5000, 6000), Seen.REFERENCE)])
    fhir = Fhir(house)
    path = "/fhir/$find-population-specific-variants?includePatientList=true&variants="
    (group,) = fhir.ask(f"{path}NC_000019.10:999:A:G").json()["parameter"]
    expected = {
        "numerator": "2",
        "denominator": "3",
        "indeterminate": "0",
        "notTested": "1",
        "notCounted": "0",
    }
    assert numbers(group["part"]) == expected
    ids = record_ids(house.ledger)
    assert ids is not None
    named = [part["valueString"] for part in group["part"] if part["name"] == "subject"]
    assert named == [f"Patient/{fhir_id(ids.of(person))}" for person in (ANNA, "cleo")]
    both = f"{path}NC_000019.10:999:A:G&variants=NC_000019.10:1009:C:T"
    (group,) = fhir.ask(both).json()["parameter"]
    assert numbers(group["part"])["numerator"] == "1"
    either = f"{path}NC_000019.10:999:A:G,NC_000019.10:1009:C:T"
    groups = fhir.ask(either).json()["parameter"]
    assert [numbers(group["part"])["numerator"] for group in groups] == ["2", "1"]
    mixed = f"{either}&variants=NC_000019.10:1009:C:T,NC_000019.10:949:A:T"
    (group,) = fhir.ask(mixed).json()["parameter"]
    assert numbers(group["part"])["numerator"] == "1"


def test_without_names_only_those_are_counted_who_allowed_research(house: House) -> None:
    path = "/fhir/$find-population-specific-variants?variants=NC_000019.10:999:A:G"
    (group,) = Fhir(house).ask(path).json()["parameter"]
    assert numbers(group["part"]) == {
        "numerator": "0",
        "denominator": "0",
        "indeterminate": "0",
        "notTested": "0",
        "notCounted": "1",
    }
    for scope in ("clinical", "research"):
        said = {"scope": scope, "decision": "given", "by": "self"}
        house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "test", WHEN, ANNA, said)])
    (group,) = Fhir(house).ask(path).json()["parameter"]
    assert (numbers(group["part"])["numerator"], numbers(group["part"])["notCounted"]) == ("<5", "0")


def test_haplotypes_of_a_population_are_counted_whole(fhir: Fhir) -> None:
    record(fhir.house, BEN, {"CYP2C19": "*1/*17"})
    record(fhir.house, "cleo", {"CYP2C19": "*17/*17"})
    path = "/fhir/$find-population-specific-haplotypes?includePatientList=true&haplotypes=CYP2C19 "
    found = [fhir.ask(path + name).json()["parameter"][0]["part"] for name in ("*1", "*17", "*17/*17")]
    assert [numbers(parts)["numerator"] for parts in found] == ["1", "2", "1"]
    assert [numbers(parts)["denominator"] for parts in found] == ["2", "2", "2"]


def test_every_route_is_guarded_and_refuses_whoever_lacks_its_permission(house: House) -> None:
    """Taken from the route table: a route that forgets its guard fails here. The permission that a route
    needs opens it alone; all others together do not."""
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    settings = replace(house.settings)

    def served(granted: frozenset[Permission]) -> Fhir:
        access = Access(tokens={held: TokenHolder("somebody", held, granted)})
        return Fhir(replace(house, settings=settings), access)

    every, bearer = frozenset(Permission), {"authorization": f"Bearer {TOKEN}"}
    routes: dict[Permission, list[tuple[str, str]]] = {}
    for route in served(every).app.routes:
        assert isinstance(route, Route)
        needed: Permission = route.endpoint.permission  # type: ignore[attr-defined]
        path = route.path.replace("{rest:path}", "Nothing/1").replace("{id}", "unknown")
        methods = (route.methods or set()) - {"HEAD", "OPTIONS"}
        routes.setdefault(needed, []).extend((path, method) for method in sorted(methods))
    assert routes
    for needed, ways in routes.items():
        alone, others = served(frozenset({needed})), served(every - {needed})
        for path, method in ways:
            assert alone.ask(path, method).status_code == 401, path
            assert others.ask(path, method, headers=bearer).status_code == 403, path
            known = alone.ask(path, method, headers=bearer)
            assert known.status_code not in (401, 403), (path, known.text)
            if known.status_code != 200:
                assert known.json()["resourceType"] == "OperationOutcome", path


def test_whoever_may_open_some_records_opens_no_other(house: House) -> None:
    row = Row(Variant("chr19", 1000, "A", "G"))
    keep_genome(house, BEN, [row], [(Region("chr19", 900, 1100), Seen.REFERENCE)])
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    holder = TokenHolder("an app of anna's", held, frozenset(Permission), frozenset({ANNA}))
    served = Fhir(house, Access(tokens={held: holder}))
    headers = {"authorization": f"Bearer {TOKEN}"}
    asked = [
        served.ask(f"{VARIANTS}?subject={person}&ranges=NC_000019.10:990-1015", headers=headers)
        for person in (ANNA, BEN, "nobody")
    ]
    assert [one.status_code for one in asked] == [200, 403, 403]
