"""The tumours of the demonstration agree with the packs, and its recommendations name what is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bedside.act.board_cases import CaseStage
from bedside.demo.board import read_board_setting
from bedside.genome.tumour import NOTHING_SAID, SmallVariant
from bedside.knowledge.board_policy import load_board_policy
from bedside.knowledge.care_pathways import load_therapy_classes
from bedside.knowledge.therapies import load_therapies
from bedside.service.match_tumours import load_tumour_knowledge, tumours_of

CASES = read_board_setting()["case"]


@pytest.mark.parametrize("entry", CASES, ids=lambda one: one["role"])
def test_each_change_lies_where_its_protein_text_says(entry, tmp_path: Path) -> None:
    path = tmp_path / "tumour.json"
    path.write_text(json.dumps(entry["tumour"]))
    (tumour,) = tumours_of(path, "", load_tumour_knowledge(), NOTHING_SAID)
    for one in tumour.findings:
        if isinstance(one, SmallVariant):
            assert one.notes == ()
            assert one.change is not None
            assert one.written == f"p.{one.change.reference}{one.change.first}{one.change.alternate}"
    advice, policy = entry.get("advice", {}), load_board_policy()
    classes, statements = load_therapy_classes(), {one.name: one for one in load_therapies().rows}
    for code in advice.get("rxnorm", ()):
        assert classes[code] == advice["treatment"]
    for name in advice.get("evidence", ()):
        assert name not in statements or statements[name].checked
    assert entry.get("not_followed", (None, "other"))[1] in policy.not_followed


def test_the_cases_stand_at_every_station() -> None:
    stations = {
        "queued": CaseStage.QUEUED,
        "on the agenda": CaseStage.ON_AGENDA,
        "without owner": CaseStage.DRAFTED,
        "signed": CaseStage.SIGNED,
        "followed": CaseStage.FOLLOWED,
        "not followed": CaseStage.NOT_FOLLOWED,
    }
    assert len(CASES) == len(stations)
    assert [bool(one.get("meeting")) for one in CASES].count(False) == 1
    assert sum("signed" in one for one in CASES) == 3
    assert [one["role"] for one in CASES if "decided" in one and "signed" not in one] == ["board-no-owner"]
