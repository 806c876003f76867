"""docs/path.md tells what this version really answers."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tools.write_path import page


def test_the_patient_of_the_documentation_gets_what_the_documentation_says(shared: Path) -> None:
    told = (ROOT / "docs" / "path.md").read_text()
    assert told == "\n".join(page(shared)) + "\n"
