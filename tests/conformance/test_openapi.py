"""schemathesis over our own OpenAPI document: no 5xx, statuses and content types as the document says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conformance.clients import client
from tests.conformance.served_house import served_house
from tests.contract.site import record

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
SECONDS = "90"


@pytest.mark.slow
def test_no_address_fails_or_answers_with_what_is_not_documented(tmp_path: Path) -> None:
    program, report = client("st"), tmp_path / "report.json"
    with served_house(tmp_path, access=False) as served:
        record(served.house, "anna", {"CYP2C19": "*2/*2"}, {"11289": "warfarin"})
        command = [program, "--no-color", "run", f"{served.url}/openapi.json", "-c", CHECKS]
        command += ["--phases", "coverage,fuzzing", "--continue-on-failure", "--generation-deterministic"]
        command += ["-n", "8", "--max-time", SECONDS, "--report-json-path", str(report)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    assert json.loads(report.read_text())
    assert "Selected: 2" in done.stdout
