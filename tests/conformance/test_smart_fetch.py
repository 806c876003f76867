"""smart-fetch, the SMART team's own client, against our Backend Services and bulk export, over sockets."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.service.fhir_record import EVERYTHING, FhirIds, FhirRecord
from bedside.service.record_ids import record_ids
from tests.conformance.clients import client
from tests.conformance.served_house import CLIENT, Served, new_keys, served_house
from tests.contract.site import record

PEOPLE = {
    "anna": {"CYP2C19": "*2/*2", "CYP2D6": "*1/*1"},
    "ben": {"CYP2C19": "*1/*17"},
    "cara": {"CYP2D6": "*4/*4"},
}
TYPES = ("Patient", "Observation", "Condition", "DiagnosticReport", "MedicationRequest", "Procedure")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    client("smart-fetch")
    with served_house(tmp_path_factory.mktemp("served")) as made:
        for person, results in PEOPLE.items():
            record(made.house, person, results, {"11289": "warfarin"})
        yield made


def fetch(served: Served, folder: Path, how: str, *more: str) -> Counter[tuple[str, str]]:
    """What the client wrote: how often each resource, by type and id."""
    command = [client("smart-fetch"), how, str(folder), "--fhir-url", f"{served.url}/fhir"]
    command += ["--smart-client-id", CLIENT, "--smart-key", str(served.key), "--no-default-filters", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: Counter[tuple[str, str]] = Counter()
    for path in (one for one in folder.rglob("*.ndjson.gz") if not one.is_symlink()):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            resource = json.loads(line)
            found[resource["resourceType"], resource.get("id", "")] += 1
    return found


def held(served: Served) -> set[tuple[str, str]]:
    """Every resource of the record, of the types that are asked for."""
    ids = record_ids(served.house.ledger)
    assert ids is not None
    return {
        (kind, one["id"])
        for person in PEOPLE
        for kind in EVERYTHING
        if kind in TYPES
        for one in FhirRecord(served.house, FhirIds(ids), person).of(kind)
    }


@pytest.mark.parametrize("how", ["bulk", "crawl", "export"])
def test_the_client_fetches_every_resource_once(served: Served, tmp_path: Path, how: str) -> None:
    wanted = TYPES if how != "crawl" else ("Patient", "Observation", "Condition")
    found = fetch(served, tmp_path, how, "--type", ",".join(wanted))
    expected = {one for one in held(served) if one[0] in wanted}
    assert {one: count for one, count in found.items() if one[0] in wanted} == dict.fromkeys(expected, 1)
    assert len(expected) > 20


def test_a_key_that_is_not_registered_fetches_nothing(served: Served, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    wrong = Served(served.house, served.url, new_keys(other))
    with pytest.raises(AssertionError):
        fetch(wrong, tmp_path / "out", "bulk", "--type", "Patient")
    assert list((tmp_path / "out").rglob("*.ndjson*")) == []
