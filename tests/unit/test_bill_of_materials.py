"""The bill of materials names what is installed, and refuses a licence the project does not use."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.write_bill_of_materials import Part, bill, main, parts_of, wanted


def test_every_direct_dependency_is_in_it_with_version_and_licence(tmp_path: Path) -> None:
    assert main(["-o", str(tmp_path / "bom.json"), "--extra", "encryption", "--extra", "postgresql"]) == 0
    said = json.loads((tmp_path / "bom.json").read_text())
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.6")
    named = {one["name"]: one for one in said["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {item.split(">")[0].split("[")[0].lower() for item in project["dependencies"]}
    assert sorted(direct - set(named)) == []
    assert named["numpy"]["version"] == version("numpy")
    assert named["numpy"]["purl"] == f"pkg:pypi/numpy@{version('numpy')}"
    assert [name for name, one in named.items() if one["licenses"][0]["license"]["name"] == "not said"] == []


def test_the_same_parts_give_the_same_bill() -> None:
    parts = parts_of(wanted([])[1])
    assert bill("bedside", "1", parts) == bill("bedside", "1", parts_of(wanted([])[1]))
    assert len(parts) > 20


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [("MIT", True), ("BSD-3-Clause", True), ("GPL-3.0-only", False), ("", False), ("AGPL", False)],
)
def test_a_licence_that_is_not_used_here_is_told(licence: str, allowed: bool) -> None:
    assert Part("x", "1", licence, ()).allowed is allowed
