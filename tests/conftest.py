"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public test data, which is not part of a clone; the test skips when it is absent."""
    folder = Path(os.environ.get("BEDSIDE_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("public test data absent: set BEDSIDE_SHARED to the folder that holds data/")
    return folder
