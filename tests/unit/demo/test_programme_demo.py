"""The made-up programme has decisions and answers of its own, and telling it twice is telling it once."""

from __future__ import annotations

from pathlib import Path

from bedside.demo.programme import run_programme
from bedside.service.decisions import decisions
from bedside.service.maturity import assess
from tests.made_up_record import open_record


def test_the_programme_is_told_once(tmp_path: Path) -> None:
    house = open_record(tmp_path)
    assert (run_programme(house), run_programme(house)) == (2, 2)
    assert [one.about for one in decisions(house)] == ["pathways/nsclc", "tiers/tiers"]
    _, domains = assess(house, house.clock())
    told = {one.indicator.name: one.told for domain in domains for one in domain.indicators if one.by}
    assert told == {
        "designated-lead": "a lead with mandate",
        "ready": "16 of 21 (95 % interval 55 to 89 %)",
    }
    house.close()
