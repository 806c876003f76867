"""The public test cases of the reference implementation of FHIR Genomics Operations, replayed with a
comparator that can fail (its own compares each expected output with itself).

Every case gets one verdict, and `docs/fhir.md` publishes how many there are of each. "data": the answer
follows from the person's VCF. "recorded": the recorded output was stored and asked for again, which tests
the asking and not the finding. "refused": a wrong question is refused. "theirs is wrong": our answer differs
from the recorded one, and the reason is given here. The others are not replayed: the operation is "not
served", or there is "no output at hand" to compare with, or "no data at hand" to answer from.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.parameters import Parameters

from bedside.cli import main
from bedside.exchange.fhir_genomics_ask import read_changes
from bedside.genome.evidence import Seen
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.knowledge.fhir_operations import load_fhir_operations
from bedside.service.genomics_match import core
from bedside.service.genomics_places import place_changes
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.conftest import ROOT
from tests.contract.site import record
from tests.contract.test_fhir_operations import Fhir, keep_genome
from tests.made_up_genomes import Row

pytestmark = pytest.mark.slow

NOT_TESTED_AS_FALSE = "its recorded `presence: false` is of a place that the file never looked at"
WRONG = {
    "test_find_subject_variants_4": NOT_TESTED_AS_FALSE,
    "test_find_subject_specific_variants_3": NOT_TESTED_AS_FALSE,
}
FILTERED = ("chr19", 11132583, "C", "T")
"""A genotype that the file itself marks as failed (FT is VQLOW): recorded as present; indeterminate here."""
FROM_DATA = {"test_find_subject_variants_1", "test_find_subject_variants_3"}
RECORDED_GENOMES = {
    "test_find_subject_variants_5": "HG00403",
    "test_find_subject_variants_6": "NB6TK329",
    "test_find_subject_specific_variants_1": "m123",
}
RECORDED_GENOTYPES = {
    "test_find_subject_haplotypes_1": ("NB6TK328", {"CYP2D6": "*1/*41"}),
    "test_find_subject_specific_haplotypes_1": ("XYZ123", {"CYP2C19": "*1/*1"}),
}


@dataclass(frozen=True)
class Replay:
    """The cases, their recorded outputs, and a place to make houses in."""

    shared: Path
    folder: Path

    @property
    def cases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.shared / "fhir_ops" / "ri_cases.json").read_text())
        return found

    def expected(self, case: Mapping[str, Any]) -> dict[str, Any] | None:
        name = str(case.get("expected", "")).removeprefix("tests/expected_outputs/")
        path = self.shared / "fhir_ops" / "expected" / name
        found: dict[str, Any] | None = json.loads(path.read_text()) if name and path.is_file() else None
        return found

    def settings(self, name: str) -> Settings:
        chain = self.shared / "liftover" / "hg19ToHg38.over.chain.gz"
        (self.folder / name).mkdir(exist_ok=True)
        return Settings(store_url=f"sqlite:///{self.folder / name / 'ledger.db'}", chain=str(chain))


@pytest.fixture(scope="module")
def replay(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return Replay(shared, tmp_path_factory.mktemp("replay"))


@pytest.fixture(scope="module")
def people(replay: Replay) -> Iterator[House]:
    """HG00403 and HG00404, from their VCF files on GRCh37."""
    settings = replay.settings("people")
    for name, person in (("HG00403A.vcf.gz", "HG00403"), ("HG00404_b37.vcf.gz", "HG00404")):
        path = str(replay.shared / "fhir_ops" / name)
        told = ["--person", person, "--assay", "panel", "--build", "GRCh37", "--chain", settings.chain]
        assert main(["accept", path, *told, "--store", settings.store_url]) == 0
    house = open_house(settings)
    yield house
    house.close()


def said(parameters: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """Of each group of an answer what is compared: what was asked, whether it is present, the variants (on
    GRCh38, without shared bases) with their allelic state, the phase, and the genotypes."""
    groups = []
    for group in parameters.get("parameter", []):
        told: dict[str, Any] = {"variants": {}, "genotypes": set(), "phases": []}
        for part in group["part"]:
            if part["name"] in ("rangeItem", "variantItem", "haplotypeItem"):
                told["item"] = part["valueString"]
            elif part["name"] == "presence":
                told["presence"] = part.get("valueBoolean")
            elif part["name"] == "variant":
                told["variants"] |= variant_of(part["resource"], settings)
            elif part["name"] == "sequencePhaseRelationship":
                told["phases"].append(part["resource"]["valueCodeableConcept"]["coding"][0]["code"])
            elif part["name"] == "genotype":
                told["genotypes"].add(part["resource"]["valueCodeableConcept"]["coding"][0]["code"])
        groups.append(told)
    return sorted(groups, key=lambda told: str(told.get("item")))


def variant_of(resource: Mapping[str, Any], settings: Settings) -> dict[tuple[Any, ...], str | None]:
    """The variant of an Observation, and its allelic state."""
    values = {c["code"]["coding"][0]["code"]: c for c in resource.get("component", [])}
    spdi = values["81252-9"]["valueCodeableConcept"]["coding"][0]["code"]
    (placed,) = place_changes(read_changes((spdi,), load_fhir_operations()), settings)
    state = values.get("53034-5", {"valueCodeableConcept": {"coding": [{"code": None}]}})
    code = state["valueCodeableConcept"]["coding"][0]["code"]
    return {(placed.chromosome, *core(placed.start, placed.deleted, placed.inserted)): code}


def differences(
    expected: Mapping[str, Any], actual: Mapping[str, Any], settings: Settings, *, more_allowed: bool = False
) -> list[str]:
    """Where an answer differs from the recorded one. more_allowed: further variants are no difference (the
    reference implementation loaded only those inside a BED file that was never published)."""
    found = []
    theirs, ours = said(expected, settings), said(actual, settings)
    if len(theirs) != len(ours):
        return [f"{len(theirs)} groups expected, {len(ours)} given"]
    for one, other in zip(theirs, ours, strict=True):
        for name in ("item", "presence", "phases", "genotypes"):
            if one.get(name) != other.get(name):
                found.append(f"{name}: {one.get(name)} expected, {other.get(name)} given")
        for variant, state in one["variants"].items():
            if variant not in other["variants"]:
                found.append(f"{variant} is missing")
            elif state is not None and other["variants"][variant] != state:
                found.append(f"{variant}: {state} expected, {other['variants'][variant]} given")
        further = set(other["variants"]) - set(one["variants"])
        if further and not more_allowed:
            found.append(f"{sorted(further)} were not expected")
    return found


def recorded_house(replay: Replay, case: Mapping[str, Any], person: str) -> House:
    """A house that holds the variants of a recorded output, found in stretches that were seen."""
    settings = replay.settings(case["test"])
    house = open_house(settings)
    expected = replay.expected(case)
    assert expected is not None
    rows: dict[Variant, Row] = {}
    for group in expected["parameter"]:
        resources = [part["resource"] for part in group["part"] if part["name"] == "variant"]
        for resource in resources:
            ((chromosome, start, out, put), state), *_ = variant_of(resource, settings).items()
            variant = Variant(chromosome, start + 1, out, put)
            copies = 2 if state == "LA6705-3" else 1
            phased = len(resources) > 1
            rows[variant] = Row(variant, copies, phase_set=1 if phased else -1, strands=1 if phased else 0)
    keep_genome(house, person, list(rows.values()), [(Region("chr1", 60_000, 80_000), Seen.REFERENCE)])
    return house


def verdict(replay: Replay, people: House, case: Mapping[str, Any]) -> str:
    """The verdict on one case; AssertionError when an answer is not what it must be."""
    served = Fhir(people)
    operations = {route.path for route in served.app.routes}  # type: ignore[attr-defined]
    if case.get("path") not in operations:
        return "not served"
    if "status" in case:
        answer = served.ask(f"{case['path']}?{case['query']}")
        assert (answer.status_code // 100, answer.json()["resourceType"]) == (4, "OperationOutcome")
        return "refused"
    expected, name = replay.expected(case), case["test"]
    if expected is None:
        return "no output at hand"
    path = f"{case['path']}?{case['query']}"
    if name in FROM_DATA:
        answer = served.ask(path).json()
        Parameters.model_validate(answer)
        found = differences(expected, answer, people.settings, more_allowed=True)
        assert found == [f"{FILTERED} is missing"]
        return "data"
    if name in WRONG:
        answer = served.ask(path).json()
        assert {one.get("presence") for one in said(expected, people.settings)} == {False}
        assert {one.get("presence") for one in said(answer, people.settings)} == {None}
        return "theirs is wrong"
    if name in RECORDED_GENOMES:
        house = recorded_house(replay, case, RECORDED_GENOMES[name])
    elif name in RECORDED_GENOTYPES:
        house = open_house(replay.settings(name))
        record(house, *RECORDED_GENOTYPES[name])
    else:
        return "no data at hand"
    try:
        answer = Fhir(house).ask(path).json()
        Parameters.model_validate(answer)
        assert differences(expected, answer, house.settings) == []
    finally:
        house.close()
    return "recorded"


NOT_REPLAYED = {"not served", "no output at hand", "no data at hand"}


def test_every_case_has_the_verdict_that_is_published(
    replay: Replay, people: House, record_property: Callable[[str, object], None]
) -> None:
    verdicts = {case["test"]: verdict(replay, people, case) for case in replay.cases}
    for name, came_to in verdicts.items():
        word = "not run" if came_to in NOT_REPLAYED else "passed"
        record_property("case", f"{name}\t{word}\t1\t{came_to}")
    counted = Counter(verdicts.values())
    page = (ROOT / "docs" / "fhir.md").read_text("utf-8")
    table = page.partition("| verdict | cases |")[2].partition("\n\n")[0]
    published = dict(re.findall(r"^\| ([a-z ]+) \| (\d+) \|", table, re.M))
    assert {name: str(count) for name, count in counted.items()} == published
    assert sum(counted.values()) == 95 == len(replay.cases)


def test_the_comparator_can_fail(replay: Replay, people: House) -> None:
    case = next(case for case in replay.cases if case["test"] == "test_find_subject_variants_1")
    expected = replay.expected(case)
    assert expected is not None
    answer = Fhir(people).ask(f"{case['path']}?{case['query']}").json()
    changed = deepcopy(expected)
    changed["parameter"][0]["part"][0]["valueBoolean"] = False
    assert differences(changed, answer, people.settings, more_allowed=True)
    assert differences(expected, {"parameter": []}, people.settings, more_allowed=True)
    fewer = deepcopy(answer)
    fewer["parameter"][0]["part"] = [p for p in fewer["parameter"][0]["part"] if p["name"] != "variant"]
    assert len(differences(expected, fewer, people.settings, more_allowed=True)) == 19
    assert differences(expected, answer, people.settings) != [f"{FILTERED} is missing"]
    turned = json.loads(json.dumps(expected).replace("LA6705-3", "LA6706-1"))
    assert len(differences(turned, answer, people.settings, more_allowed=True)) > 1


def test_every_classified_variant_of_the_recorded_output_is_found_in_the_file(
    replay: Replay, people: House
) -> None:
    """find-subject-dx-implications/5: 25 variants in three genes; the records of ClinVar beside them are of a
    snapshot without a date and are not compared."""
    case = next(case for case in replay.cases if case["test"] == "test_find_subject_dx_implications_5")
    expected = replay.expected(case)
    assert expected is not None
    theirs: dict[tuple[Any, ...], str | None] = {}
    for one in expected["parameter"]:
        if one["name"] == "variant":
            theirs |= variant_of(one["resource"], people.settings)
    ranges = "NC_000019.9:11200138-11244496,NC_000013.10:32889644-32974405,NC_000014.9:23412739-23435677"
    path = f"/fhir/$find-subject-variants?subject=HG00403&includeVariants=true&ranges={ranges}"
    ours: dict[tuple[Any, ...], str | None] = {}
    for group in said(Fhir(people).ask(path).json(), people.settings):
        ours |= group["variants"]
    assert len(theirs) == 25
    assert {one: ours.get(one) for one in theirs} == {**theirs, FILTERED: None}


def test_a_genotype_that_failed_the_filter_of_the_file_is_indeterminate_and_not_absent(people: House) -> None:
    path = "/fhir/$find-subject-specific-variants?subject=HG00403&variants=NC_000019.10:11132583:C:T"
    assert Fhir(people).answers(path) == ["indeterminate"]
