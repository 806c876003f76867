"""A care pathway with a dead end is not loaded, and the reader says what is wrong with it."""

from __future__ import annotations

import tomllib

import pytest

from bedside.errors import PackError
from bedside.knowledge.care_pathways import load_care_pathways
from bedside.knowledge.provenance import DATA

WHOLE = (DATA / "pathways" / "nsclc.toml").read_text(encoding="utf-8")
APPEAL = 'on_call = true\ndone_by = ["appealed", "authorisation-approved"]'


def refused(tmp_path, text: str) -> list[str]:
    tomllib.loads(text)
    folder = tmp_path / "pathways"
    folder.mkdir()
    (folder / "nsclc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as raised:
        load_care_pathways(tmp_path)
    return [problem.reason for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("said", "instead", "reason"),
    [
        ('owner = "oncologist"\naction = "order', 'owner = " "\naction = "order', "ordered needs a title"),
        ('done_by = ["specimen-adequate"]', "done_by = []", "nothing shows that adequate is done"),
        (
            'done_by = ["specimen-adequate"]',
            'done_by = ["speciman-adequate"]',
            "the signal speciman-adequate",
        ),
        ('after = ["tissue"]', 'after = ["first-dose"]', "wait for one another"),
        ('after = ["tissue"]', 'after = ["tisue"]', "adequate waits for tisue, which is no step"),
        (APPEAL, APPEAL.removeprefix("on_call = true\n"), "appeal leads to no goal"),
        ('opens = ["appeal"]', 'opens = ["dispensed"]', "nothing ever opens appeal"),
        (
            'at_most = 2\nbeyond = "after-denials"',
            'at_most = 0\nbeyond = "after-denials"',
            "open at least once",
        ),
        ('beyond = "after-denials"', 'beyond = "dispensed"', "must be on call"),
        ('reason = "died"', 'reason = "deceased"', "deceased, which is no coded reason"),
        ('on = ["died"]', "on = []", "nothing leads to the exit died"),
        ('first-dose = "first-dose-given"', 'first-dose = "died"', "no coded reason of a goal"),
        ("due_in_hours = 72", "due_in_hours = 72\ndue_in_days = 3", "says due_in_time in 2 ways"),
        ("due_in_hours = 72", "due_in_hours = 0", "must be a number above 0"),
        ('before = ["result"]', 'before = ["results"]', "speaks of results, which is no step"),
        ("[[example]]", "[[ex]]", "has no [[example]]"),
    ],
)
def test_what_is_unfit_is_refused_with_its_reason(tmp_path, said: str, instead: str, reason: str) -> None:
    assert said in WHOLE
    assert any(reason in one for one in refused(tmp_path, WHOLE.replace(said, instead)))


def test_every_problem_is_told_at_once(tmp_path) -> None:
    text = WHOLE.replace('reason = "died"', 'reason = "deceased"').replace("[[example]]", "[[ex]]")
    assert len(refused(tmp_path, text)) >= 2


def test_a_sites_own_file_takes_the_place_of_the_shipped_one(tmp_path) -> None:
    (tmp_path / "pathways").mkdir()
    text = WHOLE.replace('owner = "pulmonologist"', 'owner = "thoracic surgeon"')
    (tmp_path / "pathways" / "nsclc.toml").write_text(text, encoding="utf-8")
    assert load_care_pathways(tmp_path)["nsclc"].steps["tissue"].owner == "thoracic surgeon"
