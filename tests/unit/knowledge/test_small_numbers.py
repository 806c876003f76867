"""How small a number about a group may be and still be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.small_numbers import load_small_numbers


def test_nobody_and_enough_are_shown_and_what_lies_between_is_not() -> None:
    small = load_small_numbers()
    assert [small.hides(count) for count in (0, 1, 4, 5, 100)] == [False, True, True, False, False]
    assert "awaiting sign-off" in small.provenance.review_state


@pytest.mark.parametrize("least", ["0", "-1", '"five"'])
def test_a_threshold_that_hides_nothing_is_refused(tmp_path: Path, least: str) -> None:
    header = {
        "kind": "cohort", "name": "small_numbers", "title": "x", "owner": "x", "licence": "x",
        "source": "x", "review_state": "x",
    }  # fmt: skip
    lines = [f'{key} = "{value}"' for key, value in header.items()]
    lines += ['evidence_level = "local policy"', 'approval = { state = "awaiting", role = "x" }']
    lines += ["retrieved = 2026-11-25", "review_due = 2027-05-25", f"least = {least}"]
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort" / "small_numbers.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(PackError, match="least must be a whole number"):
        load_small_numbers(tmp_path)
