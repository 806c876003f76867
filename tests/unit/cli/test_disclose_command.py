"""`bedside disclose`, by its own parser: a finding listed, moved and measured."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bedside.commands.disclose import disclose
from bedside.genome.result import Confirmation
from bedside.service.disclose import Positive, bring_in
from bedside.service.house import open_house
from bedside.settings import Settings

FOUND = Positive("ann", "LDLR", ("chr19-11105408-G-A",), "cdc-tier1", "c@1", Confirmation.RESEARCH)


def test_a_finding_is_listed_moved_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = f"sqlite:///{tmp_path}/ledger.db"
    house = open_house(Settings(store_url=store))
    bring_in(house, [FOUND], actor="screen")
    house.close()

    def run(*words: str) -> list[list[str]]:
        parser = argparse.ArgumentParser()
        disclose(parser)
        arguments = parser.parse_args([*words, "--store", store])
        assert arguments.run(arguments) == 0
        return [line.split("\t") for line in capsys.readouterr().out.splitlines()]

    assert run("list", "--role", "variant scientist")[1][:5] == [
        "ann", FOUND.finding, "", "sign-off", "variant scientist",
    ]  # fmt: skip
    assert run("list", "--role", "nobody")[1:] == []
    moved = run("step", "ann", FOUND.finding, "sign-off", "signed-off", "--by", "dr x")
    assert moved == [[FOUND.finding, "second-sample", "research coordinator", ""]]
    for step, outcome in (("second-sample", "sent"), ("confirmation", "confirmed")):
        run("step", "ann", FOUND.finding, step, outcome, "--by", "lab", "--laboratory", "Northern")
    run("relative", "ann", "sis", "sister", "--by", "counsellor", "--born", "1980-02-01")
    brought = run(
        "cascade", "ann", FOUND.finding, "--inheritance", "autosomal-dominant", "--by", "counsellor"
    )
    assert brought == [["sis", "1", "0.500"]]
    assert run("list", "--pathway", "cascade")[1][2:4] == ["sis", "offer"]
    invitation = run("letter", "ann", FOUND.finding, "invitation", "--relative", "sis", "--by", "counsellor")
    assert invitation[0] == ["Private: to be opened by the addressee"]
    entered = run("problem", "ann", FOUND.finding, "E78.01", "--by", "doctor")
    assert entered[0][1] == "primary-care"
    assert run("measures")[0] == ["confirmed", "100 %", "1 of 1"]
