"""HealthChain's sandbox client, another project's CDS Hooks client, against our services over sockets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.conformance.clients import client
from tests.conformance.served_house import served_house
from tests.conftest import ROOT
from tests.contract.site import genotypes, medication, request

NOT_OURS = ("isRecommended: missing", "autoLaunchable: missing")
"""Its models ask for both; the specification says OPTIONAL."""


def requests() -> list[tuple[str, dict[str, object]]]:
    """A service and a request for each hook, with a result and without one."""
    poor, none = genotypes("CYP2C19 *2/*2"), genotypes()
    clopidogrel = medication("clopidogrel", "32968")
    return [
        ("bedside-pgx-order-select", request("order-select", clopidogrel, prefetch={"genotypes": poor})),
        ("bedside-pgx-order-select", request("order-select", clopidogrel, prefetch={"genotypes": none})),
        ("bedside-pgx-order-sign", request("order-sign", clopidogrel, prefetch={"genotypes": poor})),
        ("bedside-pgx-order-sign", request("order-sign", clopidogrel, prefetch={"genotypes": none})),
        ("bedside-pgx-patient-view", request("patient-view", prefetch={"genotypes": poor})),
    ]


def test_another_projects_client_reads_discovery_and_every_card(tmp_path: Path) -> None:
    program = str(Path(client("healthchain")).parent / "python")
    asked = tmp_path / "requests.json"
    asked.write_text(json.dumps(requests()))
    with served_house(tmp_path, access=False) as served:
        command = [program, str(ROOT / "tools" / "black_box" / "cds_client.py"), served.url, str(asked)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [one["cards"] for one in told] == [5, 1, 1, 1, 1, 1], "five services, then the cards of each"
    faults = {fault for one in told for fault in one["faults"] if not fault.endswith(NOT_OURS)}
    assert faults == set()
