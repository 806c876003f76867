"""Bulk export of made-up people over the running server: resources a second from asking to the last byte.

    python benchmarks/bulk_export.py [PEOPLE]

The people have six pharmacogenes with a result and one drug. The server is a process of its own on loopback;
the client asks, waits as it is told, and fetches every file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bedside.service.house import open_house
from bedside.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.contract.site import record

GENES = {
    "CYP2C19": ("*2/*2", "*1/*1", "*1/*17", "*1/*2"),
    "CYP2D6": ("*1/*1", "*1/*4", "*4/*4"),
    "CYP2C9": ("*1/*3", "*1/*1"),
    "TPMT": ("*1/*1",),
    "SLCO1B1": ("*1/*5", "*1/*1"),
    "DPYD": ("Reference/Reference",),
}
ASYNC = {"prefer": "respond-async"}


def main() -> None:
    """Make the record, serve it, export it, print the figures."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/ledger.db"
        house = open_house(Settings(store_url=store))
        for number in range(people):
            results = {gene: pairs[number % len(pairs)] for gene, pairs in GENES.items()}
            record(house, f"p{number}", results, {"11289": "warfarin"})
        house.close()
        command = [sys.executable, "-m", "bedside", "serve", "--port", "0", "--store", store]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            _measure(server.stdout.readline().split()[2], people)
        finally:
            server.terminate()
            server.wait()


def _measure(base: str, people: int) -> None:
    with httpx.Client(base_url=base, timeout=60) as client:
        start = time.perf_counter()
        where = client.get("/fhir/$export", headers=ASYNC).headers["content-location"]
        slowest = 0.0
        while (answer := client.get(where)).status_code == 202:
            asked = time.perf_counter()
            client.get("/fhir/metadata").raise_for_status()
            slowest = max(slowest, time.perf_counter() - asked)
            time.sleep(0.2)
        written = time.perf_counter() - start
        manifest = answer.raise_for_status().json()
        size = sum(len(client.get(file["url"]).content) for file in manifest["output"])
        whole = time.perf_counter() - start
    resources = sum(file["count"] for file in manifest["output"])
    print(
        f"{people} people, {resources} resources, {size / 1e6:.0f} MB, {len(manifest['error'])} error files"
    )
    print(f"written in {written:.1f} s: {resources / written:.0f} resources/s")
    print(f"with fetching {whole:.1f} s: {resources / whole:.0f} resources/s")
    print(f"slowest other request meanwhile: {1000 * slowest:.0f} ms")


if __name__ == "__main__":
    main()
