"""A person's data on the way out, and in again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from bedside.cli import main
from bedside.commands.export import export, run_export
from bedside.errors import InputError, Refused
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import Seen
from bedside.genome.presence import Absent, NotCallable, NotTested, Present, Uncalled
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.genomics_export import export_vcf
from bedside.service.genomics_lake import outgoing_lake
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.contract.site import record
from tests.contract.test_fhir_operations import WHEN, keep_genome
from tests.made_up_genomes import Row

ANNA = "anna"
HET = Variant("chr19", 1000, "A", "G")
PHASED = Variant("chr19", 1010, "C", "T")
FAILED = Variant("chr19", 1020, "G", "C")
DELETED = Variant("chr19", 1050, "CA", "C")
HALF = Variant("chr19", 1070, "A", "T")
ROWS = (
    Row(HET, strands=1),
    Row(PHASED, phase_set=7, strands=2),
    Row(FAILED, passed=False),
    Row(DELETED, copies=2, strands=3),
    Row(HALF, missing=1, phase_set=9, strands=2),
)
ELSEWHERE = tuple(Variant("chr19", at, "A", "C") for at in (950, 1030, 1205, 5000))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    looked = [(Region("chr19", 900, 1100), Seen.REFERENCE), (Region("chr19", 1200, 1210), Seen.NO_CALL)]
    keep_genome(opened, ANNA, ROWS, looked)
    yield opened
    opened.close()


def test_an_exported_genome_says_the_same_when_it_is_taken_in_again(house: House, tmp_path: Path) -> None:
    path, store = tmp_path / "anna.vcf", f"sqlite:///{tmp_path / 'other' / 'ledger.db'}"
    path.write_text("".join(f"{line}\n" for line in export_vcf(house, ANNA)))
    assert main(["accept", str(path), "--assay", "panel", "--store", store]) == 0
    other = open_house(Settings(store_url=store))
    try:
        asked = (HET, PHASED, FAILED, DELETED, HALF, *ELSEWHERE)
        before = outgoing_lake(house, ANNA, None).presence(ANNA, asked)
        after = outgoing_lake(other, ANNA, None).presence(ANNA, asked)
    finally:
        other.close()
    assert after == before
    assert [type(one) for one in before] == [
        Present,
        Present,
        NotCallable,
        Present,
        Present,
        Absent,
        Absent,
        NotCallable,
        NotTested,
    ]
    assert before[2] == NotCallable(Uncalled.FILTERED)


def test_the_header_says_that_the_rest_was_not_tested(house: House) -> None:
    lines = list(export_vcf(house, ANNA))
    assert (
        "##bedsideNotTested=What is in no record and no block was not tested. Not tested is not normal."
        in lines
    )
    assert "##bedsideLookedAt=195 bases seen outside the variants; 11 without a usable answer" in lines


def test_no_genome_goes_out_without_consent(house: House) -> None:
    said = {"scope": "clinical", "decision": "withdrawn", "by": "self"}
    house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "test", WHEN, ANNA, said)])
    with pytest.raises(Refused):
        list(export_vcf(house, ANNA))


def exported(house: House, tmp_path: Path, form: str, person: str = ANNA) -> Path:
    """What `bedside export` writes."""
    parser = argparse.ArgumentParser()
    export(parser)
    out = tmp_path / f"out.{form}"
    told = [person, "--format", form, "--out", str(out), "--store", house.settings.store_url]
    assert run_export(parser.parse_args(told)) == 0
    return out


def test_the_command_writes_each_format_and_that_it_did_is_on_record(house: House, tmp_path: Path) -> None:
    record(house, ANNA, {"CYP2C19": "*2/*2"}, {"32968": "clopidogrel"})
    bundle = Bundle.model_validate_json(exported(house, tmp_path, "fhir").read_text())
    assert bundle.type == "collection"
    assert exported(house, tmp_path, "vcf").read_text().startswith("##fileformat=VCF")
    packet = orjson.loads(exported(house, tmp_path, "phenopacket").read_bytes())
    assert packet["subject"] == {"id": ANNA, "sex": "UNKNOWN_SEX", "dateOfBirth": "1950-01-01T00:00:00Z"}
    agent = packet["medicalActions"][0]["treatment"]["agent"]
    assert agent == {"id": "RxNorm:32968", "label": "clopidogrel"}
    assert packet["metaData"]["phenopacketSchemaVersion"] == "2.0"
    looks = [event for event in house.ledger.events(person=ANNA) if event.kind is EventKind.ACCESSED]
    assert [event.payload["asked"] for event in looks] == ["fhir", "vcf", "phenopacket"]


def test_nobody_unknown_is_exported(house: House, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing is known"):
        exported(house, tmp_path, "fhir", "nobody")
