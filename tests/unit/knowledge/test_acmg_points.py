"""The pack of points: its sums and limits, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.acmg_points import Leaning, load_points
from bedside.knowledge.provenance import DATA


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "acmg_points", tmp_path / "acmg_points")
    return tmp_path


@pytest.mark.parametrize(
    ("total", "leaning"),
    [
        (10, Leaning.PATHOGENIC),
        (9, Leaning.LIKELY_PATHOGENIC),
        (6, Leaning.LIKELY_PATHOGENIC),
        (5, Leaning.NEITHER),
        (0, Leaning.NEITHER),
        (-1, Leaning.LIKELY_BENIGN),
        (-6, Leaning.LIKELY_BENIGN),
        (-7, Leaning.BENIGN),
    ],
)
def test_which_way_a_sum_leans(total: int, leaning: Leaning) -> None:
    assert load_points().leaning(total, False) is leaning


def test_evidence_that_stands_alone_is_benign_whatever_the_sum() -> None:
    assert load_points().leaning(8, True) is Leaning.BENIGN


def test_no_criterion_is_both_told_and_listed_as_not_assessed() -> None:
    rules = load_points()
    assert rules.criteria.keys() & rules.not_assessed.keys() == set()
    assert len(rules.criteria) + len(rules.not_assessed) == 28


def test_a_pack_without_a_limit_is_refused(site: Path) -> None:
    path = site / "acmg_points" / "points.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("likely_benign = -1\n", ""), encoding="utf-8")
    with pytest.raises(PackError, match="incomplete or wrong: 'likely_benign'"):
        load_points(site)


def test_a_threshold_of_no_strength_is_refused_with_its_line(site: Path) -> None:
    path = site / "acmg_points" / "thresholds.tsv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("\tstand-alone\t", "\tenough\t", 1), encoding="utf-8"
    )
    with pytest.raises(PackError, match=r"thresholds.tsv:2: strength is 'enough'"):
        load_points(site)
