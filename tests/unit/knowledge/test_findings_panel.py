"""A findings panel that lacks its owner, a source or an example of an exception is refused, with every
problem at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.findings_reader import load_panel, load_panels
from bedside.knowledge.provenance import DATA


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's own root with a copy of the CDC Tier 1 panel."""
    shutil.copytree(DATA / "findings" / "cdc-tier1", tmp_path / "findings" / "cdc-tier1")
    return tmp_path


def refused(root: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_panels(root)
    return [str(problem) for problem in caught.value.problems]


def edit(root: Path, name: str, change: Callable[[str], str]) -> None:
    path = root / "findings" / "cdc-tier1" / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_site_replaces_a_shipped_panel_by_its_name(site: Path) -> None:
    edit(site, "panel.toml", lambda text: text.replace('version = "2026-11"', 'version = "ours"'))
    assert load_panel("cdc-tier1", site).version == "ours"
    assert load_panel("cdc-tier1").version == "2026-11"


def test_the_release_changes_when_any_table_changes(site: Path) -> None:
    before = load_panel("cdc-tier1", site).release
    edit(site, "blocklist.tsv", lambda text: text + "chr1-5-A-G\tfrequent here\tthe laboratory\n")
    after = load_panel("cdc-tier1", site)
    assert after.release != before
    assert [str(one) for one in after.blocked] == ["chr1-5-A-G"]


@pytest.mark.parametrize("field", ["owner", "licence", "source", "review_state", "review_due"])
def test_a_panel_without_provenance_is_refused(site: Path, field: str) -> None:
    edit(
        site,
        "panel.toml",
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith(f"{field} =")),
    )
    assert refused(site) == [f'cdc-tier1/panel.toml: {field} is missing (add {field} = "…")']


def test_an_exception_without_its_examples_is_refused(site: Path) -> None:
    edit(
        site,
        "examples.tsv",
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("PCSK9")),
    )
    assert refused(site) == [
        "cdc-tier1/panel.toml: PCSK9, Familial hypercholesterolemia: no"
        f" {kind} example (add it to examples.tsv)"
        for kind in ("positive", "negative", "unknown")
    ]


def test_a_rule_that_names_variants_needs_one(site: Path) -> None:
    edit(
        site,
        "named.tsv",
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("APOB")),
    )
    assert refused(site) == ["cdc-tier1/panel.toml: APOB: loss-protects needs a variant in named.tsv"]


def test_every_problem_is_named_with_its_line(site: Path) -> None:
    edit(
        site,
        "rows.tsv",
        lambda text: text.replace("\tAD\tone\tloss\t", "\tAR\tone\tloss\t", 1).replace(
            "\tadult\t", "\told\t", 1
        ),
    )
    edit(site, "blocklist.tsv", lambda text: text + "chr1-5-A\tno reason\t\n")
    edit(site, "panel.toml", lambda text: text.replace("report_stars = 2", "report_stars = 0"))
    found = refused(site)
    assert "cdc-tier1/blocklist.tsv:2: a variant is written chr17-43045682-T-TG, not 'chr1-5-A'" in found
    assert "cdc-tier1/panel.toml: stars run 1 ≤ review_stars ≤ report_stars ≤ 4" in found
    assert any(
        line.startswith("cdc-tier1/rows.tsv:") and "not one of: adult, childhood" in line for line in found
    )


def test_a_recessive_row_with_one_copy_is_refused(site: Path) -> None:
    edit(site, "rows.tsv", lambda text: text.replace("\tAD\tone\tloss\t", "\tAR\tone\tloss\t", 1))
    (only,) = refused(site)
    assert "'one' copies do not go with AR" in only


def test_an_unknown_panel_is_named_with_those_that_there_are() -> None:
    with pytest.raises(PackError, match="known: acmg-sf, cdc-tier1, newborn"):
        load_panel("acmg")


def test_a_table_that_is_missing_is_named(site: Path) -> None:
    (site / "findings" / "cdc-tier1" / "blocklist.tsv").unlink()
    assert "cdc-tier1/panel.toml: blocklist.tsv is missing beside it" in refused(site)
