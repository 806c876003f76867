"""Other people's clients, in an environment of their own: what they depend on is not ours."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = "BEDSIDE_CLIENTS"


def client(name: str) -> str:
    """The client's program; the test skips when it is not installed."""
    places = [os.environ.get(FOLDER, str(ROOT / ".venv-clients" / "bin")), str(Path(sys.executable).parent)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed: {FOLDER} names no folder that has it (docs/conformance.md)")
    return found
