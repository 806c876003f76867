"""`bedside alerts` from the review to the decision, the audit and the cycle, as a script would call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.cli import main
from tests.made_up_alert_house import RULE, open_alert_house

PLAN = ["--aim", "fewer warnings", "--measure", "follow-through-24h", "--prediction", "none fewer"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = open_alert_house(tmp_path)
    made.close()
    monkeypatch.setenv("BEDSIDE_STORE_URL", made.settings.store_url)
    return made.settings.store_url


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    head, *lines = capsys.readouterr().out.splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_a_rule_goes_from_the_review_to_a_decision_and_its_cycle(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "review"]) == 0
    first = rows(capsys)[0]
    assert [first[name] for name in ("rule", "overridden", "kept_24h", "named_after")] == [
        RULE, "40", "40", "9",
    ]  # fmt: skip
    assert main(["alerts", "propose", RULE, "--to", "passive", "--why", "x", *PLAN, "--by", "Ana"]) == 0
    (made,) = rows(capsys)
    name = made["proposal"]
    assert (made["state"], made["change"]) == ("open", "make passive")
    assert main(["alerts", "approve", name, "--reason", "clear", "--by", "Ana"]) == 1
    assert "whoever made a proposal cannot approve it" in capsys.readouterr().err
    assert main(["alerts", "approve", name, "--reason", "clear", "--by", "Eva"]) == 0
    (held,) = rows(capsys)
    assert (held["state"], held["owner"], held["version"]) == ("approved", "Eva", "1")
    assert main(["alerts", "audit", name]) == 0
    assert rows(capsys)[0]["occasions"] == "0"
    assert main(["alerts", "audit", name, "--open", "--by", "Eva"]) == 1
    assert "no occasion can be read yet" in capsys.readouterr().err
    assert main(["alerts", "cycle", held["cycle"], "--step", "study", "--by", "Eva"]) == 0
    (cycle,) = rows(capsys)
    assert (cycle["step"], cycle["aim"]) == ("study", "fewer warnings")
    assert "too few periods after the change" in cycle["result"]
    assert main(["alerts", "cycle", "--uncycled"]) == 0
    assert rows(capsys) == []
    assert main(["alerts", "list"]) == 0
    assert len(rows(capsys)) == 1


def test_the_top_tier_and_nothing_proposed_are_refused_with_status_one(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "propose", "TOP", "--to", "silent", "--why", "x", *PLAN, "--by", "Ana"]) == 1
    assert "the top tier is never made quieter" in capsys.readouterr().err
    assert main(["alerts", "propose", RULE, "--why", "x", *PLAN, "--by", "Ana"]) == 1
    assert "nothing is proposed" in capsys.readouterr().err
    assert main(["alerts", "refuse", "none", "--reason", "x", "--by", "Ana"]) == 1
    assert "PROPOSAL: is none here" in capsys.readouterr().err
