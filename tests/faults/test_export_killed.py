"""A server killed while it writes a bulk export goes on with it when started again, and loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bedside.genome.event import EventKind
from bedside.service.bulk_files import exports, state_of
from bedside.service.house import open_house
from bedside.settings import Settings
from tests.contract.site import record

PEOPLE = 200


def served(store: str) -> tuple[subprocess.Popen[str], str]:
    """A server of its own, and its address."""
    command = [sys.executable, "-m", "bedside", "serve", "--port", "0", "--store", store]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[2]


@pytest.mark.slow
def test_an_export_outlives_the_server_that_wrote_it(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'ledger.db'}"
    house = open_house(Settings(store_url=store))
    for number in range(PEOPLE):
        record(house, f"p{number}", {"CYP2C19": "*2/*2", "CYP2D6": "*1/*4"})
    first, base = served(store)
    try:
        where = httpx.get(f"{base}/fhir/$export", headers={"prefer": "respond-async"})
        (folder,) = exports(house)
        for _ in range(2000):
            if state_of(folder).done:
                break
            time.sleep(0.01)
    finally:
        first.kill()
        first.communicate()
    before = state_of(folder)
    assert 0 < before.done < PEOPLE
    assert before.ended is None
    with (folder / before.parts[0].name).open("ab") as torn:
        torn.write(b'{"resourceType": "Pat')
    second, again = served(store)
    try:
        path = where.headers["content-location"].removeprefix(base)
        for _ in range(1200):
            answer = httpx.get(f"{again}{path}")
            if answer.status_code != 202:
                break
            time.sleep(0.05)
        manifest = answer.json()
        found: Counter[str] = Counter()
        for file in manifest["output"]:
            lines = httpx.get(file["url"]).text.splitlines()
            assert len(lines) == file["count"]
            found.update(json.loads(line)["id"] for line in lines)
        counts = Counter({file["type"]: file["count"] for file in manifest["output"]})
    finally:
        second.terminate()
        second.communicate()
    assert (manifest["error"], counts["Patient"], counts["DiagnosticReport"]) == ([], PEOPLE, PEOPLE)
    assert set(found.values()) == {1}
    looks = house.ledger.events(kinds=(EventKind.ACCESSED,))
    seen = {event.person for event in looks if event.payload["asked"] == "$export" and event.person}
    assert len(seen) == PEOPLE
    house.close()
